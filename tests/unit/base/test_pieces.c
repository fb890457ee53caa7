/* SPDX-License-Identifier: Apache-2.0 */
#include "base/pieces.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static void every_size(void **state)
{
    (void)state;
    enum { SIZES = 5000, STEP = 7 };
    struct chunks chunks = {.chunk_bytes = 64 << 10};
    struct pieces pieces = {.chunks = &chunks};
    static uint8_t *taken[SIZES];
    for (size_t size = 0; size < SIZES; size += STEP) {
        taken[size] = pieces_take(&pieces, size);
        assert_non_null(taken[size]);
        assert_int_equal((uintptr_t)taken[size] % PIECES_STEP, 0);
        memset(taken[size], (int)(size % 251), size);
    }
    /* No piece overlaps another: each still holds what was put there. */
    for (size_t size = 0; size < SIZES; size += STEP) {
        for (size_t i = 0; i < size; i++)
            assert_int_equal(taken[size][i], size % 251);
        pieces_give(&pieces, taken[size], size);
    }
    pieces_release(&pieces);
    chunks_release(&chunks);
}

static void given_back_is_used_again(void **state)
{
    (void)state;
    struct chunks chunks = {.chunk_bytes = 64 << 10};
    struct pieces pieces = {.chunks = &chunks};
    void *a = pieces_take(&pieces, 41), *b = pieces_take(&pieces, 48);
    assert_ptr_not_equal(a, b);
    pieces_give(&pieces, a, 41);
    pieces_give(&pieces, b, 48);
    assert_ptr_equal(pieces_take(&pieces, 44), b);
    assert_ptr_equal(pieces_take(&pieces, 48), a);
    assert_ptr_not_equal(pieces_take(&pieces, 32), a);
    pieces_release(&pieces);
    chunks_release(&chunks);
}

static void bytes_are_counted(void **state)
{
    (void)state;
    struct chunks chunks = {.chunk_bytes = 64 << 10};
    struct pieces pieces = {.chunks = &chunks};
    assert_int_equal(pieces_bytes(&pieces), 0);
    void *small = pieces_take(&pieces, PIECES_SMALL_MAX);
    size_t before = pieces_bytes(&pieces);
    assert_true(before >= PIECES_SMALL_MAX);
    void *large = pieces_take(&pieces, PIECES_SMALL_MAX + 1);
    assert_int_equal(pieces_bytes(&pieces), before + PIECES_SMALL_MAX + PIECES_STEP);
    pieces_give(&pieces, large, PIECES_SMALL_MAX + 1);
    pieces_give(&pieces, small, PIECES_SMALL_MAX);
    assert_int_equal(pieces_bytes(&pieces), before);
    /* So many pieces as fit into what the first one brought cost nothing more. */
    const size_t fit = before / PIECES_SMALL_MAX;
    for (size_t i = 0; i < fit; i++)
        assert_non_null(pieces_take(&pieces, PIECES_SMALL_MAX));
    assert_int_equal(pieces_bytes(&pieces), before);
    assert_non_null(pieces_take(&pieces, PIECES_SMALL_MAX));
    assert_int_equal(pieces_bytes(&pieces), 2 * before);
    pieces_release(&pieces);
    chunks_release(&chunks);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_size),
        cmocka_unit_test(given_back_is_used_again),
        cmocka_unit_test(bytes_are_counted),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
