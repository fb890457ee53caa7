/* SPDX-License-Identifier: Apache-2.0 */
#include "spill/row_sort.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/hash.h"

enum { ROWS = 20000, SIZE_MOST = 40 };

/* Sorts rows of this size, whose bytes repeat as `alphabet` says, and checks the order. */
static void check(size_t count, size_t size, unsigned alphabet, size_t shared)
{
    uint8_t *bytes = calloc(ROWS, SIZE_MOST);
    struct row_ref *refs = calloc(2 * ROWS, sizeof(*refs));
    bool seen[ROWS] = {false};
    for (size_t i = 0; i < count * size; i++) {
        uint64_t word = i;
        if (i % size >= shared)
            bytes[i] = (uint8_t)(hash_words(alphabet, &word, 1) % alphabet);
    }
    const struct rows rows = {bytes, size};
    row_sort(&rows, count, refs, refs + ROWS);
    for (size_t i = 0; i < count; i++) {
        assert_false(seen[refs[i].row]);
        seen[refs[i].row] = true;
        if (!i)
            continue;
        int order = memcmp(rows_at(&rows, &refs[i - 1]), rows_at(&rows, &refs[i]), size);
        assert_true(order < 0 || (order == 0 && refs[i - 1].row < refs[i].row));
    }
    free(bytes);
    free(refs);
}

static void rows_of_any_size(void **state)
{
    (void)state;
    for (size_t size = 1; size <= SIZE_MOST; size++)
        check(3000, size, 256, 0);
}

static void rows_that_share_much(void **state)
{
    (void)state;
    check(ROWS, 40, 2, 0);
    check(ROWS, 40, 3, 17);
    check(ROWS, 33, 256, 31);
    check(ROWS, 12, 1, 0);
    check(ROWS, 20, 256, 20);
}

static void few_rows(void **state)
{
    (void)state;
    for (size_t count = 0; count < 60; count++)
        check(count, 18, 2, 3);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rows_of_any_size),
        cmocka_unit_test(rows_that_share_much),
        cmocka_unit_test(few_rows),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
