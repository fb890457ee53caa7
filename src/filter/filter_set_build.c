/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "base/check.h"
#include "base/mem.h"
#include "filter/filter_set_internal.h"
#include "record/record.h"

/* An alternative of a filter. */
struct need {
    struct term term;
    uint32_t filter;
    unsigned tuple;
};

struct needs {
    struct need *list;
    size_t count, capacity;
};

static void collect(const struct filter_set *set, struct needs *ret)
{
    for (uint32_t i = 0; i < set->count; i++) {
        struct terms terms;
        terms_init(&terms, set->filters[i]);
        ret->list =
            mem_grow(ret->list, &ret->capacity, ret->count + terms.count, sizeof(*ret->list));
        for (size_t k = 0; k < terms.count; k++)
            ret->list[ret->count++] = (struct need){.term = terms.list[k], .filter = i};
        terms_release(&terms);
    }
}

/* --- tuples ----------------------------------------------------------------------------------- */

/*
 * What the tuple of an alternative asks for. Where there are too many tuples they ask for less:
 * prefixes are cut to a multiple of some bits, and in the end protocols and, where there is an
 * address, ports are left out.
 */
enum { LEVEL_PROTOCOL = 4, LEVEL_PORT, LEVELS };

static struct tuple tuple_of(const struct term *term, unsigned level)
{
    static const uint8_t ip4_grid[LEVELS] = {1, 4, 8, 16, 16, 16};
    static const uint8_t ip6_grid[LEVELS] = {1, 16, 32, 64, 64, 64};
    struct tuple tuple = {.has_protocol = term->has_protocol && level < LEVEL_PROTOCOL};
    for (unsigned side = SRC; side <= DST; side++) {
        unsigned grid = term->family[side] == FAMILY_IP4 ? ip4_grid[level] : ip6_grid[level];
        tuple.bits[side] = (uint8_t)(term->bits[side] / grid * grid);
        tuple.family[side] = tuple.bits[side] ? term->family[side] : 0;
    }
    const bool has_address = tuple.bits[SRC] || tuple.bits[DST];
    for (unsigned side = SRC; side <= DST; side++)
        tuple.has_port[side] = term->has_port[side] && !(has_address && level >= LEVEL_PORT);
    return tuple;
}

static bool is_same(const struct tuple *a, const struct tuple *b)
{
    for (unsigned side = SRC; side <= DST; side++)
        if (a->family[side] != b->family[side] || a->bits[side] != b->bits[side] ||
            a->has_port[side] != b->has_port[side])
            return false;
    return a->has_protocol == b->has_protocol;
}

/* The number of the tuple, which may be a new one; TUPLES_MOST: there is no room for it. */
static unsigned find_tuple(struct filter_set *set, const struct tuple *tuple, uint32_t filter)
{
    for (unsigned i = 0; i < set->tuple_count; i++)
        if (is_same(&set->tuples[i], tuple))
            return i;
    if (set->tuple_count == TUPLES_MOST)
        return TUPLES_MOST;
    set->tuples[set->tuple_count] = *tuple;
    set->tuples[set->tuple_count].first = filter;
    return set->tuple_count++;
}

/* Filters come upwards, and so do the first ones of tuples. False: these are too many tuples. */
static bool divide(struct filter_set *set, struct needs *needs, unsigned level)
{
    set->tuple_count = 0;
    for (size_t i = 0; i < needs->count; i++) {
        struct need *need = &needs->list[i];
        const struct tuple tuple = tuple_of(&need->term, level);
        need->tuple = find_tuple(set, &tuple, need->filter);
        if (need->tuple == TUPLES_MOST)
            return false;
    }
    return true;
}

static void find_rest(struct filter_set *set)
{
    const struct tuple rest = {0};
    for (unsigned i = 0; i < set->tuple_count; i++)
        if (is_same(&set->tuples[i], &rest))
            set->rest = UINT64_C(1) << i;
}

/* --- the hash table --------------------------------------------------------------------------- */

static struct values values_of(const struct term *term)
{
    struct values values = {.protocol = term->protocol};
    for (unsigned side = SRC; side <= DST; side++) {
        const uint8_t *addr = term->addr[side];
        values.addr[side][0] = load_be64(addr); /* bits behind the prefix are zeros */
        values.addr[side][1] = load_be64(addr + 8);
        values.port[side] = term->port[side];
    }
    return values;
}

struct entry {
    uint64_t hash;
    uint32_t filter;
};

static int compare_entries(const void *left, const void *right)
{
    const struct entry *a = left, *b = right;
    if (a->hash != b->hash)
        return a->hash < b->hash ? -1 : 1;
    return a->filter < b->filter ? -1 : a->filter > b->filter;
}

static struct slot *free_slot(struct filter_set *set, uint64_t hash)
{
    uint32_t at = (uint32_t)hash & set->slot_mask;
    while (set->slots[at].count)
        at = (at + 1) & set->slot_mask;
    return &set->slots[at];
}

/* At most half full. */
static void build_slots(struct filter_set *set, const struct needs *needs)
{
    const size_t count = needs->count;
    struct entry *entries = mem_alloc((count + 1) * sizeof(*entries));
    for (size_t i = 0; i < count; i++) {
        const struct values values = values_of(&needs->list[i].term);
        entries[i].hash = tuple_hash(set, needs->list[i].tuple, &values);
        entries[i].filter = needs->list[i].filter;
    }
    qsort(entries, count, sizeof(*entries), compare_entries);
    size_t size = 2;
    while (size < 2 * count)
        size *= 2;
    set->slot_mask = (uint32_t)size - 1;
    set->slots = mem_zalloc(size * sizeof(*set->slots));
    set->list = mem_alloc((count + 1) * sizeof(*set->list));
    struct slot *slot = NULL;
    for (size_t i = 0; i < count; i++) {
        set->list[i] = entries[i].filter;
        if (!slot || slot->hash != entries[i].hash) {
            slot = free_slot(set, entries[i].hash);
            *slot = (struct slot){.hash = entries[i].hash, .at = (uint32_t)i};
        }
        slot->count++;
    }
    free(entries);
}

/* --- which tuples have a value ---------------------------------------------------------------- */

/* A prefix, and the tuples that have it. */
struct known {
    struct term prefix; /* of SRC */
    uint64_t tuples;
};

static int compare_known(const void *left, const void *right)
{
    const struct term *a = &((const struct known *)left)->prefix;
    const struct term *b = &((const struct known *)right)->prefix;
    if (a->family[SRC] != b->family[SRC])
        return a->family[SRC] < b->family[SRC] ? -1 : 1;
    int order = memcmp(a->addr[SRC], b->addr[SRC], sizeof(a->addr[SRC]));
    return order ? order : (int)a->bits[SRC] - (int)b->bits[SRC];
}

static bool covers(const struct term *outer, const struct term *inner)
{
    struct term cut = {0};
    if (outer->family[SRC] != inner->family[SRC] || outer->bits[SRC] > inner->bits[SRC])
        return false;
    term_set_prefix(&cut, SRC, inner->family[SRC], inner->addr[SRC], outer->bits[SRC]);
    return !memcmp(cut.addr[SRC], outer->addr[SRC], sizeof(cut.addr[SRC]));
}

static void add_prefix(struct prefix_set *set, const struct term *term, uint32_t number)
{
    struct prefix prefix = {.bits = term->bits[SRC]};
    prefix.address.size = term->family[SRC] == FAMILY_IP4 ? ADDRESS_IP4 : ADDRESS_IP6;
    memcpy(prefix.address.bytes, term->addr[SRC], sizeof(prefix.address.bytes));
    check(!prefix_set_add(set, &prefix, number, NULL));
}

/*
 * In order, a prefix stands behind all that cover it, which are a stack: a record that is in the
 * longest of them is in all.
 */
static void build_prefix_tuples(struct filter_set *set, unsigned side, struct known *known,
                                size_t count)
{
    uint32_t stack[8 * ADDRESS_IP6 + 1], depth = 0;
    qsort(known, count, sizeof(*known), compare_known);
    set->prefixes[side] = prefix_set_new();
    set->prefix_tuples[side] = mem_alloc(count * sizeof(*set->prefix_tuples[side]));
    for (uint32_t i = 0; i < count; i++) {
        while (depth && !covers(&known[stack[depth - 1]].prefix, &known[i].prefix))
            depth--;
        uint64_t above = depth ? known[stack[depth - 1]].tuples : set->no_prefix[side];
        known[i].tuples |= above;
        set->prefix_tuples[side][i] = known[i].tuples;
        add_prefix(set->prefixes[side], &known[i].prefix, i); /* the last of equal ones stays */
        if (depth && known[stack[depth - 1]].prefix.bits[SRC] == known[i].prefix.bits[SRC])
            depth--;
        stack[depth++] = i;
    }
    prefix_set_build(set->prefixes[side]);
}

static void build_prefixes(struct filter_set *set, const struct needs *needs, unsigned side)
{
    struct known *known = mem_alloc((needs->count + 1) * sizeof(*known));
    size_t count = 0;
    for (size_t i = 0; i < needs->count; i++) {
        const struct need *need = &needs->list[i];
        const struct tuple *tuple = &set->tuples[need->tuple];
        if (!tuple->bits[side]) {
            set->no_prefix[side] |= UINT64_C(1) << need->tuple;
            continue;
        }
        known[count] = (struct known){.tuples = UINT64_C(1) << need->tuple};
        term_set_prefix(&known[count++].prefix, SRC, tuple->family[side], need->term.addr[side],
                        tuple->bits[side]);
    }
    if (count)
        build_prefix_tuples(set, side, known, count);
    free(known);
}

static void build_ports(struct filter_set *set, const struct needs *needs, unsigned side)
{
    for (unsigned i = 0; i < set->tuple_count; i++)
        if (!set->tuples[i].has_port[side])
            set->no_port[side] |= UINT64_C(1) << i;
    for (size_t i = 0; i < needs->count; i++) {
        const struct need *need = &needs->list[i];
        if (!set->tuples[need->tuple].has_port[side])
            continue;
        if (!set->port_tuples[side])
            set->port_tuples[side] = mem_zalloc((UINT16_MAX + 1) * sizeof(uint64_t));
        set->port_tuples[side][need->term.port[side]] |= UINT64_C(1) << need->tuple;
    }
    for (unsigned port = 0; set->port_tuples[side] && port <= UINT16_MAX; port++)
        set->port_tuples[side][port] |= set->no_port[side];
}

static void build_protocols(struct filter_set *set, const struct needs *needs)
{
    for (unsigned i = 0; i < set->tuple_count; i++)
        if (!set->tuples[i].has_protocol)
            set->no_protocol |= UINT64_C(1) << i;
    for (unsigned i = 0; i <= UINT8_MAX; i++)
        set->protocol_tuples[i] = set->no_protocol;
    for (size_t i = 0; i < needs->count; i++) {
        const struct need *need = &needs->list[i];
        if (set->tuples[need->tuple].has_protocol)
            set->protocol_tuples[need->term.protocol] |= UINT64_C(1) << need->tuple;
    }
}

void filter_set_build(struct filter_set *set)
{
    struct needs needs = {0};
    unsigned level = 0;
    collect(set, &needs);
    while (!divide(set, &needs, level))
        check(++level < LEVELS); /* of the last one there are at most 28 */
    find_rest(set);
    build_slots(set, &needs);
    for (unsigned side = SRC; side <= DST; side++) {
        build_prefixes(set, &needs, side);
        build_ports(set, &needs, side);
    }
    build_protocols(set, &needs);
    free(needs.list);
}
