/* SPDX-License-Identifier: Apache-2.0 */
#include "base/temp_file.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

static void test_it_has_no_name(void **state)
{
    char folder[] = "/tmp/panoptes-test-XXXXXX", byte = 0;
    struct error err;
    struct stat status;
    (void)state;
    assert_non_null(mkdtemp(folder));
    int descriptor = temp_file_open(folder, &err);
    assert_true(descriptor >= 0);
    assert_int_equal(pwrite(descriptor, "x", 1, 0), 1);
    assert_int_equal(pread(descriptor, &byte, 1, 0), 1);
    assert_int_equal(byte, 'x');
    assert_int_equal(fstat(descriptor, &status), 0);
    assert_int_equal(status.st_nlink, 0);
    assert_int_equal(status.st_mode & 0777, 0600);
    assert_true(fcntl(descriptor, F_GETFD) & FD_CLOEXEC);
    assert_int_equal(rmdir(folder), 0); /* it is empty */
    close(descriptor);
}

static void test_no_folder(void **state)
{
    struct error err;
    (void)state;
    assert_int_equal(temp_file_open("/nowhere", &err), -1);
    assert_string_equal(err.text, "temporary file in /nowhere: No such file or directory");
    assert_int_equal(temp_file_check("/dev/null", &err), -1);
    assert_int_equal(temp_file_check("/tmp", &err), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_it_has_no_name),
        cmocka_unit_test(test_no_folder),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
