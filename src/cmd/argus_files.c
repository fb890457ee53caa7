/* SPDX-License-Identifier: Apache-2.0 */
#include "cmd/argus_files.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/mem.h"
#include "base/message.h"
#include "base/progress.h"
#include "capture/series.h"
#include "cmd/follow.h"
#include "cmd/notify.h"
#include "cmd/now.h"
#include "cmd/signals.h"

/* All that there is to say of files is a sentence. */
static void note(void *arg, const char *text)
{
    (void)arg;
    message_event(&(struct event){EVENT_INFO, "files", "{reason}", {event_text("reason", text)}});
}

static void warn(void *arg, const char *text)
{
    (void)arg;
    message_event(&(struct event){
        EVENT_WARNING, "files-disordered", "{reason}", {event_text("reason", text)}});
}

static void note_trouble(void *arg, const char *text)
{
    (void)arg;
    message_event(
        &(struct event){EVENT_ERROR, "input-damaged", "{reason}", {event_text("reason", text)}});
}

static void file_done(void *arg, unsigned input)
{
    struct sensor *s = arg;
    if (s->index)
        argus_index_file_done(s->index, input);
}

static int open_series(struct sensor *s, struct follow *follow, struct series **ret,
                       struct error *err)
{
    const struct argus_options *o = &s->options;
    struct series_options series = {
        .order = o->order,
        .merge = o->merge,
        .tsh = o->tsh,
        .note = o->verbose ? note : NULL,
        .warning = warn,
        .trouble = note_trouble,
        .done = file_done,
        .arg = s,
    };
    const char **names = mem_alloc(o->inputs.count * sizeof(*names));
    for (size_t i = 0; i < o->inputs.count; i++)
        names[i] = follow ? follow_stream(follow) : o->inputs.list[i].name;
    int result = series_open(ret, names, (unsigned)o->inputs.count, &series, err);
    free(names);
    if (follow)
        follow_begin(follow);
    return result;
}

/* Reads everything, or what -N and signals leave of it. */
static int read_all(struct sensor *s, struct series *series, struct error *err)
{
    struct frame_batch batch;
    int result = 0;
    while (!sensor_is_done(s) && (result = series_next(series, &batch, err)) != SERIES_END) {
        if (result == SERIES_NEW_FILE)
            result =
                quirk_is(s->options.meter.quirks, QUIRK_TABLE_PER_FILE) ? sensor_flush(s, err) : 0;
        else if (!result)
            result = sensor_take(s, &batch, err);
        if (!result && signals_take_report())
            result = sensor_report(s, err);
        /* The next packet may be long in coming. */
        if (!result && s->options.follow && (result = sensor_settle(s, err)) == 0)
            result = argus_output_flush(s->output, err);
        if (result)
            return result;
        progress_update(series_raw_taken(series));
        sensor_notify(s);
    }
    if (!s->totals.packets)
        argus_output_begin(s->output, 0);
    return sensor_flush(s, err);
}

static int run(struct sensor *s, struct follow *follow, unsigned *ret_troubles, struct error *err)
{
    struct series *series;
    if (open_series(s, follow, &series, err))
        return -1;
    if (s->index)
        argus_index_begin(s->index, series);
    if (argus_output_serve(s->output, wall_now(), err)) {
        series_close(series);
        return -1;
    }
    notify_ready();
    argus_output_await_clients(s->output);
    if (!s->options.quiet)
        progress_start(series_raw_size(series));
    int result = read_all(s, series, err);
    notify_stopping();
    progress_stop();
    *ret_troubles = series_troubles(series);
    if (!result && s->index)
        *ret_troubles += argus_index_finish(s->index);
    series_close(series);
    return result;
}

int argus_files_run(struct sensor *s, unsigned *ret_troubles, struct error *err)
{
    struct follow *follow = NULL;
    struct error later;
    const bool is_pipe = !strcmp(s->options.inputs.list[0].name, "-");
    if (sensor_start(s, err))
        return -1;
    if (s->options.follow && !is_pipe && follow_new(&follow, s->options.inputs.list[0].name, err))
        return -1;
    int result = run(s, follow, ret_troubles, err);
    int followed = follow_free(follow, result ? &later : err);
    return result ? result : followed;
}
