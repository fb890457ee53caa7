/* SPDX-License-Identifier: Apache-2.0 */
#include "base/input.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "files.h"

/* Bytes whose values tell where they stand. */
static struct view pattern(size_t size)
{
    uint8_t *bytes = malloc(size);
    for (size_t i = 0; i < size; i++)
        bytes[i] = (uint8_t)(i * 2654435761U >> 24 ^ i);
    return (struct view){bytes, size};
}

static void forget(struct view bytes)
{
    free((void *)bytes.data);
}

/* Reads all of it, a few bytes at a time, and compares. */
static void check_all(struct input *in, struct view expected, size_t step)
{
    struct view got;
    for (size_t at = 0; at < expected.size; at += step) {
        size_t left = expected.size - at;
        size_t want = left < step ? left : step;
        assert_int_equal(input_offset(in), at);
        assert_int_equal(input_peek(in, want, &got, NULL), 0);
        assert_true(got.size >= want && got.size <= left);
        assert_int_equal(input_available(in), got.size);
        assert_memory_equal(got.data, expected.data + at, want);
        input_advance(in, want);
    }
    assert_int_equal(input_peek(in, 1, &got, NULL), 0);
    assert_int_equal(got.size, 0);
    assert_int_equal(input_offset(in), expected.size);
}

static void a_file_is_mapped(void **state)
{
    (void)state;
    struct view bytes = pattern(1000), got;
    struct input *in;
    files_write("f", bytes);
    assert_int_equal(input_open(&in, "f", NULL), 0);
    assert_true(input_is_mapped(in));
    assert_false(input_is_compressed(in));
    assert_false(input_is_stream(in));
    assert_string_equal(input_name(in), "f");
    assert_int_equal(input_raw_size(in), 1000);
    assert_int_equal(input_available(in), 1000);
    assert_int_equal(input_peek(in, 1, &got, NULL), 0);
    assert_int_equal(got.size, 1000);
    assert_int_equal(input_peek(in, 1001, &got, NULL), 0);
    assert_int_equal(got.size, 1000);
    assert_int_equal(input_raw_taken(in), 0);
    check_all(in, bytes, 7);
    assert_int_equal(input_raw_taken(in), 1000);
    input_close(in);
    forget(bytes);
}

static void an_empty_file_has_no_bytes(void **state)
{
    (void)state;
    struct input *in;
    files_write("f", (struct view){(const uint8_t *)"", 0});
    assert_int_equal(input_open(&in, "f", NULL), 0);
    check_all(in, (struct view){NULL, 0}, 1);
    input_close(in);
    in = input_open_memory((struct view){NULL, 0}, "nothing");
    check_all(in, (struct view){NULL, 0}, 1);
    input_close(in);
    input_close(NULL);
}

static void what_cannot_be_opened(void **state)
{
    (void)state;
    struct input *in;
    struct error err;
    assert_int_equal(input_open(&in, "missing", &err), -1);
    assert_string_equal(err.text, "missing: No such file or directory");
    assert_null(in);
    assert_int_equal(mkdir("d", 0777), 0);
    assert_int_equal(input_open(&in, "d", &err), -1);
    assert_string_equal(err.text, "d: is a directory, not a file");
    assert_int_equal(input_open(&in, "", &err), -1);
}

static void memory_is_like_a_file(void **state)
{
    (void)state;
    struct view bytes = pattern(100);
    struct input *in = input_open_memory(bytes, "memory");
    assert_true(input_is_mapped(in));
    assert_string_equal(input_name(in), "memory");
    check_all(in, bytes, 3);
    input_close(in);
    forget(bytes);
}

static void pipes_are_read_as_they_come(void **state)
{
    (void)state;
    static const size_t sizes[] = {0, 1, 5, 6, 7, 70000, 1000000};
    for (size_t i = 0; i < ARRAY_SIZE(sizes); i++) {
        struct view bytes = pattern(sizes[i]);
        struct files_pipe pipe;
        struct input *in;
        files_pipe(&pipe, bytes, sizes[i] < 100 ? 1 : 30011);
        assert_int_equal(input_open(&in, pipe.path, NULL), 0);
        assert_false(input_is_mapped(in));
        assert_true(input_is_stream(in));
        assert_int_equal(input_raw_size(in), 0);
        check_all(in, bytes, 1 + sizes[i] / 99);
        assert_int_equal(input_raw_taken(in), sizes[i]);
        input_close(in);
        files_wait(&pipe);
        forget(bytes);
    }
}

static void the_buffer_grows_to_what_is_wanted(void **state)
{
    (void)state;
    struct view bytes = pattern(3000000), got;
    struct files_pipe pipe;
    struct input *in;
    files_pipe(&pipe, bytes, 1 << 16);
    assert_int_equal(input_open(&in, pipe.path, NULL), 0);
    assert_int_equal(input_peek(in, 10, &got, NULL), 0);
    input_advance(in, 10);
    assert_int_equal(input_peek(in, 2000000, &got, NULL), 0);
    assert_memory_equal(got.data, bytes.data + 10, 2000000);
    /* What the file does not have is not asked of memory. */
    assert_int_equal(input_peek(in, (size_t)1 << 50, &got, NULL), 0);
    assert_int_equal(got.size, bytes.size - 10);
    assert_memory_equal(got.data, bytes.data + 10, got.size);
    input_close(in);
    files_wait(&pipe);
    forget(bytes);
}

/* The rule that lets a caller collect pointers. */
static void passed_bytes_stay_until_more_is_wanted(void **state)
{
    (void)state;
    struct view bytes = pattern(1000000), got;
    struct files_pipe pipe;
    struct input *in;
    files_pipe(&pipe, bytes, 1 << 16);
    assert_int_equal(input_open(&in, pipe.path, NULL), 0);
    for (size_t at = 0; at < bytes.size;) {
        assert_int_equal(input_peek(in, 1, &got, NULL), 0);
        const uint8_t *first = got.data;
        const size_t all = got.size;
        while (input_available(in)) {
            assert_int_equal(input_peek(in, 1, &got, NULL), 0);
            input_advance(in, got.size < 1000 ? got.size : 1000);
        }
        assert_memory_equal(first, bytes.data + at, all);
        at += all;
    }
    input_close(in);
    files_wait(&pipe);
    forget(bytes);
}

static void standard_input(void **state)
{
    (void)state;
    struct view bytes = pattern(1000);
    struct files_pipe pipe;
    struct input *in;
    files_pipe(&pipe, bytes, 100);
    int saved = dup(STDIN_FILENO);
    assert_int_equal(dup2(pipe.ends[0], STDIN_FILENO), STDIN_FILENO);
    assert_int_equal(input_open(&in, "-", NULL), 0);
    assert_string_equal(input_name(in), "standard input");
    assert_true(input_is_stream(in));
    check_all(in, bytes, 9);
    input_close(in);
    char byte;
    assert_int_equal(read(STDIN_FILENO, &byte, 1), 0); /* still open */
    if (saved >= 0)
        dup2(saved, STDIN_FILENO);
    files_wait(&pipe);
    forget(bytes);
}

static void a_read_error_comes_after_the_bytes(void **state)
{
    (void)state;
    struct input *in;
    struct error err;
    /* The beginning of the own memory cannot be read. */
    assert_int_equal(input_open(&in, "/proc/self/mem", &err), -1);
    assert_string_equal(err.text, "/proc/self/mem: offset 0 of the file: Input/output error");
}

/* A large file passes by without staying in memory, and pointers into it stay good. */
static void a_large_file_is_given_back(void **state)
{
    (void)state;
    enum { SIZE = 64 << 20, STEP = 100000 };
    struct view bytes = pattern(SIZE), got;
    struct rusage before, after;
    struct input *in;
    files_write("f", bytes);
    getrusage(RUSAGE_SELF, &before);
    assert_int_equal(input_open(&in, "f", NULL), 0);
    assert_int_equal(input_peek(in, SIZE, &got, NULL), 0);
    const uint8_t *first = got.data;
    for (size_t at = 0; at < SIZE; at += STEP) {
        size_t size = SIZE - at < STEP ? SIZE - at : STEP;
        assert_int_equal(input_peek(in, size, &got, NULL), 0);
        assert_memory_equal(got.data, bytes.data + at, size);
        input_advance(in, size);
    }
    getrusage(RUSAGE_SELF, &after);
    assert_true(after.ru_maxrss - before.ru_maxrss < 24 * 1024);
    assert_memory_equal(first, bytes.data, 1 << 20);
    input_close(in);
    forget(bytes);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_file_is_mapped, files_enter, files_leave),
        cmocka_unit_test_setup_teardown(an_empty_file_has_no_bytes, files_enter, files_leave),
        cmocka_unit_test_setup_teardown(what_cannot_be_opened, files_enter, files_leave),
        cmocka_unit_test(memory_is_like_a_file),
        cmocka_unit_test_setup_teardown(pipes_are_read_as_they_come, files_enter, files_leave),
        cmocka_unit_test_setup_teardown(the_buffer_grows_to_what_is_wanted, files_enter,
                                        files_leave),
        cmocka_unit_test_setup_teardown(passed_bytes_stay_until_more_is_wanted, files_enter,
                                        files_leave),
        cmocka_unit_test_setup_teardown(standard_input, files_enter, files_leave),
        cmocka_unit_test(a_read_error_comes_after_the_bytes),
        cmocka_unit_test_setup_teardown(a_large_file_is_given_back, files_enter, files_leave),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
