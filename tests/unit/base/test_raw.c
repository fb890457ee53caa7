/* SPDX-License-Identifier: Apache-2.0 */
#include "base/raw.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "files.h"

enum { SIZE = 3 * RAW_CHUNK };

static uint8_t bytes[SIZE];

/* A chunk takes what it can hold, and goes on when that was taken. */
static void a_chunk_is_filled_and_used_up(void **state)
{
    (void)state;
    struct files_pipe pipe;
    struct raw raw;
    size_t at = 0;
    for (size_t i = 0; i < SIZE; i++)
        bytes[i] = (uint8_t)(i / 251);
    files_pipe(&pipe, (struct view){bytes, SIZE}, 50000);
    assert_int_equal(raw_open(&raw, pipe.path, NULL), 0);
    assert_false(raw_is_whole(&raw));
    while (at < SIZE) {
        for (int i = 0; i < 9; i++)
            assert_int_equal(raw_fill(&raw, "pipe", NULL), 0);
        struct view got = raw_at_hand(&raw);
        assert_int_equal(got.size, RAW_CHUNK);
        assert_memory_equal(got.data, bytes + at, got.size);
        raw_take(&raw, 1000);
        assert_int_equal(raw_fill(&raw, "pipe", NULL), 0); /* still full */
        assert_false(raw.ended);
        raw_take(&raw, got.size - 1000);
        at += got.size;
        assert_int_equal(raw_taken(&raw), at);
    }
    assert_int_equal(raw_fill(&raw, "pipe", NULL), 0);
    assert_true(raw.ended);
    assert_int_equal(raw_at_hand(&raw).size, 0);
    raw_release(&raw);
    files_wait(&pipe);
}

/* Reading past the chunk gives what is in it first. */
static void reading_on_from_a_chunk(void **state)
{
    (void)state;
    static uint8_t copy[SIZE];
    struct files_pipe pipe;
    struct raw raw;
    size_t at = 0, got;
    files_pipe(&pipe, (struct view){bytes, SIZE}, 70000);
    assert_int_equal(raw_open(&raw, pipe.path, NULL), 0);
    assert_int_equal(raw_fill(&raw, "pipe", NULL), 0);
    do {
        const size_t room = SIZE - at < 999 ? SIZE - at + 1 : 999;
        uint8_t *to = malloc(room);
        assert_int_equal(raw_read(&raw, to, room, &got, "pipe", NULL), 0);
        memcpy(copy + at, to, got);
        free(to);
        at += got;
        assert_int_equal(raw_taken(&raw), at);
    } while (got);
    assert_int_equal(at, SIZE);
    assert_memory_equal(copy, bytes, SIZE);
    assert_int_equal(raw_read(&raw, copy, 1, &got, "pipe", NULL), 0);
    assert_int_equal(got, 0);
    raw_release(&raw);
    files_wait(&pipe);
}

static void prefetching_is_harmless(void **state)
{
    (void)state;
    raw_prefetch("missing", 1);
    raw_prefetch(".", 1);
    raw_prefetch("/dev/null", 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_chunk_is_filled_and_used_up, files_enter, files_leave),
        cmocka_unit_test_setup_teardown(reading_on_from_a_chunk, files_enter, files_leave),
        cmocka_unit_test_setup_teardown(prefetching_is_harmless, files_enter, files_leave),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
