/* SPDX-License-Identifier: Apache-2.0 */
#include "scan/known.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#define HEAD "# Services that radark saw answer: address, protocol, port, first seen (since 1970)\n"

static void write_file(const char *text)
{
    FILE *file = fopen("known", "w");
    assert_non_null(file);
    fputs(text, file);
    fclose(file);
}

static void expect_file(const char *text)
{
    char found[4096] = "";
    FILE *file = fopen("known", "r");
    assert_non_null(file);
    found[fread(found, 1, sizeof(found) - 1, file)] = '\0';
    fclose(file);
    assert_string_equal(found, text);
}

static void add(struct known *known, uint8_t host, uint16_t port, nsec_t first, bool is_known)
{
    struct scan_endpoint endpoint = {.first = first};
    const uint8_t address[ADDRESS_KEY] = {4, 10, 0, 0, host};
    struct error err;
    bool found;
    scan_endpoint_put(&endpoint, address, 6, port);
    assert_int_equal(known_add(known, &endpoint, &found, &err), 0);
    assert_int_equal(found, is_known);
}

static void finish(struct known *known)
{
    struct error err;
    assert_int_equal(known_finish(known, &err), 0);
    assert_int_equal(known_commit(known, &err), 0);
}

static void a_file_grows(void **state)
{
    (void)state;
    struct known *known;
    struct error err;
    unlink("known");
    assert_int_equal(known_open(&known, "known", &err), 0);
    add(known, 1, 22, 5 * NSEC_PER_SEC, false);
    add(known, 3, 22, 6 * NSEC_PER_SEC + 7, false);
    assert_int_not_equal(access("known", F_OK), 0);
    finish(known);
    expect_file(HEAD "10.0.0.1 6 22 5.000000000\n10.0.0.3 6 22 6.000000007\n");

    assert_int_equal(known_open(&known, "known", &err), 0);
    add(known, 0, 80, 9, false);
    add(known, 1, 21, 9, false);
    add(known, 1, 22, 9, true); /* earlier than what is known */
    add(known, 2, 22, 9, false);
    finish(known);
    expect_file(HEAD "10.0.0.0 6 80 0.000000009\n10.0.0.1 6 21 0.000000009\n"
                     "10.0.0.1 6 22 0.000000009\n10.0.0.2 6 22 0.000000009\n"
                     "10.0.0.3 6 22 6.000000007\n");
}

static void abandoned_files_stay(void **state)
{
    (void)state;
    struct known *known;
    struct error err;
    write_file("10.0.0.1 6 22 5.000000000\nfd00::1 17 53 5.000000000\n");
    assert_int_equal(known_open(&known, "known", &err), 0);
    add(known, 2, 22, 9, false);
    known_abandon(known);
    expect_file("10.0.0.1 6 22 5.000000000\nfd00::1 17 53 5.000000000\n");
}

/* Of two at once the second would take away what the first has found. */
static void nothing_is_taken_away(void **state)
{
    (void)state;
    for (unsigned was_there = 0; was_there <= 1; was_there++) {
        struct known *one, *two;
        struct error err;
        unlink("known");
        if (was_there)
            write_file("10.0.0.1 6 22 5.000000000\n");
        assert_int_equal(known_open(&one, "known", &err), 0);
        assert_int_equal(known_open(&two, "known", &err), 0);
        add(one, 2, 22, 6, false);
        add(two, 3, 22, 7, false);
        finish(one);
        assert_int_equal(known_finish(two, &err), 0);
        assert_int_equal(known_commit(two, &err), -1);
        assert_string_equal(err.text,
                            "known: has changed meanwhile, and stays as it is now; run it again");
        expect_file(was_there ? HEAD "10.0.0.1 6 22 5.000000000\n10.0.0.2 6 22 0.000000006\n"
                              : HEAD "10.0.0.2 6 22 0.000000006\n");
    }
}

static void links_are_followed(void **state)
{
    (void)state;
    struct known *known;
    struct error err;
    struct stat status;
    unlink("known");
    assert_int_equal(symlink("elsewhere", "known"), 0);
    assert_int_equal(known_open(&known, "known", &err), 0);
    add(known, 2, 22, 6, false);
    finish(known);
    expect_file(HEAD "10.0.0.2 6 22 0.000000006\n");
    assert_int_equal(lstat("known", &status), 0);
    assert_true(S_ISLNK(status.st_mode));
    unlink("known");
    unlink("elsewhere");
}

static void fails(const char *text, const char *message)
{
    struct known *known = NULL;
    struct error err = {""};
    write_file(text);
    int result = known_open(&known, "known", &err);
    if (!result) {
        result = known_finish(known, &err);
        known_abandon(known);
    }
    assert_int_equal(result, -1);
    assert_string_equal(err.text, message);
    expect_file(text);
}

static void wrong_files(void **state)
{
    (void)state;
    const char *what = "no service: ADDRESS PROTOCOL PORT SECONDS.NANOSECONDS";
    const char *lines[] = {"x",
                           "10.0.0.1 6 22",
                           "10.0.0.1 6 22 5",
                           "10.0.0.1 6 22 5.0",
                           "10.0.0.1 6 70000 5.000000000",
                           "10.0.0.1 256 22 5.000000000",
                           "10.0.0.300 6 22 5.000000000",
                           "10.0.0.1 6 22 5.000000000 x",
                           "10.0.0.1 6 22 99999999999999999999.000000000",
                           "10.0.0.1 6 22 .5"};
    char text[200], message[200];
    snprintf(message, sizeof(message), "known: line 3: %s", what);
    for (size_t i = 0; i < sizeof(lines) / sizeof(*lines); i++) {
        snprintf(text, sizeof(text), "# comment\n10.0.0.0 6 22 5.000000000\n%s\n", lines[i]);
        fails(text, message);
    }
    fails("10.0.0.1 6 22 5.000000000\n10.0.0.1 6 22 5.000000000\n", "known: line 2: not in order");
    fails("fd00::1 6 22 5.000000000\n10.0.0.1 6 22 5.000000000\n", "known: line 2: not in order");
    memset(text, '1', sizeof(text) - 1);
    text[sizeof(text) - 1] = '\0';
    fails(text, "known: line 1: no service");
}

int main(void)
{
    char folder[] = "/tmp/panoptes-known-XXXXXX";
    if (!mkdtemp(folder) || chdir(folder))
        return 1;
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_file_grows),          cmocka_unit_test(abandoned_files_stay),
        cmocka_unit_test(nothing_is_taken_away), cmocka_unit_test(links_are_followed),
        cmocka_unit_test(wrong_files),
    };
    int failures = cmocka_run_group_tests(tests, NULL, NULL);
    unlink("known");
    rmdir(folder);
    return failures;
}
