/* SPDX-License-Identifier: Apache-2.0 */
#include "index/want.h"

#include <stdlib.h>

#include "base/mem.h"

enum { PROTO_TCP = 6, PROTO_UDP = 17 };

/* --- life ------------------------------------------------------------------------------------- */

void wants_init(struct wants *w)
{
    *w = (struct wants){.count = 1};
    w->list = mem_grow(NULL, &w->capacity, 1, sizeof(*w->list));
}

void wants_release(struct wants *w)
{
    free(w->list);
    free(w->heads);
    free(w->wide);
    *w = (struct wants){0};
}

void wants_add(struct wants *w, const struct want *want)
{
    w->list = mem_grow(w->list, &w->capacity, w->count + (size_t)1, sizeof(*w->list));
    w->list[w->count] = *want;
    if (want->is_wide) {
        w->wide = mem_grow(w->wide, &w->wide_capacity, w->wide_count + 1, sizeof(*w->wide));
        w->wide[w->wide_count++] = w->count;
    }
    w->count++;
}

void wants_close(struct wants *w)
{
    uint32_t heads = 16;
    while (heads < w->count && heads < 1u << 31)
        heads *= 2;
    w->heads = mem_zalloc(heads * sizeof(*w->heads));
    w->mask = heads - 1;
    for (uint32_t i = w->count; i-- > 1;) { /* so that chains are in the order of the records */
        if (w->list[i].is_wide)
            continue;
        uint32_t *head = &w->heads[flow_key_hash(&w->list[i].identity) & w->mask];
        w->list[i].next = *head;
        *head = i;
    }
}

/* --- records ---------------------------------------------------------------------------------- */

static bool is_zero(const uint8_t *bytes, size_t size)
{
    for (size_t i = 0; i < size; i++)
        if (bytes[i])
            return false;
    return true;
}

static bool has_ports(const struct flow_key *key)
{
    return (key->kind == FLOW_IP4 || key->kind == FLOW_IP6) &&
           (key->protocol == PROTO_TCP || key->protocol == PROTO_UDP);
}

/*
 * What a merged record leaves out is zero in it: an address, a port, the protocol. A record that
 * was not merged means what it says.
 */
static void look_for_gaps(struct want *want, const struct record *r)
{
    const struct flow_key *key = &want->identity;
    bool is_ip4 = key->kind == FLOW_IP4 || key->kind == FLOW_PAIR4;
    bool is_ip = is_ip4 || key->kind == FLOW_IP6 || key->kind == FLOW_PAIR6;
    uint8_t bits = is_ip4 ? 32 : 128;
    bool is_merged = record_has(r, BLOCK_AGR) && r->agr.count > 1;
    want->prefix[0] = want->prefix[1] = bits;
    if (!is_ip)
        return;
    /* Ends were put into order: the prefix goes with the address that it is of. */
    bool is_turned = memcmp(key->addr[0], r->key.addr[SRC], sizeof(key->addr[0])) != 0;
    for (unsigned end = 0; end < 2; end++) {
        uint8_t prefix = r->key.prefix[is_turned ? !end : end];
        if (prefix && prefix < bits)
            want->prefix[end] = prefix;
        else if (is_merged && is_zero(key->addr[end], sizeof(key->addr[end])))
            want->prefix[end] = 0;
        want->any_port[end] = has_ports(key) && is_merged && !key->port[end];
        want->is_wide |= want->prefix[end] < bits || want->any_port[end];
    }
    want->is_wide |= is_merged && !key->protocol;
}

/* Which side the packets of the record are from, if they are all from one. */
static void look_for_silence(struct want *want, const struct record *r)
{
    const struct record_key *key = &r->key;
    want->is_one_way = r->metric.packets[SRC] && !r->metric.packets[DST];
    switch (key->family) {
    case FAMILY_IP4:
    case FAMILY_IP6:
    case FAMILY_ARP:
        memcpy(want->source, key->addr[SRC], sizeof(want->source));
        return;
    case FAMILY_ETHER:
        memcpy(want->source, key->u.ether.mac[SRC], sizeof(key->u.ether.mac[SRC]));
        return;
    default:
        want->is_one_way = false;
    }
}

void wants_bound(struct wants *w, nsec_t first, nsec_t last)
{
    for (uint32_t i = 1; i < w->count; i++) {
        w->list[i].first = first;
        w->list[i].last = last;
    }
}

/* The first second of 1970 is how records say that a time is not known. */
static void set_times(struct want *want, const struct record *r)
{
    nsec_t start = r->time.stored_start ? r->time.stored_start : record_start(r);
    nsec_t last = record_last(r);
    want->first = nsec_seconds(start) ? want_microseconds(start) : 0;
    want->last = nsec_seconds(last) ? want_microseconds(last) : NSEC_PER_SEC - 1;
}

bool wants_add_record(struct wants *w, const struct record *r, uint64_t number)
{
    struct want want = {.number = number, .first = INT64_MIN, .last = INT64_MAX};
    if (!flow_identity_of_record(&want.identity, r))
        return false;
    if (record_has(r, BLOCK_TIME))
        set_times(&want, r);
    if (record_has(r, BLOCK_METRIC)) {
        want.packets = r->metric.packets[SRC] + r->metric.packets[DST];
        want.bytes = r->metric.bytes[SRC] + r->metric.bytes[DST];
        look_for_silence(&want, r);
    }
    want.is_of_pair = flow_identity_is_of_pair(&want.identity);
    look_for_gaps(&want, r);
    wants_add(w, &want);
    return true;
}

/* --- packets ---------------------------------------------------------------------------------- */

static bool in_prefix(const uint8_t *addr, const uint8_t *net, unsigned bits)
{
    if (memcmp(addr, net, bits / 8))
        return false;
    unsigned rest = bits % 8;
    return !rest || !((addr[bits / 8] ^ net[bits / 8]) & 0xff00u >> rest);
}

/* `turned`: the packet's ends stand the other way round. */
static bool fits_ends(const struct want *want, const struct flow_key *key, bool turned)
{
    for (unsigned end = 0; end < 2; end++) {
        unsigned other = turned ? !end : end;
        if (!in_prefix(key->addr[other], want->identity.addr[end], want->prefix[end]))
            return false;
        if (has_ports(&want->identity) && !want->any_port[end] &&
            key->port[other] != want->identity.port[end])
            return false;
    }
    return true;
}

static bool fits_wide(const struct want *want, const struct flow_key *key)
{
    if (key->kind != want->identity.kind)
        return false;
    if (want->identity.protocol && key->protocol != want->identity.protocol)
        return false;
    return fits_ends(want, key, false) || fits_ends(want, key, true);
}

static bool in_time(const struct want *want, nsec_t time)
{
    nsec_t at = want->number ? want_record_time(time) : want_microseconds(time);
    return at >= want->first && at <= want->last;
}

static uint32_t next_wide(const struct wants *w, const struct flow_key *identity, nsec_t time,
                          uint32_t after)
{
    for (size_t i = 0; i < w->wide_count; i++) {
        const struct want *want = &w->list[w->wide[i]];
        if (w->wide[i] > after && in_time(want, time) && fits_wide(want, identity))
            return w->wide[i];
    }
    return 0;
}

bool want_is_answered(const struct want *want, const struct packet *p)
{
    enum { IP4_SIZE = 4, MAC_SIZE = 6 };
    if (!want->is_one_way)
        return false;
    switch (want->identity.kind) {
    case FLOW_ETHER:
        return memcmp(p->mac_src, want->source, MAC_SIZE) != 0;
    case FLOW_ARP: /* records have no more of the address */
        return memcmp(p->u.arp.sender_protocol, want->source, IP4_SIZE) != 0;
    default:
        return memcmp(p->src, want->source, sizeof(p->src)) != 0;
    }
}

bool wants_have(const struct wants *w, const struct flow_key *identity)
{
    uint32_t at = w->heads[flow_key_hash(identity) & w->mask];
    for (; at; at = w->list[at].next)
        if (flow_key_equal(&w->list[at].identity, identity))
            return true;
    for (size_t i = 0; i < w->wide_count; i++)
        if (fits_wide(&w->list[w->wide[i]], identity))
            return true;
    return false;
}

uint32_t wants_next(const struct wants *w, const struct flow_key *identity, nsec_t time,
                    uint32_t after)
{
    bool was_wide = after && w->list[after].is_wide;
    uint32_t at = 0;
    if (!was_wide)
        at = after ? w->list[after].next : w->heads[flow_key_hash(identity) & w->mask];
    for (; at; at = w->list[at].next)
        if (in_time(&w->list[at], time) && flow_key_equal(&w->list[at].identity, identity))
            return at;
    return next_wide(w, identity, time, was_wide ? after : 0);
}
