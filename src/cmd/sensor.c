/* SPDX-License-Identifier: Apache-2.0 */
#include "cmd/sensor.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/message.h"
#include "base/output.h"
#include "base/published.h"
#include "cmd/argus_metrics.h"
#include "cmd/notify.h"
#include "cmd/now.h"
#include "cmd/signals.h"

/* What the process needs beside the meters' tables: its code, input windows, output buffers. */
static const uint64_t MEMORY_ASIDE = UINT64_C(32) << 20;

/* The least that a flow table can do with. */
static const uint64_t STATION_LEAST = UINT64_C(8) << 20;

/* --- life ------------------------------------------------------------------------------------- */

static int open_station(struct sensor *s, const struct meter_options *options,
                        const struct source_id *id, struct error *err)
{
    struct meter_options meter = *options;
    struct station *station = &s->stations[s->station_count++];
    meter.id_form = id->form;
    memcpy(meter.id, id->bytes, sizeof(meter.id));
    if (shards_new(&station->shards, &meter, argus_output_record, s->output, err))
        return -1;
    metering_add(s->metering, station->shards);
    return 0;
}

static int open_stations(struct sensor *s, struct error *err)
{
    const struct argus_options *o = &s->options;
    const struct interfaces *x = &o->interfaces;
    size_t count = x->station_count ? x->station_count : 1;
    uint64_t aside = MEMORY_ASIDE + x->count * o->buffer_bytes;
    struct meter_options meter = o->meter;
    if (o->memory_bytes < aside + count * STATION_LEAST)
        return error_set(err, "--memory: too little for %zu interfaces and their buffers",
                         x->count);
    meter.memory_limit = (o->memory_bytes - aside) / count;
    s->stations = mem_zalloc(count * sizeof(*s->stations));
    for (size_t i = 0; i < count; i++) {
        bool has_id = i < x->station_count && x->stations[i].has_id;
        if (open_station(s, &meter, has_id ? &x->stations[i].id : &o->id, err))
            return -1;
    }
    return 0;
}

/* Records that are told apart by the numbers of their flows must come from one thread. */
static void make_line(struct sensor *s)
{
    const struct argus_options *o = &s->options;
    const bool one_by_one = argus_output_wants_numbers(s->output);
    const struct metering_options metering = {
        .threads = one_by_one && o->threads > 2 ? 2 : o->threads,
        .streams = argus_output_streams(s->output),
        .mac_addresses = o->meter.mac_addresses,
        .user_bytes = o->meter.user_bytes,
    };
    s->metering = metering_new(&metering);
}

static int open_copy(struct sensor *s, struct error *err)
{
    const char *path = s->options.copy;
    return path ? pcap_writer_open(&s->copy, path, false, err) : 0;
}

int sensor_open(struct sensor *s, struct error *err)
{
    const struct argus_options *o = &s->options;
    s->pace.factor = o->replay;
    if (o->metrics && metrics_open(&s->metrics, o->metrics, err))
        return error_prefix(err, "--metrics");
    if (!o->interfaces.count && o->packet_filter && *o->packet_filter &&
        packet_filter_new(&s->filter, o->packet_filter, !o->plain_filter, err))
        return -1;
    return argus_output_new(&s->output, o, err);
}

int sensor_start(struct sensor *s, struct error *err)
{
    const struct argus_options *o = &s->options;
    make_line(s);
    if (open_copy(s, err) || open_stations(s, err))
        return -1;
    if (s->metrics && metrics_start(s->metrics, argus_metrics_write, s, err))
        return -1;
    return o->index ? argus_index_new(&s->index, o, err) : 0;
}

int sensor_close(struct sensor *s, struct error *err)
{
    metrics_free(s->metrics);
    argus_events_free(s->events);
    metering_free(s->metering);
    for (unsigned i = 0; i < s->station_count; i++)
        shards_free(s->stations[i].shards);
    free(s->stations);
    packet_filter_free(s->filter);
    argus_index_free(s->index);
    pcap_writer_abandon(s->copy);
    int result = argus_output_free(s->output, err);
    argus_options_release(&s->options);
    return result;
}

/* --- counters --------------------------------------------------------------------------------- */

static void publish(struct sensor *s)
{
    struct sensor_counts counts = {
        .packets = s->totals.packets,
        .bytes = s->totals.bytes,
        .dropped = s->dropped,
        .interface_dropped = s->interface_dropped,
    };
    memcpy(counts.losses, s->losses, sizeof(counts.losses));
    published_put(s->published, &counts, SENSOR_WORDS);
}

static void add_counts(struct meter_counts *to, const struct meter_counts *counts)
{
    to->recorded_packets += counts->recorded_packets;
    to->packets += counts->packets;
    to->records += counts->records;
    to->flows += counts->flows;
    to->flows_live += counts->flows_live;
    to->evicted += counts->evicted;
    to->memory_bytes += counts->memory_bytes;
}

void sensor_look(const struct sensor *s, struct sensor_counts *ret, struct meter_counts *ret_meters)
{
    published_get(ret, s->published, SENSOR_WORDS);
    *ret_meters = (struct meter_counts){0};
    for (unsigned i = 0; i < s->station_count; i++) {
        struct meter_counts counts;
        shards_look(s->stations[i].shards, &counts);
        add_counts(ret_meters, &counts);
    }
}

/* Adds up what the stations have counted, and brings the totals up to date. */
static void update_counts(struct sensor *s, struct meter_counts *ret)
{
    *ret = (struct meter_counts){0};
    for (unsigned i = 0; i < s->station_count; i++) {
        struct meter_counts counts;
        shards_get_counts(s->stations[i].shards, &counts);
        add_counts(ret, &counts);
    }
    s->totals.records = ret->records;
    s->totals.flows = ret->flows;
    s->totals.lost = s->dropped;
    for (unsigned loss = PACKET_OK + 1; loss < LOSS_COUNT; loss++)
        if (loss != LOSS_FILTERED && loss != LOSS_SKIPPED)
            s->totals.lost += s->losses[loss];
}

int sensor_settle(struct sensor *s, struct error *err)
{
    int result = metering_settle(s->metering, err);
    for (unsigned i = 0; i < s->station_count && !result; i++)
        shards_publish(s->stations[i].shards);
    return result;
}

int sensor_management(struct sensor *s, struct error *err)
{
    struct meter_counts counts;
    int result = sensor_settle(s, err);
    if (result)
        return result;
    update_counts(s, &counts);
    return argus_output_status(s->output, &s->totals, err);
}

/* Packets that are in no record, by name: " + 3 short"; their sum. */
static uint64_t describe_losses(const struct sensor *s, char *text, size_t size)
{
    uint64_t sum = 0;
    size_t used = 0;
    *text = '\0';
    for (unsigned loss = PACKET_OK + 1; loss < LOSS_COUNT; loss++) {
        sum += s->losses[loss];
        if (s->losses[loss] && used < size)
            used += (size_t)snprintf(text + used, size - used, " + %" PRIu64 " %s", s->losses[loss],
                                     packet_loss_name(loss));
    }
    return sum;
}

void sensor_notify(struct sensor *s)
{
    const nsec_t now = monotonic_now();
    struct server *server = argus_output_server(s->output);
    serving_tell_alive(server, now);
    if (!notify_wants_status(now))
        return;
    struct sensor_counts counts;
    struct meter_counts meters;
    struct server_counts clients = {0};
    sensor_look(s, &counts, &meters);
    if (server)
        server_get_counts(server, &clients);
    notify_status(now,
                  "%" PRIu64 " packets, %" PRIu64 " dropped; %" PRIu64
                  " flows in the table, %" PRIu64 " records; %zu clients",
                  counts.packets, counts.dropped, meters.flows_live, meters.records,
                  clients.clients);
}

int sensor_report(struct sensor *s, struct error *err)
{
    char losses[512];
    struct meter_counts counts;
    int result = sensor_settle(s, err);
    if (result)
        return result;
    update_counts(s, &counts);
    describe_losses(s, losses, sizeof(losses));
    message_event(&(struct event){
        EVENT_NOTICE,
        "packets",
        "packets: {packets} read = {recorded} in flow records + {open} in open flows{losses}; "
        "{flows} flows, {active} of them in memory, {records} records, {evicted} cut for memory",
        {event_number("packets", s->totals.packets),
         event_number("recorded", counts.recorded_packets),
         event_number("open", counts.packets - counts.recorded_packets),
         event_text("losses", losses), event_number("flows", counts.flows),
         event_number("active", counts.flows_live), event_number("records", counts.records),
         event_number("evicted", counts.evicted)}});
    return 0;
}

int sensor_account(struct sensor *s, struct error *err)
{
    char losses[512];
    struct meter_counts counts;
    int result = sensor_settle(s, err);
    if (result)
        return result;
    update_counts(s, &counts);
    uint64_t lost = describe_losses(s, losses, sizeof(losses));
    bool matches = counts.recorded_packets + lost == s->totals.packets;
    if (s->options.verbose || !matches)
        message_event(&(struct event){
            EVENT_NOTICE,
            "packets",
            "packets: {packets} read = {recorded} in flow records{losses}; {flows} flows, "
            "{records} records, {evicted} cut for memory",
            {event_number("packets", s->totals.packets),
             event_number("recorded", counts.recorded_packets), event_text("losses", losses),
             event_number("flows", counts.flows), event_number("records", counts.records),
             event_number("evicted", counts.evicted)}});
    if (!matches)
        return error_set(err, "the packets do not add up: this is a bug, please report it");
    struct pcap_writer *copy = s->copy;
    s->copy = NULL;
    result = copy ? pcap_writer_close(copy, err) : 0;
    return result ? result : argus_output_end(s->output, &s->totals, err);
}

/* --- packets ---------------------------------------------------------------------------------- */

bool sensor_is_done(const struct sensor *s)
{
    return s->passed >= s->options.most_packets || signals_stop();
}

static bool is_listening(const struct sensor *s)
{
    return s->options.interfaces.count;
}

/* The first packet of files. */
static void begin(struct sensor *s, const struct frame *frame)
{
    s->totals.first = s->totals.last = frame->time;
    s->management_due = frame->time + s->options.management_interval;
    argus_output_begin(s->output, frame->time);
}

/* Filters and decodes a frame to `ret`; what is not metered is counted under its name. */
static int take_frame(struct sensor *s, const struct frame *frame, struct keyed_packet *ret,
                      bool *ret_metered, struct error *err)
{
    bool passes = true;
    *ret_metered = false;
    if (!s->totals.packets && !is_listening(s))
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
    bool is_copied = s->copy && passes && !(*ret_metered && s->options.copy_losses);
    return is_copied ? pcap_writer_frame(s->copy, frame, NULL, err) : 0;
}

static void rekey(const struct sensor *s, struct keyed_packet *packets, unsigned count)
{
    const struct flow_keying *keying = &s->options.meter.keying;
    if (flow_keying_is_usual(keying))
        return;
    for (unsigned i = 0; i < count; i++)
        keyed_packet_rekey(&packets[i], keying, s->options.decode.quirks);
}

/* Gives the index, which has packets by their usual keys, and then the meters what was taken. */
static int give(struct sensor *s, const struct frame_batch *batch, unsigned taken,
                struct error *err)
{
    unsigned indexed = s->indexed;
    s->indexed = taken;
    if (s->index)
        argus_index_frames(s->index, batch->frames + indexed, s->of_frames + indexed,
                           taken - indexed);
    for (unsigned i = 0; i < s->station_count; i++) {
        struct station *station = &s->stations[i];
        unsigned given = station->given;
        station->given = station->count;
        rekey(s, station->packets + given, station->count - given);
        int result = metering_packets(s->metering, station->shards, station->packets + given,
                                      station->count - given, err);
        if (result)
            return result;
    }
    return 0;
}

/*
 * Management records of files come at the first packet behind each interval. A clock that jumps far
 * ahead makes one record, not one for each interval that it passed.
 */
static int manage(struct sensor *s, const struct frame_batch *batch, unsigned taken,
                  struct error *err)
{
    const struct frame *frame = &batch->frames[taken];
    if (!s->options.management_interval || is_listening(s) || !s->totals.packets ||
        frame->time < s->management_due)
        return 0;
    s->management_due = frame->time + s->options.management_interval;
    int result = give(s, batch, taken, err);
    return result ? result : sensor_management(s, err);
}

static struct station *station_of(const struct sensor *s, const struct frame *frame)
{
    return &s->stations[is_listening(s) ? s->options.interfaces.list[frame->input].station : 0];
}

int sensor_take(struct sensor *s, const struct frame_batch *batch, struct error *err)
{
    unsigned taken = 0;
    s->indexed = 0;
    for (unsigned i = 0; i < s->station_count; i++)
        s->stations[i].count = s->stations[i].given = 0;
    for (; taken < batch->count && s->passed < s->options.most_packets; taken++) {
        const struct frame *frame = &batch->frames[taken];
        struct station *station = station_of(s, frame);
        struct keyed_packet *packet = &station->packets[station->count];
        bool metered;
        if (s->pace.factor > 0)
            pace_wait(&s->pace, frame->time);
        int result = manage(s, batch, taken, err);
        if (result || (result = take_frame(s, frame, packet, &metered, err)) != 0)
            return result;
        s->of_frames[taken] = metered ? packet : NULL;
        station->count += metered;
    }
    publish(s);
    return give(s, batch, taken, err);
}

int sensor_advance(struct sensor *s, nsec_t now, struct error *err)
{
    publish(s);
    for (unsigned i = 0; i < s->station_count; i++) {
        int result = metering_advance(s->metering, s->stations[i].shards, now, err);
        if (result)
            return result;
    }
    return 0;
}

int sensor_flush(struct sensor *s, struct error *err)
{
    for (unsigned i = 0; i < s->station_count; i++) {
        int result = metering_flush(s->metering, s->stations[i].shards, err);
        if (result)
            return result;
    }
    return 0;
}
