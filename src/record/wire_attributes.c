/* SPDX-License-Identifier: Apache-2.0 */
#include "base/check.h"
#include "record/wire.h"
#include "record/wire_block.h"

/* Blocks of a few words about origin, link, network and route of a flow. */

/* --- transport: source id and sequence number ------------------------------------------------- */

enum {
    TRANSPORT_ID = 1,
    TRANSPORT_SEQUENCE = 2,
    ID_INTERFACE = 0x10,
    ID_UUID = 0x22,
    ID_IP6 = 0x02
};

bool wire_get_transport(const struct wire_block *b, struct record *r)
{
    struct record_transport *t = &r->transport;
    unsigned form = b->qualifier & (uint8_t)~ID_INTERFACE;
    *t = (struct record_transport){
        .flags = b->subtype & 3,
        .id_form = b->qualifier,
        .id_size = form == ID_UUID || form == ID_IP6 ? 16 : 4,
    };
    size_t at = 0;
    if (t->flags & TRANSPORT_ID) {
        if (b->body.size < t->id_size)
            return false;
        memcpy(t->id, b->body.data, t->id_size);
        at = t->id_size + (b->qualifier & ID_INTERFACE ? 4u : 0);
    }
    if (t->flags & TRANSPORT_SEQUENCE) {
        if (b->body.size < at + 4)
            return false;
        t->sequence = load_be32(b->body.data + at);
    }
    r->blocks |= BLOCK_TRANSPORT;
    return true;
}

void wire_put_transport(const struct record *r, struct wire_writer *w)
{
    const struct record_transport *t = &r->transport;
    wire_open(w, TYPE_TRANSPORT, t->flags, t->id_form & (uint8_t)~ID_INTERFACE);
    if (t->flags & TRANSPORT_ID)
        put_bytes(w, t->id, t->id_size);
    if (t->flags & TRANSPORT_SEQUENCE)
        put32(w, t->sequence);
    wire_close(w);
}

void wire_set_sequence(uint8_t *record, uint32_t sequence)
{
    enum { HEADER = 4 };
    uint8_t *block = record + HEADER; /* of a flow record, this is the first; it ends with it */
    check(block[0] == TYPE_TRANSPORT && block[1] & TRANSPORT_SEQUENCE);
    store_be32(block + (size_t)block[3] * 4 - sizeof(sequence), sequence);
}

/* --- encapsulations --------------------------------------------------------------------------- */

bool wire_get_encaps(const struct wire_block *b, struct record *r)
{
    if (b->body.size < 8)
        return false;
    r->encaps.bits[SRC] = load_be32(b->body.data);
    r->encaps.bits[DST] = load_be32(b->body.data + 4);
    r->encaps.changed = b->qualifier;
    r->blocks |= BLOCK_ENCAPS;
    return true;
}

void wire_put_encaps(const struct record *r, struct wire_writer *w)
{
    wire_open(w, TYPE_ENCAPS, 0, r->encaps.changed);
    put32(w, r->encaps.bits[SRC]);
    put32(w, r->encaps.bits[DST]);
    wire_close(w);
}

/* --- VLAN ------------------------------------------------------------------------------------- */

bool wire_get_vlan(const struct wire_block *b, struct record *r)
{
    if (b->body.size < 4)
        return false;
    for (unsigned side = SRC; side <= DST; side++) {
        r->vlan.has[side] = b->qualifier & 1 << side;
        r->vlan.tci[side] = load_be16(b->body.data + 2 * side);
    }
    r->blocks |= BLOCK_VLAN;
    return true;
}

void wire_put_vlan(const struct record *r, struct wire_writer *w)
{
    wire_open(w, TYPE_VLAN, 0, (uint8_t)(r->vlan.has[SRC] | r->vlan.has[DST] << 1));
    put16(w, r->vlan.tci[SRC]);
    put16(w, r->vlan.tci[DST]);
    wire_close(w);
}

/* --- MPLS: the qualifier counts the labels of each side --------------------------------------- */

bool wire_get_mpls(const struct wire_block *b, struct record *r)
{
    enum { KEPT = 4 };
    const uint8_t *at = b->body.data, *end = at + b->body.size;
    const unsigned stated[2] = {b->qualifier >> 4, b->qualifier & 0x0fu};
    for (unsigned side = SRC; side <= DST; side++) {
        r->mpls.count[side] = 0;
        for (unsigned i = 0; i < stated[side] && end - at >= 4; i++, at += 4)
            if (i < KEPT)
                r->mpls.label[side][r->mpls.count[side]++] = load_be32(at);
    }
    r->blocks |= BLOCK_MPLS;
    return true;
}

void wire_put_mpls(const struct record *r, struct wire_writer *w)
{
    const struct record_mpls *m = &r->mpls;
    wire_open(w, TYPE_MPLS, (m->count[SRC] ? 1 : 0) | (m->count[DST] ? 2 : 0),
              (uint8_t)(m->count[SRC] << 4 | m->count[DST]));
    for (unsigned side = SRC; side <= DST; side++)
        for (unsigned i = 0; i < m->count[side]; i++)
            put32(w, m->label[side][i]);
    wire_close(w);
}

/* --- MAC addresses; the type is in the byte order of x86 -------------------------------------- */

bool wire_get_mac(const struct wire_block *b, struct record *r)
{
    if (b->body.size < 14)
        return false;
    memcpy(r->mac.addr[DST], b->body.data, 6);
    memcpy(r->mac.addr[SRC], b->body.data + 6, 6);
    r->mac.ethertype = load_le16(b->body.data + 12);
    r->mac.several[SRC] = b->qualifier & 1;
    r->mac.several[DST] = b->qualifier & 2;
    r->blocks |= BLOCK_MAC;
    return true;
}

void wire_put_mac(const struct record *r, struct wire_writer *w)
{
    wire_open(w, TYPE_MAC, 0, (uint8_t)(r->mac.several[SRC] | r->mac.several[DST] << 1));
    put_bytes(w, r->mac.addr[DST], 6);
    put_bytes(w, r->mac.addr[SRC], 6);
    put16_le(w, r->mac.ethertype);
    wire_close(w);
}

/* --- IP attributes; the identification is byte-swapped ---------------------------------------- */

bool wire_get_ipattr(const struct wire_block *b, struct record *r)
{
    struct record_ipattr *a = &r->ipattr;
    const uint8_t *at = b->body.data, *end = at + b->body.size;
    *a = (struct record_ipattr){0};
    for (unsigned side = SRC; side <= DST; side++) {
        a->fragments[side] = b->qualifier & 0x10 << side;
        if (b->qualifier & 1 << side) {
            if (end - at < 4)
                return false;
            a->has[side] = true;
            a->ttl[side] = at[0];
            a->tos[side] = at[1];
            a->ip_id[side] = load_le16(at + 2);
            at += 4;
        }
        if (b->qualifier & 4 << side) {
            if (end - at < 4)
                return false;
            a->has_options[side] = true;
            a->options[side] = load_be32(at);
            at += 4;
        }
    }
    r->blocks |= BLOCK_IPATTR;
    return true;
}

void wire_put_ipattr(const struct record *r, struct wire_writer *w)
{
    const struct record_ipattr *a = &r->ipattr;
    uint8_t qualifier = 0;
    wire_open(w, TYPE_IPATTR, 0, 0);
    for (unsigned side = SRC; side <= DST; side++) {
        if (a->fragments[side])
            qualifier |= (uint8_t)(0x10 << side);
        if (a->has[side]) {
            qualifier |= (uint8_t)(1 << side);
            put8(w, a->ttl[side]);
            put8(w, a->tos[side]);
            put16_le(w, a->ip_id[side]);
        }
        if (a->has_options[side]) {
            qualifier |= (uint8_t)(4 << side);
            put32(w, a->options[side]);
        }
    }
    w->block[2] = qualifier;
    wire_close(w);
}

/* --- ICMP error mapped onto the flow ---------------------------------------------------------- */

bool wire_get_icmp(const struct wire_block *b, struct record *r)
{
    const uint8_t *at = b->body.data;
    if (b->body.size < 24)
        return false;
    r->icmp.kind = b->qualifier;
    r->icmp.type = at[0];
    r->icmp.code = at[1];
    r->icmp.word = load_be16(at + 2);
    memcpy(r->icmp.reporter, at + 4, 4);
    memcpy(r->icmp.reported_to, at + 8, 4);
    memcpy(r->icmp.inner_src, at + 12, 4);
    memcpy(r->icmp.inner_dst, at + 16, 4);
    memcpy(r->icmp.gateway, at + 20, 4);
    r->icmp.size = (uint8_t)(b->body.size / 4 + 1);
    r->blocks |= BLOCK_ICMP;
    return true;
}

void wire_put_icmp(const struct record *r, struct wire_writer *w)
{
    wire_open(w, TYPE_ICMP, 0, r->icmp.kind);
    put8(w, r->icmp.type);
    put8(w, r->icmp.code);
    put16(w, r->icmp.word);
    put_bytes(w, r->icmp.reporter, 4);
    put_bytes(w, r->icmp.reported_to, 4);
    put_bytes(w, r->icmp.inner_src, 4);
    put_bytes(w, r->icmp.inner_dst, 4);
    put_bytes(w, r->icmp.gateway, 4);
    put_zeros(w, 4);
    wire_close(w);
}

/* --- keystrokes, countries, AS numbers -------------------------------------------------------- */

bool wire_get_behavior(const struct wire_block *b, struct record *r)
{
    if (b->body.size < 8)
        return false;
    r->behavior.subtype = b->subtype;
    r->behavior.keystrokes[SRC] = (int32_t)load_be32(b->body.data);
    r->behavior.keystrokes[DST] = (int32_t)load_be32(b->body.data + 4);
    r->blocks |= BLOCK_BEHAVIOR;
    return true;
}

void wire_put_behavior(const struct record *r, struct wire_writer *w)
{
    wire_open(w, TYPE_BEHAVIOR, r->behavior.subtype, 0);
    put32(w, (uint32_t)r->behavior.keystrokes[SRC]);
    put32(w, (uint32_t)r->behavior.keystrokes[DST]);
    wire_close(w);
}

bool wire_get_cocode(const struct wire_block *b, struct record *r)
{
    if (b->body.size < sizeof(r->country))
        return false;
    memcpy(r->country, b->body.data, sizeof(r->country));
    r->blocks |= BLOCK_COCODE;
    return true;
}

void wire_put_cocode(const struct record *r, struct wire_writer *w)
{
    wire_open(w, TYPE_COCODE, 0, 0);
    put_bytes(w, r->country, sizeof(r->country));
    wire_close(w);
}

bool wire_get_asn(const struct wire_block *b, struct record *r)
{
    if (b->body.size < 8)
        return false;
    r->asn.subtype = b->subtype;
    r->asn.number[SRC] = load_be32(b->body.data);
    r->asn.number[DST] = load_be32(b->body.data + 4);
    r->asn.has_inode = b->body.size >= 12;
    r->asn.inode = r->asn.has_inode ? load_be32(b->body.data + 8) : 0;
    r->blocks |= BLOCK_ASN;
    return true;
}

void wire_put_asn(const struct record *r, struct wire_writer *w)
{
    wire_open(w, TYPE_ASN, r->asn.subtype, 0);
    put32(w, r->asn.number[SRC]);
    put32(w, r->asn.number[DST]);
    if (r->asn.has_inode)
        put32(w, r->asn.inode);
    wire_close(w);
}
