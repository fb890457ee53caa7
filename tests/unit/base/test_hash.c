/* SPDX-License-Identifier: Apache-2.0 */
#include "base/hash.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

enum { KEYS = 1 << 14, WORDS = HASH_SHORT_WORDS };

static int by_value(const void *a, const void *b)
{
    uint32_t one = *(const uint32_t *)a, other = *(const uint32_t *)b;
    return (one > other) - (one < other);
}

/* How often the upper halves of hashes, which tables go by, are those of another key. */
static size_t repeated(uint32_t *tags)
{
    size_t count = 0;
    qsort(tags, KEYS, sizeof(*tags), by_value);
    for (size_t i = 1; i < KEYS; i++)
        count += tags[i] == tags[i - 1];
    return count;
}

/* 2^14 keys have 0.03 tags of 32 bits in common, as chance has it. */
static void check_spread(uint64_t key[WORDS], unsigned running, uint64_t step)
{
    static uint32_t tags[KEYS];
    for (uint64_t i = 0; i < KEYS; i++) {
        key[running] = i * step;
        tags[i] = (uint32_t)(hash_short(key, WORDS) >> 32);
    }
    assert_in_range(repeated(tags), 0, 3);
}

/* Whatever one word is, keys that differ in another one have hashes of their own. */
static void test_no_word_hides_another(void **state)
{
    (void)state;
    static const uint64_t fixed[] = {
        0,
        1,
        UINT64_MAX,
        UINT64_C(1) << 32,
        UINT64_C(0xa0761d6478bd642f),
        UINT64_C(0xe7037ed1a0b428db),
        UINT64_C(0x589965cc75374cc3),
    };
    static const uint64_t steps[] = {
        1, 256, 65536, UINT64_C(1) << 32, UINT64_C(1) << 48, UINT64_C(0x9e3779b97f4a7c15),
    };
    for (size_t f = 0; f < sizeof(fixed) / sizeof(*fixed); f++)
        for (size_t s = 0; s < sizeof(steps) / sizeof(*steps); s++)
            for (unsigned running = 0; running < WORDS; running++) {
                uint64_t key[WORDS];
                for (unsigned i = 0; i < WORDS; i++)
                    key[i] = fixed[f];
                check_spread(key, running, steps[s]);
            }
}

/* Two ends that both run, as in a scan of a network by a network. */
static void test_two_words(void **state)
{
    (void)state;
    static uint32_t tags[KEYS];
    for (unsigned one = 0; one < WORDS; one++)
        for (unsigned other = 0; other < one; other++) {
            for (uint64_t i = 0; i < KEYS; i++) {
                uint64_t key[WORDS] = {0};
                key[one] = i % 128;
                key[other] = i / 128;
                tags[i] = (uint32_t)(hash_short(key, WORDS) >> 32);
            }
            assert_in_range(repeated(tags), 0, 3);
        }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_no_word_hides_another),
        cmocka_unit_test(test_two_words),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
