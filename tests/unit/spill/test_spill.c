/* SPDX-License-Identifier: Apache-2.0 */
#include "spill/spill.h"

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>

#include <cmocka.h>

enum { BLOCK = SPILL_BLOCK_LEAST, STREAMS = 5, ITEMS = 4000 };

/* Items of sizes from 8 to three blocks; each is its number over and over. */
static size_t item(uint64_t *words, uint64_t stream, uint64_t number)
{
    size_t count = 1 + (size_t)((number * 7 + stream) % 50);
    if (number % 500 == 3)
        count = 3 * BLOCK / 8;
    for (size_t i = 0; i < count; i++)
        words[i] = stream << 32 | number;
    return count * sizeof(*words);
}

static void check_items(struct spill_stream *stream, uint64_t number_of_stream)
{
    static uint64_t words[BLOCK];
    for (uint64_t i = 0; i < ITEMS; i++) {
        const void *bytes;
        size_t size = item(words, number_of_stream, i);
        assert_int_equal(spill_peek(stream, 8, &bytes, NULL), 0);
        assert_memory_equal(bytes, words, 8);
        assert_int_equal(spill_read(stream, size, &bytes, NULL), 0);
        assert_memory_equal(bytes, words, size);
        assert_int_equal((uintptr_t)bytes % 8, 0);
    }
    assert_int_equal(stream->bytes, 0);
}

static void streams_share_a_file(void **state)
{
    (void)state;
    static uint64_t words[BLOCK];
    struct spill_file *file = spill_file_new("/tmp", BLOCK);
    struct spill_stream streams[STREAMS] = {{0}};
    for (uint64_t round = 0; round < 2; round++) {
        for (uint64_t s = 0; s < STREAMS; s++)
            streams[s].file = file;
        for (uint64_t i = 0; i < ITEMS; i++) {
            for (uint64_t s = 0; s < STREAMS; s++)
                assert_int_equal(spill_write(&streams[s], words, item(words, s, i), NULL), 0);
        }
        for (uint64_t s = 0; s < STREAMS; s++) {
            assert_int_equal(spill_close(&streams[s], NULL), 0);
            assert_null(streams[s].buffer);
        }
        for (uint64_t s = STREAMS; s--;)
            check_items(&streams[s], s);
        for (uint64_t s = 0; s < STREAMS; s++)
            spill_release(&streams[s]);
    }
    assert_true(spill_file_written(file) > STREAMS * ITEMS * 100);
    spill_file_free(file);
}

/* Blocks that were read, or given up, are used again: the file does not grow. */
static void blocks_are_used_again(void **state)
{
    (void)state;
    static const uint8_t bytes[BLOCK];
    struct spill_file *file = spill_file_new("/tmp", BLOCK);
    for (int i = 0; i < 20; i++) {
        struct spill_stream stream = {.file = file};
        for (int block = 0; block < 5; block++)
            assert_int_equal(spill_write(&stream, bytes, sizeof(bytes), NULL), 0);
        assert_int_equal(spill_close(&stream, NULL), 0);
        for (size_t block = 0; block < stream.block_count; block++)
            assert_true(stream.blocks[block] < 5);
        const void *read;
        if (i % 2)
            assert_int_equal(spill_read(&stream, sizeof(bytes), &read, NULL), 0);
        spill_release(&stream);
    }
    spill_file_free(file);
}

static void nothing_written_makes_no_file(void **state)
{
    (void)state;
    struct spill_file *file = spill_file_new("/nowhere", BLOCK);
    struct spill_stream stream = {.file = file};
    assert_int_equal(spill_close(&stream, NULL), 0);
    spill_release(&stream);
    spill_file_free(file);
    spill_file_free(NULL);
}

static void trouble_is_told(void **state)
{
    (void)state;
    static const uint8_t bytes[3 * BLOCK];
    struct error err;
    struct spill_file *file = spill_file_new("/nowhere", BLOCK);
    struct spill_stream stream = {.file = file};
    assert_int_equal(spill_write(&stream, bytes, sizeof(bytes), &err), -1);
    assert_string_equal(err.text, "temporary file in /nowhere: No such file or directory");
    spill_release(&stream);
    spill_file_free(file);
}

/* As on a disk that is full. */
static void a_full_disk(void **state)
{
    (void)state;
    static const uint8_t bytes[8 * BLOCK];
    struct rlimit before, limit;
    struct error err;
    getrlimit(RLIMIT_FSIZE, &before);
    limit = before;
    limit.rlim_cur = 2 * BLOCK + 100;
    signal(SIGXFSZ, SIG_IGN);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
    struct spill_file *file = spill_file_new("/tmp", BLOCK);
    struct spill_stream stream = {.file = file};
    int result = spill_write(&stream, bytes, sizeof(bytes), &err);
    setrlimit(RLIMIT_FSIZE, &before);
    assert_int_equal(result, -1);
    assert_string_equal(err.text, "temporary file in /tmp: File too large");
    spill_release(&stream);
    spill_file_free(file);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(streams_share_a_file),
        cmocka_unit_test(blocks_are_used_again),
        cmocka_unit_test(nothing_written_makes_no_file),
        cmocka_unit_test(trouble_is_told),
        cmocka_unit_test(a_full_disk),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
