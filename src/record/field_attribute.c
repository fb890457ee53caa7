/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <string.h>

#include "record/field_get.h"
#include "record/labels.h"

GETTER(get_none)
{
    (void)r;
    (void)arg;
    ret->kind = VALUE_NONE;
}

GETTER(get_zero)
{
    (void)r;
    (void)arg;
    value_uint(ret, 0);
}

GETTER(get_zero_share)
{
    (void)r;
    (void)arg;
    value_real(ret, 0);
}

/* --- origin ----------------------------------------------------------------------------------- */

GETTER(get_sequence)
{
    (void)arg;
    if (r->transport.flags & 2)
        value_uint(ret, r->transport.sequence);
}

GETTER(get_source_id)
{
    enum { ID_INTEGER = 0x20, ID_STRING = 0x21 };
    const struct record_transport *t = &r->transport;
    (void)arg;
    if (!(t->flags & 1))
        return;
    if (t->id_form == ID_INTEGER)
        value_text(ret, "%d", (int32_t)load_be32(t->id));
    else if (t->id_form == ID_STRING)
        value_text(ret, "%.4s", (const char *)t->id);
    else
        value_text(ret, "%u.%u.%u.%u", t->id[0], t->id[1], t->id[2], t->id[3]);
}

GETTER(get_cause)
{
    (void)arg;
    switch (r->cause) {
    case CAUSE_START:
        value_text(ret, "Start");
        return;
    case CAUSE_STATUS:
        value_text(ret, "Status");
        return;
    case CAUSE_STOP:
        value_text(ret, "Stop");
        return;
    case CAUSE_TIMEOUT:
        value_text(ret, "Timeout");
        return;
    case CAUSE_SHUTDOWN:
        value_text(ret, "Shutdown");
        return;
    case CAUSE_ERROR:
        value_text(ret, "Error");
        return;
    default:
        value_text(ret, "Unknown");
        return;
    }
}

GETTER(get_offset)
{
    (void)arg;
    value_uint(ret, r->offset);
}

/* --- IP attributes ---------------------------------------------------------------------------- */

GETTER(get_tos)
{
    if (r->ipattr.has[arg])
        value_uint(ret, r->ipattr.tos[arg]);
}

GETTER(get_dscp)
{
    if (!r->ipattr.has[arg])
        return;
    value_uint(ret, r->ipattr.tos[arg] >> 2);
    ret->name = label_dscp((uint8_t)ret->u.uint);
    if (ret->name)
        ret->kind = VALUE_PROTO;
}

GETTER(get_ttl)
{
    if (r->ipattr.has[arg])
        value_uint(ret, r->ipattr.ttl[arg]);
}

/* Systems begin at a power of two (or 255); what is missing to it are hops. */
GETTER(get_hops)
{
    if (!r->ipattr.has[arg])
        return;
    unsigned ttl = r->ipattr.ttl[arg], first = 1;
    while (first < ttl)
        first *= 2;
    value_uint(ret, first - ttl);
}

GETTER(get_ip_id)
{
    if (r->ipattr.has[arg])
        value_hex(ret, __builtin_bswap16(r->ipattr.ip_id[arg]));
}

/* --- link ------------------------------------------------------------------------------------- */

GETTER(get_mac)
{
    ret->kind = VALUE_MAC;
    memcpy(ret->u.mac, r->mac.addr[arg], 6);
}

GETTER(get_vlan)
{
    if (r->vlan.has[arg])
        value_hex(ret, r->vlan.tci[arg]);
}

GETTER(get_vlan_id)
{
    if (r->vlan.has[arg])
        value_uint(ret, r->vlan.tci[arg] & 0xfffu);
}

GETTER(get_vlan_priority)
{
    if (r->vlan.has[arg])
        value_uint(ret, r->vlan.tci[arg] >> 13);
}

GETTER(get_mpls)
{
    if (r->mpls.count[arg])
        value_uint(ret, r->mpls.label[arg][0] >> 12);
}

GETTER(get_encapsulation)
{
    static const char letters[] = "mevlpiGaP6HCASFsRwza..T..JEVN.";
    size_t size = 0;
    ret->kind = VALUE_TEXT;
    for (unsigned bit = 0; bit < sizeof(letters) - 1; bit++)
        if (r->encaps.bits[arg] & 1u << bit && letters[bit] != '.')
            ret->text[size++] = letters[bit];
    ret->text[size] = '\0';
}

/* --- what others said of the flow ------------------------------------------------------------- */

GETTER(get_inode)
{
    static const uint8_t nobody[4]; /* reports over IPv6 have no room for who made them */
    (void)arg;
    if (!memcmp(r->icmp.reporter, nobody, sizeof(nobody)))
        return;
    ret->kind = VALUE_IP4;
    memset(ret->u.addr, 0, sizeof(ret->u.addr));
    memcpy(ret->u.addr, r->icmp.reporter, 4);
    ret->prefix = 32;
}

GETTER(get_country)
{
    if (r->country[arg][0])
        value_text(ret, "%.2s", r->country[arg]);
}

GETTER(get_as)
{
    uint32_t number = arg == BOTH ? r->asn.inode : r->asn.number[arg];
    if (number)
        value_uint(ret, number);
}

GETTER(get_label)
{
    (void)arg;
    ret->kind = VALUE_BYTES;
    ret->u.bytes = r->label;
    ret->text[0] = '\0';
}

GETTER(get_user)
{
    ret->kind = VALUE_BYTES;
    ret->u.bytes = r->user[arg].bytes;
    snprintf(ret->text, sizeof(ret->text), "%c", arg ? 'd' : 's');
}
