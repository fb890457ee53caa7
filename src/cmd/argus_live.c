/* SPDX-License-Identifier: Apache-2.0 */
#include "cmd/argus_live.h"

#include <stdlib.h>
#include <time.h>

#include "base/mem.h"
#include "base/message.h"
#include "capture/live.h"
#include "cmd/argus_reload.h"
#include "cmd/log.h"
#include "cmd/notify.h"
#include "cmd/now.h"
#include "cmd/signals.h"

/*
 * Here alone the clock of the machine moves things: it tells the meters how far time has come when
 * no packet does, and when management records and outputs are due.
 */
static const nsec_t WAIT = 100 * NSEC_PER_MSEC;     /* for packets; signals end it */
static const nsec_t FLUSH_EVERY = NSEC_PER_SEC;     /* what was written can be read after this */
static const nsec_t LAST_WAIT = 10 * NSEC_PER_MSEC; /* for packets from before the end */

/* Packets can be this long, and this is how much of them is wanted: all headers of tunnels, too. */
enum { SNAPLEN_MOST = 262144, SNAPLEN_USUAL = 256 };

struct listener {
    struct sensor *sensor;
    struct live *live;
    struct live_counts counts;
    unsigned troubles;
    nsec_t flush_due, management_due; /* by the steady clock */
};

static void note_trouble(void *arg, const char *text)
{
    struct listener *x = arg;
    x->troubles++;
    message_event(
        &(struct event){EVENT_ERROR, "interface-lost", "{reason}", {event_text("reason", text)}});
}

static uint32_t snaplen_of(const struct argus_options *o)
{
    if (o->snaplen)
        return o->snaplen;
    return o->whole_packets ? SNAPLEN_MOST : SNAPLEN_USUAL + (uint32_t)o->meter.user_bytes;
}

static int open_live(struct listener *x, struct error *err)
{
    const struct argus_options *o = &x->sensor->options;
    const struct interfaces *interfaces = &o->interfaces;
    const char **names = mem_alloc(interfaces->count * sizeof(*names));
    for (size_t i = 0; i < interfaces->count; i++)
        names[i] = interfaces->list[i].device;
    const struct live_options options = {
        .devices = names,
        .count = (unsigned)interfaces->count,
        .snaplen = snaplen_of(o),
        .buffer_bytes = o->buffer_bytes,
        .promiscuous = !o->not_promiscuous,
        .filter = o->packet_filter,
        .optimize = !o->plain_filter,
        .trouble = note_trouble,
        .arg = x,
    };
    int result = live_open(&x->live, &options, err);
    free(names);
    return result;
}

static void count_kernel(struct listener *x)
{
    live_count(x->live, &x->counts);
    x->sensor->dropped = x->counts.dropped;
    x->sensor->interface_dropped = x->counts.interface_dropped;
}

static void report_kernel(const struct listener *x)
{
    uint64_t known = x->counts.dropped + x->sensor->totals.packets;
    uint64_t unread = x->counts.arrived > known ? x->counts.arrived - known : 0;
    message_event(&(struct event){
        EVENT_NOTICE,
        "interfaces",
        "interfaces: {arrived} packets arrived, {dropped} dropped by the kernel, {unread} left "
        "unread, {interface_dropped} dropped by interfaces",
        {event_number("arrived", x->counts.arrived), event_number("dropped", x->counts.dropped),
         event_number("unread", unread),
         event_number("interface_dropped", x->counts.interface_dropped)}});
}

/* SIGHUP. Files are opened anew even when there is something wrong with the configuration. */
static int reload(const struct listener *x, nsec_t now, struct error *err)
{
    const struct sensor *s = x->sensor;
    notify_reloading();
    int result = sensor_settle(x->sensor, err);
    if (!result)
        result = argus_output_reopen(s->output, now, err);
    if (result)
        return result;
    argus_reload(&s->options, argus_output_server(s->output));
    notify_ready();
    return 0;
}

/* What is due by the clock, and what signals ask for. */
static int do_duties(struct listener *x, nsec_t now, struct error *err)
{
    struct sensor *s = x->sensor;
    nsec_t steady = monotonic_now();
    int result = 0;
    if (signals_take_report()) {
        count_kernel(x);
        result = sensor_report(s, err);
        report_kernel(x);
    }
    if (!result && steady >= x->management_due) {
        x->management_due = steady + s->options.management_interval;
        s->totals.last = now;
        count_kernel(x);
        result = sensor_management(s, err);
    }
    if (!result)
        result = argus_events_write(s->events, s, err);
    if (!result && signals_take_reopen())
        result = reload(x, now, err);
    if (!result && steady >= x->flush_due && (result = sensor_settle(s, err)) == 0) {
        x->flush_due = steady + FLUSH_EVERY;
        count_kernel(x);
        result = argus_output_flush(s->output, err);
    }
    return result;
}

static int listen_on(struct listener *x, struct error *err)
{
    struct sensor *s = x->sensor;
    struct frame_batch batch;
    while (!sensor_is_done(s)) {
        nsec_t now = wall_now();
        int result = live_next(x->live, now, WAIT, &batch);
        if (result == LIVE_END)
            return 0;
        result = result == LIVE_IDLE ? sensor_advance(s, now - LIVE_DELAY, err)
                                     : sensor_take(s, &batch, err);
        if (!result)
            result = do_duties(x, now, err);
        if (result)
            return result;
        sensor_notify(s);
    }
    return 0;
}

/* A signal ends the capture at its time: what arrived before is still in the kernel's buffers. */
static int drain(struct listener *x, struct error *err)
{
    struct frame_batch batch;
    live_stop(x->live);
    const nsec_t end = wall_now();
    bool is_over = false;
    while (!is_over) {
        nsec_t now = wall_now();
        int result = live_next(x->live, now, LAST_WAIT, &batch);
        is_over = result == LIVE_END || (result && (now > end + LIVE_DELAY || now < end));
        if (!result && (result = sensor_take(x->sensor, &batch, err)) != 0)
            return result;
    }
    return 0;
}

static int open_outputs(struct listener *x, struct error *err)
{
    struct sensor *s = x->sensor;
    s->totals.first = s->totals.last = wall_now();
    argus_output_begin(s->output, s->totals.first);
    int result = argus_output_serve(s->output, s->totals.first, err);
    if (!result)
        result = argus_output_open(s->output, err);
    return result ? result : argus_output_flush(s->output, err);
}

static int run(struct listener *x, struct error *err)
{
    struct sensor *s = x->sensor;
    x->management_due = monotonic_now() + s->options.management_interval;
    int result = listen_on(x, err);
    notify_stopping();
    if (!result && signals_stop())
        result = drain(x, err);
    if (!result)
        result = sensor_flush(s, err);
    if (!result)
        result = argus_events_write(s->events, s, err);
    count_kernel(x);
    s->totals.last = wall_now();
    if (s->options.verbose || x->counts.dropped)
        report_kernel(x);
    return result;
}

int argus_live_run(struct sensor *s, struct process *process, unsigned *ret_troubles,
                   struct error *err)
{
    struct listener x = {.sensor = s};
    const struct argus_options *o = &s->options;
    int result = open_live(&x, err);
    if (!result) {
        char *name = mem_printf("argus.%s", o->interfaces.list[0].device);
        result = process_confine(process, &o->process, name, err);
        free(name);
    }
    if (!result)
        result = sensor_start(s, err);
    if (!result)
        result = argus_events_new(&s->events, s, err);
    if (!result)
        result = open_outputs(&x, err);
    if (!result) {
        process_ready(process, &o->process);
        log_settle();
        notify_ready();
        result = run(&x, err);
    }
    live_close(x.live);
    *ret_troubles = x.troubles;
    return result;
}
