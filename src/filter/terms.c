/* SPDX-License-Identifier: Apache-2.0 */
#include "filter/terms.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "filter/tests.h"
#include "filter/tree.h"

/*
 * From the tests up to the root: the alternatives of `or` are those of both sides, those of `and`
 * all pairs of them. Where that would be too many, what one side says is left out: less is asked
 * for then, which is never wrong. Of what is negated nothing is known.
 */
enum { ALTERNATIVES_MOST = 4096, PAIRS_MOST = 64, PORTS_MOST = 16 };

static void add(struct terms *terms, const struct term *term)
{
    terms->list = mem_grow(terms->list, &terms->capacity, terms->count + 1, sizeof(*terms->list));
    terms->list[terms->count++] = *term;
}

void terms_release(struct terms *terms)
{
    free(terms->list);
    *terms = (struct terms){0};
}

static void set_anything(struct terms *terms)
{
    terms->count = 0;
    add(terms, &(struct term){0});
}

/* --- tests ------------------------------------------------------------------------------------ */

void term_set_prefix(struct term *term, unsigned side, uint8_t family, const uint8_t *addr,
                     unsigned bits)
{
    term->family[side] = family;
    term->bits[side] = (uint8_t)bits;
    memset(term->addr[side], 0, sizeof(term->addr[side]));
    memcpy(term->addr[side], addr, (bits + 7) / 8);
    if (bits % 8)
        term->addr[side][bits / 8] &= (uint8_t)(0xff00 >> bits % 8);
}

static void set_address(struct term *term, unsigned side, const struct test *test, uint32_t number)
{
    (void)number;
    term_set_prefix(term, side, test->family, test->addr, test->prefix);
}

static void set_port(struct term *term, unsigned side, const struct test *test, uint32_t number)
{
    (void)test;
    term->port[side] = (uint16_t)number;
    term->has_port[side] = true;
}

/* For the sides that the test looks at. */
static void add_sides(struct terms *ret, const struct test *test, uint32_t number,
                      void (*set)(struct term *term, unsigned side, const struct test *test,
                                  uint32_t number))
{
    if (test->mode == SIDE_EACH) {
        struct term both = {0};
        set(&both, SRC, test, number);
        set(&both, DST, test, number);
        add(ret, &both);
        return;
    }
    for (unsigned side = SRC; side <= DST; side++) {
        struct term one = {0};
        if (test->mode == (side == SRC ? SIDE_DST : SIDE_SRC))
            continue;
        set(&one, side, test, number);
        add(ret, &one);
    }
}

/* False if there are too many. */
static bool add_range(struct terms *ret, const struct test *test, uint32_t first, uint32_t last)
{
    for (uint32_t port = first; port <= last; port++) {
        if (ret->count >= (size_t)2 * PORTS_MOST)
            return false;
        add_sides(ret, test, port, set_port);
    }
    return true;
}

static bool add_listed(struct terms *ret, const struct test *test)
{
    for (uint32_t byte = 0; byte <= UINT16_MAX / 8; byte++)
        for (uint32_t bits = test->ports[byte]; bits; bits &= bits - 1) {
            uint32_t port = 8 * byte + (uint32_t)__builtin_ctz(bits);
            if (!add_range(ret, test, port, port))
                return false;
        }
    return true;
}

/* Few ports, or any: then the list is left empty. Both sides may have two of several. */
static void add_ports(struct terms *ret, const struct test *test)
{
    const bool is_one = !test->ports && test->number == test->number2;
    if (test->compare != COMPARE_EQ || (test->mode == SIDE_EACH && !is_one))
        return;
    bool are_few =
        test->ports ? add_listed(ret, test) : add_range(ret, test, test->number, test->number2);
    if (!are_few)
        ret->count = 0;
}

static void terms_of_test(struct terms *ret, const struct test *test)
{
    if (test->holds == test_address && test->prefix) {
        add_sides(ret, test, 0, set_address);
    } else if (test->holds == test_port || test->holds == test_port_set) {
        add_ports(ret, test);
    } else if (test->holds == test_protocol) {
        add(ret, &(struct term){.protocol = (uint8_t)test->number, .has_protocol = true});
    } else if (test->holds == test_false) {
        return;
    }
    if (!ret->count)
        set_anything(ret);
}

/* --- joining ---------------------------------------------------------------------------------- */

static bool have_common_bits(const uint8_t *a, const uint8_t *b, unsigned bits)
{
    if (memcmp(a, b, bits / 8))
        return false;
    return !(bits % 8) || !((a[bits / 8] ^ b[bits / 8]) & 0xff00 >> bits % 8);
}

/* What both ask for; false if no record has it. */
static bool join(struct term *into, const struct term *from)
{
    for (unsigned side = SRC; side <= DST; side++) {
        unsigned known = into->bits[side], more = from->bits[side];
        unsigned shorter = known < more ? known : more;
        if (shorter && (into->family[side] != from->family[side] ||
                        !have_common_bits(into->addr[side], from->addr[side], shorter)))
            return false;
        if (more > known)
            term_set_prefix(into, side, from->family[side], from->addr[side], more);
        if (!from->has_port[side])
            continue;
        if (into->has_port[side] && into->port[side] != from->port[side])
            return false;
        into->port[side] = from->port[side];
        into->has_port[side] = true;
    }
    if (!from->has_protocol)
        return true;
    if (into->has_protocol && into->protocol != from->protocol)
        return false;
    into->protocol = from->protocol;
    into->has_protocol = true;
    return true;
}

/* How much the least demanding of the alternatives asks for. */
static unsigned weight(const struct terms *terms)
{
    enum { ADDRESS = 32, PORT = 16, PROTOCOL = 4 };
    unsigned least = UINT32_MAX;
    for (size_t i = 0; i < terms->count; i++) {
        const struct term *term = &terms->list[i];
        unsigned sum = term->has_protocol ? PROTOCOL : 0;
        for (unsigned side = SRC; side <= DST; side++) {
            sum += term->has_port[side] ? PORT : 0;
            sum += term->bits[side] < ADDRESS ? term->bits[side] : ADDRESS;
        }
        least = sum < least ? sum : least;
    }
    return least;
}

static void take_over(struct terms *into, struct terms *from)
{
    terms_release(into);
    *into = *from;
    *from = (struct terms){0};
}

static void join_and(struct terms *into, struct terms *from)
{
    size_t most = into->count > from->count ? into->count : from->count;
    if (most < PAIRS_MOST)
        most = PAIRS_MOST;
    if (into->count * from->count > most) {
        if (weight(from) > weight(into))
            take_over(into, from);
        return;
    }
    struct terms pairs = {0};
    for (size_t i = 0; i < into->count; i++)
        for (size_t k = 0; k < from->count; k++) {
            struct term pair = into->list[i];
            if (join(&pair, &from->list[k]))
                add(&pairs, &pair);
        }
    take_over(into, &pairs);
}

static void join_or(struct terms *into, struct terms *from)
{
    if (into->count + from->count > ALTERNATIVES_MOST) {
        set_anything(into);
        return;
    }
    for (size_t i = 0; i < from->count; i++)
        add(into, &from->list[i]);
}

/* --- filters ---------------------------------------------------------------------------------- */

/* Parents stand behind their children: what is negated is told from the root down. */
static void mark_negated(const struct filter *filter, bool *negated)
{
    for (size_t i = filter->count; i-- > 0;) {
        const struct node *node = &filter->nodes[i];
        if (node->kind == NODE_TEST)
            continue;
        negated[node->left] = negated[i] != (node->kind == NODE_NOT);
        if (node->kind != NODE_NOT)
            negated[node->right] = negated[i];
    }
}

/* Of one node, whose children have theirs, and lose them. */
static void terms_of_node(struct terms *all, const struct filter *filter, size_t at, bool negated)
{
    const struct node *node = &filter->nodes[at];
    struct terms *ret = &all[at];
    if (node->kind == NODE_TEST && negated)
        set_anything(ret);
    else if (node->kind == NODE_TEST)
        terms_of_test(ret, &node->test);
    else
        take_over(ret, &all[node->left]);
    if (node->kind == NODE_TEST || node->kind == NODE_NOT)
        return;
    if ((node->kind == NODE_AND) != negated) /* what is negated becomes the other one */
        join_and(ret, &all[node->right]);
    else
        join_or(ret, &all[node->right]);
    terms_release(&all[node->right]);
}

void terms_init(struct terms *ret, const struct filter *filter)
{
    *ret = (struct terms){0};
    if (!filter || !filter->count) {
        set_anything(ret);
        return;
    }
    bool *negated = mem_zalloc(filter->count * sizeof(*negated));
    struct terms *all = mem_zalloc(filter->count * sizeof(*all));
    mark_negated(filter, negated);
    for (size_t i = 0; i < filter->count; i++)
        terms_of_node(all, filter, i, negated[i]);
    *ret = all[filter->count - 1];
    free(all);
    free(negated);
}
