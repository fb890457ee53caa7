/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "builders.h"
#include "capture/capture.h"

static struct readout readout;

static void read_blob(struct blob *blob)
{
    read_memory(&readout, blob_view(blob));
    blob_release(blob);
}

static void every_variant(void **state)
{
    (void)state;
    static const struct {
        uint32_t magic;
        nsec_t unit;
        uint64_t header;
    } rows[] = {{PCAP_MICRO, 1000, 16}, {PCAP_NANO, 1, 16}, {PCAP_MODIFIED, 1000, 24}};
    for (unsigned i = 0; i < 2 * ARRAY_SIZE(rows); i++) {
        struct blob blob = {.big_endian = i & 1};
        build_pcap(&blob, rows[i / 2].magic, 113);
        build_pcap_record(&blob, 1700000000, 999999, 60, 1514, 0xaa);
        build_pcap_record(&blob, UINT32_MAX, 5, 0, 9, 0);
        build_pcap_record(&blob, 1, 0, 61, 61, 1);
        read_blob(&blob);
        assert_int_equal(readout.result, CAPTURE_END);
        assert_string_equal(readout.format, "pcap");
        assert_int_equal(readout.count, 3);
        const struct frame *a = &readout.frames[0].frame, *b = &readout.frames[1].frame;
        const struct frame *c = &readout.frames[2].frame;
        assert_int_equal(a->time, 1700000000 * NSEC_PER_SEC + 999999 * rows[i / 2].unit);
        assert_int_equal(a->captured, 60);
        assert_int_equal(a->wire, 1514);
        assert_int_equal(a->link, 113);
        assert_int_equal(a->input, 0);
        assert_int_equal(a->number, 1);
        assert_int_equal(a->offset, 24);
        assert_int_equal(b->time, UINT32_MAX * NSEC_PER_SEC + 5 * rows[i / 2].unit);
        assert_int_equal(b->captured, 0);
        assert_int_equal(b->wire, 9);
        assert_int_equal(b->number, 2);
        assert_int_equal(b->offset, 24 + rows[i / 2].header + 60);
        assert_int_equal(c->number, 3);
        assert_int_equal(c->offset, b->offset + rows[i / 2].header);
        assert_int_not_equal(readout.frames[0].sum, readout.frames[2].sum);
    }
}

static void many_frames_in_batches(void **state)
{
    (void)state;
    struct blob blob = {0};
    build_pcap(&blob, PCAP_MICRO, 1);
    for (unsigned i = 0; i < 1000; i++)
        build_pcap_record(&blob, i, 0, i, i, (uint8_t)i);
    read_blob(&blob);
    assert_int_equal(readout.count, 1000);
    for (unsigned i = 0; i < 1000; i++) {
        assert_int_equal(readout.frames[i].frame.number, i + 1);
        assert_int_equal(readout.frames[i].frame.captured, i);
        assert_int_equal(readout.frames[i].frame.time, i * NSEC_PER_SEC);
    }
}

static void a_header_alone_is_a_capture(void **state)
{
    (void)state;
    struct blob blob = {0};
    build_pcap(&blob, PCAP_NANO, 1);
    read_blob(&blob);
    assert_int_equal(readout.result, CAPTURE_END);
    assert_int_equal(readout.count, 0);
}

static void versions(void **state)
{
    (void)state;
    static const struct {
        uint16_t major, minor;
        uint32_t first, second;  /* lengths as stored */
        uint32_t captured, wire; /* as read; 0: refused */
    } rows[] = {
        {2, 4, 60, 1514, 60, 1514},   {2, 4, 60, 50, 60, 50},     {2, 3, 60, 1514, 60, 1514},
        {2, 3, 60, 40, 40, 60},       {2, 2, 1514, 60, 60, 1514}, {2, 0, 1514, 60, 60, 1514},
        {543, 0, 1514, 60, 60, 1514}, {543, 1, 60, 60, 0, 0},     {2, 5, 60, 60, 0, 0},
        {1, 4, 60, 60, 0, 0},         {3, 0, 60, 60, 0, 0},
    };
    for (unsigned i = 0; i < 2 * ARRAY_SIZE(rows); i++) {
        struct blob blob = {.big_endian = i & 1};
        const uint16_t major = rows[i / 2].major, minor = rows[i / 2].minor;
        char expected[100];
        build_pcap_header(&blob, PCAP_MICRO, (uint32_t)major << 16 | minor, 65535, 1);
        for (int k = 0; k < 2; k++) {
            blob_put64(&blob, 0);
            blob_put32(&blob, rows[i / 2].first);
            blob_put32(&blob, rows[i / 2].second);
            blob_fill(&blob, 7, rows[i / 2].captured);
        }
        read_blob(&blob);
        if (rows[i / 2].captured) {
            assert_int_equal(readout.count, 2);
            assert_int_equal(readout.frames[1].frame.captured, rows[i / 2].captured);
            assert_int_equal(readout.frames[1].frame.wire, rows[i / 2].wire);
            continue;
        }
        assert_int_equal(readout.result, -2);
        snprintf(expected, sizeof(expected),
                 "m: offset 0: pcap version %u.%u, but only 2.0 to 2.4 are known", major, minor);
        assert_string_equal(readout.err.text, expected);
    }
}

/* Records may be as long as the snapshot length, and 256 KiB in any case, but never above 16 MiB.
 */
static void the_longest_record(void **state)
{
    (void)state;
    enum { KIB256 = 262144, MIB16 = 16 << 20 };
    static const struct {
        uint32_t snaplen, most;
    } rows[] = {{0, KIB256},      {96, KIB256},   {65535, KIB256},    {KIB256, KIB256},
                {300000, 300000}, {MIB16, MIB16}, {MIB16 + 1, MIB16}, {UINT32_MAX, MIB16}};
    for (unsigned i = 0; i < 4 * ARRAY_SIZE(rows); i++) {
        const uint32_t over = i & 1, before = i >> 1 & 1, most = rows[i / 4].most;
        struct blob blob = {0};
        char expected[100];
        build_pcap_header(&blob, PCAP_MICRO, 2 << 16 | 4, rows[i / 4].snaplen, 1);
        if (before)
            build_pcap_record(&blob, 1, 0, 10, 10, 0);
        build_pcap_record(&blob, 1, 0, most + over, most, 0);
        read_blob(&blob);
        assert_int_equal(readout.count, before + 1 - over);
        assert_int_equal(readout.result, over ? -1 : CAPTURE_END);
        snprintf(expected, sizeof(expected),
                 "m: offset %u: a packet of %u bytes, but at most %u are possible",
                 24 + before * 26, most + over, most);
        if (over)
            assert_string_equal(readout.err.text, expected);
    }
}

static void link_types(void **state)
{
    (void)state;
    static const struct {
        uint32_t stored;
        uint16_t link;
    } rows[] = {{1, 1},    {0x54000001, 1}, {0x03ff0069, 0x69}, {276, 276}, {65535, 65535},
                {12, 101}, {14, 101},       {101, 101},         {11, 100},  {13, 13}};
    for (unsigned i = 0; i < ARRAY_SIZE(rows); i++) {
        struct blob blob = {0};
        build_pcap(&blob, PCAP_MICRO, rows[i].stored);
        build_pcap_record(&blob, 1, 0, 1, 1, 0);
        read_blob(&blob);
        assert_int_equal(readout.frames[0].frame.link, rows[i].link);
    }
}

static void cut_anywhere(void **state)
{
    (void)state;
    struct blob blob = {0};
    size_t ends[70];
    build_pcap(&blob, PCAP_MICRO, 1);
    for (unsigned i = 0; i < ARRAY_SIZE(ends); i++) {
        build_pcap_record(&blob, i, 0, i % 9, 60, (uint8_t)i);
        ends[i] = blob.size;
    }
    check_cuts(blob_view(&blob), ends, ARRAY_SIZE(ends), 24);
    for (size_t cut = 4; cut < 24; cut++) {
        char expected[100];
        read_memory(&readout, (struct view){blob.data, cut});
        assert_int_equal(readout.result, -2);
        snprintf(expected, sizeof(expected),
                 "m: offset 0: ends in the middle of the pcap file header (%zu of 24 bytes)", cut);
        assert_string_equal(readout.err.text, expected);
    }
    blob_release(&blob);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_variant),
        cmocka_unit_test(many_frames_in_batches),
        cmocka_unit_test(a_header_alone_is_a_capture),
        cmocka_unit_test(versions),
        cmocka_unit_test(the_longest_record),
        cmocka_unit_test(link_types),
        cmocka_unit_test(cut_anywhere),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
