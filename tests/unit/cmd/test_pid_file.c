/* SPDX-License-Identifier: Apache-2.0 */
#include "cmd/pid_file.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

static char folder[] = "/tmp/panoptes-pid-XXXXXX";

static int make_folder(void **state)
{
    (void)state;
    return mkdtemp(folder) ? 0 : -1;
}

static int remove_folder(void **state)
{
    (void)state;
    return rmdir(folder); /* nothing is left behind */
}

static long pid_in(const char *path)
{
    char text[24] = "";
    FILE *file = fopen(path, "re");
    if (!file)
        return -1;
    long pid = fgets(text, sizeof(text), file) ? strtol(text, NULL, 10) : 0;
    fclose(file);
    return pid;
}

static void test_taken(void **state)
{
    struct pid_file file;
    struct error err;
    char path[128];
    (void)state;
    assert_int_equal(pid_file_take(&file, folder, "x", &err), 0);
    snprintf(path, sizeof(path), "%s/x.0.pid", folder);
    assert_string_equal(file.path, path);
    assert_int_equal(pid_in(path), getpid());
    pid_file_release(&file);
    assert_int_equal(access(path, F_OK), -1);
    pid_file_release(&file); /* there is none any more */
}

/* One that is had, five of them, and none of which the process has gone. */
static void test_numbers(void **state)
{
    struct pid_file files[5], more;
    struct error err;
    char path[128];
    (void)state;
    snprintf(path, sizeof(path), "%s/x.0.pid", folder);
    FILE *old = fopen(path, "we");
    assert_non_null(old);
    fprintf(old, "%d\n", 0x3fffffff);
    fclose(old);
    for (unsigned i = 0; i < 5; i++) {
        assert_int_equal(pid_file_take(&files[i], folder, "x", &err), 0);
        snprintf(path, sizeof(path), "%s/x.%u.pid", folder, i);
        assert_string_equal(files[i].path, path);
    }
    assert_int_equal(pid_file_take(&more, folder, "x", &err), -1);
    assert_non_null(strstr(err.text, "all pid files of x are in use"));
    for (unsigned i = 0; i < 5; i++)
        pid_file_release(&files[i]);
}

static void test_wrong_folder(void **state)
{
    struct pid_file file;
    struct error err;
    (void)state;
    assert_int_equal(pid_file_take(&file, "/no/such", "x", &err), -1);
    assert_non_null(strstr(err.text, "/no/such/x.0.pid"));
}

/* Somebody else's file under the path is left alone. */
static void test_replaced(void **state)
{
    struct pid_file file;
    struct error err;
    char path[128];
    (void)state;
    assert_int_equal(pid_file_take(&file, folder, "x", &err), 0);
    snprintf(path, sizeof(path), "%s", file.path);
    assert_int_equal(unlink(path), 0);
    FILE *other = fopen(path, "we");
    assert_non_null(other);
    fputs("77\n", other);
    fclose(other);
    pid_file_release(&file);
    assert_int_equal(pid_in(path), 77);
    assert_int_equal(unlink(path), 0);
}

/* What happens between the file's being opened and being locked: who had it removes it. */
static const char *removed;

int __real_flock(int descriptor, int operation);
int __wrap_flock(int descriptor, int operation);

int __wrap_flock(int descriptor, int operation)
{
    if (removed)
        unlink(removed);
    removed = NULL;
    return __real_flock(descriptor, operation);
}

static void test_removed(void **state)
{
    struct pid_file file;
    struct error err;
    char path[128];
    (void)state;
    snprintf(path, sizeof(path), "%s/x.0.pid", folder);
    removed = path;
    assert_int_equal(pid_file_take(&file, folder, "x", &err), 0);
    assert_string_equal(file.path, path);
    assert_int_equal(pid_in(path), getpid());
    pid_file_release(&file);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_taken),    cmocka_unit_test(test_numbers),
        cmocka_unit_test(test_replaced), cmocka_unit_test(test_wrong_folder),
        cmocka_unit_test(test_removed),
    };
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
