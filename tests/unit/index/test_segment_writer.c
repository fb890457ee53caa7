/* SPDX-License-Identifier: Apache-2.0 */
#include "index/segment_writer.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/mem.h"

static char folder[64];

static int make_folder(void **state)
{
    (void)state;
    snprintf(folder, sizeof(folder), "test_segment_writer-XXXXXX");
    return mkdtemp(folder) ? 0 : -1;
}

static int remove_folder(void **state)
{
    (void)state;
    return rmdir(folder);
}

/* Reads a file and takes it away. */
static uint8_t *take_file(const char *path, size_t *ret_size)
{
    FILE *file = fopen(path, "r");
    assert_non_null(file);
    fseek(file, 0, SEEK_END);
    *ret_size = (size_t)ftell(file);
    rewind(file);
    uint8_t *bytes = mem_alloc(*ret_size);
    assert_int_equal(fread(bytes, 1, *ret_size, file), *ret_size);
    fclose(file);
    unlink(path);
    return bytes;
}

/* The bytes of a segment of one chunk, each of whose flows is noted `times` times. */
static uint8_t *segment_of(uint32_t flows, unsigned times, uint64_t memory, size_t *ret_size)
{
    struct segment_writer *writer;
    struct pairs *pairs;
    struct error err;
    const struct segment_chunk chunk = {24, 1, 0, 1};
    const struct segment_summary summary = {.packets = flows, .path = "capture", .last = 1};
    char name[SEGMENT_NAME_SIZE], path[128];
    assert_int_equal(segment_writer_new(&writer, folder, &err), 0);
    assert_int_equal(pairs_new(&pairs, memory, folder, &err), 0);
    assert_int_equal(segment_writer_chunk(writer, &chunk, &err), 0);
    for (uint32_t i = 0; i < flows * times; i++) {
        uint64_t pair = pair_of(i % flows * UINT32_C(0x9e3779b1), 0);
        assert_int_equal(pairs_add(pairs, &pair, 1, &err), 0);
    }
    assert_int_equal(segment_writer_finish(writer, &summary, pairs, &err), 0);
    segment_writer_free(writer);
    pairs_free(pairs);
    segment_name_of(name, &summary.capture, summary.first, summary.last);
    snprintf(path, sizeof(path), "%s/%s", folder, name);
    return take_file(path, ret_size);
}

/*
 * A pair that was added twice may be found to be one only when runs are merged. Where the number of
 * pairs is just at a power of two, that must not make a difference.
 */
static void test_any_memory_same_bytes(void **state)
{
    (void)state;
    enum { BORDER = 1 << 17 };
    for (uint32_t flows = BORDER - 1; flows <= BORDER + 1; flows++)
        for (unsigned times = 1; times <= 2; times++) {
            size_t size, expected_size;
            uint8_t *expected = segment_of(flows, times, 64 << 20, &expected_size);
            uint8_t *got = segment_of(flows, times, 1, &size);
            assert_int_equal(size, expected_size);
            assert_memory_equal(got, expected, size);
            free(expected);
            free(got);
        }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_any_memory_same_bytes),
    };
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
