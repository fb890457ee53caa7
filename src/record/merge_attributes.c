/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "record/arena.h"
#include "record/merge_internal.h"

/* --- attributes ------------------------------------------------------------------------------- */

static void merge_ipattr(struct record_ipattr *into, const struct record_ipattr *from)
{
    for (unsigned side = SRC; side <= DST; side++) {
        into->fragments[side] |= from->fragments[side];
        into->options[side] = (into->has_options[side] ? into->options[side] : 0) |
                              (from->has_options[side] ? from->options[side] : 0);
        into->has_options[side] |= from->has_options[side];
        if (!from->has[side])
            continue;
        if (!into->has[side]) {
            into->ttl[side] = from->ttl[side];
            into->tos[side] = from->tos[side];
            into->ip_id[side] = from->ip_id[side];
            into->has[side] = true;
            continue;
        }
        if (from->ttl[side] && from->ttl[side] < into->ttl[side])
            into->ttl[side] = from->ttl[side];
        if (from->tos[side] != into->tos[side])
            into->tos[side] = 0;
    }
}

static void merge_encaps(struct record_encaps *into, const struct record_encaps *from)
{
    enum { CHANGED_SRC = 4 };
    into->changed |= from->changed;
    for (unsigned side = SRC; side <= DST; side++) {
        uint32_t united = into->bits[side] | from->bits[side];
        if (into->bits[side] && from->bits[side] && into->bits[side] != from->bits[side])
            into->changed |= (uint8_t)(CHANGED_SRC << side);
        into->bits[side] = united;
    }
}

static void merge_vlan(struct record_vlan *into, const struct record_vlan *from)
{
    for (unsigned side = SRC; side <= DST; side++)
        if (!into->has[side] && from->has[side]) {
            into->has[side] = true;
            into->tci[side] = from->tci[side];
        }
}

static void merge_mpls(struct record_mpls *into, const struct record_mpls *from)
{
    for (unsigned side = SRC; side <= DST; side++)
        if (!into->count[side]) {
            into->count[side] = from->count[side];
            memcpy(into->label[side], from->label[side], sizeof(into->label[side]));
        }
}

static void merge_mac(struct record_mac *into, const struct record_mac *from)
{
    for (unsigned side = SRC; side <= DST; side++)
        if (from->several[side] || memcmp(into->addr[side], from->addr[side], 6))
            into->several[side] = true;
}

static void merge_asn(struct record_asn *into, const struct record_asn *from)
{
    for (unsigned side = SRC; side <= DST; side++)
        if (into->number[side] != from->number[side])
            into->number[side] = 0;
    if (into->inode != from->inode)
        into->inode = 0;
}

static void merge_country(char (*into)[2], const char (*from)[2])
{
    for (unsigned side = SRC; side <= DST; side++)
        if (memcmp(into[side], from[side], 2))
            memset(into[side], 0, 2);
}

/* True if both have the block; one that only `from` has is taken over. */
static bool both_have(struct record *into, const struct record *from, uint32_t block, void *to,
                      const void *what, size_t size)
{
    if (into->blocks & from->blocks & block)
        return true;
    if (from->blocks & block) {
        memcpy(to, what, size);
        into->blocks |= block;
    }
    return false;
}

#define BOTH_HAVE(block, member)                                                                   \
    both_have(into, from, block, &into->member, &from->member, sizeof(into->member))

void merge_attributes(struct record *into, const struct record *from)
{
    if (BOTH_HAVE(BLOCK_IPATTR, ipattr))
        merge_ipattr(&into->ipattr, &from->ipattr);
    if (BOTH_HAVE(BLOCK_ENCAPS, encaps))
        merge_encaps(&into->encaps, &from->encaps);
    if (BOTH_HAVE(BLOCK_VLAN, vlan))
        merge_vlan(&into->vlan, &from->vlan);
    if (BOTH_HAVE(BLOCK_MPLS, mpls))
        merge_mpls(&into->mpls, &from->mpls);
    if (BOTH_HAVE(BLOCK_MAC, mac))
        merge_mac(&into->mac, &from->mac);
    if (BOTH_HAVE(BLOCK_ASN, asn))
        merge_asn(&into->asn, &from->asn);
    if (BOTH_HAVE(BLOCK_COCODE, country))
        merge_country(into->country, from->country);
    (void)BOTH_HAVE(BLOCK_ICMP, icmp); /* the first report stays */
    if (BOTH_HAVE(BLOCK_BEHAVIOR, behavior))
        for (unsigned side = SRC; side <= DST; side++)
            into->behavior.keystrokes[side] += from->behavior.keystrokes[side];
}

/* --- texts: what is new comes from the arena -------------------------------------------------- */

static void extend_user(struct record *into, const struct record *from, unsigned side,
                        struct record_arena *arena)
{
    uint32_t block = side ? BLOCK_DUSER : BLOCK_SUSER;
    if (!(from->blocks & block))
        return;
    struct record_user *a = &into->user[side];
    const struct record_user *b = &from->user[side];
    if (!(into->blocks & block)) {
        *a = *b;
        a->bytes = record_arena_copy(arena, b->bytes);
        into->blocks |= block;
        return;
    }
    size_t room = a->limit > a->bytes.size ? a->limit - a->bytes.size : 0;
    size_t more = b->bytes.size < room ? b->bytes.size : room;
    if (!more || a->compressed || b->compressed)
        return;
    uint8_t *joined = record_arena_take(arena, a->bytes.size + more);
    memcpy(joined, a->bytes.data, a->bytes.size);
    memcpy(joined + a->bytes.size, b->bytes.data, more);
    a->bytes = (struct view){joined, a->bytes.size + more};
}

/* Is `piece` one of the pieces, between colons, of `label`? */
static bool has_piece(struct view label, struct view piece)
{
    for (size_t at = 0; at + piece.size <= label.size; at++) {
        bool starts = !at || label.data[at - 1] == ':';
        bool ends = at + piece.size == label.size || label.data[at + piece.size] == ':';
        if (starts && ends && !memcmp(label.data + at, piece.data, piece.size))
            return true;
    }
    return false;
}

static void add_piece(struct view *label, struct view piece, struct record_arena *arena)
{
    if (!piece.size || has_piece(*label, piece))
        return;
    uint8_t *joined = record_arena_take(arena, label->size + 1 + piece.size);
    memcpy(joined, label->data, label->size);
    joined[label->size] = ':';
    memcpy(joined + label->size + 1, piece.data, piece.size);
    *label = (struct view){joined, label->size + 1 + piece.size};
}

void record_add_label(struct record *r, struct view label, struct record_arena *arena)
{
    record_touch(r);
    if (!record_has(r, BLOCK_LABEL)) {
        r->label = label;
        r->blocks |= BLOCK_LABEL;
        return;
    }
    struct view rest = label;
    while (rest.size) {
        const uint8_t *colon = memchr(rest.data, ':', rest.size);
        size_t size = colon ? (size_t)(colon - rest.data) : rest.size;
        add_piece(&r->label, (struct view){rest.data, size}, arena);
        size_t passed = colon ? size + 1 : size;
        rest = (struct view){rest.data + passed, rest.size - passed};
    }
}

static void unite_labels(struct record *into, const struct record *from, struct record_arena *arena)
{
    if (!record_has(from, BLOCK_LABEL))
        return;
    bool is_new = !record_has(into, BLOCK_LABEL);
    record_add_label(into, is_new ? record_arena_copy(arena, from->label) : from->label, arena);
}

void merge_texts(struct record *into, const struct record *from, struct record_arena *arena)
{
    extend_user(into, from, SRC, arena);
    extend_user(into, from, DST, arena);
    unite_labels(into, from, arena);
}
