/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "../base/files.h"
#include "builders.h"
#include "capture/capture.h"

static struct readout readout;

static void read_blob(struct blob *blob)
{
    read_memory(&readout, blob_view(blob));
    blob_release(blob);
}

static const struct frame *frame_at(unsigned index)
{
    assert_true(index < readout.count);
    return &readout.frames[index].frame;
}

static void build_simple(struct blob *blob, uint32_t wire, size_t stored)
{
    size_t begin = build_block_begin(blob, 3);
    blob_put32(blob, wire);
    blob_fill(blob, 1, stored);
    build_block_end(blob, begin);
}

static void build_obsolete(struct blob *blob, uint16_t interface, uint64_t stamp, uint32_t captured)
{
    size_t begin = build_block_begin(blob, 2);
    blob_put16(blob, interface);
    blob_put16(blob, 0xffff);
    blob_put32(blob, (uint32_t)(stamp >> 32));
    blob_put32(blob, (uint32_t)stamp);
    blob_put32(blob, captured);
    blob_put32(blob, captured + 1);
    blob_fill(blob, 1, captured);
    build_block_end(blob, begin);
}

static void build_unknown(struct blob *blob, size_t size)
{
    size_t begin = build_block_begin(blob, 0x0bad1dea);
    blob_fill(blob, 9, size);
    build_block_end(blob, begin);
}

/* A file in which a block with damage comes behind a good packet, at this offset. */
enum { DAMAGE_AT = 28 + 20 + 36 };

static void begin_damage(struct blob *blob)
{
    build_section(blob);
    build_interface(blob, 1, 0);
    build_enhanced(blob, 0, 1, 4, 4);
    assert_int_equal(blob->size, DAMAGE_AT);
}

static void check_damage(struct blob *blob, const char *text)
{
    char expected[128];
    snprintf(expected, sizeof(expected), "m: offset %d: %s", DAMAGE_AT, text);
    read_blob(blob);
    assert_int_equal(readout.count, 1);
    assert_int_equal(readout.result, -1);
    assert_string_equal(readout.err.text, expected);
}

static void every_kind_of_packet(void **state)
{
    (void)state;
    for (int big = 0; big < 2; big++) {
        struct blob blob = {.big_endian = big};
        build_section(&blob);
        build_interface(&blob, 1, 100);
        build_interface(&blob, 113, 0);
        build_simple(&blob, 5, 5); /* before any time was seen */
        size_t second = blob.size;
        build_enhanced(&blob, 0, 1700000000000001, 61, 1500);
        build_unknown(&blob, 0);
        build_obsolete(&blob, 1, 1700000000000002, 3);
        build_simple(&blob, 99, 99);
        build_simple(&blob, 101, 100);
        build_simple(&blob, 0, 0);
        read_blob(&blob);
        assert_string_equal(readout.format, "pcapng");
        assert_int_equal(readout.result, CAPTURE_END);
        assert_int_equal(readout.count, 6);
        assert_int_equal(frame_at(0)->time, 0);
        assert_int_equal(frame_at(0)->captured, 5);
        assert_int_equal(frame_at(1)->time, 1700000000000001000);
        assert_int_equal(frame_at(1)->captured, 61);
        assert_int_equal(frame_at(1)->wire, 1500);
        assert_int_equal(frame_at(1)->number, 2);
        assert_int_equal(frame_at(1)->offset, second);
        assert_int_equal(frame_at(1)->link, 1);
        assert_int_equal(frame_at(2)->time, 1700000000000002000);
        assert_int_equal(frame_at(2)->captured, 3);
        assert_int_equal(frame_at(2)->wire, 4);
        assert_int_equal(frame_at(2)->link, 113);
        assert_int_equal(frame_at(3)->captured, 99);
        assert_int_equal(frame_at(3)->wire, 99);
        assert_int_equal(frame_at(3)->time, frame_at(2)->time);
        assert_int_equal(frame_at(4)->captured, 100);
        assert_int_equal(frame_at(4)->wire, 101);
        assert_int_equal(frame_at(4)->link, 1);
        assert_int_equal(frame_at(5)->captured, 0);
        assert_int_equal(frame_at(5)->number, 6);
    }
}

/* Sections may differ in byte order, and each numbers its interfaces anew. */
static void sections(void **state)
{
    (void)state;
    struct blob blob = {0};
    for (unsigned i = 0; i < 4; i++) {
        blob.big_endian = i & 1;
        build_section(&blob);
        build_interface(&blob, (uint16_t)(100 + i), 0);
        build_enhanced(&blob, 0, i, i, i);
    }
    read_blob(&blob);
    assert_int_equal(readout.count, 4);
    for (unsigned i = 0; i < 4; i++) {
        assert_int_equal(frame_at(i)->link, 100 + i);
        assert_int_equal(frame_at(i)->time, i * 1000);
        assert_int_equal(frame_at(i)->number, i + 1);
    }
    begin_damage(&blob);
    build_section(&blob);
    size_t at = blob.size;
    build_enhanced(&blob, 0, 1, 4, 4);
    read_blob(&blob);
    char expected[128];
    snprintf(expected, sizeof(expected),
             "m: offset %zu: a packet of an interface that is not described", at);
    assert_string_equal(readout.err.text, expected);
}

static void units_of_time(void **state)
{
    (void)state;
    enum { TWO = 0x80 };
    static const struct {
        uint8_t resolution;
        uint64_t stamp;
        nsec_t time;
    } rows[] = {
        {0, 1700000000, 1700000000000000000},
        {3, 1700000000123, 1700000000123000000},
        {6, 1700000000123456, 1700000000123456000},
        {9, 1700000000123456789, 1700000000123456789},
        {10, 17000000001234567891U, 1700000000123456789},
        {12, 1234567890123, 1234567890},
        {19, UINT64_MAX, 1844674407},
        {TWO | 0, 1700000000, 1700000000000000000},
        {TWO | 10, 1024 * 5 + 512, 5500000000},
        {TWO | 32, UINT64_C(7) << 32 | UINT64_C(1) << 31, 7500000000},
        {TWO | 63, UINT64_C(1) << 63, 1000000000},
        {0, INT64_MAX / 2 / NSEC_PER_SEC, INT64_MAX / 2 / NSEC_PER_SEC * NSEC_PER_SEC},
        {0, INT64_MAX / 2 / NSEC_PER_SEC + 1, INT64_MAX / 2},
        {0, UINT64_MAX, INT64_MAX / 2},
        {6, UINT64_MAX, INT64_MAX / 2},
        {TWO | 0, UINT64_MAX, INT64_MAX / 2},
    };
    for (unsigned i = 0; i < ARRAY_SIZE(rows); i++) {
        struct blob blob = {0};
        build_section(&blob);
        build_interface_with(&blob, 1, 9, &rows[i].resolution, 1);
        build_enhanced(&blob, 0, rows[i].stamp, 4, 4);
        read_blob(&blob);
        assert_int_equal(frame_at(0)->time, rows[i].time);
    }
}

static void offsets_of_time(void **state)
{
    (void)state;
    static const struct {
        int64_t offset;
        nsec_t time;
    } rows[] = {
        {0, 5000},
        {1700000000, 1700000000000005000},
        {-10, 5000 - 10 * NSEC_PER_SEC},
        {INT64_MAX, INT64_MAX / 2 / NSEC_PER_SEC * NSEC_PER_SEC + 5000},
        {INT64_MIN, -(INT64_MAX / 2 / NSEC_PER_SEC) * NSEC_PER_SEC + 5000},
    };
    for (unsigned i = 0; i < 2 * ARRAY_SIZE(rows); i++) {
        struct blob blob = {.big_endian = i & 1};
        uint64_t stored = (uint64_t)rows[i / 2].offset;
        stored = blob.big_endian ? htobe64(stored) : htole64(stored);
        build_section(&blob);
        build_interface_with(&blob, 1, 14, &stored, 8);
        build_enhanced(&blob, 0, 5, 4, 4);
        read_blob(&blob);
        assert_int_equal(frame_at(0)->time, rows[i / 2].time);
    }
}

static void options_that_are_wrong(void **state)
{
    (void)state;
    static const struct {
        uint16_t option, size;
        uint8_t value;
        const char *text;
    } rows[] = {
        {9, 1, 20, "a resolution of time (if_tsresol) that leaves less than a second"},
        {9, 1, 0x80 | 64, "a resolution of time (if_tsresol) that leaves less than a second"},
        {9, 2, 6, "an if_tsresol that is not one byte long"},
        {9, 0, 6, "an if_tsresol that is not one byte long"},
        {14, 7, 0, "an if_tsoffset that is not 8 bytes long"},
    };
    for (unsigned i = 0; i < ARRAY_SIZE(rows); i++) {
        struct blob blob = {0};
        const uint8_t value[8] = {rows[i].value};
        begin_damage(&blob);
        build_interface_with(&blob, 1, rows[i].option, value, rows[i].size);
        check_damage(&blob, rows[i].text);
    }
    /* An option that ends at the end of its block, and one that ends a byte behind it. */
    for (uint16_t over = 0; over < 2; over++) {
        struct blob blob = {0};
        begin_damage(&blob);
        size_t begin = build_block_begin(&blob, 1);
        blob_put64(&blob, 1);
        blob_put16(&blob, 2);
        blob_put16(&blob, 8 + over);
        blob_put64(&blob, 0);
        build_block_end(&blob, begin);
        if (over)
            check_damage(&blob, "an option that is longer than its block");
        else
            read_blob(&blob);
        assert_int_equal(readout.count, 1);
        assert_int_equal(readout.result, over ? -1 : CAPTURE_END);
    }
}

static void blocks_that_are_wrong(void **state)
{
    (void)state;
    static const char length[] = "a block length that is below 12 or no multiple of 4";
    static const char shorter[] = "a block that is shorter than its kind must be";
    static const struct {
        uint32_t type, length, trailer;
        const char *text;
    } rows[] = {
        {5, 8, 8, length},
        {5, 0, 0, length},
        {5, 13, 13, length},
        {5, 12, 16, "a block whose two lengths differ"},
        {6, 12, 12, shorter},
        {3, 12, 12, shorter},
        {2, 12, 12, shorter},
        {1, 12, 12, shorter},
        {6, (16 << 20) + 4, 0, "a block that is longer than 16 MiB"},
        {6, 16 << 20, 0, "ends in the middle of a block (112 of 16777216 bytes)"},
        {0x0a0d0d0a, 28, 28, "a section header without its byte-order magic"},
    };
    for (unsigned i = 0; i < ARRAY_SIZE(rows); i++) {
        struct blob blob = {0};
        begin_damage(&blob);
        blob_put32(&blob, rows[i].type);
        blob_put32(&blob, rows[i].length);
        blob_put32(&blob, rows[i].trailer);
        blob_fill(&blob, 0, 100);
        check_damage(&blob, rows[i].text);
    }
    /* Each kind a word too short, and just long enough. */
    static const struct {
        uint32_t type, least;
    } kinds[] = {{6, 20}, {3, 4}, {2, 20}, {1, 8}};
    for (unsigned i = 0; i < 2 * ARRAY_SIZE(kinds); i++) {
        struct blob blob = {0};
        begin_damage(&blob);
        size_t begin = build_block_begin(&blob, kinds[i / 2].type);
        blob_fill(&blob, 0, kinds[i / 2].least - (i & 1 ? 4 : 0));
        build_block_end(&blob, begin);
        if (i & 1)
            check_damage(&blob, shorter);
        else
            read_blob(&blob);
        assert_int_equal(readout.result, i & 1 ? -1 : CAPTURE_END);
    }
}

static void packets_that_are_wrong(void **state)
{
    (void)state;
    static const char longer[] = "a packet that is longer than its block";
    static const char nowhere[] = "a packet of an interface that is not described";
    struct blob blob = {0};
    begin_damage(&blob);
    build_enhanced(&blob, 1, 0, 4, 4);
    check_damage(&blob, nowhere);
    begin_damage(&blob);
    build_obsolete(&blob, 1, 0, 4);
    check_damage(&blob, nowhere);
    begin_damage(&blob);
    build_enhanced(&blob, 0, 0, 4, 4);
    store_le32(blob.data + DAMAGE_AT + 20, 5);
    check_damage(&blob, longer);
    begin_damage(&blob);
    build_obsolete(&blob, 0, 0, 4);
    store_le32(blob.data + DAMAGE_AT + 20, UINT32_MAX);
    check_damage(&blob, longer);
    begin_damage(&blob);
    build_simple(&blob, 9, 8);
    check_damage(&blob, longer);
    begin_damage(&blob);
    build_simple(&blob, UINT32_MAX, 8);
    check_damage(&blob, longer);
}

static void a_simple_packet_needs_an_interface(void **state)
{
    (void)state;
    struct blob blob = {0};
    build_section(&blob);
    build_simple(&blob, 4, 4);
    read_blob(&blob);
    assert_int_equal(readout.result, -1);
    assert_string_equal(readout.err.text,
                        "m: offset 28: a packet of an interface that is not described");
}

static void the_first_section(void **state)
{
    (void)state;
    static const struct {
        uint16_t major, minor;
        bool is_good;
    } rows[] = {{1, 0, true}, {1, 2, true}, {1, 1, false}, {0, 0, false}, {2, 0, false}};
    for (unsigned i = 0; i < ARRAY_SIZE(rows); i++) {
        struct blob blob = {0};
        build_section(&blob);
        store_le16(blob.data + 12, rows[i].major);
        store_le16(blob.data + 14, rows[i].minor);
        read_blob(&blob);
        assert_int_equal(readout.result, rows[i].is_good ? CAPTURE_END : -2);
        if (!rows[i].is_good)
            assert_string_equal(readout.err.text,
                                "m: offset 0: a version of pcapng that is neither 1.0 nor 1.2");
    }
}

static void too_many_interfaces(void **state)
{
    (void)state;
    struct blob blob = {0};
    build_section(&blob);
    for (unsigned i = 0; i < 65536; i++)
        build_interface(&blob, 1, 0);
    build_enhanced(&blob, 65535, 0, 4, 4);
    build_interface(&blob, 1, 0);
    read_blob(&blob);
    assert_int_equal(readout.count, 1);
    assert_non_null(strstr(readout.err.text, ": more than 65536 interfaces"));
}

static void cut_anywhere(void **state)
{
    (void)state;
    for (int big = 0; big < 2; big++) {
        struct blob blob = {.big_endian = big};
        size_t ends[70];
        build_section(&blob);
        build_interface(&blob, 1, 0);
        const size_t from = blob.size;
        for (unsigned i = 0; i < ARRAY_SIZE(ends); i++) {
            build_enhanced(&blob, 0, i, i % 9, 60);
            ends[i] = blob.size;
        }
        check_cuts(blob_view(&blob), ends, ARRAY_SIZE(ends), from);
        for (size_t cut = 4; cut < from; cut++) {
            read_memory(&readout, (struct view){blob.data, cut});
            assert_int_equal(readout.result, cut < 28 ? -2 : cut == 28 ? CAPTURE_END : -1);
            if (cut != 28)
                assert_non_null(strstr(readout.err.text, ": ends in the middle of a block"));
        }
        blob_release(&blob);
    }
}

/* A block that nobody wants may be longer than what is held in memory, also of a stream. */
static void a_long_unknown_block(void **state)
{
    (void)state;
    enum { SIZE = 20 << 20 };
    struct blob blob = {0};
    struct files_pipe pipe;
    begin_damage(&blob);
    build_unknown(&blob, SIZE);
    build_enhanced(&blob, 0, 1, 4, 4);
    for (int is_pipe = 0; is_pipe < 2; is_pipe++) {
        files_pipe(&pipe, blob_view(&blob), 1 << 16);
        if (is_pipe)
            read_file(&readout, pipe.path);
        else
            read_memory(&readout, blob_view(&blob));
        files_wait(&pipe);
        assert_int_equal(readout.result, CAPTURE_END);
        assert_int_equal(readout.count, 2);
        assert_int_equal(readout.frames[1].frame.offset, DAMAGE_AT + SIZE + 12);
    }
    blob.data[DAMAGE_AT + SIZE + 8] ^= 1; /* the length at its end */
    files_pipe(&pipe, blob_view(&blob), 1 << 16);
    read_file(&readout, pipe.path);
    files_wait(&pipe);
    assert_int_equal(readout.count, 1);
    assert_non_null(strstr(readout.err.text, ": offset 84: a block whose two lengths differ"));
    blob.size = DAMAGE_AT + SIZE;
    check_damage(&blob, "ends in the middle of a block (20971520 of 20971532 bytes)");
}

/* Every byte of a file changed in turn: nothing but errors may come of it. */
static void any_byte_changed(void **state)
{
    (void)state;
    struct blob blob = {0};
    build_section(&blob);
    build_interface_with(&blob, 1, 9, "\x06", 1);
    build_enhanced(&blob, 0, 5, 61, 1500);
    build_simple(&blob, 5, 5);
    build_obsolete(&blob, 0, 6, 3);
    for (size_t at = 4; at < blob.size; at++) {
        for (unsigned bit = 0; bit < 8; bit++) {
            blob.data[at] ^= (uint8_t)(1 << bit);
            read_memory(&readout, blob_view(&blob));
            assert_true(readout.count <= 3);
            assert_true(readout.result == CAPTURE_END ||
                        !memcmp(readout.err.text, "m: offset ", 10));
            blob.data[at] ^= (uint8_t)(1 << bit);
        }
    }
    blob_release(&blob);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_kind_of_packet),
        cmocka_unit_test(sections),
        cmocka_unit_test(units_of_time),
        cmocka_unit_test(offsets_of_time),
        cmocka_unit_test(options_that_are_wrong),
        cmocka_unit_test(blocks_that_are_wrong),
        cmocka_unit_test(packets_that_are_wrong),
        cmocka_unit_test(a_simple_packet_needs_an_interface),
        cmocka_unit_test(the_first_section),
        cmocka_unit_test(too_many_interfaces),
        cmocka_unit_test(cut_anywhere),
        cmocka_unit_test_setup_teardown(a_long_unknown_block, files_enter, files_leave),
        cmocka_unit_test(any_byte_changed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
