/* SPDX-License-Identifier: Apache-2.0 */
#include "base/output.h"

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

static char folder[] = "/tmp/panoptes-output-XXXXXX";

static int enter_folder(void **state)
{
    (void)state;
    return mkdtemp(folder) && !chdir(folder) ? 0 : -1;
}

static int remove_folder(void **state)
{
    (void)state;
    return chdir("/") || rmdir(folder); /* nothing is left behind */
}

/* As on a disk that is full: files may have so many bytes. */
static void limit_files(rlim_t bytes)
{
    struct rlimit limit;
    signal(SIGXFSZ, SIG_IGN);
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &limit), 0);
    limit.rlim_cur = bytes;
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
}

static off_t size_of(const char *path)
{
    struct stat status;
    return stat(path, &status) ? -1 : status.st_size;
}

/* Writes five bytes to where there is room for `room`; what output_close or output_abandon leaves.
 */
static off_t left_behind(rlim_t room, bool is_abandoned)
{
    struct output *out;
    struct error err;
    assert_int_equal(output_open(&out, "file", &err), 0);
    limit_files(room);
    assert_int_equal(output_write(out, "12345", 5, &err), 0);
    if (is_abandoned) {
        (void)!output_flush(out, &err);
        output_abandon(out);
    } else {
        (void)!output_close(out, &err);
    }
    limit_files(RLIM_INFINITY);
    return size_of("file");
}

static void test_full(void **state)
{
    (void)state;
    for (unsigned is_abandoned = 0; is_abandoned <= 1; is_abandoned++) {
        assert_int_equal(left_behind(0, is_abandoned), -1);
        assert_int_equal(left_behind(3, is_abandoned), -1); /* half a thing is none */
        assert_int_equal(left_behind(5, is_abandoned), 5);
        assert_int_equal(left_behind(7, is_abandoned), 5); /* what was there stays */
        unlink("file");
    }
}

/* What was there, though empty, is somebody's. */
static void test_empty_before(void **state)
{
    (void)state;
    fclose(fopen("file", "we"));
    assert_int_equal(left_behind(0, false), 0);
    unlink("file");
}

/* A file to which nothing was to be written is what was wanted. */
static void test_nothing(void **state)
{
    struct output *out;
    struct error err;
    (void)state;
    assert_int_equal(output_open(&out, "file", &err), 0);
    assert_int_equal(output_close(out, &err), 0);
    assert_int_equal(size_of("file"), 0);
    unlink("file");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_full),
        cmocka_unit_test(test_empty_before),
        cmocka_unit_test(test_nothing),
    };
    return cmocka_run_group_tests(tests, enter_folder, remove_folder);
}
