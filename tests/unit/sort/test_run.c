/* SPDX-License-Identifier: Apache-2.0 */
#include "sort/run.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* An item with a key of eight bytes. */
static struct sort_item *item(uint64_t key, uint64_t offset)
{
    struct sort_item *made = calloc(1, sizeof(*made) + 8);
    made->key_size = 8;
    made->offset = offset;
    store_be64(made->bytes, key);
    return made;
}

static void check_sort(size_t count, uint64_t keys, unsigned threads)
{
    struct sort_slot *slots = calloc(2 * count + 1, sizeof(*slots));
    uint64_t random = count + keys;
    for (size_t i = 0; i < count; i++) {
        random = random * 6364136223846793005u + 1442695040888963407u;
        slots[i] = sort_slot_of(item((random >> 33) % keys, i));
    }
    run_sort(slots, slots + count, count, threads);
    size_t end = 0;
    for (unsigned part = 0; part < threads; part++) {
        assert_int_equal(run_part(count, threads, part), end);
        size_t begin = end;
        end = run_part(count, threads, part + 1);
        for (size_t i = begin + 1; i < end; i++)
            assert_true(slots[i - 1].word < slots[i].word ||
                        (slots[i - 1].word == slots[i].word &&
                         slots[i - 1].item->offset < slots[i].item->offset));
    }
    assert_int_equal(end, count);
    for (size_t i = 0; i < count; i++)
        free((void *)slots[i].item);
    free(slots);
}

static void parts_are_in_order(void **state)
{
    (void)state;
    static const size_t counts[] = {0, 1, 2, 11, 12, 13, 24, 25, 100, 1000, 5000, 10007};
    for (size_t i = 0; i < sizeof(counts) / sizeof(counts[0]); i++)
        for (unsigned threads = 1; threads <= 4; threads++) {
            check_sort(counts[i], 3, threads);
            check_sort(counts[i], 1 << 30, threads);
        }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(parts_are_in_order)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
