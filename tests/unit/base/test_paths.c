/* SPDX-License-Identifier: Apache-2.0 */
#include "base/paths.h"

#include <ftw.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

/* Each test works in a fresh directory, as the current one. */
static int enter(void **state)
{
    char *root = strdup("/tmp/test_paths.XXXXXX");
    *state = root;
    return mkdtemp(root) && !chdir(root) ? 0 : -1;
}

static int remove_entry(const char *name, const struct stat *status, int kind, struct FTW *ftw)
{
    (void)status, (void)kind, (void)ftw;
    return remove(name);
}

static int leave(void **state)
{
    int result = chdir("/") || nftw(*state, remove_entry, 8, FTW_DEPTH | FTW_PHYS);
    free(*state);
    return result;
}

static void file(const char *name)
{
    FILE *to = fopen(name, "w");
    assert_non_null(to);
    fclose(to);
}

static void directory(const char *name)
{
    assert_int_equal(mkdir(name, 0777), 0);
}

static void check_paths(const struct paths *paths, const char *const *expected)
{
    for (size_t i = 0; i < paths->count; i++) {
        assert_non_null(expected[i]);
        assert_string_equal(paths->list[i].name, expected[i]);
    }
    assert_null(expected[paths->count]);
}

static void files_are_sorted_by_path(void **state)
{
    (void)state;
    directory("d");
    directory("d/b");
    directory("d/a");
    directory("d/.hidden");
    file("d/b/2");
    file("d/b/10");
    file("d/a/z");
    file("d/a.b"); /* "." sorts before "/" */
    file("d/.dot");
    file("d/.hidden/x");
    assert_int_equal(mkfifo("d/pipe", 0666), 0);

    struct paths paths = {0};
    assert_int_equal(paths_collect(&paths, "d", NULL), 0);
    const char *const expected[] = {"d/a.b", "d/a/z", "d/b/10", "d/b/2", NULL};
    check_paths(&paths, expected);
    assert_true(paths.list[0].found);
    paths_release(&paths);

    assert_int_equal(paths_collect(&paths, "d/", NULL), 0);
    check_paths(&paths, expected);
    paths_release(&paths);
}

static void named_files_are_sorted_in(void **state)
{
    (void)state;
    directory("b");
    directory("a");
    file("b/1");
    file("a/1");
    struct paths paths = {0};
    paths_add(&paths, "aa");
    assert_int_equal(paths_collect(&paths, "b", NULL), 0);
    assert_int_equal(paths_collect(&paths, "a", NULL), 0);
    paths_add(&paths, "a");
    const char *const expected[] = {"a/1", "aa", "b/1", "a", NULL};
    check_paths(&paths, expected);
    assert_true(paths.list[0].found);
    assert_false(paths.list[1].found);
    paths_release(&paths);
}

static void links_are_followed_once(void **state)
{
    (void)state;
    directory("d");
    directory("d/sub");
    directory("elsewhere");
    file("d/sub/1");
    file("elsewhere/2");
    assert_int_equal(symlink("../..", "d/sub/up"), 0);
    assert_int_equal(symlink("sub", "d/other"), 0);
    assert_int_equal(symlink("../elsewhere", "d/link"), 0);
    assert_int_equal(symlink("sub/1", "d/file"), 0);
    assert_int_equal(symlink("nowhere", "d/broken"), 0);
    assert_int_equal(symlink("self", "d/self"), 0);

    struct paths paths = {0};
    assert_int_equal(paths_collect(&paths, "d", NULL), 0);
    const char *const expected[] = {"d/file", "d/link/2", "d/other/1", NULL};
    check_paths(&paths, expected);
    paths_release(&paths);
}

static void many_directories(void **state)
{
    (void)state;
    char name[32];
    directory("d");
    for (int i = 0; i < 300; i++) {
        snprintf(name, sizeof(name), "d/%03d", i);
        directory(name);
        snprintf(name, sizeof(name), "d/%03d/f", i);
        file(name);
    }
    struct paths paths = {0};
    assert_int_equal(paths_collect(&paths, "d", NULL), 0);
    assert_int_equal(paths.count, 300);
    assert_string_equal(paths.list[299].name, "d/299/f");
    paths_release(&paths);
}

static void a_file_may_be_named(void **state)
{
    (void)state;
    file("f");
    struct paths paths = {0};
    assert_int_equal(paths_collect(&paths, "f", NULL), 0);
    const char *const expected[] = {"f", NULL};
    check_paths(&paths, expected);
    paths_release(&paths);
}

static void nothing_there(void **state)
{
    (void)state;
    struct error err;
    struct paths paths = {0};
    assert_int_equal(paths_collect(&paths, "missing", &err), -1);
    assert_string_equal(err.text, "missing: No such file or directory");
    assert_int_equal(paths_collect(&paths, "", &err), -1);
    directory("empty");
    assert_int_equal(paths_collect(&paths, "empty", &err), 0);
    assert_int_equal(paths.count, 0);
    paths_release(&paths);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(files_are_sorted_by_path, enter, leave),
        cmocka_unit_test_setup_teardown(named_files_are_sorted_in, enter, leave),
        cmocka_unit_test_setup_teardown(links_are_followed_once, enter, leave),
        cmocka_unit_test_setup_teardown(many_directories, enter, leave),
        cmocka_unit_test_setup_teardown(a_file_may_be_named, enter, leave),
        cmocka_unit_test_setup_teardown(nothing_there, enter, leave),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
