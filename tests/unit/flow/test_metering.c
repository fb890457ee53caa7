/* SPDX-License-Identifier: Apache-2.0 */
#include "flow/metering.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/mem.h"
#include "packets.h"
#include "record/wire.h"

/* --- traffic ---------------------------------------------------------------------------------- */

enum { PACKETS = 3000, FRAME_BYTES = 80 };

/* A packet of every kind that the hand-over treats in a way of its own; its payload is in `frame`.
 */
static struct packet make_packet(unsigned n, uint8_t *frame)
{
    double time = n * 0.01;
    uint8_t host = (uint8_t)(n % 7);
    struct packet p;
    switch (n % 6) {
    case 0:
        p = packet_tcp(time, host, 1000, HOST_B, 80);
        break;
    case 1: /* looks like RTP */
        p = packet_udp(time, host, 5004, HOST_B, 5006);
        break;
    case 2: /* an error, about the packet before */
        p = packet_icmp(time, HOST_R, host, 3, 3);
        break;
    case 3:
        p = packet_fragment(time, host, HOST_B, n / 12, n % 12 == 3 ? FRAG_FIRST : FRAG_LATER);
        break;
    case 4:
        p = packet_arp(time, host, HOST_B, 1 + n % 2);
        break;
    default:
        p = packet_ip6(time, host, HOST_B, 17);
        p.has_vlan = true;
        p.vlan_tci = (uint16_t)n;
    }
    memset(p.mac_src, (int)n, sizeof(p.mac_src));
    p.has_mac = true;
    for (unsigned i = 0; i < FRAME_BYTES; i++)
        frame[i] = (uint8_t)(n + i);
    frame[0] = 0x80;
    p.payload = (struct view){frame, n % FRAME_BYTES};
    if (n % 6 != 2)
        return p;
    static const uint8_t quoted[] = {0x45, 0, 0, 60, 0, 0, 0, 0, 9, 17};
    memcpy(frame, quoted, sizeof(quoted));
    memcpy(frame + 12, p.dst, 4);
    memcpy(frame + 16, (const uint8_t[]){10, 0, 0, HOST_B}, 4);
    store_be16(frame + 20, 5004);
    store_be16(frame + 22, 5006);
    p.u.icmp.inner = (struct view){frame, 28};
    p.u.icmp.captured = 36;
    return p;
}

/* --- records, as bytes ------------------------------------------------------------------------ */

struct log {
    uint8_t *bytes;
    size_t size, capacity, most; /* most: fails then */
    unsigned records;
};

static const size_t ROOM = 4096; /* of a record here */

static int keep(void *arg, const struct record *r, struct error *err)
{
    struct log *log = arg;
    if (log->most && log->size >= log->most)
        return error_set(err, "too much");
    log->bytes = mem_grow(log->bytes, &log->capacity, log->size + ROOM, 1);
    log->size += wire_encode(r, log->bytes + log->size);
    log->records++;
    return 0;
}

/* A mark has something of the record that is in its bytes, too. */
enum { MARK_BYTES = 2, CAUSE_AT = 1 };

static void mark(void *arg, const struct record *r, uint8_t *ret)
{
    (void)arg;
    ret[0] = r->cause | r->option;
    ret[1] = 7;
}

static int keep_bytes(void *arg, const uint8_t *marks, struct view record, struct error *err)
{
    struct log *log = arg;
    assert_int_equal(marks[0], record.data[CAUSE_AT]);
    assert_int_equal(marks[1], 7);
    if (log->most && log->size >= log->most)
        return error_set(err, "too much");
    log->bytes = mem_grow(log->bytes, &log->capacity, log->size + ROOM, 1);
    memcpy(log->bytes + log->size, record.data, record.size);
    log->size += record.size;
    log->records++;
    return 0;
}

/* Two tables take turns; frames are written over as soon as they were taken. */
static int run(const struct meter_options *options, unsigned threads, struct log *log,
               struct error *err)
{
    uint8_t frames[7][FRAME_BYTES];
    struct keyed_packet batch[7];
    struct shards *tables[2];
    const struct metering_options how = {
        .threads = threads,
        .mac_addresses = options->mac_addresses,
        .user_bytes = options->user_bytes,
        .streams = {.arg = log, .mark_bytes = MARK_BYTES, .mark = mark, .write = keep_bytes},
    };
    struct metering *metering = metering_new(&how);
    int result = 0;
    for (unsigned i = 0; i < 2; i++) {
        assert_int_equal(shards_new(&tables[i], options, keep, log, err), 0);
        metering_add(metering, tables[i]);
    }
    for (unsigned n = 0; n < PACKETS && !result; n += 7) {
        memset(batch, 0, sizeof(batch));
        for (unsigned i = 0; i < 7; i++) {
            batch[i].packet = make_packet(n + i, frames[i]);
            keyed_packet_complete(&batch[i], 0);
        }
        struct shards *shards = tables[n / 700 % 2];
        result = metering_packets(metering, shards, batch, 7, err);
        memset(frames, 0xee, sizeof(frames));
        memset(batch, 0xee, sizeof(batch));
        if (!result && n % 500 == 0)
            result = metering_advance(metering, shards, (nsec_t)n * 10 * NSEC_PER_MSEC, err);
        if (!result && n == 1400) /* numbers begin again */
            result = metering_flush(metering, shards, err);
        if (!result && n == 2100)
            result = metering_settle(metering, err);
    }
    for (unsigned i = 0; i < 2 && !result; i++)
        result = metering_flush(metering, tables[i], err);
    if (!result)
        result = metering_settle(metering, err);
    metering_free(metering);
    for (unsigned i = 0; i < 2; i++)
        shards_free(tables[i]);
    return result;
}

static void assert_same(const struct meter_options *options)
{
    struct log first = {0};
    struct error err;
    assert_int_equal(run(options, 1, &first, &err), 0);
    assert_true(first.records > 200);
    for (unsigned threads = 2; threads < 6; threads++) {
        struct log log = {0};
        assert_int_equal(run(options, threads, &log, &err), 0);
        assert_int_equal(log.size, first.size);
        assert_memory_equal(log.bytes, first.bytes, first.size);
        free(log.bytes);
    }
    free(first.bytes);
}

static void test_same_records(void **state)
{
    (void)state;
    struct meter_options options = meter_defaults;
    options.app_bytes = true;
    assert_same(&options);
    options.mac_addresses = true;
    assert_same(&options);
    options.user_bytes = 40;
    options.mac_addresses = false;
    assert_same(&options);
    options.half_flows = true;
    options.app_bytes = false;
    options.user_bytes = 0;
    assert_same(&options);
    options.memory_limit = 20000; /* at which flows are cut */
    assert_same(&options);
    options.start_records = true;
    assert_same(&options);
}

/* What the sink says ends it all, and is heard in time. */
static void test_failing_sink(void **state)
{
    (void)state;
    for (unsigned threads = 1; threads < 4; threads++) {
        struct log log = {.most = 4000};
        struct error err;
        assert_int_equal(run(&meter_defaults, threads, &log, &err), -1);
        assert_string_equal(err.text, "too much");
        free(log.bytes);
    }
}

/* A packet whose frame is longer than what a job keeps, among others. */
static void test_large_frames(void **state)
{
    (void)state;
    struct log log = {0};
    struct error err;
    struct shards *meter;
    enum { LARGE = 200 * 1024 };
    uint8_t *frame = mem_zalloc(LARGE);
    struct metering_options how = {.threads = 2, .user_bytes = UINT16_MAX};
    struct metering *metering = metering_new(&how);
    assert_int_equal(shards_new(&meter, &meter_defaults, keep, &log, &err), 0);
    for (unsigned n = 0; n < 20; n++) {
        struct keyed_packet keyed = {.packet = packet_icmp(n, HOST_R, HOST_A, 3, 3)};
        keyed.packet.payload = (struct view){frame, LARGE};
        if (n % 3 == 0)
            keyed.packet.u.icmp.inner = (struct view){frame, LARGE};
        keyed_packet_complete(&keyed, 0);
        assert_int_equal(metering_packets(metering, meter, &keyed, 1, &err), 0);
    }
    assert_int_equal(metering_flush(metering, meter, &err), 0);
    assert_int_equal(metering_settle(metering, &err), 0);
    struct meter_counts counts;
    shards_get_counts(meter, &counts);
    assert_int_equal(counts.recorded_packets, 20);
    metering_free(metering);
    shards_free(meter);
    free(log.bytes);
    free(frame);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_same_records),
        cmocka_unit_test(test_failing_sink),
        cmocka_unit_test(test_large_frames),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
