/* SPDX-License-Identifier: Apache-2.0 */
#include "capture/capture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "../base/compress.h"
#include "../base/files.h"
#include "builders.h"

static struct readout one, other;

static void what_is_no_capture(void **state)
{
    (void)state;
    static const struct {
        const char *bytes;
        size_t size;
        const char *text;
    } rows[] = {
        {"", 0, "m: empty file"},
        {"x", 1, "m: offset 0: not a capture file: begins with 'x'"},
        {"id,bidirectional_packets", 24,
         "m: offset 0: not a capture file: begins with 'id,bidirectional'"},
        {"\xd4\xc3\xb2", 3, "m: offset 0: not a capture file: begins with the bytes d4 c3 b2"},
        {"line\nline", 9,
         "m: offset 0: not a capture file: begins with the bytes 6c 69 6e 65 0a 6c 69 6e 65"},
        {"\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff", 17,
         "m: offset 0: not a capture file: begins with the bytes ff ff ff ff ff ff ff ff ff ff ff "
         "ff ff ff ff ff"},
        {"snoop\0\0\0\0\0\0\2", 12,
         "m: offset 0: not a capture file: a snoop capture, which editcap can convert"},
        {"PK\3\4more", 8, "m: offset 0: not a capture file: a zip archive, which must be unpacked"},
        {"\x83\x10\0\x20", 4,
         "m: offset 0: not a capture file: an Argus record file, which has flows and no packets"},
    };
    for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
        read_memory(&one, (struct view){(const uint8_t *)rows[i].bytes, rows[i].size});
        assert_int_equal(one.result, -2);
        assert_string_equal(one.err.text, rows[i].text);
    }
}

static void what_cannot_be_opened(void **state)
{
    (void)state;
    read_file(&one, "missing");
    assert_int_equal(one.result, -2);
    assert_string_equal(one.err.text, "missing: No such file or directory");
    read_file(&one, ".");
    assert_string_equal(one.err.text, ".: is a directory, not a file");
    capture_close(NULL);
}

/* A file of each format, with records of many sizes. */
static void build(struct blob *blob, unsigned format)
{
    if (!format) {
        build_pcap(blob, PCAP_NANO, 1);
    } else if (format == 1) {
        build_section(blob);
        build_interface(blob, 1, 0);
    }
    for (unsigned i = 0; i < 1500; i++) {
        uint8_t body[1502];
        const uint32_t size = i * 7919 % 1500;
        memset(body, (int)i, sizeof(body));
        if (!format)
            build_pcap_record(blob, 1700000000, i, size, 1500, (uint8_t)i);
        else if (format == 1)
            build_enhanced(blob, 0, i, size, 1500);
        else
            build_erf(blob, 2, UINT64_C(1700000000) << 32 | i << 3, 1500,
                      (struct view){body, size + 2});
    }
}

/* The same frames, whether the file is mapped, decompressed, or comes through a pipe. */
static void the_way_of_the_bytes_does_not_matter(void **state)
{
    (void)state;
    static uint8_t packed[4 << 20];
    for (unsigned format = 0; format < 3; format++) {
        struct blob blob = {0};
        struct files_pipe pipe;
        build(&blob, format);
        assert_true(blob.size > 4 * 262144); /* some times the buffer of a stream */
        files_write("f", blob_view(&blob));
        read_file(&one, "f");
        assert_int_equal(one.count, 1500);
        assert_int_equal(one.result, CAPTURE_END);
        read_memory(&other, blob_view(&blob));
        check_same_frames(&one, &other);
        static const size_t steps[] = {1 << 20, 4096, 333};
        for (size_t i = 0; i < ARRAY_SIZE(steps); i++) {
            files_pipe(&pipe, blob_view(&blob), steps[i]);
            read_file(&other, pipe.path);
            files_wait(&pipe);
            check_same_frames(&one, &other);
        }
        for (size_t i = 0; i < COMPRESSOR_COUNT; i++) {
            size_t size = compressors[i].compress(blob_view(&blob), packed, sizeof(packed));
            read_memory(&other, (struct view){packed, size});
            check_same_frames(&one, &other);
        }
        blob_release(&blob);
    }
}

/* All whole packets in front of a damage come, and then the decompressor's error. */
static void damage_in_the_compressed_data(void **state)
{
    (void)state;
    static uint8_t packed[4 << 20];
    for (unsigned format = 0; format < 3; format++) {
        struct blob blob = {0};
        build(&blob, format);
        size_t size = compressors[0].compress(blob_view(&blob), packed, sizeof(packed));
        read_memory(&one, (struct view){packed, size});
        read_memory(&other, (struct view){packed, size * 9 / 10});
        assert_int_equal(other.result, -1);
        assert_non_null(strstr(other.err.text, ": ends in the middle of its gzip data (after "));
        assert_in_range(other.count, 1000, 1499);
        /* Nothing whole was left out: the next record would end behind the last byte. */
        size_t end = strtoul(other.err.text + strlen("m: offset "), NULL, 10);
        assert_true(one.frames[other.count].frame.offset <= end);
        assert_true(one.frames[other.count + 1].frame.offset > end);
        one.count = other.count;
        one.result = other.result;
        check_same_frames(&one, &other);
        blob_release(&blob);
    }
}

static void progress(void **state)
{
    (void)state;
    struct blob blob = {0};
    struct capture *cap;
    struct frame_batch batch;
    build(&blob, 0);
    files_write("f", blob_view(&blob));
    assert_int_equal(capture_open(&cap, "f", NULL), 0);
    assert_string_equal(capture_name(cap), "f");
    assert_string_equal(capture_format(cap), "pcap");
    assert_false(capture_is_stream(cap));
    assert_int_equal(capture_raw_size(cap), blob.size);
    assert_int_equal(capture_raw_taken(cap), 24);
    assert_int_equal(capture_next(cap, &batch, NULL), 0);
    assert_int_equal(batch.count, FRAME_BATCH);
    const struct frame *last = &batch.frames[FRAME_BATCH - 1];
    assert_int_equal(capture_raw_taken(cap), last->offset + 16 + last->captured);
    capture_close(cap);
    blob_release(&blob);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_no_capture),
        cmocka_unit_test_setup_teardown(what_cannot_be_opened, files_enter, files_leave),
        cmocka_unit_test_setup_teardown(the_way_of_the_bytes_does_not_matter, files_enter,
                                        files_leave),
        cmocka_unit_test(damage_in_the_compressed_data),
        cmocka_unit_test_setup_teardown(progress, files_enter, files_leave),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
