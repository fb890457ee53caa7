/* SPDX-License-Identifier: Apache-2.0 */
#include "cmd/cmd.h"
#include "cmd/tool.h"
#include "cmd/tool_options.h"

static const struct option_group ra_options = {
    "Records",
    (const struct option_spec[]){
        {TOOL_MODE, 'M', "mode", OPTION_LIST, "mode ...",
         "man: print management records, too; noman: do not (the default). events, "
         "noevents: the same of events. xml, json: print these. "
         "uni: make a one-way record of each side that sent packets; rmon: print each "
         "record once for either end. dsrs=[+|-]block,...: use only these blocks of records, or "
         "not these; label=regex: use only records whose label matches. "
         "printer=ascii|obfuscate|hex|encode32|encode64: how user data are printed. oui: print "
         "vendors in link addresses; disa: DiffServ code points by names of the DISA. TZ=zone: "
         "print times of that time zone. poll: connect to the servers of -S, take their start "
         "records, and end."},
        {TOOL_NOTHING, 'a', NULL, OPTION_WORD, "length",
         "Accepted, and changes nothing, as in Argus."},
        {TOOL_NOTHING, 'f', NULL, OPTION_WORD, "file",
         "Accepted, and changes nothing, as in Argus."},
        {TOOL_TOTALS, 'A', "totals", OPTION_FLAG, NULL,
         "At the end print how many records were used, how many of either kind were read, and the "
         "packets and bytes of the flows used."},
        {0},
    },
};

static const struct option_table table = {
    .summary = "Prints, filters and copies flow records.",
    .usage = (const char *const[]){"[options] -r file ... [- filter]", NULL},
    .groups =
        (const struct option_group *const[]){&tool_input_options, &ra_options, &tool_print_options,
                                             &tool_write_options, &tool_verbose_options,
                                             &tool_unsupported_options, NULL},
    .examples =
        (const struct option_example[]){
            {"ra -r flows.argus -n - tcp and dst port 25",
             "Prints the mail connections, ports as numbers."},
            {"ra -r flows.argus -c , -s stime saddr daddr bytes -L -1",
             "Prints four columns, separated by commas and without a header."},
            {"ra -R archive -w web.argus - port 80 or port 443",
             "Collects the web traffic of a whole archive in one file."},
            {"ra -r flows.argus -w tcp.argus tcp -w udp.argus udp", "Divides a file by protocol."},
            {0},
        },
};

static const struct tool_program program = {.options = &table};

int ra_main(int argc, char **argv)
{
    struct tool tool;
    struct record *r;
    if (tool_begin(&tool, &program, NULL, argc, argv)) {
        while (tool_next(&tool, &r))
            tool_emit(&tool, r);
    }
    return tool_end(&tool);
}
