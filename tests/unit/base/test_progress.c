/* SPDX-License-Identifier: Apache-2.0 */
#include "base/progress.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

static void check_text(uint64_t done, uint64_t total, nsec_t elapsed_ns, const char *expected)
{
    char text[160];
    progress_text(text, sizeof(text), done, total, elapsed_ns);
    assert_string_equal(text, expected);
}

static void lines(void **state)
{
    (void)state;
    check_text(0, 0, 0, "0 B, 0 B/s");
    check_text(999, 0, NSEC_PER_SEC, "999 B, 999 B/s");
    check_text(1000, 0, NSEC_PER_SEC, "1.0 kB, 1.0 kB/s");
    check_text(999949, 0, NSEC_PER_SEC, "999.9 kB, 999.9 kB/s");
    check_text(999950, 0, NSEC_PER_SEC, "1.0 MB, 1.0 MB/s");
    check_text(1200000000, 5000000000, 4 * NSEC_PER_SEC,
               "1.2 GB of 5.0 GB, 24 %, 300.0 MB/s, 13 s left");
    check_text(0, 5000, NSEC_PER_SEC, "0 B of 5.0 kB, 0 %, 0 B/s, ? left");
    check_text(5000, 5000, NSEC_PER_SEC, "5.0 kB of 5.0 kB, 100 %, 5.0 kB/s, 0 s left");
    /* The file grew: there is no total any more. */
    check_text(5001, 5000, NSEC_PER_SEC, "5.0 kB, 5.0 kB/s");
    check_text(100, 10000, NSEC_PER_SEC, "100 B of 10.0 kB, 1 %, 100 B/s, 1 min 39 s left");
    check_text(1, 7262, NSEC_PER_SEC, "1 B of 7.3 kB, 0 %, 1 B/s, 2 h 1 min left");
    check_text(UINT64_MAX, 0, NSEC_PER_SEC, "18.4 EB, 18.4 EB/s");
}

static void quiet_without_a_terminal(void **state)
{
    (void)state;
    progress_update(1);
    progress_stop();
    progress_start(0);
    progress_update(1);
    progress_stop();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lines),
        cmocka_unit_test(quiet_without_a_terminal),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
