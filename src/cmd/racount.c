/* SPDX-License-Identifier: Apache-2.0 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "cmd/address_class.h"
#include "cmd/cmd.h"
#include "cmd/tool.h"
#include "cmd/tool_limits.h"
#include "cmd/tool_options.h"
#include "record/labels.h"
#include "spill/key_set.h"

static const struct option_group racount_options = {
    "Counting",
    (const struct option_spec[]){
        {TOOL_MODE, 'M', "mode", OPTION_LIST, "mode ...",
         "proto: count by protocol, too. addr: count distinct addresses by what they are for."},
        {TOOL_NOTHING, 'n', "numeric", OPTION_FLAG, NULL, "Accepted, and changes nothing."},
        {TOOL_NOTHING, 'q', "quiet", OPTION_FLAG, NULL, "Accepted, and changes nothing."},
        {0},
    },
};

static const struct option_table table = {
    .summary = "Counts flow records, packets and bytes.",
    .usage = (const char *const[]){"[options] -r file ... [- filter]", NULL},
    .groups = (const struct option_group *const[]){&tool_input_options, &racount_options,
                                                   &tool_memory_options, &tool_verbose_options,
                                                   &tool_unsupported_options, NULL},
    .examples =
        (const struct option_example[]){
            {"racount -r flows.argus", "Counts everything in a file."},
            {"racount -R archive - tcp and dst port 25",
             "Counts the mail connections of a whole archive."},
            {"racount -r flows.argus -M proto", "Counts by protocol, too."},
            {"racount -r flows.argus -M addr", "Counts distinct addresses, too."},
            {0},
        },
};

struct racount {
    bool by_protocol, by_address;
    struct tool_limits limits;
};

static int take(void *self, int event, const struct option_arg *arg, struct error *err)
{
    struct racount *settings = self;
    if (event != TOOL_MODE)
        return tool_limits_take(&settings->limits, event, arg, err);
    if (!strcmp(arg->word, "proto"))
        settings->by_protocol = true;
    else if (!strcmp(arg->word, "addr"))
        settings->by_address = true;
    else
        return TOOL_UNKNOWN;
    return 0;
}

static void clear(void *self)
{
    *(struct racount *)self = (struct racount){0};
}

static const struct tool_program program = {.options = &table, .take = take, .clear = clear};

struct counts {
    uint64_t records, packets[2], bytes[2];
};

static void count(struct counts *counts, const struct record *r)
{
    counts->records++;
    if (!record_has(r, BLOCK_METRIC))
        return;
    for (unsigned side = SRC; side <= DST; side++) {
        counts->packets[side] += r->metric.packets[side];
        counts->bytes[side] += r->metric.bytes[side];
    }
}

static void print_line(const char *name, const struct counts *counts)
{
    char column[16];
    snprintf(column, sizeof(column), "%7.8s", name);
    printf("%-10s%-12" PRIu64 "%-15" PRIu64 "%-15" PRIu64 "%-15" PRIu64 "%-19" PRIu64 "%-19" PRIu64
           "%-18" PRIu64 "\n",
           column, counts->records, counts->packets[SRC] + counts->packets[DST],
           counts->packets[SRC], counts->packets[DST], counts->bytes[SRC] + counts->bytes[DST],
           counts->bytes[SRC], counts->bytes[DST]);
}

/* --- by protocol ------------------------------------------------------------------------------ */

/* IP protocols, then Ethernet types, then all that has neither. */
enum { ROW_ETHERTYPES = 256, ROW_OTHER = ROW_ETHERTYPES + 65536, ROW_COUNT };

static unsigned row_of(const struct record *r)
{
    if (!record_has(r, BLOCK_FLOW))
        return ROW_OTHER;
    switch (r->key.family) {
    case FAMILY_IP4:
    case FAMILY_IP6:
        return r->key.protocol;
    case FAMILY_ETHER:
        return ROW_ETHERTYPES + r->key.u.ether.ethertype;
    case FAMILY_ARP:
        return ROW_ETHERTYPES + 0x0806;
    case FAMILY_RARP:
        return ROW_ETHERTYPES + 0x8035;
    default:
        return ROW_OTHER;
    }
}

static void print_row(unsigned row, const struct counts *counts)
{
    char name[16] = "unkwn";
    const char *label = NULL;
    if (row < ROW_ETHERTYPES) {
        label = label_ip_protocol((uint8_t)row);
    } else if (row < ROW_OTHER) {
        label = label_ethertype((uint16_t)(row - ROW_ETHERTYPES));
        snprintf(name, sizeof(name), "0x%04x", row - ROW_ETHERTYPES);
    }
    print_line(label ? label : name, counts);
}

static void print_protocols(const struct counts *rows)
{
    printf("Protocol Summary\n");
    for (unsigned row = 0; row < ROW_COUNT; row++) {
        if (rows[row].records)
            print_row(row, &rows[row]);
    }
}

/* --- by address ------------------------------------------------------------------------------- */

/* A key is class, side and address; so each class comes in one piece. */
enum { ADDRESS_KEY_SIZE = 18 };

static int add_addresses(struct key_set *set, const struct record *r, struct error *err)
{
    bool is_ip4 = r->key.family == FAMILY_IP4;
    if (!record_has(r, BLOCK_FLOW) || (!is_ip4 && r->key.family != FAMILY_IP6))
        return 0;
    for (unsigned side = SRC; side <= DST; side++) {
        struct address address = {.size = is_ip4 ? ADDRESS_IP4 : ADDRESS_IP6};
        memcpy(address.bytes, r->key.addr[side], address.size);
        uint8_t key[ADDRESS_KEY_SIZE] = {(uint8_t)address_class_of(&address), (uint8_t)side};
        memcpy(key + 2, address.bytes, sizeof(address.bytes));
        if (key_set_add(set, key, err))
            return -1;
    }
    return 0;
}

static void print_class(size_t class, uint64_t counts[2])
{
    if (counts[SRC] + counts[DST])
        printf("  %-26ssrc %-12" PRIu64 "dst %-10" PRIu64 "\n", address_class_name(class),
               counts[SRC], counts[DST]);
    counts[SRC] = counts[DST] = 0;
}

static int print_addresses(struct key_set *set, struct error *err)
{
    const void *key;
    uint64_t counts[2] = {0, 0};
    size_t class = 0;
    if (key_set_sort(set, err))
        return -1;
    printf("Address Summary\n");
    int result;
    while (!(result = key_set_next(set, &key, err))) {
        const uint8_t *bytes = key;
        if (bytes[0] != class)
            print_class(class, counts);
        class = bytes[0];
        counts[bytes[1]]++;
    }
    if (result < 0)
        return -1;
    print_class(class, counts);
    return 0;
}

/* --- the program ------------------------------------------------------------------------------ */

static int count_all(struct tool *tool, const struct racount *settings, struct counts *rows,
                     struct key_set *addresses, struct error *err)
{
    /* One more than there are: scripts that know Argus subtract it. */
    struct counts sum = {.records = 1};
    struct record *r;
    while (tool_next(tool, &r)) {
        if (!record_is_flow(r))
            continue;
        count(&sum, r);
        count(&rows[row_of(r)], r);
        if (settings->by_address && add_addresses(addresses, r, err))
            return -1;
    }
    printf("racount   records     total_pkts     src_pkts       dst_pkts       total_bytes"
           "        src_bytes          dst_bytes\n");
    print_line("sum", &sum);
    if (settings->by_protocol)
        print_protocols(rows);
    return settings->by_address ? print_addresses(addresses, err) : 0;
}

static int run(struct tool *tool, struct racount *settings, struct error *err)
{
    if (tool_limits_complete(&settings->limits, KEY_SET_MEMORY_LEAST, err))
        return -1;
    struct counts *rows = mem_zalloc(ROW_COUNT * sizeof(*rows));
    struct key_set *addresses =
        key_set_new(ADDRESS_KEY_SIZE, settings->limits.memory_bytes, settings->limits.folder);
    int result = count_all(tool, settings, rows, addresses, err);
    key_set_free(addresses);
    free(rows);
    return result;
}

int racount_main(int argc, char **argv)
{
    struct tool tool;
    struct error err;
    struct racount settings = {0};
    if (tool_begin(&tool, &program, &settings, argc, argv) && run(&tool, &settings, &err))
        tool_fail(&tool, &err);
    return tool_end(&tool);
}
