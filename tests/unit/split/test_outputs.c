/* SPDX-License-Identifier: Apache-2.0 */
#include "split/outputs.h"

#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "record/source.h"
#include "records.h"

static char folder[] = "/tmp/outputs.XXXXXX";
static struct record record;

static const char *path_of(unsigned number)
{
    static char path[64];
    snprintf(path, sizeof(path), "%s/d%u/f%u", folder, number % 3, number);
    return path;
}

static unsigned open_descriptors(void)
{
    unsigned count = 0;
    DIR *dir = opendir("/proc/self/fd");
    while (readdir(dir))
        count++;
    closedir(dir);
    return count;
}

/* Flow records of a file, and whether they are in the order in which they were written. */
static unsigned count_flows(const char *path, unsigned *ret_heads)
{
    struct source *source;
    struct record *r;
    unsigned flows = 0;
    uint64_t packets = 0;
    *ret_heads = 0;
    assert_int_equal(source_open(&source, path, NULL), 0);
    while (!source_next(source, &r, NULL)) {
        if (r->type == RECORD_MAR) {
            ++*ret_heads;
            continue;
        }
        assert_true(r->metric.packets[SRC] > packets);
        packets = r->metric.packets[SRC];
        flows++;
    }
    source_close(source);
    return flows;
}

/* Many more files than may be open, written to in turn: all records are there, with one head. */
static void test_many_files(void **state)
{
    (void)state;
    enum { FILES = 50, ROUNDS = 40, OPEN = 7 };
    struct outputs *outputs = outputs_new(OPEN, 3);
    unsigned before = open_descriptors(), most = 0;
    struct error err;
    for (unsigned round = 0; round < ROUNDS; round++)
        for (unsigned i = 0; i < FILES; i++) {
            record_make_udp(&record, 1700000000, 1700000001, 1 + round, 0);
            assert_int_equal(outputs_write(outputs, path_of(i * 17 % FILES), &record, NULL, &err),
                             0);
            unsigned now = open_descriptors() - before;
            most = now > most ? now : most;
        }
    assert_int_equal(most, OPEN);
    assert_int_equal(outputs_close(outputs, &err), 0);
    for (unsigned i = 0; i < FILES; i++) {
        unsigned heads;
        assert_int_equal(count_flows(path_of(i), &heads), ROUNDS);
        assert_int_equal(heads, 1);
        unlink(path_of(i));
    }
}

static void test_size_and_flush(void **state)
{
    (void)state;
    struct outputs *outputs = outputs_new(4, 3);
    struct error err;
    uint64_t size, again;
    unsigned heads;
    record_make_udp(&record, 1700000000, 1700000001, 1, 0);
    assert_int_equal(outputs_write(outputs, path_of(1), &record, &size, &err), 0);
    assert_int_equal(outputs_flush(outputs, &err), 0);
    assert_int_equal(count_flows(path_of(1), &heads), 1);
    record_make_udp(&record, 1700000000, 1700000001, 2, 0);
    assert_int_equal(outputs_write(outputs, path_of(1), &record, &again, &err), 0);
    assert_int_equal(again - size, size - 128); /* the head */
    assert_int_equal(outputs_close(outputs, &err), 0);
    /* It goes on from the size that was there. */
    outputs = outputs_new(4, 3);
    record_make_udp(&record, 1700000000, 1700000001, 3, 0);
    assert_int_equal(outputs_write(outputs, path_of(1), &record, &size, &err), 0);
    assert_int_equal(size, again + again - 128 - (again - 128) / 2);
    outputs_refuse(outputs, path_of(1));
    assert_int_equal(outputs_close(outputs, &err), 0);
    assert_int_equal(count_flows(path_of(1), &heads), 3);
}

/* A file that is finished is whole, and begins anew where it ended. */
static void test_finish(void **state)
{
    (void)state;
    struct outputs *outputs = outputs_new(4, 3);
    struct error err;
    unsigned heads;
    record_make_udp(&record, 1700000000, 1700000001, 4, 0);
    assert_int_equal(outputs_write(outputs, path_of(1), &record, NULL, &err), 0);
    assert_int_equal(outputs_finish(outputs, path_of(1), &err), 0);
    assert_int_equal(outputs_finish(outputs, path_of(2), &err), 0);
    assert_int_equal(count_flows(path_of(1), &heads), 4);
    record_make_udp(&record, 1700000000, 1700000001, 5, 0);
    assert_int_equal(outputs_write(outputs, path_of(1), &record, NULL, &err), 0);
    assert_int_equal(outputs_close(outputs, &err), 0);
    assert_int_equal(count_flows(path_of(1), &heads), 5);
    assert_int_equal(heads, 1);
}

static void test_trouble(void **state)
{
    (void)state;
    struct outputs *outputs = outputs_new(4, 3);
    struct error err;
    char path[128];
    record_make_udp(&record, 1700000000, 1700000001, 1, 0);
    outputs_refuse(outputs, path_of(1));
    assert_int_equal(outputs_write(outputs, path_of(1), &record, NULL, &err), -1);
    assert_non_null(strstr(err.text, "is both input and output"));
    snprintf(path, sizeof(path), "%s/below", path_of(1));
    assert_int_equal(outputs_write(outputs, path, &record, NULL, &err), -1);
    assert_non_null(strstr(err.text, "Not a directory"));
    assert_int_equal(outputs_write(outputs, "/dev/full", &record, NULL, &err), 0);
    assert_int_equal(outputs_flush(outputs, &err), -1);
    assert_non_null(strstr(err.text, "/dev/full: write failed: No space left on device"));
    assert_int_equal(outputs_close(outputs, &err), 0);
    unlink(path_of(1));
    for (unsigned i = 0; i < 3; i++) {
        snprintf(path, sizeof(path), "%s/d%u", folder, i);
        rmdir(path);
    }
    assert_int_equal(rmdir(folder), 0);
}

int main(void)
{
    assert_non_null(mkdtemp(folder));
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_many_files),
        cmocka_unit_test(test_size_and_flush),
        cmocka_unit_test(test_finish),
        cmocka_unit_test(test_trouble),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
