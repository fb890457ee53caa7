/* SPDX-License-Identifier: Apache-2.0 */
#include "cmd/collector.h"

#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/message.h"
#include "cmd/collector_metrics.h"
#include "cmd/label_conf.h"
#include "cmd/metrics.h"
#include "cmd/notify.h"
#include "cmd/now.h"
#include "cmd/stop.h"
#include "filter/filter.h"
#include "net/journal.h"
#include "net/protocol.h"
#include "record/framing.h"
#include "record/wire.h"

enum { PENDING_ENOUGH = 64 * 1024, OPTION_COLLECTOR = 8 };

struct collector {
    const struct radium_options *options;
    struct filter *filter;
    struct labeler *labeler; /* NULL: labels stay as they are */
    struct targets targets;
    struct server *server; /* NULL: nobody is served */
    bool is_serving;
    struct journal *journal; /* NULL: there is no spool */
    struct record *mar;
    uint8_t *encoded;
    uint8_t *pending; /* records that are for clients, once they are in the spool */
    size_t pending_size;
    struct metrics *metrics; /* NULL: nobody sees the counters */
    struct collector_view view;
    uint64_t records, told_records;
    nsec_t told_at;
    uint32_t sequence;
};

/* --- life ------------------------------------------------------------------------------------- */

static int open_targets(struct collector *c, struct error *err)
{
    const struct radium_options *o = c->options;
    static const struct filter_names names = {.reads_files = true};
    if (o->filter && filter_compile(&c->filter, o->filter, &names, err))
        return -1;
    if (o->labels && label_conf_read(&c->labeler, o->labels, err))
        return -1;
    return targets_new(&c->targets, &o->outputs, err);
}

int collector_new(struct collector **ret, const struct radium_options *options, struct error *err)
{
    struct collector *c = mem_zalloc(sizeof(*c));
    c->options = options;
    c->mar = mem_zalloc(sizeof(*c->mar));
    c->view.sources = source_metrics_new();
    c->encoded = mem_alloc(WIRE_RECORD_MAX);
    c->pending = mem_alloc(PENDING_ENOUGH + WIRE_RECORD_MAX);
    c->told_at = wall_now();
    *ret = c;
    if (open_targets(c, err))
        return -1;
    if (options->metrics && metrics_open(&c->metrics, options->metrics, err))
        return error_prefix(err, "--metrics");
    if (!options->serving.port)
        return 0;
    return serving_open(&c->server, &options->serving, !options->source_count,
                        options->management_interval, err);
}

static void make_mar(struct collector *c, enum record_cause cause)
{
    struct record *r = c->mar;
    r->type = RECORD_MAR;
    r->version = 3;
    r->cause = (uint8_t)cause;
    r->option = OPTION_COLLECTOR;
    r->mar = (struct record_mar){
        .major = 3,
        .source_id = source_id_word(&c->options->id),
        .start = c->told_at,
        .now = wall_now(),
        .mar_interval = (uint16_t)nsec_seconds(c->options->management_interval),
    };
}

/* The system's name for this start of the machine; without one, each start of radium counts. */
static void read_boot(char *ret, size_t size)
{
    int descriptor = open("/proc/sys/kernel/random/boot_id", O_RDONLY | O_CLOEXEC);
    ssize_t got = descriptor < 0 ? -1 : read(descriptor, ret, size - 1);
    if (descriptor >= 0)
        close(descriptor);
    ret[got < 0 ? 0 : got] = '\0';
    ret[strcspn(ret, "\n")] = '\0';
}

static int start_serving(struct collector *c, struct error *err)
{
    struct server_stream stream = {.number = serving_choose_stream()};
    if (c->options->serving.spool) {
        char boot[40];
        read_boot(boot, sizeof(boot));
        if (serving_open_spool(&c->journal, &c->options->serving, boot, err))
            return -1;
        c->targets.journal = c->journal;
        if (targets_recover(&c->targets, err))
            return -1;
        stream = (struct server_stream){journal_stream(c->journal), journal_next(c->journal),
                                        c->journal, false};
    }
    if (!c->server)
        return 0;
    c->is_serving = !server_start(c->server, c->mar, &stream, err);
    return c->is_serving ? 0 : -1;
}

int collector_start(struct collector *c, struct error *err)
{
    make_mar(c, CAUSE_START);
    c->mar->mar.cookie = FRAMING_COOKIE_V3;
    targets_set_head(&c->targets, c->mar);
    if (start_serving(c, err))
        return -1;
    c->view.server = c->server;
    c->view.journal = c->journal;
    return c->metrics ? metrics_start(c->metrics, collector_metrics_write, &c->view, err) : 0;
}

bool collector_place(const struct collector *c, const char *source, struct protocol_place *ret)
{
    return c->journal && journal_source(c->journal, source, ret);
}

void collector_notify(struct collector *c, nsec_t now)
{
    struct server_counts clients = {0};
    serving_tell_alive(c->server, now);
    if (!notify_wants_status(now))
        return;
    if (c->is_serving)
        server_get_counts(c->server, &clients);
    notify_status(now, "%" PRIu64 " records taken; %" PRIu64 " sent to %zu clients", c->records,
                  clients.sent_records, clients.clients);
}

void collector_show_sources(struct collector *c, const struct reader *reader)
{
    source_metrics_show(c->view.sources, reader);
}

void collector_await_clients(struct collector *c, int (*stop)(void))
{
    if (c->is_serving)
        serving_await(c->server, c->options->wait_clients, stop);
}

/* --- records ---------------------------------------------------------------------------------- */

/* Clients get what the spool has. */
static int publish(struct collector *c, struct error *err)
{
    if (!c->pending_size)
        return 0;
    int result = targets_note(&c->targets, err);
    if (!result)
        result = journal_flush(c->journal, err);
    if (result)
        return result;
    for (size_t at = 0; c->is_serving && at < c->pending_size;) {
        size_t size = (size_t)load_be16(c->pending + at + 2) * 4;
        server_add_bytes(c->server, (struct view){c->pending + at, size});
        at += size;
    }
    c->pending_size = 0;
    return 0;
}

static int share(struct collector *c, const struct record *r, const char *source,
                 const struct protocol_place *place, struct error *err)
{
    struct view bytes = r->wire;
    if (!bytes.size)
        bytes = (struct view){c->encoded, wire_encode(r, c->encoded)};
    if (!c->journal) {
        server_add_bytes(c->server, bytes);
        return 0;
    }
    if (journal_add(c->journal, bytes, source, place, err))
        return -1;
    memcpy(c->pending + c->pending_size, bytes.data, bytes.size);
    c->pending_size += bytes.size;
    return c->pending_size > PENDING_ENOUGH ? publish(c, err) : 0; /* the files have it, too */
}

/* It would be taken for a mark of the spool or the protocol: a server could forge positions by it.
 */
static void note_forgery(const char *source)
{
    message_event(&(struct event){
        EVENT_WARNING,
        "input-damaged",
        "{source}: {reason}",
        {event_text("source", source ? source : "input"),
         event_text("reason", "a record that looks like a mark of a spool is left out")}});
}

/* Management records always pass. */
int collector_take(struct collector *c, struct record *r, const char *source,
                   const struct protocol_place *place, struct error *err)
{
    if (protocol_is_like_mark(r->wire)) {
        note_forgery(source);
        return 0;
    }
    if (c->filter && r->type != RECORD_MAR && !filter_match(c->filter, r))
        return 0;
    if (c->labeler)
        labeler_apply(c->labeler, r);
    c->records++;
    atomic_store_explicit(&c->view.records, c->records, memory_order_relaxed);
    int result = targets_write(&c->targets, r, err);
    if (!result && (c->is_serving || c->journal))
        result = share(c, r, source, place, err);
    return result;
}

int collector_flush(struct collector *c, struct error *err)
{
    int result = targets_flush(&c->targets, err);
    return result ? result : publish(c, err);
}

static uint32_t narrow(uint64_t count)
{
    return count > UINT32_MAX ? UINT32_MAX : (uint32_t)count;
}

int collector_tell(struct collector *c, enum record_cause cause, struct error *err)
{
    make_mar(c, cause);
    struct record_mar *mar = &c->mar->mar;
    mar->cookie = mar->source_id;
    mar->sequence = c->sequence++;
    mar->records = narrow(c->records - c->told_records);
    mar->outputs = narrow(c->targets.count);
    if (c->is_serving) {
        struct server_counts counts;
        server_get_counts(c->server, &counts);
        mar->clients = narrow(counts.clients);
    }
    c->told_records = c->records;
    c->told_at = mar->now;
    return collector_take(c, c->mar, NULL, NULL, err);
}

int collector_reopen(struct collector *c, struct error *err)
{
    int result = publish(c, err); /* what the files have is noted for the last time */
    return result ? result : targets_end(&c->targets, err);
}

/* Keeps the first error. */
static void note_result(int *result, struct error *err, int next, const struct error *next_err)
{
    if (!next || *result)
        return;
    *result = next;
    *err = *next_err;
}

int collector_write_to(struct collector *c, struct targets *targets, struct error *err)
{
    struct targets before = c->targets;
    make_mar(c, CAUSE_START);
    c->mar->mar.cookie = FRAMING_COOKIE_V3;
    targets_set_head(targets, c->mar);
    int result = publish(c, err);
    c->targets = *targets;
    c->targets.journal = c->journal;
    *targets = (struct targets){0};
    struct error why;
    note_result(&result, err, targets_free(&before, &why), &why);
    return result;
}

void collector_label_by(struct collector *c, struct labeler *labeler)
{
    labeler_free(c->labeler);
    c->labeler = labeler;
}

int collector_serve_by(struct collector *c, const struct serving_settings *settings,
                       struct error *err)
{
    return c->server ? serving_change(c->server, settings, err) : 0;
}

int collector_free(struct collector *c, struct error *err)
{
    struct error next;
    int result = 0;
    if (!c)
        return 0;
    if (c->journal)
        note_result(&result, err, publish(c, &next), &next);
    if (c->is_serving) {
        bool is_hurried = c->options->source_count || stop_is_wanted();
        server_finish(c->server, is_hurried, is_hurried ? NULL : stop_is_wanted);
    }
    metrics_free(c->metrics);
    server_free(c->server);
    note_result(&result, err, journal_close(c->journal, &next), &next);
    note_result(&result, err, targets_free(&c->targets, &next), &next);
    filter_free(c->filter);
    source_metrics_free(c->view.sources);
    labeler_free(c->labeler);
    free(c->mar);
    free(c->encoded);
    free(c->pending);
    free(c);
    return result;
}
