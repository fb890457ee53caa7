/* SPDX-License-Identifier: Apache-2.0 */
#include "cmd/cmd.h"
#include "cmd/splitter.h"
#include "cmd/stop.h"
#include "cmd/tool.h"
#include "cmd/tool_options.h"

static const struct option_table table = {
    .summary = "Divides flow records among files.",
    .usage =
        (const char *const[]){"[options] [-M mode ...] -r file ... [-w name] [- filter]", NULL},
    .groups = (const struct option_group *const[]){&tool_input_options, &splitter_options,
                                                   &tool_verbose_options, &tool_print_options,
                                                   &tool_unsupported_options, NULL},
    .examples =
        (const struct option_example[]){
            {"rasplit -r flows.argus -M time 5m -w archive/%Y/%m/%d/argus.%H.%M.%S",
             "A file for every five minutes, with what was counted in them."},
            {"argus -i eth0 -w - | rasplit -M time 1h -w 'archive/$srcid/%Y.%m.%d.%H'",
             "The same for what a sensor sees, by sensor and hour, as it goes."},
            {"rasplit -r flows.argus -M time 1d nomodify -w day",
             "day.2026.11.24.00.00.00 and so on: records whole, by the day they begin."},
            {"rasplit -r flows.argus -M size 100m -w 'by-protocol/$proto.'",
             "Files of 100 MB for each protocol."},
            {0},
        },
};

static void clear(void *self)
{
    splitter_settings_init(self);
}

static int take(void *self, int event, const struct option_arg *arg, struct error *err)
{
    return splitter_settings_take(self, event, arg, err);
}

static const struct tool_program program = {
    .options = &table, .take = take, .clear = clear, .writes = true, .wait_most = NSEC_PER_SEC};

/* Records of a sensor that is idle are to be found in their files, not in memory. */
static void flush(void *self)
{
    splitter_flush(self);
}

static void split(struct tool *tool, struct splitter_settings *settings)
{
    struct splitter *splitter;
    struct record *r;
    struct error err;
    int stop_descriptor;
    if (splitter_open(&splitter, tool, settings, NULL, &err))
        tool_fail(tool, &err);
    tool->input.before_wait = flush;
    tool->input.wait_arg = splitter;
    while (tool_next(tool, &r)) {
        splitter_add(splitter, r);
        if (stop_catch(&stop_descriptor, &err)) /* from now on there is something to lose */
            tool_fail(tool, &err);
    }
    splitter_close(splitter);
}

int rasplit_main(int argc, char **argv)
{
    struct tool tool;
    struct splitter_settings settings;
    clear(&settings);
    if (tool_begin(&tool, &program, &settings, argc, argv))
        split(&tool, &settings);
    const bool is_remote = tool.settings.remote_count > 0; /* which has no end but this one */
    const int status = tool_end(&tool);
    if (!is_remote)
        stop_end();
    return status;
}
