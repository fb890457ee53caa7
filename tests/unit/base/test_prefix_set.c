/* SPDX-License-Identifier: Apache-2.0 */
#include "base/prefix_set.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* Everything against a matcher that looks at all prefixes. */

struct naive {
    struct prefix prefix;
    uint32_t value;
};

static uint64_t random_state;

/* Steele, Lea, Flood: SplitMix64. */
static uint64_t any(void)
{
    uint64_t z = random_state += UINT64_C(0x9e3779b97f4a7c15);
    z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
    return z ^ z >> 31;
}

static bool covers(const struct prefix *prefix, const struct address *address)
{
    if (prefix->address.size != address->size)
        return false;
    for (unsigned bit = 0; bit < prefix->bits; bit++)
        if ((prefix->address.bytes[bit / 8] ^ address->bytes[bit / 8]) & 0x80 >> bit % 8)
            return false;
    return true;
}

static uint32_t naive_find(const struct naive *list, size_t count, const struct address *address)
{
    const struct naive *best = NULL;
    for (size_t i = 0; i < count; i++)
        if (covers(&list[i].prefix, address) && (!best || list[i].prefix.bits >= best->prefix.bits))
            best = &list[i];
    return best ? best->value : PREFIX_NONE;
}

/* Addresses that have much in common, so that prefixes lie in each other: few bits are set. */
static struct address crowded(unsigned size, unsigned spread)
{
    struct address a = {.size = (uint8_t)size};
    for (unsigned i = 0; i < size; i++)
        a.bytes[i] = (uint8_t)(any() % spread ? any() & any() & any() : any());
    if (any() % 2)
        memset(a.bytes, any() % 2 ? 0xff : 0, size / 2);
    return a;
}

static void check_set(unsigned size, size_t count, unsigned spread)
{
    struct naive *list = calloc(count + 1, sizeof(*list));
    struct prefix_set *set = prefix_set_new();
    for (size_t i = 0; i < count; i++) {
        list[i].prefix.address = crowded(size, spread);
        list[i].prefix.bits = (uint8_t)(any() % (8 * size + 1));
        list[i].value = (uint32_t)any() % 1000;
        assert_int_equal(prefix_set_add(set, &list[i].prefix, list[i].value, NULL), 0);
    }
    assert_int_equal(prefix_set_count(set, size), count);
    prefix_set_build(set);
    for (unsigned i = 0; i < 2000; i++) {
        struct address a = crowded(size, spread);
        if (count && i % 2) { /* at and near the ends of a prefix */
            const struct prefix *near = &list[any() % count].prefix;
            a = near->address;
            for (unsigned bit = near->bits; bit < 8 * size; bit++) {
                a.bytes[bit / 8] &= (uint8_t) ~(0x80 >> bit % 8);
                a.bytes[bit / 8] |= (uint8_t)(i % 4 == 1 ? 0x80 >> bit % 8 : 0);
            }
            a.bytes[size - 1] = (uint8_t)(a.bytes[size - 1] + any() % 3 - 1);
        }
        assert_int_equal(prefix_set_find(set, a.bytes, size), naive_find(list, count, &a));
    }
    prefix_set_free(set);
    free(list);
}

static void random_sets(void **state)
{
    (void)state;
    static const size_t counts[] = {0, 1, 2, 7, 9, 50, 400, 3000};
    for (size_t i = 0; i < sizeof(counts) / sizeof(counts[0]); i++)
        for (unsigned spread = 1; spread < 12; spread += 5) {
            check_set(ADDRESS_IP4, counts[i], spread);
            check_set(ADDRESS_IP6, counts[i], spread);
        }
}

/* A range as the prefixes that it is: nothing before it, nothing behind, all of it. */
static void check_range(unsigned size, unsigned low_bytes)
{
    struct address first = crowded(size, 3), last = first, a;
    for (unsigned i = size - low_bytes; i < size; i++) {
        first.bytes[i] = (uint8_t)any();
        last.bytes[i] = (uint8_t)any();
    }
    struct prefix_set *set = prefix_set_new();
    int result = prefix_set_add_range(set, &first, &last, 7, NULL);
    assert_int_equal(result, address_order(&first, &last) > 0 ? -1 : 0);
    assert_true(prefix_set_count(set, size) <= 2 * 8 * size);
    prefix_set_build(set);
    for (unsigned i = 0; i < 200; i++) {
        a = i % 2 ? first : last;
        for (unsigned k = i % 5 ? size - 1 : size - low_bytes; k < size; k++)
            a.bytes[k] = (uint8_t)(i % 5 == 1 ? a.bytes[k] + i % 3 - 1 : any());
        bool in = address_order(&first, &a) <= 0 && address_order(&a, &last) <= 0;
        assert_int_equal(prefix_set_find(set, a.bytes, size), in ? 7 : PREFIX_NONE);
    }
    prefix_set_free(set);
}

static void ranges(void **state)
{
    (void)state;
    for (unsigned i = 0; i < 300; i++) {
        check_range(ADDRESS_IP4, 1 + i % 4);
        check_range(ADDRESS_IP6, 1 + i % 16);
    }
}

static struct prefix_set *set_of(const char *const *texts)
{
    struct prefix_set *set = prefix_set_new();
    for (uint32_t i = 0; texts[i]; i++) {
        struct prefix prefix;
        assert_true(prefix_parse(texts[i], strlen(texts[i]), &prefix));
        assert_int_equal(prefix_set_add(set, &prefix, i, NULL), 0);
    }
    prefix_set_build(set);
    return set;
}

static uint32_t find(const struct prefix_set *set, const char *text)
{
    struct address a;
    assert_true(address_parse(text, strlen(text), &a));
    return prefix_set_find(set, a.bytes, a.size);
}

static void the_ends_of_the_space(void **state)
{
    (void)state;
    static const char *const texts[] = {"0.0.0.0/0",
                                        "255.255.255.255",
                                        "0.0.0.0",
                                        "128.0.0.0/1",
                                        "::/0",
                                        "::",
                                        "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff",
                                        "10.0.0.0/8",
                                        "10.0.0.0/8",
                                        NULL};
    struct prefix_set *set = set_of(texts);
    assert_int_equal(find(set, "0.0.0.0"), 2);
    assert_int_equal(find(set, "0.0.0.1"), 0);
    assert_int_equal(find(set, "127.255.255.255"), 0);
    assert_int_equal(find(set, "128.0.0.0"), 3);
    assert_int_equal(find(set, "255.255.255.254"), 3);
    assert_int_equal(find(set, "255.255.255.255"), 1);
    assert_int_equal(find(set, "10.1.1.1"), 8); /* the later one */
    assert_int_equal(find(set, "11.0.0.0"), 0);
    assert_int_equal(find(set, "::"), 5);
    assert_int_equal(find(set, "::1"), 4);
    assert_int_equal(find(set, "ffff:ffff:ffff:ffff:ffff:ffff:ffff:fffe"), 4);
    assert_int_equal(find(set, "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"), 6);
    prefix_set_free(set);
}

static void whole_space_as_a_range(void **state)
{
    (void)state;
    static const unsigned sizes[] = {ADDRESS_IP4, ADDRESS_IP6};
    for (unsigned i = 0; i < 2; i++) {
        struct address first = {.size = (uint8_t)sizes[i]}, last = first;
        memset(last.bytes, 0xff, sizes[i]);
        struct prefix_set *set = prefix_set_new();
        assert_int_equal(prefix_set_add_range(set, &first, &last, 3, NULL), 0);
        assert_int_equal(prefix_set_count(set, sizes[i]), 1);
        prefix_set_build(set);
        assert_int_equal(prefix_set_find(set, first.bytes, sizes[i]), 3);
        assert_int_equal(prefix_set_find(set, last.bytes, sizes[i]), 3);
        assert_int_equal(prefix_set_find(set, last.bytes, sizes[!i]), PREFIX_NONE);
        prefix_set_free(set);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(random_sets),
        cmocka_unit_test(ranges),
        cmocka_unit_test(the_ends_of_the_space),
        cmocka_unit_test(whole_space_as_a_range),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
