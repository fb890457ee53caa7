/* SPDX-License-Identifier: Apache-2.0 */
#include "cmd/argus_output.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "cmd/serving.h"
#include "cmd/signals.h"
#include "filter/filter.h"
#include "record/sink.h"

struct target {
    struct sink *sink;
    struct filter *filter; /* NULL: every record */
};

struct argus_output {
    const struct argus_options *options;
    struct target *targets;
    size_t count;
    struct server *server;           /* NULL: nobody is served */
    struct journal *_Atomic journal; /* NULL: there is no spool */
    struct record *mar;
    struct record *encoded;   /* a flow record that is nothing but its bytes */
    struct argus_totals told; /* what the management records so far say */
};

static size_t mark_bytes(const struct argus_output *output)
{
    return (output->count + 7) / 8;
}

enum { MAR_SECONDS = 60, INTERFACE_ETHERNET = 1 };

/* A counter of the format that is too narrow for what was counted says its largest value. */
static uint32_t narrow(uint64_t count)
{
    return count > UINT32_MAX ? UINT32_MAX : (uint32_t)count;
}

static uint16_t whole_seconds(nsec_t time)
{
    int64_t seconds = nsec_seconds(time);
    return seconds > UINT16_MAX ? UINT16_MAX : (uint16_t)seconds;
}

static void make_mar(struct argus_output *output, enum record_cause cause)
{
    const struct argus_options *o = output->options;
    struct record *r = output->mar;
    r->type = RECORD_MAR;
    r->version = 3;
    r->cause = (uint8_t)cause;
    r->option = 0;
    r->blocks = 0;
    r->mar.major = 3;
    r->mar.source_id = source_id_word(&o->id);
    r->mar.report_interval = whole_seconds(o->meter.status_interval);
    r->mar.mar_interval =
        o->management_interval ? whole_seconds(o->management_interval) : MAR_SECONDS;
}

int argus_output_new(struct argus_output **ret, const struct argus_options *options,
                     struct error *err)
{
    struct argus_output *output = mem_zalloc(sizeof(*output));
    output->options = options;
    output->mar = mem_zalloc(sizeof(*output->mar));
    output->encoded = mem_zalloc(sizeof(*output->encoded));
    output->encoded->type = RECORD_FAR;
    output->targets = mem_zalloc(options->outputs.count * sizeof(*output->targets));
    static const struct filter_names names = {.reads_files = true};
    for (size_t i = 0; i < options->outputs.count; i++) {
        const struct output_spec *spec = &options->outputs.specs[i];
        struct target *target = &output->targets[output->count++];
        target->sink = sink_new(spec->path);
        if (spec->filter && filter_compile(&target->filter, spec->filter, &names, err)) {
            *ret = output; /* the caller frees it */
            return error_prefix(err, "-w %s", spec->path);
        }
    }
    *ret = output;
    if (!options->serving.port)
        return 0;
    make_mar(output, CAUSE_START);
    bool reads_files = !options->interfaces.count;
    return serving_open(&output->server, &options->serving, reads_files,
                        output->mar->mar.mar_interval * NSEC_PER_SEC, err);
}

/* Keeps the first error. */
static void note_result(int *result, struct error *err, int next, const struct error *next_err)
{
    if (!next || *result)
        return;
    *result = next;
    *err = *next_err;
}

int argus_output_free(struct argus_output *output, struct error *err)
{
    struct error each;
    int result = 0;
    if (!output)
        return 0;
    bool is_hurried = output->options->interfaces.count || signals_stop();
    if (output->server)
        server_finish(output->server, is_hurried, is_hurried ? NULL : signals_stop);
    server_free(output->server);
    note_result(&result, err, journal_close(output->journal, &each), &each);
    for (size_t i = 0; i < output->count; i++) {
        note_result(&result, err, sink_free(output->targets[i].sink, &each), &each);
        filter_free(output->targets[i].filter);
    }
    free(output->targets);
    free(output->mar);
    free(output->encoded);
    free(output);
    return result;
}

void argus_output_begin(struct argus_output *output, nsec_t first)
{
    make_mar(output, CAUSE_START);
    output->mar->mar.cookie = 0xe5712dcb;
    output->mar->mar.start = output->mar->mar.now = first;
    for (size_t i = 0; i < output->count; i++)
        sink_set_head(output->targets[i].sink, output->mar);
}

/*
 * Clients get records before the spool has them, so a sensor that was killed may have sent what is
 * not there: with no name for the start of the machine, the stream has a new number then.
 */
static int open_spool(struct argus_output *output, struct server_stream *ret, struct error *err)
{
    struct journal *journal;
    if (serving_open_spool(&journal, &output->options->serving, "", err))
        return -1;
    *ret = (struct server_stream){journal_stream(journal), journal_next(journal), journal, true};
    output->journal = journal;
    return 0;
}

int argus_output_serve(struct argus_output *output, nsec_t now, struct error *err)
{
    if (!output->server)
        return 0;
    make_mar(output, CAUSE_START);
    output->mar->mar.cookie = 0xe5712dcb;
    output->mar->mar.start = output->mar->mar.now = now;
    struct server_stream stream = {.number = serving_choose_stream()};
    if (output->options->serving.spool && open_spool(output, &stream, err))
        return -1;
    return server_start(output->server, output->mar, &stream, err);
}

void argus_output_await_clients(struct argus_output *output)
{
    if (output->server)
        serving_await(output->server, output->options->wait_clients, signals_stop);
}

struct server *argus_output_server(const struct argus_output *output)
{
    return output->server;
}

struct journal *argus_output_journal(const struct argus_output *output)
{
    return output->journal;
}

static int each_sink(struct argus_output *output, int (*act)(struct sink *sink, struct error *err),
                     struct error *err)
{
    for (size_t i = 0; i < output->count; i++) {
        int result = act(output->targets[i].sink, err);
        if (result)
            return result;
    }
    return 0;
}

int argus_output_open(struct argus_output *output, struct error *err)
{
    return each_sink(output, sink_begin, err);
}

int argus_output_reopen(struct argus_output *output, nsec_t now, struct error *err)
{
    int result = each_sink(output, sink_end, err);
    if (result)
        return result;
    argus_output_begin(output, now);
    return each_sink(output, sink_begin, err);
}

int argus_output_flush(struct argus_output *output, struct error *err)
{
    return each_sink(output, sink_flush, err);
}

int argus_output_record(void *arg, const struct record *r, struct error *err)
{
    struct argus_output *output = arg;
    for (size_t i = 0; i < output->count; i++) {
        const struct target *target = &output->targets[i];
        if (target->filter && !filter_match(target->filter, r))
            continue;
        int result = sink_write(target->sink, r, err);
        if (result)
            return result;
    }
    if (output->server)
        server_add(output->server, r);
    return 0;
}

/* A bit for each output that wants the record. */
static void mark_record(void *arg, const struct record *r, uint8_t *ret)
{
    const struct argus_output *output = arg;
    memset(ret, 0, mark_bytes(output));
    for (size_t i = 0; i < output->count; i++) {
        const struct filter *filter = output->targets[i].filter;
        if (!filter || filter_match(filter, r))
            ret[i / 8] |= (uint8_t)(1u << i % 8);
    }
}

static int write_marked(void *arg, const uint8_t *marks, struct view record, struct error *err)
{
    struct argus_output *output = arg;
    output->encoded->wire = record;
    for (size_t i = 0; i < output->count; i++) {
        if (!(marks[i / 8] >> i % 8 & 1))
            continue;
        int result = sink_write(output->targets[i].sink, output->encoded, err);
        if (result)
            return result;
    }
    if (output->server)
        server_add(output->server, output->encoded);
    return 0;
}

struct streams_output argus_output_streams(struct argus_output *output)
{
    return (struct streams_output){
        .arg = output,
        .mark_bytes = mark_bytes(output),
        .mark = mark_record,
        .write = write_marked,
    };
}

bool argus_output_wants_numbers(const struct argus_output *output)
{
    for (size_t i = 0; i < output->count; i++) {
        const struct filter *filter = output->targets[i].filter;
        if (filter && filter_looks_at(filter, BLOCK_TRANSPORT))
            return true;
    }
    return false;
}

/* What was counted since the last record of the kind. */
static int write_counts(struct argus_output *output, const struct argus_totals *totals,
                        enum record_cause cause, struct error *err)
{
    const struct argus_totals *told = &output->told;
    make_mar(output, cause);
    struct record_mar *mar = &output->mar->mar;
    mar->cookie = 0;
    mar->start = told->packets ? told->last : totals->first;
    mar->now = totals->last;
    mar->interface_type = INTERFACE_ETHERNET;
    mar->packets = totals->packets - told->packets;
    mar->bytes = totals->bytes - told->bytes;
    mar->records = narrow(totals->records - told->records);
    mar->flows = narrow(totals->flows - told->flows);
    mar->dropped = narrow(totals->lost - told->lost);
    mar->outputs = narrow(output->count);
    output->told = *totals;
    for (size_t i = 0; i < output->count; i++) {
        int result = sink_write(output->targets[i].sink, output->mar, err);
        if (result)
            return result;
    }
    if (output->server)
        server_add(output->server, output->mar);
    return 0;
}

int argus_output_status(struct argus_output *output, const struct argus_totals *totals,
                        struct error *err)
{
    return write_counts(output, totals, CAUSE_STATUS, err);
}

int argus_output_end(struct argus_output *output, const struct argus_totals *totals,
                     struct error *err)
{
    return write_counts(output, totals, CAUSE_STOP, err);
}
