/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>

#include "cmd/cmd.h"
#include "cmd/tool.h"
#include "cmd/tool_options.h"
#include "record/value_text.h"

static const struct option_group ratimerange_options = {
    "Printing",
    (const struct option_spec[]){
        {TOOL_PRECISION, 'p', "precision", OPTION_WORD, "digits",
         "Digits after the decimal point; 6 if not given."},
        {TOOL_UNIX_TIME, 'u', "unix-time", OPTION_FLAG, NULL,
         "Print times as seconds since 1970-01-01 UTC."},
        {TOOL_TIME_FORMAT, 0, "time-format", OPTION_WORD, "format",
         "Print times in this format of strftime(3), with %f for the digits of the fraction."},
        {TOOL_ZONE, 0, "tz", OPTION_WORD, "zone",
         "Print times of this time zone (UTC, Europe/Berlin) instead of the local one."},
        {TOOL_MODE, 'M', "mode", OPTION_LIST, "TZ=zone", "The same as --tz."},
        {TOOL_NOTHING, 'n', "numeric", OPTION_FLAG, NULL, "Accepted, and changes nothing."},
        {TOOL_NOTHING, 'q', "quiet", OPTION_FLAG, NULL, "Accepted, and changes nothing."},
        {0},
    },
};

static const struct option_table table = {
    .summary = "Prints the range of time that flow records cover.",
    .usage = (const char *const[]){"[options] -r file ... [- filter]", NULL},
    .groups = (const struct option_group *const[]){&tool_input_options, &ratimerange_options,
                                                   &tool_unsupported_options, NULL},
    .examples =
        (const struct option_example[]){
            {"ratimerange -r flows.argus", "From when to when do the records of a file go?"},
            {"ratimerange -R archive --time-format '%F %T.%f' - host 10.1.0.1",
             "When was this host first and last seen in a whole archive?"},
            {0},
        },
};

static const struct tool_program program = {.options = &table};

struct range {
    nsec_t first, last;
    bool is_set;
};

static void extend(struct range *range, const struct record *r)
{
    nsec_t first = record_start(r), last = record_last(r);
    if (!range->is_set || first < range->first)
        range->first = first;
    if (!range->is_set || last > range->last)
        range->last = last;
    range->is_set = true;
}

static void print_time(struct value_text *text, nsec_t time, const char *behind)
{
    char line[VALUE_TEXT_MOST];
    const struct value value = {.kind = VALUE_TIME, .u.time = time};
    fwrite(line, 1, (size_t)(value_text_put(text, line, &value) - line), stdout);
    fputs(behind, stdout);
}

int ratimerange_main(int argc, char **argv)
{
    struct tool tool;
    struct range range = {0};
    struct record *r;
    if (tool_begin(&tool, &program, NULL, argc, argv)) {
        while (tool_next(&tool, &r)) {
            if (record_is_flow(r) && record_has(r, BLOCK_TIME))
                extend(&range, r);
        }
        if (range.is_set) {
            struct value_text text = {.options = &tool.settings.print};
            print_time(&text, range.first, " - ");
            print_time(&text, range.last, "\n");
        }
    }
    return tool_end(&tool);
}
