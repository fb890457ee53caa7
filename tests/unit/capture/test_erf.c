/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "builders.h"
#include "capture/capture.h"

static struct readout readout;

enum { SECOND = 1700000000 };

static uint64_t stamp_of(uint64_t seconds)
{
    return seconds << 32;
}

/* A record of 64 bytes of one value behind the header. */
static void build_plain(struct blob *blob, uint8_t type, uint64_t stamp, uint16_t wire)
{
    uint8_t body[64];
    memset(body, 5, sizeof(body));
    build_erf(blob, type, stamp, wire, (struct view){body, sizeof(body)});
}

static void read_blob(struct blob *blob)
{
    read_memory(&readout, blob_view(blob));
    blob_release(blob);
}

static void every_type(void **state)
{
    (void)state;
    static const struct {
        uint8_t type;
        uint16_t link, captured; /* of 64 bytes in the record */
    } rows[] = {
        {2, 1, 62},    {11, 1, 62},   {16, 1, 62},  {20, 1, 62},   {1, 104, 64}, {10, 104, 64},
        {15, 104, 64}, {19, 104, 64}, {5, 104, 60}, {17, 104, 60}, {4, 100, 60}, {9, 100, 56},
        {22, 101, 64}, {23, 101, 64}, {3, 197, 80}, {21, 197, 80}, /* whole, for somebody else to
                                                                      look at */
    };
    struct blob blob = {0};
    for (unsigned i = 0; i < ARRAY_SIZE(rows); i++)
        build_plain(&blob, rows[i].type, stamp_of(SECOND + i), 1500);
    read_blob(&blob);
    assert_string_equal(readout.format, "ERF");
    assert_int_equal(readout.result, CAPTURE_END);
    assert_int_equal(readout.count, ARRAY_SIZE(rows));
    for (unsigned i = 0; i < ARRAY_SIZE(rows); i++) {
        const struct frame *frame = &readout.frames[i].frame;
        assert_int_equal(frame->link, rows[i].link);
        assert_int_equal(frame->captured, rows[i].captured);
        assert_int_equal(frame->wire, 1500);
        assert_int_equal(frame->time, (SECOND + i) * NSEC_PER_SEC);
        assert_int_equal(frame->number, i + 1);
        assert_int_equal(frame->offset, i * 80);
    }
}

static void times(void **state)
{
    (void)state;
    static const struct {
        uint64_t fraction;
        nsec_t ns;
    } rows[] = {{0, 0},
                {1, 0},
                {2, 0},
                {3, 1},
                {1U << 31, 500000000},
                {UINT32_MAX, 1000000000},
                {UINT32_MAX - 4, 999999999}};
    struct blob blob = {0};
    for (unsigned i = 0; i < ARRAY_SIZE(rows); i++)
        build_plain(&blob, 2, stamp_of(SECOND) | rows[i].fraction, 60);
    read_blob(&blob);
    for (unsigned i = 0; i < ARRAY_SIZE(rows); i++)
        assert_int_equal(readout.frames[i].frame.time, SECOND * NSEC_PER_SEC + rows[i].ns);
}

static void extension_headers(void **state)
{
    (void)state;
    uint8_t body[3 * 8 + 2 + 20] = {0x80 | 3, [8] = 0x80, [16] = 0x05};
    struct blob blob = {0};
    build_erf(&blob, 0x80 | 2, stamp_of(SECOND), 20, (struct view){body, sizeof(body)});
    build_plain(&blob, 2, stamp_of(SECOND), 62);
    body[16] = 0x85; /* there is no end to them within the record */
    build_erf(&blob, 0x80 | 2, stamp_of(SECOND), 20, (struct view){body, 3 * 8 + 7});
    read_blob(&blob);
    assert_int_equal(readout.count, 2);
    assert_int_equal(readout.frames[0].frame.captured, 20);
    assert_int_equal(readout.result, -1);
    assert_string_equal(readout.err.text,
                        "m: offset 142: extension headers that are longer than their record");
}

static void padding_is_no_part_of_the_packet(void **state)
{
    (void)state;
    struct blob blob = {0};
    build_plain(&blob, 2, stamp_of(SECOND), 61);
    build_plain(&blob, 2, stamp_of(SECOND), 63);
    build_erf(&blob, 2, stamp_of(SECOND), 9, (struct view){(const uint8_t *)"1", 1});
    build_erf(&blob, 22, stamp_of(SECOND), 9, (struct view){NULL, 0});
    read_blob(&blob);
    assert_int_equal(readout.count, 4);
    assert_int_equal(readout.frames[0].frame.captured, 61);
    assert_int_equal(readout.frames[1].frame.captured, 62);
    assert_int_equal(readout.frames[2].frame.captured, 0);
    assert_int_equal(readout.frames[3].frame.captured, 0);
}

static void point_to_point_or_cisco(void **state)
{
    (void)state;
    static const uint8_t ppp[] = {0xff, 0x03, 0, 0x21}, cisco[] = {0x0f, 0, 8, 0};
    struct blob blob = {0};
    build_erf(&blob, 1, stamp_of(SECOND), 4, (struct view){ppp, 4});
    build_erf(&blob, 1, stamp_of(SECOND), 4, (struct view){cisco, 4});
    build_erf(&blob, 1, stamp_of(SECOND), 1, (struct view){ppp, 1});
    read_blob(&blob);
    assert_int_equal(readout.frames[0].frame.link, 50);
    assert_int_equal(readout.frames[1].frame.link, 104);
    assert_int_equal(readout.frames[2].frame.link, 104);
}

static void records_without_packets(void **state)
{
    (void)state;
    struct blob blob = {0};
    build_plain(&blob, 27, stamp_of(SECOND), 64); /* counts, as a frame of Wireshark's */
    build_plain(&blob, 48, stamp_of(SECOND), 64); /* does not */
    build_plain(&blob, 2, stamp_of(SECOND), 64);
    for (unsigned i = 0; i < 100; i++)
        build_plain(&blob, 27, stamp_of(SECOND), 64);
    build_plain(&blob, 2, stamp_of(SECOND), 64);
    build_plain(&blob, 27, stamp_of(SECOND), 64);
    read_blob(&blob);
    assert_int_equal(readout.result, CAPTURE_END);
    assert_int_equal(readout.count, 2);
    assert_int_equal(readout.frames[0].frame.number, 2);
    assert_int_equal(readout.frames[1].frame.number, 103);
}

static void damage(void **state)
{
    (void)state;
    struct blob blob = {0};
    for (unsigned i = 0; i < 4; i++)
        build_plain(&blob, 2, stamp_of(SECOND), 64);
    store_be16(blob.data + 3 * 80 + 10, 15);
    read_blob(&blob);
    assert_int_equal(readout.count, 3);
    assert_string_equal(readout.err.text, "m: offset 240: a record length below 16");
}

static void what_is_taken_for_erf(void **state)
{
    (void)state;
    static const struct {
        const char *why;
        size_t at;
        uint8_t value;
        bool is_erf;
    } rows[] = {
        {"as it is", 0, 0, true},
        {"type 0", 8, 0, false},
        {"type 28", 80 + 8, 28, false},
        {"padding first", 8, 48, false},
        {"padding later", 80 + 8, 48, true},
        {"length 15", 80 + 11, 15, false},
        {"a day later", 80 + 6, 0x55, false},
        {"a day earlier", 160 + 6, 0x52, false},
        {"the fourth is not looked at", 240 + 8, 0, true},
    };
    for (unsigned i = 0; i < ARRAY_SIZE(rows); i++) {
        struct blob blob = {0};
        for (unsigned k = 0; k < 4; k++)
            build_plain(&blob, 2, stamp_of(0x54000000), 64);
        if (i)
            blob.data[rows[i].at] = rows[i].value;
        read_blob(&blob);
        assert_int_equal(readout.result != -2, rows[i].is_erf);
    }
    struct blob blob = {0};
    build_plain(&blob, 2, stamp_of(SECOND), 64);
    read_memory(&readout, blob_view(&blob));
    assert_int_equal(readout.count, 1);
    blob_put8(&blob, 0); /* one record, and something else */
    read_blob(&blob);
    assert_int_equal(readout.result, -2);
}

static void cut_anywhere(void **state)
{
    (void)state;
    enum { RECORD = 80, COUNT = 10 };
    struct blob blob = {0};
    for (unsigned i = 0; i < COUNT; i++)
        build_plain(&blob, 2, stamp_of(SECOND), 64);
    for (size_t cut = 1; cut <= blob.size; cut++) {
        const size_t part = cut % RECORD;
        char expected[100];
        read_memory(&readout, (struct view){blob.data, cut});
        if (cut < RECORD + 16 && cut != RECORD) { /* must see two headers to know it is ERF */
            assert_int_equal(readout.result, -2);
            continue;
        }
        assert_int_equal(readout.count, cut / RECORD);
        assert_int_equal(readout.result, part ? -1 : CAPTURE_END);
        snprintf(expected, sizeof(expected),
                 "m: offset %zu: ends in the middle of a packet %s (%zu of %d bytes)", cut - part,
                 part < 16 ? "header" : "record", part, part < 16 ? 16 : RECORD);
        if (part)
            assert_string_equal(readout.err.text, expected);
    }
    blob_release(&blob);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_type),
        cmocka_unit_test(times),
        cmocka_unit_test(extension_headers),
        cmocka_unit_test(padding_is_no_part_of_the_packet),
        cmocka_unit_test(point_to_point_or_cisco),
        cmocka_unit_test(records_without_packets),
        cmocka_unit_test(damage),
        cmocka_unit_test(what_is_taken_for_erf),
        cmocka_unit_test(cut_anywhere),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
