/* SPDX-License-Identifier: Apache-2.0 */
#include "split/parts.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/attr.h"
#include "record/merge.h"
#include "records.h"

/* Seconds after a time that is 20 s into a minute: the bins of 60 s end at 40, 100, 160 ... */
enum { BASE = 1700000000, LINES_MOST = 2000 };

static struct record whole, merged;

static void set_side(struct record *r, unsigned side, double start, double last, uint64_t bytes)
{
    r->time.start[side] = (nsec_t)((BASE + start) * 1e6 + 0.5) * NSEC_PER_USEC;
    r->time.last[side] = (nsec_t)((BASE + last) * 1e6 + 0.5) * NSEC_PER_USEC;
    r->metric.bytes[side] = bytes;
}

/* The parts of `whole`: "start-last: src/dst packets, src/dst bytes", one a line. */
static const char *cut(const char *length)
{
    static char text[LINES_MOST];
    struct parts parts;
    struct bins bins;
    struct bin bin;
    struct record *part;
    size_t size = 0;
    assert_int_equal(bins_parse(&bins, length, NULL), 0);
    parts_begin(&parts, &bins, &whole, true);
    text[0] = '\0';
    while ((part = parts_next(&parts, &bin))) {
        const struct record_metric *m = &part->metric;
        const nsec_t base = BASE * NSEC_PER_SEC;
        assert_true(record_start(part) >= bin.start && record_start(part) <= bin.end);
        size += (size_t)snprintf(text + size, sizeof(text) - size, "%g-%g: %d/%d, %d/%d\n",
                                 (double)(record_start(part) - base) / 1e9,
                                 (double)(record_last(part) - base) / 1e9, (int)m->packets[SRC],
                                 (int)m->packets[DST], (int)m->bytes[SRC], (int)m->bytes[DST]);
    }
    return text;
}

static const char *cut_one_side(uint64_t packets, uint64_t bytes, double start, double last,
                                const char *length)
{
    record_make_udp(&whole, BASE, BASE, packets, 0);
    set_side(&whole, SRC, start, last, bytes);
    return cut(length);
}

static const char *cut_both(uint64_t src, uint64_t dst, uint64_t src_bytes, uint64_t dst_bytes,
                            double start, double last)
{
    record_make_udp(&whole, BASE, BASE, src, dst);
    set_side(&whole, SRC, start, last, src_bytes);
    set_side(&whole, DST, start, last, dst_bytes);
    return cut("60s");
}

static void test_one_side(void **state)
{
    (void)state;
    assert_string_equal(cut_one_side(11, 1100, 0, 100, "60s"),
                        "0-40: 4/0, 400/0\n40-100: 7/0, 700/0\n");
    assert_string_equal(cut_one_side(2, 201, 30, 50, "60s"),
                        "30-30: 1/0, 101/0\n50-50: 1/0, 100/0\n");
    assert_string_equal(cut_one_side(3, 300, 5, 300, "60s"),
                        "5-5: 1/0, 100/0\n40-40: 1/0, 100/0\n300-300: 1/0, 100/0\n");
    assert_string_equal(cut_one_side(3, 300, 35, 40, "60s"), "35-40: 3/0, 300/0\n");
    assert_string_equal(cut_one_side(1000, 100000, 0, 99.9, "60s"),
                        "0-40: 400/0, 40000/0\n40-99.9: 600/0, 60000/0\n");
    assert_string_equal(cut_one_side(11, 1100, 0, 100, "10s"),
                        "0-0: 1/0, 100/0\n10-10: 1/0, 100/0\n20-20: 1/0, 100/0\n"
                        "30-30: 1/0, 100/0\n40-40: 1/0, 100/0\n50-50: 1/0, 100/0\n"
                        "60-60: 1/0, 100/0\n70-70: 1/0, 100/0\n80-80: 1/0, 100/0\n"
                        "90-100: 2/0, 200/0\n");
}

static void test_both_sides(void **state)
{
    (void)state;
    assert_string_equal(cut_both(7, 3, 700, 600, 0, 90),
                        "0-40: 3/1, 300/200\n40-90: 4/2, 400/400\n");
    assert_string_equal(cut_both(2, 2, 200, 200, 10, 80),
                        "10-40: 1/1, 100/100\n80-80: 1/1, 100/100\n");
    /* One packet each, whichever was first. */
    record_make_udp(&whole, BASE, BASE, 1, 1);
    set_side(&whole, SRC, 30, 30, 60);
    set_side(&whole, DST, 50, 50, 90);
    assert_string_equal(cut("60s"), "30-30: 1/0, 60/0\n50-50: 0/1, 0/90\n");
    set_side(&whole, SRC, 50, 50, 60);
    set_side(&whole, DST, 30, 30, 90);
    assert_string_equal(cut("60s"), "30-30: 0/1, 0/90\n50-50: 1/0, 60/0\n");
    /* A side that begins later, and one that ends earlier. */
    record_make_udp(&whole, BASE, BASE, 4, 3);
    set_side(&whole, SRC, 0, 30, 400);
    set_side(&whole, DST, 50, 110, 300);
    assert_string_equal(cut("60s"), "0-30: 4/0, 400/0\n50-100: 0/2, 0/200\n110-110: 0/1, 0/100\n");
}

static void test_what_is_not_cut(void **state)
{
    (void)state;
    assert_string_equal(cut_one_side(1, 100, 0, 100, "60s"), "0-100: 1/0, 100/0\n");
    cut_one_side(5, 500, 0, 100, "60s");
    whole.blocks &= ~(uint32_t)BLOCK_METRIC;
    struct bins bins;
    assert_int_equal(bins_parse(&bins, "60s", NULL), 0);
    struct parts parts;
    struct bin bin;
    whole.wire = (struct view){(const uint8_t *)"", 1};
    parts_begin(&parts, &bins, &whole, true);
    assert_ptr_equal(parts_next(&parts, &bin), &whole);
    assert_int_equal(whole.wire.size, 1);
    assert_null(parts_next(&parts, &bin));
}

/* A clock that was wrong makes no more than PARTS_MOST of a record. */
static void test_parts_end(void **state)
{
    (void)state;
    struct bins bins;
    struct parts parts;
    struct bin bin;
    struct record *part;
    uint64_t packets = 0, count = 0;
    record_make_udp(&whole, 1, 4e9, UINT64_MAX, 0);
    assert_int_equal(bins_parse(&bins, "1s", NULL), 0);
    parts_begin(&parts, &bins, &whole, true);
    while ((part = parts_next(&parts, &bin))) {
        packets += part->metric.packets[SRC];
        count++;
    }
    assert_int_equal(count, PARTS_MOST);
    assert_true(packets == UINT64_MAX);
}

/* --- nothing is lost -------------------------------------------------------------------------- */

static uint64_t below(uint64_t limit)
{
    static uint64_t x = 88172645463325252;
    x ^= x << 13;
    x ^= x >> 7;
    x ^= x << 17;
    return x % limit;
}

/* Any record: sides that begin and end anywhere, with few packets or many. */
static void make_any(void)
{
    record_make_full(&whole);
    for (unsigned side = SRC; side <= DST; side++) {
        const uint64_t packets = below(3) ? below(40) : below(3);
        const double start = (double)below(300000) / 1000;
        set_side(&whole, side, start, packets > 1 ? start + (double)below(400000) / 1000 : start,
                 packets ? packets * 60 + below(1000) : 0);
        whole.metric.packets[side] = packets;
        whole.metric.app_bytes[side] = packets * below(50);
        whole.time.has_start[side] = whole.time.has_last[side] = packets > 0;
        whole.behavior.keystrokes[side] = (int32_t)below(20);
        whole.net.u.tcp.side[side].retrans = (uint32_t)below(packets + 1);
        whole.net.u.tcp.side[side].bytes = (uint32_t)below(100000);
        whole.net.u.tcp.side[side].seq_base = (uint32_t)below(UINT32_MAX);
        whole.net.u.tcp.side[side].seq =
            whole.net.u.tcp.side[side].seq_base + (uint32_t)below(200000);
        for (unsigned phase = 0; phase < 2; phase++) {
            struct record_stat *stat = &whole.jitter.stat[side][phase];
            *stat = (struct record_stat){0};
            for (uint64_t i = below(30) + 1; i; i--)
                stat_add(stat, (int64_t)below(1000000));
        }
    }
    whole.agr.count = (uint32_t)(2 + below(100));
}

static void expect_same_stat(const struct record_stat *a, const struct record_stat *b)
{
    assert_int_equal(a->count, b->count);
    assert_int_equal(a->sum, b->sum);
    assert_true(a->sum_squares == b->sum_squares);
    assert_int_equal(a->min, b->min);
    assert_int_equal(a->max, b->max);
}

static void expect_same_side(unsigned side, bool was_cut)
{
    const struct record_tcp_side *a = &merged.net.u.tcp.side[side];
    const struct record_tcp_side *b = &whole.net.u.tcp.side[side];
    assert_int_equal(merged.metric.packets[side], whole.metric.packets[side]);
    assert_int_equal(merged.metric.bytes[side], whole.metric.bytes[side]);
    assert_int_equal(merged.metric.app_bytes[side], whole.metric.app_bytes[side]);
    assert_int_equal(merged.behavior.keystrokes[side], whole.behavior.keystrokes[side]);
    assert_int_equal(a->retrans, b->retrans);
    assert_int_equal(a->bytes, b->bytes);
    assert_int_equal(a->windows, b->windows);
    assert_int_equal(a->seq_base, b->seq_base);
    assert_int_equal(a->seq, b->seq);
    for (unsigned phase = 0; phase < 2; phase++)
        expect_same_stat(&merged.jitter.stat[side][phase], &whole.jitter.stat[side][phase]);
    if (!was_cut || !whole.metric.packets[side])
        return;
    assert_int_equal(merged.time.start[side], whole.time.start[side]);
    assert_int_equal(merged.time.last[side], whole.time.last[side]);
}

/* Merges the parts again; what comes must be the whole. */
static unsigned check_parts(const char *length)
{
    struct bins bins;
    struct parts parts;
    struct bin bin, before = {INT64_MIN, INT64_MIN};
    struct record *part;
    struct record_arena *arena = record_arena_new();
    unsigned count = 0;
    assert_int_equal(bins_parse(&bins, length, NULL), 0);
    parts_begin(&parts, &bins, &whole, true);
    while ((part = parts_next(&parts, &bin))) {
        if (parts.is_cut) {
            assert_true(part->metric.packets[SRC] + part->metric.packets[DST] > 0);
            assert_true(record_start(part) >= bin.start && record_last(part) <= bin.end);
            assert_true(bin.start > before.start);
            assert_int_equal(part->wire.size, 0);
        }
        before = bin;
        if (count++)
            record_merge(&merged, part, arena);
        else
            record_copy(&merged, part, false, arena);
    }
    assert_true(count >= 1);
    for (unsigned side = SRC; side <= DST; side++)
        expect_same_side(side, parts.is_cut);
    assert_true(merged.agr.count >= whole.agr.count);
    assert_true(merged.agr.count <= whole.agr.count + count);
    expect_same_stat(&merged.agr.active, &whole.agr.active);
    record_arena_free(arena);
    return count;
}

static void test_parts_are_the_whole(void **state)
{
    (void)state;
    static const char *const lengths[] = {"60s", "1s", "7s", "0.5s", "5m"};
    unsigned cut_ones = 0;
    for (unsigned i = 0; i < 20000; i++) {
        make_any();
        cut_ones += check_parts(lengths[i % ARRAY_SIZE(lengths)]) > 1;
    }
    assert_true(cut_ones > 10000);
}

/* Parts of parts: the same bins leave them as they are. */
static void test_cut_again(void **state)
{
    (void)state;
    for (unsigned i = 0; i < 500; i++) {
        struct bins bins;
        struct parts parts, again;
        struct bin bin, same;
        struct record *part;
        make_any();
        assert_int_equal(bins_parse(&bins, "20s", NULL), 0);
        parts_begin(&parts, &bins, &whole, true);
        while ((part = parts_next(&parts, &bin))) {
            parts_begin(&again, &bins, part, true);
            assert_ptr_equal(parts_next(&again, &same), part);
            assert_int_equal(bin.start, same.start);
        }
    }
}

int main(void)
{
    setenv("TZ", "UTC", 1);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_one_side),
        cmocka_unit_test(test_both_sides),
        cmocka_unit_test(test_what_is_not_cut),
        cmocka_unit_test(test_parts_end),
        cmocka_unit_test(test_parts_are_the_whole),
        cmocka_unit_test(test_cut_again),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
