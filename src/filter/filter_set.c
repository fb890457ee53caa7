/* SPDX-License-Identifier: Apache-2.0 */
#include "filter/filter_set.h"

#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "base/mem.h"
#include "filter/filter_set_internal.h"
#include "filter/tests_internal.h"

struct filter_set *filter_set_new(const struct filter *const *filters, size_t count)
{
    struct filter_set *set = mem_zalloc(sizeof(*set));
    set->count = (uint32_t)count;
    set->filters = mem_alloc((count + 1) * sizeof(*filters));
    for (size_t i = 0; i < count; i++)
        set->filters[i] = filters[i];
    filter_set_build(set);
    return set;
}

void filter_set_free(struct filter_set *set)
{
    if (!set)
        return;
    for (unsigned side = SRC; side <= DST; side++) {
        prefix_set_free(set->prefixes[side]);
        free(set->prefix_tuples[side]);
        free(set->port_tuples[side]);
    }
    free(set->filters);
    free(set->slots);
    free(set->list);
    free(set);
}

/* --- finding ---------------------------------------------------------------------------------- */

/* Tuples that may have an address of this side. */
static uint64_t find_address(const struct filter_set *set, const struct record *r, unsigned side,
                             struct values *values)
{
    const uint8_t *addr = r->key.addr[side], family = address_family(r);
    if (!set->prefixes[side] || (family != FAMILY_IP4 && family != FAMILY_IP6))
        return set->no_prefix[side];
    const bool is_ip4 = family == FAMILY_IP4;
    values->addr[side][0] = is_ip4 ? (uint64_t)load_be32(addr) << 32 : load_be64(addr);
    values->addr[side][1] = is_ip4 ? 0 : load_be64(addr + 8);
    uint32_t found = prefix_set_find(set->prefixes[side], addr, is_ip4 ? ADDRESS_IP4 : ADDRESS_IP6);
    return found == PREFIX_NONE ? set->no_prefix[side] : set->prefix_tuples[side][found];
}

static uint64_t find_port(const struct filter_set *set, const struct record *r, unsigned side,
                          struct values *values)
{
    int port = set->port_tuples[side] ? port_of(r, side) : -1;
    if (port < 0)
        return set->no_port[side];
    values->port[side] = (uint16_t)port;
    return set->port_tuples[side][port];
}

static uint64_t find_protocol(const struct filter_set *set, const struct record *r,
                              struct values *values)
{
    if (!is_ip(r, 0) || r->key.class != KEY_5TUPLE)
        return set->no_protocol;
    values->protocol = r->key.protocol;
    return set->protocol_tuples[r->key.protocol];
}

static const struct slot *find_slot(const struct filter_set *set, uint64_t hash)
{
    uint32_t at = (uint32_t)hash & set->slot_mask;
    while (set->slots[at].count && set->slots[at].hash != hash)
        at = (at + 1) & set->slot_mask;
    return &set->slots[at];
}

static bool matches(const struct filter *filter, const struct record *r)
{
    return !filter || filter_match(filter, r);
}

/* The first filter of the slot from `from` on, and before `best`, that matches; or best. */
static uint32_t find_in(const struct filter_set *set, const struct slot *slot, uint32_t from,
                        uint32_t best, const struct record *r)
{
    const uint32_t *list = &set->list[slot->at];
    uint32_t low = 0, high = slot->count;
    while (low < high) {
        uint32_t middle = (low + high) / 2;
        if (list[middle] < from)
            low = middle + 1;
        else
            high = middle;
    }
    for (; low < slot->count && list[low] < best; low++)
        if (matches(set->filters[list[low]], r))
            return list[low];
    return best;
}

/* As find_in, of the tuples whose bits are set; those with earlier filters come first. */
static uint32_t find_in_tuples(const struct filter_set *set, uint64_t tuples,
                               const struct values *values, uint32_t from, uint32_t best,
                               const struct record *r)
{
    for (; tuples; tuples &= tuples - 1) {
        unsigned number = (unsigned)__builtin_ctzll(tuples);
        if (set->tuples[number].first >= best)
            break;
        const struct slot *slot = find_slot(set, tuple_hash(set, number, values));
        best = find_in(set, slot, from, best, r);
    }
    return best;
}

size_t filter_set_find(const struct filter_set *set, size_t from, const struct record *r)
{
    struct values values = {0};
    uint64_t tuples = find_address(set, r, SRC, &values) & find_address(set, r, DST, &values) &
                      find_port(set, r, SRC, &values) & find_port(set, r, DST, &values) &
                      find_protocol(set, r, &values);
    uint32_t best =
        find_in_tuples(set, tuples & ~set->rest, &values, (uint32_t)from, set->count, r);
    return find_in_tuples(set, tuples & set->rest, &values, (uint32_t)from, best, r);
}
