/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "cmd/address_set.h"
#include "cmd/cmd.h"
#include "cmd/tool.h"
#include "cmd/tool_options.h"

/* rafilteraddr: the records with an address of a list, or all others. */

enum { OWN_LIST = TOOL_OWN, OWN_SIDE, OWN_INVERT };

struct settings {
    struct paths lists; /* -f */
    bool side[2];       /* -m; none: either */
    bool inverted;      /* -v */
};

static const struct option_group own_options = {
    "Addresses",
    (const struct option_spec[]){
        {OWN_LIST, 'f', "file", OPTION_WORD, "file",
         "Take the addresses, networks and ranges of this file; - is standard input. Given again: "
         "those of all files. See FILES OF ADDRESSES."},
        {OWN_SIDE, 'm', "match", OPTION_LIST, "saddr|daddr ...",
         "Look at the address of the source or of the destination only."},
        {OWN_INVERT, 'v', "invert", OPTION_FLAG, NULL,
         "Select the other records: those with no such address."},
        {TOOL_MODE, 'M', "mode", OPTION_LIST, "mode ...",
         "Modes of ra, as TZ=zone: print times of that time zone."},
        {0},
    },
};

static const struct option_table table = {
    .summary = "Selects the flow records whose addresses are, or are not, in a list.",
    .usage = (const char *const[]){"[options] -f file -r file ... [- filter]", NULL},
    .groups =
        (const struct option_group *const[]){&tool_input_options, &own_options, &tool_print_options,
                                             &tool_write_options, &tool_unsupported_options, NULL},
    .examples =
        (const struct option_example[]){
            {"rafilteraddr -f blocklist.txt -r flows.argus",
             "Prints the flows from or to an address of a list."},
            {"rafilteraddr -f dark.txt -m daddr -r flows.argus -w dark.argus -E rest.argus",
             "Divides a file: what was sent to these networks, and the rest."},
            {"rafilteraddr -v -f dark.txt -m daddr -R archive -w - | racluster -r -",
             "Merges what is left of an archive without it."},
            {0},
        },
};

static int take(void *self, int event, const struct option_arg *arg, struct error *err)
{
    struct settings *settings = self;
    switch (event) {
    case OWN_LIST:
        paths_add(&settings->lists, arg->word);
        return 0;
    case OWN_SIDE:
        if (strcmp(arg->word, "saddr") != 0 && strcmp(arg->word, "daddr") != 0)
            return error_set(err, "-m: '%s' is neither saddr nor daddr", arg->word);
        settings->side[arg->word[0] == 's' ? SRC : DST] = true;
        return 0;
    case OWN_INVERT:
        settings->inverted = true;
        return 0;
    default:
        return TOOL_UNKNOWN;
    }
}

static void release(struct settings *settings)
{
    paths_release(&settings->lists);
    *settings = (struct settings){0};
}

static void clear(void *self)
{
    release(self);
}

static const struct tool_program program = {.options = &table, .take = take, .clear = clear};

static bool is_listed(const struct prefix_set *set, const bool side[2], const struct record *r)
{
    unsigned size = record_address_size(r);
    for (unsigned i = 0; size && i < 2; i++)
        if (side[i] && prefix_set_find(set, r->key.addr[i], size) != PREFIX_NONE)
            return true;
    return false;
}

static int select_records(struct tool *tool, const struct settings *settings, struct error *err)
{
    struct prefix_set *set;
    struct record *r;
    bool is_wrong, either = settings->side[SRC] == settings->side[DST];
    const bool side[2] = {either || settings->side[SRC], either || settings->side[DST]};
    if (!settings->lists.count)
        return error_set(err, "no addresses: name their file with -f (see --help)");
    if (address_set_load(&set, &settings->lists, &is_wrong, err))
        return -1;
    tool->has_failed |= is_wrong;
    while (tool_next(tool, &r)) {
        if (r->type == RECORD_MAR)
            continue;
        if (is_listed(set, side, r) != settings->inverted)
            tool_emit(tool, r);
        else
            tool_reject(tool, r);
    }
    prefix_set_free(set);
    return 0;
}

int rafilteraddr_main(int argc, char **argv)
{
    struct tool tool;
    struct settings settings = {0};
    struct error err;
    if (tool_begin(&tool, &program, &settings, argc, argv) &&
        select_records(&tool, &settings, &err))
        tool_fail(&tool, &err);
    release(&settings);
    return tool_end(&tool);
}
