/* SPDX-License-Identifier: Apache-2.0 */
/* radium: the collector. Records of many sources in, records for many clients out. */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/message.h"
#include "base/output.h"
#include "cmd/collector.h"
#include "cmd/log.h"
#include "cmd/notify.h"
#include "cmd/now.h"
#include "cmd/radium_options.h"
#include "cmd/radium_reload.h"
#include "cmd/stop.h"
#include "net/reader.h"
#include "record/source.h"

static volatile sig_atomic_t wants_reload;
static int hangup = -1; /* readable when it was asked for: who waits has to hear of it */

static void on_hangup(int number)
{
    const uint64_t one = 1;
    const int saved = errno;
    (void)number;
    wants_reload = 1;
    (void)!write(hangup, &one, sizeof(one));
    errno = saved;
}

static int catch_hangup(struct error *err)
{
    const struct sigaction action = {.sa_handler = on_hangup};
    hangup = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (hangup < 0)
        return error_errno(err, "eventfd");
    sigaction(SIGHUP, &action, NULL);
    return 0;
}

struct radium {
    struct radium_options options;
    struct collector *collector;
    struct reader *reader;
    int stop_descriptor; /* readable when it is time to stop */
    nsec_t management_due;
    bool is_damaged;      /* something could not be read; the rest was */
    int result;           /* of what was done on the way: 0, OUTPUT_CLOSED or -1 */
    struct error failure; /* with -1 */
};

/* --- what happens beside the records ---------------------------------------------------------- */

static void note(void *arg, const struct event *event)
{
    (void)arg;
    message_event(event);
}

/* Something could not be read; what comes behind it is. */
static void note_damage(const char *source, const struct error *err)
{
    message_event(&(struct event){EVENT_ERROR,
                                  "input-damaged",
                                  "{reason}",
                                  {event_text("source", source), event_text("reason", err->text)}});
}

/* If SIGHUP asked for it. */
static int reload(struct radium *x, struct error *err)
{
    int result = 0;
    while (!result && wants_reload) {
        uint64_t count;
        wants_reload = 0;
        (void)!read(hangup, &count, sizeof(count));
        notify_reloading();
        result = radium_reload(&x->options, x->collector, x->reader, err);
        if (!result)
            notify_ready();
    }
    return result;
}

static void before_wait(void *arg)
{
    struct radium *x = arg;
    if (!x->result) /* before a server that is left hears that we have all */
        x->result = collector_flush(x->collector, &x->failure);
    if (!x->result)
        x->result = reload(x, &x->failure);
    if (x->result && x->reader)
        reader_abandon(x->reader);
}

/* Called at least as often as notify_patience says, whether records come or not. */
static void tick(void *arg)
{
    struct radium *x = arg;
    const nsec_t now = monotonic_now();
    if (!x->result && now >= x->management_due) {
        x->management_due = now + x->options.management_interval;
        x->result = collector_tell(x->collector, CAUSE_STATUS, &x->failure);
    }
    collector_show_sources(x->collector, x->reader);
    collector_notify(x->collector, now);
}

/* --- sources ---------------------------------------------------------------------------------- */

/* A pipe may be silent for long. What came so far is passed on. */
static void wait_for_pipe(struct radium *x, struct source *source)
{
    struct pollfd what[] = {
        {.fd = source_descriptor(source), .events = POLLIN},
        {.fd = x->stop_descriptor, .events = POLLIN},
        {.fd = hangup, .events = POLLIN},
    };
    while (!x->result && !stop_is_wanted() && source_would_wait(source)) {
        before_wait(x);
        collector_notify(x->collector, monotonic_now());
        (void)poll(what, ARRAY_SIZE(what), (int)(notify_patience() / NSEC_PER_MSEC));
    }
}

/* Up to its end, or to a place that is damaged. */
static int read_source(struct radium *x, struct source *source, struct error *err)
{
    struct record *r;
    int result = 0;
    while (!result) {
        wait_for_pipe(x, source);
        if (!x->result)
            x->result = reload(x, &x->failure);
        if (x->result || stop_is_wanted())
            break;
        result = source_next(source, &r, err);
        if (result == SOURCE_END)
            break;
        if (result) {
            note_damage(source_name(source), err);
            x->is_damaged = true;
        }
        if (result < 0)
            break;
        collector_notify(x->collector, monotonic_now());
        result = collector_take(x->collector, r, NULL, NULL, err);
        if (result)
            return result;
    }
    *err = x->failure;
    return x->result ? x->result : collector_flush(x->collector, err);
}

/* What is damaged is reported, and the next file is read. */
static int read_file(struct radium *x, const char *path, struct error *err)
{
    struct source *source;
    if (source_open(&source, path, err)) {
        note_damage(path, err);
        x->is_damaged = true;
        return 0;
    }
    int result = read_source(x, source, err);
    source_close(source);
    return result;
}

static int read_files(struct radium *x, struct error *err)
{
    const struct paths *inputs = &x->options.inputs;
    int result = 0;
    for (size_t i = 0; !result && i < inputs->count && !stop_is_wanted(); i++)
        result = read_file(x, inputs->list[i].name, err);
    return result;
}

static int open_reader(struct radium *x, struct error *err)
{
    struct tls *tls;
    const struct radium_options *o = &x->options;
    if (serving_tls(&tls, &o->serving, err))
        return -1;
    x->reader = reader_new(&(struct reader_options){
        .remote = {.filter = o->filter, .counts_positions = true},
        .tls = tls,
        .reconnects = !o->no_reconnect,
        .stop_descriptor = x->stop_descriptor,
        .wake_descriptor = hangup,
        .now = monotonic_now,
        .note = note,
        .before_wait = before_wait,
        .tick_every = notify_patience(),
        .tick = tick,
        .arg = x,
    });
    for (size_t i = 0; i < o->source_count; i++)
        radium_add_source(x->collector, x->reader, &o->sources[i]);
    return 0;
}

static int read_servers(struct radium *x, struct error *err)
{
    struct record *r;
    struct protocol_place place;
    int result;
    while (!x->result && (result = reader_next(x->reader, &r, err)) != READER_END) {
        struct remote *remote = reader_remote(x->reader);
        if (result == READER_DAMAGED)
            note_damage(remote_name(remote), err);
        bool has_place = remote_get_place(remote, &place);
        result = collector_take(x->collector, r, has_place ? remote_name(remote) : NULL,
                                has_place ? &place : NULL, err);
        if (result)
            return result;
    }
    x->is_damaged |= reader_failures(x->reader) > 0;
    *err = x->failure;
    return x->result;
}

/* --- the whole -------------------------------------------------------------------------------- */

static int collect(struct radium *x, struct error *err)
{
    collector_await_clients(x->collector, stop_is_wanted);
    int result = read_files(x, err);
    if (!result && x->options.source_count) {
        result = open_reader(x, err);
        if (!result)
            result = read_servers(x, err);
    }
    notify_stopping();
    if (!result)
        result = collector_tell(x->collector, CAUSE_STOP, err);
    if (!result) /* before servers hear that we have all */
        result = collector_flush(x->collector, err);
    return result;
}

static int run(struct radium *x, struct error *err)
{
    struct process process;
    signal(SIGPIPE, SIG_IGN);
    const struct radium_options *o = &x->options;
    if (catch_hangup(err) ||
        log_open(&o->log, o->process.is_daemon ? LOG_BY_DAEMON : LOG_BY_SERVICE, err) ||
        stop_catch(&x->stop_descriptor, err) || process_begin(&process, &x->options.process, err))
        return -1;
    notify_begin();
    x->management_due = monotonic_now() + o->management_interval;
    int result = collector_new(&x->collector, &x->options, err);
    if (!result)
        result = process_confine(&process, &x->options.process, "radium", err);
    if (!result)
        result = collector_start(x->collector, err);
    if (!result) {
        process_ready(&process, &x->options.process);
        log_settle();
        notify_ready();
        result = collect(x, err);
    }
    if (result && x->reader)
        reader_abandon(x->reader);
    reader_free(x->reader);
    struct error last;
    int closed = collector_free(x->collector, &last);
    if (closed < 0 && result >= 0) {
        *err = last;
        result = -1;
    }
    process_end(&process);
    return result;
}

int main(int argc, char **argv)
{
    struct error err = {{0}};
    struct radium *x = mem_zalloc(sizeof(*x));
    message_init("radium");
    int result = radium_options_parse(&x->options, argc, argv, &err);
    if (result == RADIUM_OPTIONS_RUN)
        result = run(x, &err);
    else if (result == RADIUM_OPTIONS_DONE)
        result = 0;
    if (result < 0)
        message_error(&err);
    int status = result < 0 || x->is_damaged ? EXIT_FAILURE : EXIT_SUCCESS;
    radium_options_release(&x->options);
    free(x);
    return status;
}
