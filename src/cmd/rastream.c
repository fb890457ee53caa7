/* SPDX-License-Identifier: Apache-2.0 */
#include <inttypes.h>
#include <stdlib.h>
#include <time.h>

#include "base/message.h"
#include "base/quantity.h"
#include "cmd/cmd.h"
#include "cmd/log.h"
#include "cmd/notify.h"
#include "cmd/now.h"
#include "cmd/random_seed.h"
#include "cmd/runner.h"
#include "cmd/splitter.h"
#include "cmd/stop.h"
#include "cmd/tool.h"
#include "cmd/tool_options.h"

enum { OPT_PROGRAM = TOOL_OWN, OPT_HOLD, OPT_JOBS };

static const struct option_group finished_options = {
    "Finished files",
    (const struct option_spec[]){
        {OPT_PROGRAM, 'f', "run", OPTION_WORD, "program",
         "Run this program for each file that is finished, as: program -r file. It is one file in "
         "the path, or its name has a slash; options for it go into a script."},
        {OPT_HOLD, 'B', "hold", OPTION_WORD, "time",
         "How long after the end of its time a file is finished: 15 (seconds, the default), 2m. "
         "It should be more than the status interval of the sensors."},
        {OPT_JOBS, 0, "jobs", OPTION_WORD, "n",
         "Run the program for so many files at once; 1 if not given, at most 64."},
        {0},
    },
};

static const struct option_table table = {
    .summary = "Divides streams of flow records among files, and runs a program on each.",
    .usage = (const char *const[]){"[options] [-M mode ...] -S host [-w name] [-f program]", NULL},
    .groups =
        (const struct option_group *const[]){&tool_input_options, &splitter_options,
                                             &finished_options, &log_options, &tool_verbose_options,
                                             &tool_print_options, &tool_unsupported_options, NULL},
    .examples =
        (const struct option_example[]){
            {"rastream -S sensor --reconnect -M time 5m -w archive/%Y/%m/%d/argus.%H.%M.%S "
             "-f /usr/local/bin/store",
             "A file for every five minutes, and a script that gets each when it is whole."},
            {"rastream -M time 1h -w '$srcid/%Y.%m.%d.%H' -f gzip-it -B 30s <pipe",
             "Files of an hour, finished half a minute later."},
            {"rastream -S sensor -M size 100m -w flows. -f ./store --jobs 2",
             "A file is finished when it has 100 MB; two scripts at once."},
            {0},
        },
};

struct rastream {
    struct splitter_settings split;
    const char *program; /* NULL: none is run */
    nsec_t hold;
    uint64_t jobs;
    struct log_settings log;
};

/* --- options ---------------------------------------------------------------------------------- */

static void clear(void *self)
{
    struct rastream *settings = self;
    log_release(&settings->log);
    *settings = (struct rastream){.hold = 15 * NSEC_PER_SEC, .jobs = 1, .log = log_defaults};
    splitter_settings_init(&settings->split);
}

static int take(void *self, int event, const struct option_arg *arg, struct error *err)
{
    struct rastream *settings = self;
    int result;
    switch (event) {
    case OPT_PROGRAM:
        settings->program = arg->word;
        return 0;
    case OPT_HOLD:
        return quantity_duration(arg->word, &settings->hold, err) ? error_prefix(err, "-B") : 0;
    case OPT_JOBS:
        if (quantity_count(arg->word, RUNNER_MOST, &settings->jobs, err))
            return error_prefix(err, "--jobs");
        return settings->jobs ? 0 : error_set(err, "--jobs: at least one is needed");
    default:
        result = log_take(&settings->log, event, arg, err);
        return result == LOG_UNKNOWN ? splitter_settings_take(&settings->split, event, arg, err)
                                     : result;
    }
}

/* A stream goes on for long: nobody sits there and reads what is said about it. */
static int prepare(void *self, struct tool_settings *tool, struct error *err)
{
    const struct rastream *settings = self;
    return log_open(&settings->log, tool->remote_count ? LOG_BY_SERVICE : LOG_BY_TOOL, err);
}

static const struct tool_program program = {
    .options = &table,
    .take = take,
    .clear = clear,
    .prepare = prepare,
    .writes = true,
    .wait_most = NSEC_PER_SEC / 4,
};

/* --- time ------------------------------------------------------------------------------------- */

struct run {
    struct tool *tool;
    struct rastream *settings;
    struct pending *pending;
    struct splitter *splitter;
    struct runner *runner; /* NULL: no program */
    nsec_t reached;        /* the latest start of a record */
    nsec_t wall;           /* the time of day, as it was asked for last */
    uint64_t finished;     /* files */
    nsec_t silent_since;   /* on the steady clock; 0: records come */
};

/*
 * Time is where records are: when they last started. A record from the future does not take it
 * there, but to the time of day at most. The record that begins a stream says nothing: it is made
 * when somebody connects, and what comes behind it may be older.
 */
static void note_time(struct run *run, const struct record *r)
{
    nsec_t time = r->type == RECORD_MAR ? r->mar.now : record_start(r);
    run->silent_since = 0;
    if (r->type == RECORD_MAR && run->tool->input.is_first)
        return;
    if (time > run->wall)
        run->wall = wall_now();
    if (time > run->wall)
        time = run->wall;
    if (time > run->reached)
        run->reached = time;
}

/* While nothing comes, it goes on from there as clocks do. */
static nsec_t time_in_silence(struct run *run)
{
    const nsec_t now = monotonic_now();
    if (!run->silent_since)
        run->silent_since = now;
    return run->reached + (now - run->silent_since);
}

/* --- finished files --------------------------------------------------------------------------- */

/* Closes those that are due, or all, and hands them to the program. */
static void finish_files(struct run *run, nsec_t now, bool all)
{
    struct pending_file *file;
    struct error err;
    struct bin bin;
    int result = 0;
    pending_set_time(run->pending, now);
    while (!result && !run->tool->has_failed && (file = pending_next(run->pending, all)) != NULL) {
        if (!all && splitter_goes_on(run->splitter, file, now - run->settings->hold, &bin)) {
            pending_keep(run->pending, bin);
            continue;
        }
        result = splitter_finish(run->splitter, file->path, &err);
        run->finished += !result;
        if (!result && run->runner)
            runner_add(run->runner, file->path, file->is_late);
    }
    tool_look_at(run->tool, result, &err);
}

static void tell_manager(struct run *run)
{
    const nsec_t now = monotonic_now();
    if (notify_wants_sign(now))
        notify_alive(now);
    if (notify_wants_status(now))
        notify_status(now, "%" PRIu64 " records, %" PRIu64 " files finished",
                      run->tool->totals.used, run->finished);
}

/* Before each wait, and now and then while it lasts. */
static void in_silence(void *arg)
{
    struct run *run = arg;
    splitter_flush(run->splitter);
    finish_files(run, time_in_silence(run), false);
    tell_manager(run);
}

static void read_stream(struct run *run)
{
    struct record *r;
    int stop_descriptor;
    struct error err;
    while (tool_next(run->tool, &r)) {
        pending_set_time(run->pending, run->reached); /* no longer that of silence */
        splitter_add(run->splitter, r);
        note_time(run, r);
        finish_files(run, run->reached, false);
        tell_manager(run);
        if (stop_catch(&stop_descriptor, &err))
            tool_fail(run->tool, &err);
    }
    notify_stopping();
    finish_files(run, run->reached, true);
}

/* --- the whole -------------------------------------------------------------------------------- */

static int begin(struct run *run, struct error *err)
{
    struct rastream *settings = run->settings;
    run->pending = pending_new(settings->hold, PENDING_MOST, random_seed());
    if (splitter_open(&run->splitter, run->tool, &settings->split, run->pending, err))
        return -1;
    if (!settings->program)
        return 0;
    if (!splitter_writes_files(run->splitter))
        return error_set(err, "-f: there are no files, as everything goes to standard output");
    return runner_new(&run->runner, settings->program, (unsigned)settings->jobs, err)
               ? error_prefix(err, "-f")
               : 0;
}

static void end(struct run *run)
{
    struct tool *tool = run->tool;
    const uint64_t late = pending_late_count(run->pending);
    if (run->runner && tool->has_failed)
        message_event(&(struct event){EVENT_WARNING,
                                      "files-unfinished",
                                      "{program} was not run for files that are not finished",
                                      {event_text("program", run->settings->program)}});
    splitter_close(run->splitter);
    if (run->runner && late)
        message_event(&(struct event){
            EVENT_NOTICE,
            "files-late",
            "files that got records after they were due: {files}; {program} was run for them then",
            {event_number("files", late), event_text("program", run->settings->program)}});
    tool->has_failed |= runner_finish(run->runner) > 0;
    pending_free(run->pending);
}

int rastream_main(int argc, char **argv)
{
    struct tool tool;
    struct error err;
    struct rastream settings = {.jobs = 0};
    clear(&settings);
    if (tool_begin(&tool, &program, &settings, argc, argv)) {
        struct run run = {.tool = &tool, .settings = &settings};
        tool.input.before_wait = in_silence;
        tool.input.wait_arg = &run;
        notify_begin();
        if (begin(&run, &err)) {
            tool_fail(&tool, &err);
        } else {
            notify_ready();
            read_stream(&run);
        }
        end(&run);
    }
    log_release(&settings.log);
    return tool_end(&tool);
}
