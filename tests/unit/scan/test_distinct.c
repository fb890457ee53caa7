/* SPDX-License-Identifier: Apache-2.0 */
#include "scan/distinct.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/hash.h"

/* Of these numbers, each twice. */
static uint64_t count(struct distinct *distinct, uint64_t first, uint64_t numbers)
{
    for (unsigned again = 0; again < 2; again++)
        for (uint64_t i = first; i < first + numbers; i++) {
            bool is_new = distinct_add(distinct, hash_words(7, &i, 1));
            if (!distinct->is_estimated)
                assert_int_equal(is_new, !again);
        }
    return distinct_count(distinct);
}

static void few_are_exact(void **state)
{
    (void)state;
    struct distinct *distinct = calloc(1, sizeof(*distinct));
    assert_int_equal(distinct_count(distinct), 0);
    for (uint64_t numbers = 1; numbers <= DISTINCT_EXACT; numbers = numbers * 3 + 1) {
        assert_int_equal(count(distinct, numbers, numbers), numbers);
        distinct_clear(distinct);
    }
    assert_int_equal(count(distinct, 0, DISTINCT_EXACT), DISTINCT_EXACT);
    assert_false(distinct->is_estimated);
    free(distinct);
}

/* Within four standard errors, at many sizes and with many hashes. */
static void many_are_estimated(void **state)
{
    (void)state;
    struct distinct *distinct = calloc(1, sizeof(*distinct));
    double squares = 0;
    unsigned runs = 0;
    for (uint64_t numbers = DISTINCT_EXACT + 1; numbers < 2000000; numbers += numbers / 3) {
        double estimate = (double)count(distinct, numbers << 32, numbers);
        double error = estimate / (double)numbers - 1;
        assert_true(distinct->is_estimated);
        assert_true(fabs(error) < 4 * DISTINCT_ERROR);
        squares += error * error;
        runs++;
        distinct_clear(distinct);
    }
    assert_true(sqrt(squares / runs) < 1.6 * DISTINCT_ERROR);
    assert_true(sqrt(squares / runs) > 0.3 * DISTINCT_ERROR);
    free(distinct);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(few_are_exact),
        cmocka_unit_test(many_are_estimated),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
