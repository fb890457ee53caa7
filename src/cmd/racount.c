/* SPDX-License-Identifier: Apache-2.0 */
#include <inttypes.h>
#include <stdio.h>

#include "cmd/cmd.h"
#include "cmd/tool.h"
#include "cmd/tool_options.h"

static const struct option_group racount_options = {
    "Counting",
    (const struct option_spec[]){
        {TOOL_NOTHING, 'n', "numeric", OPTION_FLAG, NULL, "Accepted, and changes nothing."},
        {TOOL_NOTHING, 'q', "quiet", OPTION_FLAG, NULL, "Accepted, and changes nothing."},
        {0},
    },
};

static const struct option_table table = {
    .summary = "Counts flow records, packets and bytes.",
    .usage = (const char *const[]){"[options] -r file ... [- filter]", NULL},
    .groups = (const struct option_group *const[]){&tool_input_options, &racount_options,
                                                   &tool_unsupported_options, NULL},
    .examples =
        (const struct option_example[]){
            {"racount -r flows.argus", "Counts everything in a file."},
            {"racount -R archive - tcp and dst port 25",
             "Counts the mail connections of a whole archive."},
            {0},
        },
};

static const struct tool_program program = {.options = &table};

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
    printf("%-10s%-12" PRIu64 "%-15" PRIu64 "%-15" PRIu64 "%-15" PRIu64 "%-19" PRIu64 "%-19" PRIu64
           "%-18" PRIu64 "\n",
           name, counts->records, counts->packets[SRC] + counts->packets[DST], counts->packets[SRC],
           counts->packets[DST], counts->bytes[SRC] + counts->bytes[DST], counts->bytes[SRC],
           counts->bytes[DST]);
}

int racount_main(int argc, char **argv)
{
    struct tool tool;
    struct record *r;
    if (tool_begin(&tool, &program, NULL, argc, argv)) {
        /* One more than there are: scripts that know Argus subtract it. */
        struct counts sum = {.records = 1};
        while (tool_next(&tool, &r)) {
            if (record_is_flow(r))
                count(&sum, r);
        }
        printf("racount   records     total_pkts     src_pkts       dst_pkts       total_bytes"
               "        src_bytes          dst_bytes\n");
        print_line("    sum", &sum);
    }
    return tool_end(&tool);
}
