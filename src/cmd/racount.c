/* SPDX-License-Identifier: Apache-2.0 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "cmd/cmd.h"
#include "cmd/tool.h"
#include "cmd/tool_options.h"
#include "record/labels.h"

static const struct option_group racount_options = {
    "Counting",
    (const struct option_spec[]){
        {TOOL_MODE, 'M', "mode", OPTION_LIST, "proto", "proto: count by protocol, too."},
        {TOOL_NOTHING, 'n', "numeric", OPTION_FLAG, NULL, "Accepted, and changes nothing."},
        {TOOL_NOTHING, 'q', "quiet", OPTION_FLAG, NULL, "Accepted, and changes nothing."},
        {0},
    },
};

static const struct option_table table = {
    .summary = "Counts flow records, packets and bytes.",
    .usage = (const char *const[]){"[options] -r file ... [- filter]", NULL},
    .groups = (const struct option_group *const[]){&tool_input_options, &racount_options,
                                                   &tool_verbose_options, &tool_unsupported_options,
                                                   NULL},
    .examples =
        (const struct option_example[]){
            {"racount -r flows.argus", "Counts everything in a file."},
            {"racount -R archive - tcp and dst port 25",
             "Counts the mail connections of a whole archive."},
            {"racount -r flows.argus -M proto", "Counts by protocol, too."},
            {0},
        },
};

struct racount {
    bool by_protocol;
};

static int take(void *self, int event, const struct option_arg *arg, struct error *err)
{
    (void)event, (void)err;
    if (strcmp(arg->word, "proto") != 0)
        return TOOL_UNKNOWN;
    ((struct racount *)self)->by_protocol = true;
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

int racount_main(int argc, char **argv)
{
    struct tool tool;
    struct racount settings = {0};
    struct record *r;
    if (tool_begin(&tool, &program, &settings, argc, argv)) {
        /* One more than there are: scripts that know Argus subtract it. */
        struct counts sum = {.records = 1};
        struct counts *rows = mem_zalloc(ROW_COUNT * sizeof(*rows));
        while (tool_next(&tool, &r)) {
            if (!record_is_flow(r))
                continue;
            count(&sum, r);
            count(&rows[row_of(r)], r);
        }
        printf("racount   records     total_pkts     src_pkts       dst_pkts       total_bytes"
               "        src_bytes          dst_bytes\n");
        print_line("sum", &sum);
        if (settings.by_protocol)
            print_protocols(rows);
        free(rows);
    }
    return tool_end(&tool);
}
