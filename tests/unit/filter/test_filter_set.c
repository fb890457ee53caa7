/* SPDX-License-Identifier: Apache-2.0 */
#include "filter/filter_set.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/bytes.h"

/*
 * Random filters and records of a small world, so that they meet: the set finds what is found by
 * evaluating filter after filter.
 */
static uint64_t random_state;

static unsigned roll(unsigned sides)
{
    random_state = random_state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (unsigned)((random_state >> 33) % sides);
}

static const char *pick(const char *const *list)
{
    unsigned count = 0;
    while (list[count])
        count++;
    return list[roll(count)];
}

struct text {
    char bytes[4096];
    size_t size;
};

static void say(struct text *text, const char *format, ...) __attribute__((format(printf, 2, 3)));

static void say(struct text *text, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    text->size +=
        (size_t)vsnprintf(text->bytes + text->size, sizeof(text->bytes) - text->size, format, args);
    va_end(args);
    assert_true(text->size < sizeof(text->bytes));
}

/* --- filters ---------------------------------------------------------------------------------- */

static void say_address(struct text *text)
{
    if (roll(4))
        say(text, "10.%u.0.%u", roll(2), roll(4));
    else
        say(text, "fd00::%u:%u", roll(2), roll(4));
}

static void say_test(struct text *text)
{
    static const char *const sides[] = {"",  "", "src ", "dst ", "src and dst ", "src or dst ",
                                        NULL};
    static const char *const words[] = {"tcp", "udp",  "icmp", "ip",   "ipv6", "arp",
                                        "con", "igmp", "syn",  "frag", NULL};
    static const char *const protocols[] = {"", "", "", "tcp ", "udp ", "ip ", NULL};
    switch (roll(8)) {
    case 0:
        say(text, "%s", pick(words));
        break;
    case 1:
        say(text, "%spkts gt %u", roll(2) ? "src " : "", roll(4));
        break;
    case 2:
        say(text, "%snet 10.%u.0.0/%u", pick(sides), roll(2), roll(33));
        break;
    case 3:
        say(text, "%snet fd00::%u:%u/%u", pick(sides), roll(2), roll(4), roll(129));
        break;
    case 4:
        say(text, "%s%sport %u%s", pick(protocols), pick(sides), 1 + roll(4),
            roll(4) ? "" : ",5,7-8");
        break;
    case 5:
        say(text, "%s%sport %s %u", pick(protocols), pick(sides), roll(2) ? "gte" : "ne", roll(5));
        break;
    case 6:
        say(text, "%sport %u-%u", pick(sides), 1 + roll(2), 3 + roll(40));
        break;
    default:
        say(text, "%s%shost ", pick(protocols), pick(sides));
        say_address(text);
    }
}

static void say_filter(struct text *text, unsigned depth)
{
    if (!depth || !roll(3)) {
        say_test(text);
        return;
    }
    unsigned kind = roll(6);
    say(text, kind == 0 ? "not (" : "(");
    say_filter(text, depth - 1);
    if (kind)
        say(text, kind < 4 ? ") and (" : ") or (");
    if (kind)
        say_filter(text, depth - 1);
    say(text, ")");
}

static struct filter *compile(const char *text)
{
    struct filter *filter;
    struct error err;
    if (filter_compile(&filter, text, NULL, &err))
        fail_msg("%s: %s", text, err.text);
    return filter;
}

/* --- records ---------------------------------------------------------------------------------- */

static void set_address(struct record *r, unsigned side)
{
    if (r->key.family == FAMILY_IP6) {
        const uint8_t bytes[16] = {0xfd, [13] = (uint8_t)roll(2), [15] = (uint8_t)roll(4)};
        memcpy(r->key.addr[side], bytes, sizeof(bytes));
    } else {
        const uint8_t bytes[4] = {10, (uint8_t)roll(2), 0, (uint8_t)roll(4)};
        memcpy(r->key.addr[side], bytes, sizeof(bytes));
    }
}

static struct record random_record(void)
{
    static const uint8_t families[] = {FAMILY_IP4, FAMILY_IP4, FAMILY_IP4,  FAMILY_IP6,
                                       FAMILY_IP6, FAMILY_ARP, FAMILY_ETHER};
    static const uint8_t protocols[] = {6, 6, 17, 17, 1, 2};
    struct record r = {.type = RECORD_FAR, .blocks = BLOCK_FLOW | BLOCK_METRIC};
    if (!roll(40))
        return (struct record){.type = RECORD_MAR};
    if (!roll(40))
        r.blocks = BLOCK_METRIC;
    r.key.family = families[roll(sizeof(families))];
    r.key.class = roll(20) ? KEY_5TUPLE : 3;
    r.key.protocol = protocols[roll(sizeof(protocols))];
    r.key.flags = roll(20) ? 0 : KEY_FRAGMENT;
    for (unsigned side = SRC; side <= DST; side++) {
        set_address(&r, side);
        r.key.port[side] = (uint16_t)roll(10);
        r.metric.packets[side] = roll(4);
    }
    return r;
}

/* --- both ------------------------------------------------------------------------------------- */

static size_t find_slowly(struct filter *const *filters, size_t count, size_t from,
                          const struct record *r)
{
    while (from < count && filters[from] && !filter_match(filters[from], r))
        from++;
    return from;
}

/* As one record comes to one rule after the other. */
static void check_record(const struct filter_set *set, struct filter *const *filters, size_t count,
                         const struct record *r)
{
    for (size_t from = 0; from <= count; from++) {
        size_t expected = find_slowly(filters, count, from, r);
        assert_int_equal(filter_set_find(set, from, r), expected);
        from = expected;
    }
}

static void check_world(unsigned count, unsigned depth, unsigned records)
{
    struct filter **filters = calloc(count, sizeof(*filters));
    for (unsigned i = 0; i < count; i++) {
        struct text text = {0};
        say_filter(&text, depth);
        filters[i] = roll(50) ? compile(text.bytes) : NULL;
    }
    struct filter_set *set = filter_set_new((const struct filter *const *)filters, count);
    for (unsigned i = 0; i < records; i++) {
        struct record r = random_record();
        check_record(set, filters, count, &r);
    }
    filter_set_free(set);
    for (unsigned i = 0; i < count; i++)
        filter_free(filters[i]);
    free(filters);
}

static void the_first_filter_is_found(void **state)
{
    (void)state;
    random_state = 1;
    for (unsigned round = 0; round < 60; round++)
        check_world(1 + roll(40), roll(4), 200);
    /* Many kinds of tuples, so that they are made coarser. */
    for (unsigned round = 0; round < 4; round++)
        check_world(1500, 1 + round, 100);
}

static void nothing_is_found_among_nothing(void **state)
{
    (void)state;
    struct record r = random_record();
    struct filter_set *set = filter_set_new(NULL, 0);
    assert_int_equal(filter_set_find(set, 0, &r), 0);
    filter_set_free(set);
    const struct filter *const any[] = {NULL, NULL};
    set = filter_set_new(any, 2);
    assert_int_equal(filter_set_find(set, 0, &r), 0);
    assert_int_equal(filter_set_find(set, 1, &r), 1);
    assert_int_equal(filter_set_find(set, 2, &r), 2);
    filter_set_free(set);
}

/* Prefixes of all lengths within each other: each record has a chain of them. */
static void prefixes_within_prefixes_are_found(void **state)
{
    enum { LENGTHS = 32 };
    (void)state;
    struct filter *filters[LENGTHS];
    for (unsigned i = 0; i < LENGTHS; i++) {
        struct text text = {0};
        say(&text, "dst net 10.1.2.3/%u and src net 10.0.0.0/%u", 32 - i, 1 + i * 7 % 32);
        filters[i] = compile(text.bytes);
    }
    struct filter_set *set = filter_set_new((const struct filter *const *)filters, LENGTHS);
    for (unsigned bit = 0; bit < 32; bit++) {
        struct record r = {.type = RECORD_FAR,
                           .blocks = BLOCK_FLOW,
                           .key = {.class = KEY_5TUPLE, .family = FAMILY_IP4}};
        store_be32(r.key.addr[DST], UINT32_C(0x0a010203) ^ UINT32_C(1) << bit);
        store_be32(r.key.addr[SRC], UINT32_C(0x0a000000) ^ UINT32_C(1) << (bit * 5 % 32));
        check_record(set, filters, LENGTHS, &r);
    }
    filter_set_free(set);
    for (unsigned i = 0; i < LENGTHS; i++)
        filter_free(filters[i]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_first_filter_is_found),
        cmocka_unit_test(nothing_is_found_among_nothing),
        cmocka_unit_test(prefixes_within_prefixes_are_found),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
