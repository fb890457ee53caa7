/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "cmd/cmd.h"
#include "cmd/tool.h"
#include "cmd/tool_options.h"
#include "record/block_names.h"

static const struct option_group rastrip_options = {
    "Blocks",
    (const struct option_spec[]){
        {TOOL_MODE, 'M', "mode", OPTION_LIST, "[+|-]block[,...] ...",
         "Keep only these blocks; with +, keep them besides flow, time, metric and net, which "
         "are kept if nothing is said; with -, take out these and no others (each in an -M "
         "of its own, or with commas). Blocks are trans, flow, time, metric, agr, net, vlan, mpls, "
         "jitter, ipattr, psize, suser, duser, mac, icmp, encaps, behavior, cor, cocode, label "
         "and asn. replace: strip each file by itself, and put the result in its place. Modes of "
         "ra, too."},
        {0},
    },
};

static const struct option_table table = {
    .summary = "Takes blocks out of flow records, so that they need less space.",
    .usage = (const char *const[]){"[options] -r file ... -w file [- filter]",
                                   "-M replace [options] -r file ... | -R directory ...", NULL},
    .groups = (const struct option_group *const[]){&tool_input_options, &rastrip_options,
                                                   &tool_print_options, &tool_write_options,
                                                   &tool_unsupported_options, NULL},
    .examples =
        (const struct option_example[]){
            {"rastrip -r flows.argus -w small.argus",
             "Keeps addresses, times, counters and states."},
            {"rastrip -r flows.argus -w public.argus -M -suser,-duser",
             "Takes out user data and nothing else."},
            {"rastrip -r flows.argus -w small.argus -M +mac +vlan",
             "Keeps link addresses and VLANs, too."},
            {"rastrip -M replace -M -suser,-duser -R archive",
             "Takes user data out of each file of an archive."},
            {0},
        },
};

struct rastrip {
    uint32_t kept; /* blocks; 0: nothing was said */
    bool is_list;  /* they are those that were named */
};

enum { KEPT_DEFAULT = BLOCK_FLOW | BLOCK_TIME | BLOCK_METRIC | BLOCK_NET };

static int take(void *self, int event, const struct option_arg *arg, struct error *err)
{
    (void)event;
    struct rastrip *settings = self;
    const char *word = arg->word;
    const char sign = word[0] == '+' || word[0] == '-' ? word[0] : '\0';
    if (!sign && !block_find(word, strcspn(word, ",")))
        return TOOL_UNKNOWN;
    if (!settings->kept)
        settings->kept = sign == '-' ? TOOL_ALL_BLOCKS : KEPT_DEFAULT;
    uint32_t kept = settings->kept;
    if (blocks_parse(word, &kept, err))
        return error_prefix(err, "-M");
    /* Names in words of their own are one list. */
    settings->kept = !sign && settings->is_list ? settings->kept | kept : kept;
    settings->is_list |= !sign;
    return 0;
}

static void clear(void *self)
{
    *(struct rastrip *)self = (struct rastrip){0};
}

static const struct tool_program program = {
    .options = &table, .take = take, .clear = clear, .replaces = true};

/* A record that has nothing to take out stays as it came. */
static void strip(struct record *r, uint32_t kept)
{
    if (r->type == RECORD_MAR || !(r->blocks & ~kept))
        return;
    record_touch(r);
    r->blocks &= kept;
}

int rastrip_main(int argc, char **argv)
{
    struct tool tool;
    struct rastrip settings = {0};
    struct record *r;
    if (tool_begin(&tool, &program, &settings, argc, argv)) {
        const uint32_t kept = settings.kept ? settings.kept : KEPT_DEFAULT;
        do {
            while (tool_next(&tool, &r)) {
                strip(r, kept);
                tool_emit(&tool, r);
            }
        } while (tool_next_file(&tool));
    }
    return tool_end(&tool);
}
