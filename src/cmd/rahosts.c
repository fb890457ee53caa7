/* SPDX-License-Identifier: Apache-2.0 */
#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>

#include "cmd/cmd.h"
#include "cmd/range_report.h"
#include "cmd/tool.h"
#include "cmd/tool_limits.h"
#include "cmd/tool_options.h"
#include "record/labels.h"

/*
 * rahosts and raports: who talked to whom, and to which ports. Both collect distinct keys and print
 * them as ranges. An address is a byte that tells the version, and then a number of 16 bytes, so
 * that addresses that follow one another do so as numbers, too.
 */
enum { ADDRESS_SIZE = 17, PORTS_GROUP_SIZE = ADDRESS_SIZE + 1, PORT_SIZE = 2 };

struct settings {
    bool by_source; /* raports -M src */
    struct tool_limits limits;
};

static int take(void *self, int event, const struct option_arg *arg, struct error *err)
{
    struct settings *settings = self;
    return tool_limits_take(&settings->limits, event, arg, err);
}

static int take_of_ports(void *self, int event, const struct option_arg *arg, struct error *err)
{
    struct settings *settings = self;
    if (event != TOOL_MODE)
        return tool_limits_take(&settings->limits, event, arg, err);
    if (strcmp(arg->word, "src") != 0)
        return TOOL_UNKNOWN;
    settings->by_source = true;
    return 0;
}

static void clear(void *self)
{
    *(struct settings *)self = (struct settings){0};
}

/* --- keys ------------------------------------------------------------------------------------- */

static bool is_ip(const struct record *r)
{
    return record_is_flow(r) && record_has(r, BLOCK_FLOW) &&
           (r->key.family == FAMILY_IP4 || r->key.family == FAMILY_IP6);
}

static void put_address(uint8_t *to, const struct record_key *key, unsigned side)
{
    memset(to, 0, ADDRESS_SIZE);
    to[0] = key->family == FAMILY_IP4 ? 4 : 6;
    if (key->family == FAMILY_IP4)
        memcpy(to + ADDRESS_SIZE - 4, key->addr[side], 4);
    else
        memcpy(to + 1, key->addr[side], 16);
}

static void print_address(const uint8_t *address)
{
    char text[INET6_ADDRSTRLEN];
    if (address[0] == 4)
        inet_ntop(AF_INET, address + ADDRESS_SIZE - 4, text, sizeof(text));
    else
        inet_ntop(AF_INET6, address + 1, text, sizeof(text));
    fputs(text, stdout);
}

static size_t hosts_key(uint8_t *to, const struct record *r, const struct settings *settings)
{
    (void)settings;
    put_address(to, &r->key, SRC);
    put_address(to + ADDRESS_SIZE, &r->key, DST);
    return 2 * ADDRESS_SIZE;
}

static bool has_ports(const struct record_key *key)
{
    return !(key->flags & KEY_FRAGMENT) &&
           (key->protocol == IPPROTO_TCP || key->protocol == IPPROTO_UDP);
}

static size_t ports_key(uint8_t *to, const struct record *r, const struct settings *settings)
{
    unsigned side = settings->by_source ? SRC : DST;
    if (!has_ports(&r->key))
        return 0;
    put_address(to, &r->key, side);
    to[ADDRESS_SIZE] = r->key.protocol;
    to[PORTS_GROUP_SIZE] = (uint8_t)(r->key.port[side] >> 8);
    to[PORTS_GROUP_SIZE + 1] = (uint8_t)r->key.port[side];
    return PORTS_GROUP_SIZE + PORT_SIZE;
}

static void print_ports_group(const uint8_t *group)
{
    print_address(group);
    printf(" %s", label_ip_protocol(group[ADDRESS_SIZE]));
}

static void print_port(const uint8_t *port)
{
    printf("%u", (unsigned)port[0] << 8 | port[1]);
}

/* --- the programs ----------------------------------------------------------------------------- */

struct kind {
    struct tool_program program;
    struct range_report report;
    /* Writes the record's key and returns its size; 0: it has none. */
    size_t (*key)(uint8_t *to, const struct record *r, const struct settings *settings);
};

static int list(struct tool *tool, const struct kind *kind, struct settings *settings,
                struct error *err)
{
    uint8_t key[2 * ADDRESS_SIZE];
    struct record *r;
    struct range_report report = kind->report;
    if (tool_limits_complete(&settings->limits, KEY_SET_MEMORY_LEAST, err))
        return -1;
    report.folder = settings->limits.folder;
    report.keys = key_set_new(report.group_size + report.element_size,
                              settings->limits.memory_bytes, report.folder);
    int result = 0;
    while (!result && tool_next(tool, &r))
        if (is_ip(r) && kind->key(key, r, settings))
            result = key_set_add(report.keys, key, err);
    if (!result)
        result = key_set_sort(report.keys, err) || range_report_print(&report, err) ? -1 : 0;
    key_set_free(report.keys);
    return result;
}

static int run(const struct kind *kind, int argc, char **argv)
{
    struct tool tool;
    struct settings settings = {0};
    struct error err;
    if (tool_begin(&tool, &kind->program, &settings, argc, argv) &&
        list(&tool, kind, &settings, &err))
        tool_fail(&tool, &err);
    return tool_end(&tool);
}

static const struct option_group hosts_options = {
    "Listing",
    (const struct option_spec[]){
        {TOOL_NOTHING, 'n', "numeric", OPTION_FLAG, NULL, "Accepted, and changes nothing."},
        {TOOL_NOTHING, 'q', "quiet", OPTION_FLAG, NULL, "Accepted, and changes nothing."},
        {0},
    },
};

static const struct option_table hosts_table = {
    .summary = "Lists the addresses that each source address talked to.",
    .usage = (const char *const[]){"[options] -r file ... [- filter]", NULL},
    .groups = (const struct option_group *const[]){&tool_input_options, &hosts_options,
                                                   &tool_memory_options, &tool_verbose_options,
                                                   &tool_unsupported_options, NULL},
    .examples =
        (const struct option_example[]){
            {"rahosts -r flows.argus", "Lists who talked to whom."},
            {"rahosts -R archive - syn and not synack",
             "Lists which addresses each scanner tried."},
            {0},
        },
};

static const struct option_group ports_options = {
    "Listing",
    (const struct option_spec[]){
        {TOOL_MODE, 'M', "mode", OPTION_LIST, "src", "src: source addresses and their ports."},
        {TOOL_NOTHING, 'n', "numeric", OPTION_FLAG, NULL, "Accepted, and changes nothing."},
        {TOOL_NOTHING, 'q', "quiet", OPTION_FLAG, NULL, "Accepted, and changes nothing."},
        {0},
    },
};

static const struct option_table ports_table = {
    .summary = "Lists the ports that were used at each destination address.",
    .usage = (const char *const[]){"[options] -r file ... [- filter]", NULL},
    .groups = (const struct option_group *const[]){&tool_input_options, &ports_options,
                                                   &tool_memory_options, &tool_verbose_options,
                                                   &tool_unsupported_options, NULL},
    .examples =
        (const struct option_example[]){
            {"raports -r flows.argus - con", "Lists the services that answered."},
            {"raports -M src -r flows.argus", "Lists the ports that were used at each source."},
            {0},
        },
};

static const struct kind hosts = {
    .program = {.options = &hosts_table, .take = take, .clear = clear},
    .report = {.group_size = ADDRESS_SIZE,
               .element_size = ADDRESS_SIZE,
               .print_group = print_address,
               .print_element = print_address},
    .key = hosts_key,
};

static const struct kind ports = {
    .program = {.options = &ports_table, .take = take_of_ports, .clear = clear},
    .report = {.group_size = PORTS_GROUP_SIZE,
               .element_size = PORT_SIZE,
               .print_group = print_ports_group,
               .print_element = print_port},
    .key = ports_key,
};

int rahosts_main(int argc, char **argv)
{
    return run(&hosts, argc, argv);
}

int raports_main(int argc, char **argv)
{
    return run(&ports, argc, argv);
}
