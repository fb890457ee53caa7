/* SPDX-License-Identifier: Apache-2.0 */
#include "base/new_file.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "files.h"

static void expect_content(const char *name, const char *text)
{
    char bytes[64] = "";
    int descriptor = open(name, O_RDONLY);
    assert_true(descriptor >= 0);
    ssize_t got = read(descriptor, bytes, sizeof(bytes) - 1);
    close(descriptor);
    assert_int_equal(got, strlen(text));
    assert_string_equal(bytes, text);
}

static void put(struct new_file *file, const char *text)
{
    assert_int_equal(write(file->descriptor, text, strlen(text)), strlen(text));
}

static void test_appears_when_it_is_whole(void **state)
{
    (void)state;
    struct new_file file;
    struct error err;
    assert_int_equal(new_file_create(&file, "new", &err), 0);
    put(&file, "whole");
    assert_int_equal(access("new", F_OK), -1);
    assert_int_equal(new_file_commit(&file, &err), 0);
    expect_content("new", "whole");
    new_file_abandon(&file); /* does nothing */
    expect_content("new", "whole");
}

static void test_replaces_and_keeps_the_mode(void **state)
{
    (void)state;
    struct new_file file;
    struct error err;
    struct stat status;
    files_write("old", (struct view){(const uint8_t *)"old", 3});
    assert_int_equal(chmod("old", 0640), 0);
    assert_int_equal(new_file_create(&file, "old", &err), 0);
    put(&file, "new bytes");
    expect_content("old", "old");
    assert_int_equal(new_file_commit(&file, &err), 0);
    expect_content("old", "new bytes");
    assert_int_equal(stat("old", &status), 0);
    assert_int_equal(status.st_mode & 07777, 0640);
}

static void test_follows_links(void **state)
{
    (void)state;
    struct new_file file;
    struct error err;
    struct stat status;
    files_write("target", (struct view){(const uint8_t *)"old", 3});
    assert_int_equal(symlink("target", "link"), 0);
    assert_int_equal(new_file_create(&file, "link", &err), 0);
    put(&file, "new");
    assert_int_equal(new_file_commit(&file, &err), 0);
    expect_content("target", "new");
    assert_int_equal(lstat("link", &status), 0);
    assert_true(S_ISLNK(status.st_mode));
}

static void test_name_that_is_known_in_the_end(void **state)
{
    (void)state;
    struct new_file file;
    struct error err;
    assert_int_equal(new_file_create(&file, "./first", &err), 0);
    put(&file, "bytes");
    new_file_set_name(&file, "second");
    assert_int_equal(new_file_commit(&file, &err), 0);
    assert_int_equal(access("first", F_OK), -1);
    expect_content("second", "bytes");
}

static void test_abandoned_leaves_nothing(void **state)
{
    (void)state;
    struct new_file file;
    struct error err;
    struct stat before, after;
    assert_int_equal(stat(".", &before), 0);
    assert_int_equal(new_file_create(&file, "never", &err), 0);
    put(&file, "half");
    new_file_abandon(&file);
    assert_int_equal(access("never", F_OK), -1);
    assert_int_equal(stat(".", &after), 0);
    assert_int_equal(before.st_nlink, after.st_nlink);
}

/* What is no regular file is written to, and stays what it is. */
static void test_devices_stay(void **state)
{
    (void)state;
    struct new_file file;
    struct error err;
    struct stat status;
    char bytes[8];
    assert_int_equal(mkfifo("pipe", 0600), 0);
    int reader = open("pipe", O_RDONLY | O_NONBLOCK);
    assert_int_equal(new_file_create(&file, "pipe", &err), 0);
    put(&file, "bytes");
    assert_int_equal(new_file_commit(&file, &err), 0);
    assert_int_equal(read(reader, bytes, sizeof(bytes)), 5);
    assert_int_equal(new_file_create(&file, "pipe", &err), 0);
    new_file_abandon(&file);
    assert_int_equal(stat("pipe", &status), 0);
    assert_true(S_ISFIFO(status.st_mode));
    close(reader);
}

static void test_no_folder(void **state)
{
    (void)state;
    struct new_file file;
    struct error err;
    assert_int_equal(new_file_create(&file, "nowhere/file", &err), -1);
    assert_string_equal(err.text, "nowhere/file: cannot be written: No such file or directory");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_appears_when_it_is_whole, files_enter, files_leave),
        cmocka_unit_test_setup_teardown(test_replaces_and_keeps_the_mode, files_enter, files_leave),
        cmocka_unit_test_setup_teardown(test_follows_links, files_enter, files_leave),
        cmocka_unit_test_setup_teardown(test_name_that_is_known_in_the_end, files_enter,
                                        files_leave),
        cmocka_unit_test_setup_teardown(test_abandoned_leaves_nothing, files_enter, files_leave),
        cmocka_unit_test_setup_teardown(test_devices_stay, files_enter, files_leave),
        cmocka_unit_test_setup_teardown(test_no_folder, files_enter, files_leave),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
