/* SPDX-License-Identifier: Apache-2.0 */
#include "base/decompress.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/input.h"
#include "compress.h"
#include "files.h"

/* All the tests go through base/input, whose other half decompression is. */

enum { MOST = 1 << 20 };

static uint8_t plain[MOST], packed[2 * MOST], unpacked[2 * MOST];

/* Numbers as text: bytes that compress well but not to nothing. */
static struct view text(size_t size)
{
    for (size_t at = 0, number = 0; at < size;) {
        char digits[24];
        int length = snprintf(digits, sizeof(digits), "%zu\n", number++ * 7919);
        for (int i = 0; i < length && at < size; i++)
            plain[at++] = (uint8_t)digits[i];
    }
    return (struct view){plain, size};
}

static struct view pack(const struct compressor *compressor, struct view bytes)
{
    return (struct view){packed, compressor->compress(bytes, packed, sizeof(packed))};
}

/* Reads to the end or to an error, which is returned; the bytes go to `unpacked`. */
static int read_all(struct input *in, size_t *ret_size, struct error *err)
{
    struct view got;
    int result;
    *ret_size = 0;
    do {
        result = input_peek(in, 1, &got, err);
        assert_true(*ret_size + got.size <= sizeof(unpacked));
        memcpy(unpacked + *ret_size, got.data, got.size);
        *ret_size += got.size;
        input_advance(in, got.size);
    } while (got.size);
    return result;
}

static void check_memory(struct view bytes, struct view expected)
{
    size_t size;
    struct error err = {0};
    struct input *in = input_open_memory(bytes, "m");
    int result = read_all(in, &size, &err);
    if (result)
        print_error("%s\n", err.text);
    assert_int_equal(result, 0);
    assert_int_equal(size, expected.size);
    assert_memory_equal(unpacked, expected.data, size);
    assert_int_equal(input_raw_taken(in), bytes.size);
    input_close(in);
}

static void every_format_is_read(void **state)
{
    (void)state;
    static const size_t sizes[] = {0, 1, 100, 262143, 262144, 262145, MOST};
    for (size_t c = 0; c < COMPRESSOR_COUNT; c++) {
        for (size_t i = 0; i < ARRAY_SIZE(sizes); i++) {
            struct view bytes = text(sizes[i]);
            check_memory(pack(&compressors[c], bytes), bytes);
        }
    }
}

static void files_and_pipes(void **state)
{
    (void)state;
    for (size_t c = 0; c < COMPRESSOR_COUNT; c++) {
        struct view bytes = text(500000), file = pack(&compressors[c], bytes);
        struct files_pipe pipe;
        struct input *in;
        size_t size;
        files_write("f", file);
        assert_int_equal(input_open(&in, "f", NULL), 0);
        assert_true(input_is_compressed(in));
        assert_false(input_is_mapped(in));
        assert_false(input_is_stream(in));
        assert_int_equal(input_raw_size(in), file.size);
        assert_int_equal(read_all(in, &size, NULL), 0);
        assert_int_equal(size, bytes.size);
        assert_memory_equal(unpacked, bytes.data, size);
        input_close(in);

        files_pipe(&pipe, file, 1 + c * 100);
        assert_int_equal(input_open(&in, pipe.path, NULL), 0);
        assert_int_equal(read_all(in, &size, NULL), 0);
        assert_int_equal(size, bytes.size);
        assert_memory_equal(unpacked, bytes.data, size);
        assert_int_equal(input_raw_taken(in), file.size);
        input_close(in);
        files_wait(&pipe);
    }
}

static void members_are_joined(void **state)
{
    (void)state;
    for (size_t c = 0; c < COMPRESSOR_COUNT; c++) {
        struct view bytes = text(100000);
        size_t size = 0;
        for (size_t at = 0; at < bytes.size; at += 25000) {
            struct view part = {bytes.data + at, 25000};
            size += compressors[c].compress(part, packed + size, sizeof(packed) - size);
            size += compressors[c].compress((struct view){bytes.data, 0}, packed + size,
                                            sizeof(packed) - size);
        }
        check_memory((struct view){packed, size}, bytes);
        memset(packed + size, 0, 1000); /* and zeros may follow */
        check_memory((struct view){packed, size + 1000}, bytes);
    }
}

static void a_skippable_frame_in_front(void **state)
{
    (void)state;
    struct view bytes = text(1000);
    static const uint8_t frame[] = {0x50, 0x2a, 0x4d, 0x18, 4, 0, 0, 0, 1, 2, 3, 4};
    memcpy(packed, frame, sizeof(frame));
    size_t size = compressors[1].compress(bytes, packed + sizeof(frame), 10000);
    check_memory((struct view){packed, sizeof(frame) + size}, bytes);
}

static void what_follows_must_be_a_member(void **state)
{
    (void)state;
    for (size_t c = 0; c < COMPRESSOR_COUNT; c++) {
        struct view bytes = text(1000), file = pack(&compressors[c], bytes);
        struct error err;
        size_t size;
        char expected[64];
        memcpy(packed + file.size, "more text, and no member", 24);
        struct input *in = input_open_memory((struct view){packed, file.size + 24}, "m");
        assert_int_equal(read_all(in, &size, &err), -1);
        assert_int_equal(size, bytes.size);
        snprintf(expected, sizeof(expected), "m: offset 1000: damaged %s data at byte ",
                 compressors[c].name);
        assert_memory_equal(err.text, expected, strlen(expected));
        input_close(in);
    }
}

/* Cut at every byte: the bytes that come are the right ones, and the end is no silent one. */
static void a_cut_file_says_so(void **state)
{
    (void)state;
    for (size_t c = 0; c < COMPRESSOR_COUNT; c++) {
        struct view bytes = text(5000), file = pack(&compressors[c], bytes);
        size_t most = 0;
        for (size_t cut = COMPRESSION_MAGIC_MAX; cut < file.size; cut++) {
            struct error err;
            size_t size;
            char expected[96];
            uint8_t *copy = malloc(cut);
            memcpy(copy, file.data, cut);
            struct input *in = input_open_memory((struct view){copy, cut}, "m");
            assert_int_equal(read_all(in, &size, &err), -1);
            assert_true(size <= bytes.size && size >= most);
            assert_memory_equal(unpacked, bytes.data, size);
            snprintf(expected, sizeof(expected),
                     "m: offset %zu: ends in the middle of its %s data (after %zu bytes)", size,
                     compressors[c].name, cut);
            assert_string_equal(err.text, expected);
            input_close(in);
            free(copy);
            most = size;
        }
    }
}

/* A damaged byte is found, or does not matter. What came before it has come. */
static void a_damaged_byte_is_found(void **state)
{
    (void)state;
    for (size_t c = 0; c < COMPRESSOR_COUNT; c++) {
        struct view bytes = text(5000), file = pack(&compressors[c], bytes);
        for (size_t at = 0; at < file.size; at++) {
            struct error err;
            size_t size;
            packed[at] ^= 0x55;
            struct input *in = input_open_memory(file, "m");
            int result = read_all(in, &size, &err);
            if (!result && input_is_compressed(in)) {
                assert_int_equal(size, bytes.size);
                assert_memory_equal(unpacked, bytes.data, size);
            }
            assert_true(!result || !memcmp(err.text, "m: offset ", 10));
            input_close(in);
            packed[at] ^= 0x55;
        }
    }
}

/* The blocks in front of a damaged one come through. */
static void bytes_before_the_damage_come(void **state)
{
    (void)state;
    for (size_t c = 0; c < COMPRESSOR_COUNT; c++) {
        struct view bytes = text(MOST), file = pack(&compressors[c], bytes);
        struct error err;
        size_t size;
        memset(packed + file.size - file.size / 8, 0xff, file.size / 8);
        struct input *in = input_open_memory(file, "m");
        assert_int_equal(read_all(in, &size, &err), -1);
        assert_true(size > MOST / 2 && size < MOST);
        assert_memory_equal(unpacked, bytes.data, MOST / 2);
        assert_non_null(strstr(err.text, "m: offset "));
        input_close(in);
    }
}

/* Decompresses with this much room in each step, until nothing more comes. */
static size_t unpack(const struct compressor *compressor, struct view file, size_t room)
{
    struct decompressor *decompressor = decompressor_new(compression_of(file));
    const char *wrong = NULL;
    size_t size = 0, made = 1;
    assert_string_equal(compression_name(compression_of(file)), compressor->name);
    while (!wrong && (made || file.size)) {
        wrong = decompressor_step(decompressor, &file, unpacked + size, room, &made);
        size += made;
    }
    assert_true(wrong || decompressor_is_between(decompressor));
    decompressor_free(decompressor);
    return size;
}

/* However little room there is, everything in front of the damage comes. */
static void room_for_a_few_bytes_only(void **state)
{
    (void)state;
    static const size_t rooms[] = {1, 7, 1000, 65537, 200000};
    for (size_t c = 0; c < COMPRESSOR_COUNT; c++) {
        struct view bytes = text(300000), file = pack(&compressors[c], bytes);
        for (size_t i = 0; i < ARRAY_SIZE(rooms); i++) {
            assert_int_equal(unpack(&compressors[c], file, rooms[i]), bytes.size);
            assert_memory_equal(unpacked, bytes.data, bytes.size);
        }
        memset(packed + file.size / 2, 0xff, file.size - file.size / 2);
        const size_t good = unpack(&compressors[c], file, MOST);
        for (size_t i = 0; i < ARRAY_SIZE(rooms); i++)
            assert_int_equal(unpack(&compressors[c], file, rooms[i]), good);
    }
}

/* The library still holds a part of the block in front of a damaged block: it must come, too. */
static void damage_at_the_beginning_of_a_block(void **state)
{
    (void)state;
    enum { LZ4 = 4, FRAME_HEADER = 7, BLOCK = 65536 };
    struct view file = pack(&compressors[LZ4], text(300000));
    const size_t second = FRAME_HEADER + 4 + load_le32(packed + FRAME_HEADER);
    store_le32(packed + second, 0x7fffffff);
    for (size_t room = 1; room < 2 * BLOCK; room = room * 3 + 1)
        assert_int_equal(unpack(&compressors[LZ4], file, room), BLOCK);
}

/* An error stands where it stands: what is in front of it can still be peeked at. */
static void peeking_up_to_the_error(void **state)
{
    (void)state;
    struct view bytes = text(1000), file = pack(&compressors[0], bytes), got;
    struct error err;
    struct input *in = input_open_memory((struct view){file.data, file.size - 1}, "m");
    assert_int_equal(input_peek(in, 1001, &got, &err), -1);
    assert_int_equal(got.size, 1000);
    assert_int_equal(input_peek(in, 1000, &got, &err), 0);
    assert_memory_equal(got.data, bytes.data, 1000);
    input_advance(in, 999);
    assert_int_equal(input_peek(in, 2, &got, &err), -1);
    assert_int_equal(got.size, 1);
    assert_int_equal(input_offset(in), 999);
    assert_int_equal(input_peek(in, 1, &got, NULL), 0);
    input_advance(in, 1);
    assert_int_equal(input_peek(in, 1, &got, NULL), -1);
    assert_int_equal(got.size, 0);
    input_close(in);
}

static void only_the_whole_magic_counts(void **state)
{
    (void)state;
    for (size_t c = 0; c < COMPRESSOR_COUNT; c++) {
        struct view file = pack(&compressors[c], text(100));
        size_t size = 0;
        while (!compression_of((struct view){file.data, size}))
            size++;
        assert_in_range(size, 3, COMPRESSION_MAGIC_MAX);
        assert_string_equal(compression_name(compression_of(file)), compressors[c].name);
        struct view head = {file.data, size - 1};
        check_memory(head, head);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_format_is_read),
        cmocka_unit_test_setup_teardown(files_and_pipes, files_enter, files_leave),
        cmocka_unit_test(members_are_joined),
        cmocka_unit_test(a_skippable_frame_in_front),
        cmocka_unit_test(what_follows_must_be_a_member),
        cmocka_unit_test(a_cut_file_says_so),
        cmocka_unit_test(a_damaged_byte_is_found),
        cmocka_unit_test(bytes_before_the_damage_come),
        cmocka_unit_test(room_for_a_few_bytes_only),
        cmocka_unit_test(damage_at_the_beginning_of_a_block),
        cmocka_unit_test(peeking_up_to_the_error),
        cmocka_unit_test(only_the_whole_magic_counts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
