/* SPDX-License-Identifier: Apache-2.0 */
#include "base/prefix_set.h"

#include <stdlib.h>

#include "base/bytes.h"
#include "base/check.h"
#include "base/interval_index.h"
#include "base/mem.h"

/*
 * Prefixes that were added are sorted, by where they begin and then longer behind shorter, so that
 * each stands behind those that cover it. One pass with a stack of the prefixes that are open cuts
 * the space of addresses into intervals, of which each belongs to one prefix or to none.
 */
enum { NUMBER_BITS = 128, OPEN_MOST = NUMBER_BITS + 1 };

struct entry {
    uint64_t high, low; /* first address, in the upper bits */
    uint32_t value;
    uint32_t added; /* its place in the order of adding */
    uint32_t bits;
};

struct entries {
    struct entry *list;
    size_t count, capacity;
};

struct family {
    struct entries entries;
    size_t count; /* of entries, also when they are gone */
    struct interval_index index;
};

struct prefix_set {
    struct family families[2]; /* IPv4, IPv6 */
    bool is_built;
};

struct prefix_set *prefix_set_new(void)
{
    struct prefix_set *set = mem_zalloc(sizeof(*set));
    set->families[0].index.is_narrow = true;
    return set;
}

void prefix_set_free(struct prefix_set *set)
{
    if (!set)
        return;
    for (unsigned i = 0; i < 2; i++) {
        free(set->families[i].entries.list);
        interval_index_release(&set->families[i].index);
    }
    free(set);
}

static inline uint128 number_of(const uint8_t *bytes, unsigned size)
{
    if (size == ADDRESS_IP4)
        return (uint128)load_be32(bytes) << 96;
    return (uint128)load_be64(bytes) << 64 | load_be64(bytes + 8);
}

/* The numbers behind a prefix of so many bits: all ones there. */
static inline uint128 behind(unsigned bits)
{
    return bits ? ((uint128)1 << (NUMBER_BITS - bits)) - 1 : ~(uint128)0;
}

/* --- adding ----------------------------------------------------------------------------------- */

static int add(struct prefix_set *set, unsigned size, uint128 first, unsigned bits, uint32_t value,
               struct error *err)
{
    struct family *family = &set->families[size == ADDRESS_IP6];
    struct entries *entries = &family->entries;
    check(!set->is_built && value != PREFIX_NONE);
    if (entries->count >= PREFIX_SET_MOST)
        return error_set(err, "more than %u prefixes", (unsigned)PREFIX_SET_MOST);
    entries->list =
        mem_grow(entries->list, &entries->capacity, entries->count + 1, sizeof(*entries->list));
    entries->list[entries->count] = (struct entry){
        .high = (uint64_t)(first >> 64),
        .low = (uint64_t)first,
        .value = value,
        .added = (uint32_t)entries->count,
        .bits = bits,
    };
    family->count = ++entries->count;
    return 0;
}

int prefix_set_add(struct prefix_set *set, const struct prefix *prefix, uint32_t value,
                   struct error *err)
{
    const unsigned size = prefix->address.size;
    uint128 first = number_of(prefix->address.bytes, size) & ~behind(prefix->bits);
    return add(set, size, first, prefix->bits, value, err);
}

/* The shortest prefix that begins at `first` and does not go beyond `last`. */
static unsigned prefix_within(uint128 first, uint128 last, unsigned whole)
{
    unsigned bits = whole;
    while (bits > 0) {
        uint128 rest = behind(bits - 1);
        if (first & rest || rest > last - first)
            break;
        bits--;
    }
    return bits;
}

int prefix_set_add_range(struct prefix_set *set, const struct address *first,
                         const struct address *last, uint32_t value, struct error *err)
{
    const unsigned whole = 8u * first->size;
    if (first->size != last->size || address_order(first, last) > 0)
        return error_set(err, "a range that ends before it begins");
    uint128 from = number_of(first->bytes, first->size);
    uint128 to = number_of(last->bytes, last->size) | behind(whole);
    for (;;) {
        unsigned bits = prefix_within(from, to, whole);
        if (add(set, first->size, from, bits, value, err))
            return -1;
        if (to - from == behind(bits))
            return 0;
        from += (uint128)1 << (NUMBER_BITS - bits);
    }
}

size_t prefix_set_count(const struct prefix_set *set, unsigned address_size)
{
    return set->families[address_size == ADDRESS_IP6].count;
}

/* --- building --------------------------------------------------------------------------------- */

static int compare_entries(const void *a, const void *b)
{
    const struct entry *x = a, *y = b;
    if (x->high != y->high)
        return x->high < y->high ? -1 : 1;
    if (x->low != y->low)
        return x->low < y->low ? -1 : 1;
    if (x->bits != y->bits)
        return x->bits < y->bits ? -1 : 1;
    return x->added < y->added ? -1 : x->added > y->added;
}

static void sort_entries(struct entries *entries)
{
    for (size_t i = 1; i < entries->count; i++)
        if (compare_entries(&entries->list[i - 1], &entries->list[i]) > 0) {
            qsort(entries->list, entries->count, sizeof(*entries->list), compare_entries);
            return;
        }
}

struct open {
    uint128 last;
    uint32_t value;
};

/* Closes what ends before `first`, and gives back to what is around it what lies between. */
static unsigned close_before(struct interval_index *index, const struct open *open, unsigned depth,
                             uint128 first)
{
    while (depth && open[depth - 1].last < first) {
        uint128 next = open[--depth].last + 1;
        if (next < first)
            interval_index_append(index, next, depth ? open[depth - 1].value : PREFIX_NONE);
    }
    return depth;
}

static void cut(struct family *family)
{
    struct open open[OPEN_MOST];
    unsigned depth = 0;
    interval_index_append(&family->index, 0, PREFIX_NONE);
    for (size_t i = 0; i < family->entries.count; i++) {
        const struct entry *entry = &family->entries.list[i];
        uint128 first = (uint128)entry->high << 64 | entry->low;
        uint128 last = first | behind(entry->bits);
        depth = close_before(&family->index, open, depth, first);
        if (depth && open[depth - 1].last == last)
            depth--; /* the same prefix again */
        open[depth++] = (struct open){.last = last, .value = entry->value};
        interval_index_append(&family->index, first, entry->value);
    }
    while (depth) {
        uint128 next = open[--depth].last + 1;
        if (next)
            interval_index_append(&family->index, next,
                                  depth ? open[depth - 1].value : PREFIX_NONE);
    }
}

void prefix_set_build(struct prefix_set *set)
{
    check(!set->is_built);
    for (unsigned i = 0; i < 2; i++) {
        struct family *family = &set->families[i];
        sort_entries(&family->entries);
        cut(family);
        free(family->entries.list);
        family->entries = (struct entries){0};
        interval_index_build(&family->index);
    }
    set->is_built = true;
}

uint32_t prefix_set_find(const struct prefix_set *set, const uint8_t *address,
                         unsigned address_size)
{
    return interval_index_find(&set->families[address_size == ADDRESS_IP6].index,
                               number_of(address, address_size));
}
