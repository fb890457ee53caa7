/* SPDX-License-Identifier: Apache-2.0 */
#include "record/source.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "record/sink.h"
#include "record/wire.h"
#include "records.h"

enum { RECORDS = 5 };

static char folder[] = "/tmp/panoptes-source-XXXXXX";
static char path[64], copy[64];

static size_t slurp(const char *name, uint8_t *to, size_t most)
{
    FILE *file = fopen(name, "rb");
    assert_non_null(file);
    size_t size = fread(to, 1, most, file);
    fclose(file);
    return size;
}

static void dump(const char *name, const uint8_t *bytes, size_t size)
{
    FILE *file = fopen(name, "wb");
    assert_non_null(file);
    assert_int_equal(fwrite(bytes, 1, size, file), size);
    fclose(file);
}

static int set_up(void **state)
{
    (void)state;
    struct error err;
    struct record *r = calloc(1, sizeof(*r));
    assert_non_null(mkdtemp(folder));
    snprintf(path, sizeof(path), "%s/sub/a", folder);
    snprintf(copy, sizeof(copy), "%s/b", folder);
    struct sink *sink = sink_new(path);
    for (unsigned i = 0; i < RECORDS; i++) {
        record_make_full(r);
        r->transport.sequence = i;
        assert_int_equal(sink_write(sink, r, &err), 0);
    }
    assert_int_equal(sink_records(sink), RECORDS);
    assert_int_equal(sink_free(sink, &err), 0);
    free(r);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    char command[128];
    unlink(path);
    unlink(copy);
    snprintf(command, sizeof(command), "%s/sub", folder);
    rmdir(command);
    return rmdir(folder);
}

/* Counts the flow records of a file; -1 in *ret_result when it ended with an error. */
static unsigned count_records(const char *name, int *ret_result, struct error *err)
{
    struct source *source;
    struct record *r;
    unsigned count = 0;
    *ret_result = source_open(&source, name, err);
    if (*ret_result)
        return 0;
    while (!(*ret_result = source_next(source, &r, err)) || *ret_result == SOURCE_DAMAGED)
        count += record_is_flow(r);
    source_close(source);
    return count;
}

static void test_read_back(void **state)
{
    (void)state;
    struct error err;
    int result;
    assert_int_equal(count_records(path, &result, &err), RECORDS);
    assert_int_equal(result, SOURCE_END);
}

/* What no stage changed is written as the bytes that came in; appending adds no second head. */
static void test_copy_is_the_same_bytes(void **state)
{
    (void)state;
    static uint8_t a[16384], b[32768];
    struct error err;
    struct source *source;
    struct record *r;
    for (unsigned round = 1; round <= 2; round++) {
        struct sink *sink = sink_new(copy);
        assert_int_equal(source_open(&source, path, &err), 0);
        while (!source_next(source, &r, &err))
            assert_int_equal(sink_write(sink, r, &err), 0);
        source_close(source);
        assert_int_equal(sink_free(sink, &err), 0);
        size_t size = slurp(path, a, sizeof(a));
        assert_int_equal(slurp(copy, b, sizeof(b)), size * round);
        assert_memory_equal(a, b + size * (round - 1), size);
    }
    unlink(copy);
}

/* Cut anywhere: whole records before the cut are given; unless it falls between records, an error
 * names file and offset. */
static void test_truncation(void **state)
{
    (void)state;
    static uint8_t bytes[16384];
    size_t size = slurp(path, bytes, sizeof(bytes));
    size_t each = (size - WIRE_MAR_SIZE) / RECORDS;
    for (size_t cut = 0; cut < size; cut++) {
        struct error err = {{0}};
        int result;
        dump(copy, bytes, cut);
        unsigned count = count_records(copy, &result, &err);
        if (cut < WIRE_MAR_SIZE) {
            assert_int_equal(result, -1);
        } else {
            assert_int_equal(count, (cut - WIRE_MAR_SIZE) / each);
            assert_int_equal(result, (cut - WIRE_MAR_SIZE) % each ? -1 : SOURCE_END);
        }
        if (result == -1)
            assert_non_null(strstr(err.text, copy));
    }
    unlink(copy);
}

static void test_damage(void **state)
{
    (void)state;
    static uint8_t bytes[16384], changed[16384];
    size_t size = slurp(path, bytes, sizeof(bytes));
    for (size_t at = 0; at < size; at += 3) {
        struct error err = {{0}};
        int result;
        memcpy(changed, bytes, size);
        changed[at] ^= 0xff;
        dump(copy, changed, size);
        count_records(copy, &result, &err);
        if (result == -1)
            assert_non_null(strstr(err.text, copy));
    }
    unlink(copy);
}

static void test_not_argus(void **state)
{
    (void)state;
    static uint8_t text[200] = "these are not records";
    struct error err;
    int result;
    dump(copy, text, sizeof(text));
    assert_int_equal(count_records(copy, &result, &err), 0);
    assert_non_null(strstr(err.text, "not argus data"));
    dump(copy, text, 0);
    count_records(copy, &result, &err);
    assert_non_null(strstr(err.text, "empty file"));
    unlink(copy);
}

static void test_full_disk(void **state)
{
    (void)state;
    struct error err = {{0}};
    struct record *r = calloc(1, sizeof(*r));
    struct sink *sink = sink_new("/dev/full");
    record_make_full(r);
    assert_int_equal(sink_write(sink, r, &err), 0);
    assert_int_equal(sink_free(sink, &err), -1);
    assert_non_null(strstr(err.text, "/dev/full"));
    free(r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_read_back),  cmocka_unit_test(test_copy_is_the_same_bytes),
        cmocka_unit_test(test_truncation), cmocka_unit_test(test_damage),
        cmocka_unit_test(test_not_argus),  cmocka_unit_test(test_full_disk),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
