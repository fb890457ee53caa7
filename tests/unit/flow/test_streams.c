/* SPDX-License-Identifier: Apache-2.0 */
#include "flow/streams.h"

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/attr.h"
#include "base/mem.h"
#include "record/wire.h"

/* --- what comes out --------------------------------------------------------------------------- */

struct seen {
    uint32_t *sequences;
    size_t count, capacity;
    uint64_t last_event;
    size_t most; /* records; the next one fails */
};

/* The mark is the event, which the tests put into a record's metric. */
static void mark(void *arg, const struct record *r, uint8_t *ret)
{
    (void)arg;
    memcpy(ret, &r->metric.packets[SRC], sizeof(uint64_t));
}

static int see(void *arg, const uint8_t *marks, struct view record, struct error *err)
{
    struct seen *seen = arg;
    uint64_t event;
    if (seen->most && seen->count == seen->most)
        return error_set(err, "full");
    struct record *r = mem_zalloc(sizeof(*r));
    memcpy(&event, marks, sizeof(event));
    assert_true(event >= seen->last_event);
    seen->last_event = event;
    assert_int_equal(wire_decode(record, r, err), 0);
    seen->sequences =
        mem_grow(seen->sequences, &seen->capacity, seen->count + 1, sizeof(*seen->sequences));
    seen->sequences[seen->count++] = r->transport.sequence;
    free(r);
    return 0;
}

static struct streams *make(unsigned count, struct seen *seen)
{
    const struct streams_output output = {
        .arg = seen,
        .mark_bytes = sizeof(uint64_t),
        .mark = mark,
        .write = see,
    };
    return streams_new(count, &output);
}

/* --- what goes in ----------------------------------------------------------------------------- */

static struct record *record_new(void)
{
    struct record *r = mem_zalloc(sizeof(*r));
    r->type = RECORD_FAR;
    r->version = 3;
    r->blocks = BLOCK_TRANSPORT | BLOCK_METRIC;
    r->transport = (struct record_transport){.flags = 3, .id_size = 4};
    return r;
}

static int put(struct stream *stream, uint64_t event, nsec_t start, uint32_t ref,
               struct flow_numbers *numbers, struct error *err)
{
    struct record *r = record_new();
    struct stream_place place = {start, ref, ref, numbers};
    r->metric.packets[SRC] = event;
    stream_begin(stream, event);
    int result = stream_record(stream, &place, r, err);
    free(r);
    return result;
}

static void make_flow(struct stream *stream, uint64_t event, uint32_t ref,
                      struct flow_numbers *numbers)
{
    struct error err;
    stream_begin(stream, event);
    assert_int_equal(stream_note(stream, numbers, STREAM_NEW, ref, 0, &err), 0);
}

static void assert_seen(const struct seen *seen, const uint32_t *expected, size_t count)
{
    assert_int_equal(seen->count, count);
    assert_memory_equal(seen->sequences, expected, count * sizeof(*expected));
}

/* Flows are numbered as they begin; records of one event come by the start of their periods. */
static void test_order(void **state)
{
    (void)state;
    struct seen seen = {0};
    struct error err;
    struct flow_numbers numbers = {0};
    struct streams *streams = make(2, &seen);
    struct stream *a = streams_at(streams, 0), *b = streams_at(streams, 1);
    make_flow(a, 2, 11, &numbers);
    make_flow(a, 5, 12, &numbers);
    assert_int_equal(put(a, 7, 200, 12, &numbers, &err), 0);
    assert_int_equal(put(a, 8, 100, 11, &numbers, &err), 0);
    assert_int_equal(put(a, 8, 300, 12, &numbers, &err), 0);
    assert_int_equal(stream_end(a, 20, &err), 0);
    assert_int_equal(seen.count, 0); /* the other one may have something before these */
    make_flow(b, 1, 21, &numbers);
    make_flow(b, 4, 22, &numbers);
    assert_int_equal(put(b, 6, 0, 22, &numbers, &err), 0);
    assert_int_equal(stream_end(b, 7, &err), 0);
    assert_seen(&seen, (const uint32_t[]){3}, 1);
    assert_int_equal(put(b, 8, 150, 22, &numbers, &err), 0);
    assert_int_equal(put(b, 8, 300, 21, &numbers, &err), 0); /* of equal age: 12 was first */
    assert_int_equal(stream_end(b, 20, &err), 0);
    assert_int_equal(streams_finish(streams, &err), 0);
    assert_seen(&seen, (const uint32_t[]){3, 4, 2, 3, 4, 1}, 6);
    streams_free(streams);
    flow_numbers_release(&numbers);
    free(seen.sequences);
}

static void test_numbers(void **state)
{
    (void)state;
    const uint32_t half = UINT32_C(1) << 31;
    struct flow_numbers numbers = {0};
    flow_numbers_new(&numbers, 5);
    flow_numbers_new(&numbers, 900000);
    flow_numbers_move(&numbers, half | 5, 5); /* becomes a half one */
    flow_numbers_new(&numbers, 5);
    assert_int_equal(flow_numbers_get(&numbers, half | 5), 1);
    assert_int_equal(flow_numbers_get(&numbers, 900000), 2);
    assert_int_equal(flow_numbers_get(&numbers, 5), 3);
    flow_numbers_join(&numbers, 5, 900000); /* the last number is free again */
    assert_int_equal(flow_numbers_get(&numbers, 5), 2);
    flow_numbers_new(&numbers, 6);
    assert_int_equal(flow_numbers_get(&numbers, 6), 3);
    flow_numbers_join(&numbers, half | 5, 6); /* one before it is not */
    flow_numbers_new(&numbers, 7);
    assert_int_equal(flow_numbers_get(&numbers, 7), 4);
    flow_numbers_restart(&numbers);
    flow_numbers_new(&numbers, 8);
    assert_int_equal(flow_numbers_get(&numbers, 8), 1);
    flow_numbers_release(&numbers);
}

/* --- threads ---------------------------------------------------------------------------------- */

enum { THREADS = 3, EVENTS = 20000, JOB = 100, TICK = 1000, AT_TICK = 500 };

struct producer {
    pthread_t thread;
    struct streams *streams;
    struct flow_numbers *numbers;
    unsigned which;
    int result;
};

/* Every event makes a flow and a record; some make many records in all threads. */
static void *produce(void *arg)
{
    struct producer *p = arg;
    struct stream *stream = streams_at(p->streams, p->which);
    struct error err;
    for (uint64_t event = 1; event <= EVENTS && !p->result; event++) {
        const uint32_t ref = (uint32_t)(event % 777 * THREADS + p->which + 1);
        stream_begin(stream, event);
        if (event % THREADS == p->which) {
            p->result = stream_note(stream, p->numbers, STREAM_NEW, ref, 0, &err);
            if (!p->result)
                p->result = put(stream, event, (nsec_t)event, ref, p->numbers, &err);
        }
        for (unsigned i = 0; event % TICK == 0 && i < AT_TICK && !p->result; i++) {
            const uint32_t known = event % THREADS == p->which ? ref : p->which + 1;
            p->result = put(stream, event, (nsec_t)i * 10 + 100000, known, p->numbers, &err);
        }
        if (event % JOB == 0 && !p->result)
            p->result = stream_end(stream, event + 1, &err);
    }
    if (p->result)
        streams_fail(p->streams, p->result, &err);
    return NULL;
}

static int run_threads(struct seen *seen, struct error *err)
{
    struct flow_numbers numbers = {0};
    struct producer producers[THREADS];
    struct streams *streams = make(THREADS, seen);
    for (unsigned i = 0; i < THREADS; i++)
        flow_numbers_new(&numbers, i + 1);
    flow_numbers_restart(&numbers);
    for (unsigned i = 0; i < THREADS; i++) {
        producers[i] = (struct producer){.streams = streams, .numbers = &numbers, .which = i};
        assert_int_equal(pthread_create(&producers[i].thread, NULL, produce, &producers[i]), 0);
    }
    for (unsigned i = 0; i < THREADS; i++)
        pthread_join(producers[i].thread, NULL);
    int result = streams_finish(streams, err);
    streams_free(streams);
    flow_numbers_release(&numbers);
    return result;
}

/* Rings that are far too short for what comes of some events; nobody waits for ever. */
static void test_threads(void **state)
{
    (void)state;
    struct seen seen = {0};
    struct error err;
    assert_int_equal(run_threads(&seen, &err), 0);
    assert_int_equal(seen.count, EVENTS + EVENTS / TICK * THREADS * AT_TICK);
    for (unsigned i = 0; i < TICK - 1; i++)
        assert_int_equal(seen.sequences[i], i + 1);
    free(seen.sequences);
}

/* Who can't write ends it for all, whoever finds out, and the reason is told. */
static void test_failing(void **state)
{
    (void)state;
    for (size_t most = 1; most < 20000; most *= 7) {
        struct seen seen = {.most = most};
        struct error err = {{0}};
        assert_int_equal(run_threads(&seen, &err), -1);
        assert_string_equal(err.text, "full");
        assert_int_equal(seen.count, most);
        free(seen.sequences);
    }
}

/* A record that is larger than a chunk. */
static void test_large(void **state)
{
    (void)state;
    enum { SIZE = 50000, RECORDS = 20 };
    struct seen seen = {0};
    struct error err;
    struct flow_numbers numbers = {0};
    uint8_t *bytes = mem_zalloc(SIZE);
    struct streams *streams = make(1, &seen);
    struct stream *stream = streams_at(streams, 0);
    struct record *r = record_new();
    for (unsigned side = SRC; side <= DST; side++)
        r->user[side] = (struct record_user){.limit = SIZE, .bytes = {bytes, SIZE}};
    for (unsigned n = 1; n <= RECORDS; n++) {
        make_flow(stream, n, n, &numbers);
        r->metric.packets[SRC] = n;
        r->blocks = BLOCK_TRANSPORT | BLOCK_METRIC | (n % 3 ? BLOCK_SUSER | BLOCK_DUSER : 0);
        const struct stream_place place = {.ref = n, .numbers = &numbers};
        assert_int_equal(stream_record(stream, &place, r, &err), 0);
    }
    assert_int_equal(stream_end(stream, RECORDS + 1, &err), 0);
    assert_int_equal(streams_finish(streams, &err), 0);
    assert_int_equal(seen.count, RECORDS);
    for (unsigned n = 0; n < RECORDS; n++)
        assert_int_equal(seen.sequences[n], n + 1);
    streams_free(streams);
    flow_numbers_release(&numbers);
    free(seen.sequences);
    free(bytes);
    free(r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_order),   cmocka_unit_test(test_numbers),
        cmocka_unit_test(test_threads), cmocka_unit_test(test_failing),
        cmocka_unit_test(test_large),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
