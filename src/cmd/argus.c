/* SPDX-License-Identifier: Apache-2.0 */
/* argus: the sensor. Captures in, flow records out. */
#include <fcntl.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/message.h"
#include "base/output.h"
#include "base/progress.h"
#include "capture/packet_filter.h"
#include "capture/series.h"
#include "cmd/argus_index.h"
#include "cmd/argus_options.h"
#include "cmd/argus_output.h"
#include "cmd/argus_pace.h"
#include "flow/meter.h"

enum { EXIT_PARTIAL = 3 };

/* What the process needs beside the meter's tables: its code, input windows, output buffers. */
static const uint64_t MEMORY_ASIDE = UINT64_C(32) << 20;

/* The signal that asks for an end, or 0. */
static volatile sig_atomic_t stop_signal;
static int null_descriptor = -1;

struct sensor {
    struct argus_options options;
    struct packet_filter *filter; /* NULL: every packet */
    struct series *series;
    struct meter *meter;
    struct argus_output *output;
    struct argus_index *index; /* NULL: none is made */
    struct argus_totals totals;
    nsec_t management_due; /* time of a packet; -M */
    struct pace pace;
    uint64_t losses[LOSS_COUNT];
    uint64_t passed; /* packets that the filter let through */
    struct keyed_packet packets[FRAME_BATCH];
    const struct keyed_packet *of_frames[FRAME_BATCH]; /* those of a batch's frames; NULL: none */
};

/* --- set-up ----------------------------------------------------------------------------------- */

static void note(void *arg, const char *text)
{
    (void)arg;
    message("%s", text);
}

static void file_done(void *arg, unsigned input)
{
    struct sensor *s = arg;
    if (s->index)
        argus_index_file_done(s->index, input);
}

static int sensor_open(struct sensor *s, struct error *err)
{
    const struct argus_options *o = &s->options;
    struct meter_options meter = o->meter;
    meter.memory_limit = o->memory_bytes - MEMORY_ASIDE;
    meter.id_form = o->id.form;
    memcpy(meter.id, o->id.bytes, sizeof(meter.id));
    s->pace.factor = o->replay;
    struct series_options series = {
        .order = o->order,
        .merge = o->merge,
        .note = o->verbose ? note : NULL,
        .warning = note,
        .trouble = note,
        .done = file_done,
        .arg = s,
    };
    if (o->packet_filter && *o->packet_filter &&
        packet_filter_new(&s->filter, o->packet_filter, !o->plain_filter, err))
        return -1;
    if (argus_output_new(&s->output, o, err) ||
        meter_new(&s->meter, &meter, argus_output_record, s->output, err))
        return -1;
    if (o->index && argus_index_new(&s->index, o, err))
        return -1;
    const char **names = mem_alloc(o->inputs.count * sizeof(*names));
    for (size_t i = 0; i < o->inputs.count; i++)
        names[i] = o->inputs.list[i].name;
    int result = series_open(&s->series, names, (unsigned)o->inputs.count, &series, err);
    free(names);
    if (!result && s->index)
        argus_index_begin(s->index, s->series);
    return result;
}

static int sensor_close(struct sensor *s, struct error *err)
{
    series_close(s->series);
    meter_free(s->meter);
    packet_filter_free(s->filter);
    argus_index_free(s->index);
    int result = argus_output_free(s->output, err);
    argus_options_release(&s->options);
    return result;
}

/* --- the run ---------------------------------------------------------------------------------- */

static void begin(struct sensor *s, const struct frame *frame)
{
    s->totals.first = s->totals.last = frame->time;
    s->management_due = frame->time + s->options.management_interval;
    argus_output_begin(s->output, frame->time);
}

static bool is_enough(const struct sensor *s)
{
    return s->passed >= s->options.most_packets || stop_signal;
}

/* Filters and decodes a frame to `ret`; what is not metered is counted under its name. */
static int take_frame(struct sensor *s, const struct frame *frame, struct keyed_packet *ret,
                      bool *ret_metered, struct error *err)
{
    bool passes = true;
    *ret_metered = false;
    if (!s->totals.packets)
        begin(s, frame);
    s->totals.packets++;
    s->totals.bytes += frame->wire;
    if (frame->time > s->totals.last)
        s->totals.last = frame->time;
    if (s->filter && packet_filter_match(s->filter, frame, &passes, err))
        return -1;
    enum packet_loss loss = LOSS_FILTERED;
    if (passes)
        loss = s->passed++ < s->options.skip_packets
                   ? LOSS_SKIPPED
                   : packet_decode(frame, &s->options.decode, &ret->packet);
    *ret_metered = loss == PACKET_OK;
    if (*ret_metered)
        keyed_packet_complete(ret, s->options.decode.quirks);
    s->losses[loss]++;
    return 0;
}

/* Brings the counts of what was metered up to date. */
static void update_counts(struct sensor *s, struct meter_counts *ret)
{
    meter_get_counts(s->meter, ret);
    s->totals.records = ret->records;
    s->totals.flows = ret->flows;
    s->totals.lost = 0;
    for (unsigned loss = PACKET_OK + 1; loss < LOSS_COUNT; loss++)
        if (loss != LOSS_FILTERED && loss != LOSS_SKIPPED)
            s->totals.lost += s->losses[loss];
}

/* True if this packet is the first after the time of a management record. */
static bool is_management_due(const struct sensor *s, const struct frame *frame)
{
    return s->options.management_interval && s->totals.packets && frame->time >= s->management_due;
}

/* A clock that jumps far ahead makes one record, not one for each interval that it passed. */
static int write_management(struct sensor *s, nsec_t now, struct error *err)
{
    struct meter_counts counts;
    update_counts(s, &counts);
    s->management_due = now + s->options.management_interval;
    return argus_output_status(s->output, &s->totals, err);
}

static int take_batch(struct sensor *s, const struct frame_batch *batch, struct error *err)
{
    unsigned taken = 0, count = 0, given = 0;
    for (; taken < batch->count && !is_enough(s); taken++) {
        const struct frame *frame = &batch->frames[taken];
        bool metered;
        pace_wait(&s->pace, frame->time, &stop_signal);
        if (is_management_due(s, frame)) {
            int result = meter_packets(s->meter, s->packets + given, count - given, err);
            given = count;
            if (result || (result = write_management(s, frame->time, err)) != 0)
                return result;
        }
        if (take_frame(s, frame, &s->packets[count], &metered, err))
            return -1;
        s->of_frames[taken] = metered ? &s->packets[count] : NULL;
        count += metered;
    }
    if (s->index)
        argus_index_frames(s->index, batch->frames, s->of_frames, taken);
    return meter_packets(s->meter, s->packets + given, count - given, err);
}

/* Reads everything, or what -N and signals leave of it. 0, OUTPUT_CLOSED or -1. */
static int run(struct sensor *s, struct error *err)
{
    struct frame_batch batch;
    int result = 0;
    while (!is_enough(s) && (result = series_next(s->series, &batch, err)) != SERIES_END) {
        if (result == SERIES_NEW_FILE)
            result = quirk_is(s->options.meter.quirks, QUIRK_TABLE_PER_FILE)
                         ? meter_flush(s->meter, err)
                         : 0;
        else if (!result)
            result = take_batch(s, &batch, err);
        if (result)
            return result;
        progress_update(series_raw_taken(s->series));
    }
    if (!s->totals.packets)
        argus_output_begin(s->output, 0);
    return meter_flush(s->meter, err);
}

/*
 * Reading a pipe may wait for long. Standard input becomes an end of file, so that this read, or
 * the next, is the last. A second signal does what it always does.
 */
static void on_stop(int number)
{
    stop_signal = number;
    if (null_descriptor >= 0)
        (void)dup2(null_descriptor, STDIN_FILENO);
}

static void catch_stop(void)
{
    struct sigaction action = {.sa_handler = on_stop, .sa_flags = (int)SA_RESETHAND};
    null_descriptor = open("/dev/null", O_RDONLY | O_CLOEXEC);
    sigemptyset(&action.sa_mask);
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
}

static int print_filter(const struct argus_options *options, struct error *err)
{
    struct packet_filter *filter;
    const char *line;
    const char *text = options->packet_filter ? options->packet_filter : "";
    if (packet_filter_new(&filter, text, !options->plain_filter, err))
        return -1;
    for (unsigned i = 0; (line = packet_filter_instruction(filter, i)) != NULL; i++)
        puts(line);
    packet_filter_free(filter);
    return fflush(stdout) ? error_errno(err, "standard output") : 0;
}

/* --- the account ------------------------------------------------------------------------------ */

/*
 * One line says where every packet is; a sum that does not match is an error of ours that no user
 * must be left without.
 */
static int account(struct sensor *s, struct error *err)
{
    struct meter_counts counts;
    char text[512];
    size_t size = 0;
    update_counts(s, &counts);
    uint64_t sum = counts.recorded_packets;
    text[0] = '\0';
    for (unsigned loss = PACKET_OK + 1; loss < LOSS_COUNT; loss++) {
        sum += s->losses[loss];
        if (s->losses[loss] && size < sizeof(text))
            size += (size_t)snprintf(text + size, sizeof(text) - size, " + %" PRIu64 " %s",
                                     s->losses[loss], packet_loss_name(loss));
    }
    bool matches = sum == s->totals.packets;
    if (s->options.verbose || !matches)
        message("packets: %" PRIu64 " read = %" PRIu64 " in flow records%s; %" PRIu64
                " flows, %" PRIu64 " records, %" PRIu64 " cut for memory",
                s->totals.packets, counts.recorded_packets, text, counts.flows, counts.records,
                counts.evicted);
    if (!matches)
        return error_set(err, "the packets do not add up: this is a bug, please report it");
    return argus_output_end(s->output, &s->totals, err);
}

int main(int argc, char **argv)
{
    struct error err = {{0}};
    struct sensor *s = mem_zalloc(sizeof(*s));
    message_init("argus");
    signal(SIGPIPE, SIG_IGN);

    int result = argus_options_parse(&s->options, argc, argv, &err);
    int status = result < 0 ? EXIT_FAILURE : EXIT_SUCCESS;
    if (result == ARGUS_OPTIONS_RUN && s->options.print_filter) {
        result = print_filter(&s->options, &err);
        status = result ? EXIT_FAILURE : EXIT_SUCCESS;
    } else if (result == ARGUS_OPTIONS_RUN) {
        catch_stop();
        result = sensor_open(s, &err);
        if (!result) {
            if (!s->options.quiet)
                progress_start(series_raw_size(s->series));
            result = run(s, &err);
            progress_stop();
        }
        if (!result)
            result = account(s, &err);
        if (stop_signal)
            message("stopped by signal %d after %" PRIu64 " packets", (int)stop_signal,
                    s->totals.packets);
        if (result < 0)
            status = EXIT_FAILURE;
        else if (stop_signal || series_troubles(s->series) ||
                 (s->index && argus_index_finish(s->index)))
            status = EXIT_PARTIAL;
    }
    if (result < 0)
        message_error(&err);
    result = sensor_close(s, &err);
    if (result < 0 && status == EXIT_SUCCESS) {
        message_error(&err);
        status = EXIT_FAILURE;
    }
    free(s);
    return status;
}
