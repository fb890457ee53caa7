/* SPDX-License-Identifier: Apache-2.0 */
#include "record/record.h"

enum { PROTO_TCP = 6, PROTO_UDP = 17 };

/* --- derived values --------------------------------------------------------------------------- */

nsec_t record_start(const struct record *r)
{
    const struct record_time *t = &r->time;
    if (!record_has(r, BLOCK_TIME))
        return 0;
    if (t->has_start[SRC] && t->has_start[DST])
        return t->start[SRC] < t->start[DST] ? t->start[SRC] : t->start[DST];
    return t->has_start[DST] ? t->start[DST] : t->has_start[SRC] ? t->start[SRC] : 0;
}

nsec_t record_last(const struct record *r)
{
    const struct record_time *t = &r->time;
    nsec_t last = record_start(r);
    for (unsigned side = SRC; side <= DST && record_has(r, BLOCK_TIME); side++) {
        if (t->has_start[side] && t->start[side] > last)
            last = t->start[side];
        if (t->has_last[side] && t->last[side] > last)
            last = t->last[side];
    }
    return last;
}

nsec_t record_duration(const struct record *r)
{
    return record_last(r) - record_start(r);
}

bool record_is_tcp(const struct record *r)
{
    return record_is_flow(r) && record_has(r, BLOCK_FLOW) && r->key.class == KEY_5TUPLE &&
           (r->key.family == FAMILY_IP4 || r->key.family == FAMILY_IP6) &&
           r->key.protocol == PROTO_TCP;
}

const struct record_tcp *record_tcp(const struct record *r)
{
    if (!record_is_tcp(r) || !record_has(r, BLOCK_NET))
        return NULL;
    switch (r->net.form) {
    case NET_TCP_INIT:
    case NET_TCP_STATUS:
    case NET_TCP_PERF:
        return &r->net.u.tcp;
    default:
        return NULL;
    }
}

uint32_t record_tcp_status(const struct record *r)
{
    const struct record_tcp *tcp = record_tcp(r);
    return tcp ? tcp->status : 0;
}

bool record_is_rtp(const struct record *r)
{
    enum { RTP_PACKETS = 5 };
    return record_has(r, BLOCK_NET | BLOCK_FLOW | BLOCK_METRIC) && r->net.form == NET_RTP &&
           r->key.family == FAMILY_IP4 && r->key.protocol == PROTO_UDP &&
           (r->metric.packets[SRC] >= RTP_PACKETS || r->metric.packets[DST] >= RTP_PACKETS);
}

/* --- reversal --------------------------------------------------------------------------------- */

/* Exchanges the two elements of an array of two. */
static void swap_pair(void *pair, size_t size)
{
    for (uint8_t *a = pair, *b = a + size; size--; a++, b++) {
        uint8_t kept = *a;
        *a = *b;
        *b = kept;
    }
}

#define SWAP(array) swap_pair(array, sizeof((array)[0]))

static void reverse_key(struct record_key *key)
{
    if (key->family == FAMILY_IP4 || key->family == FAMILY_IP6) {
        SWAP(key->addr);
        SWAP(key->prefix);
        if (key->protocol == PROTO_TCP || key->protocol == PROTO_UDP)
            SWAP(key->port);
    } else if (key->family == FAMILY_ARP && key->class == KEY_ARP) {
        SWAP(key->addr);
    } else if (key->family == FAMILY_RARP && key->class == KEY_ARP) {
        SWAP(key->addr);
        SWAP(key->u.arp.hardware);
    } else if (key->family == FAMILY_ETHER && key->class == KEY_5TUPLE) {
        SWAP(key->u.ether.mac);
        uint8_t sap = key->u.ether.dsap;
        key->u.ether.dsap = key->u.ether.ssap;
        key->u.ether.ssap = sap;
    }
}

/* The bits of a pair stand side by side, the source's below the destination's. */
static uint32_t swap_status(uint32_t status)
{
    const uint32_t src = TCPS_RETRANS_SRC | TCPS_WINSHUT_SRC | TCPS_RESET_SRC | TCPS_ECN_SRC |
                         TCPS_OUT_OF_ORDER_SRC | TCPS_DUPLICATE_SRC;
    return (status & ~(src | src << 1)) | (status & src) << 1 | (status & src << 1) >> 1;
}

static void reverse_net(struct record_net *net)
{
    switch (net->form) {
    case NET_TCP_STATUS:
    case NET_TCP_PERF:
        SWAP(net->u.tcp.side);
        net->u.tcp.status = swap_status(net->u.tcp.status);
        return;
    case NET_TCP_INIT:
        net->u.tcp.status = swap_status(net->u.tcp.status);
        return;
    case NET_RTP:
    case NET_RTCP:
        SWAP(net->u.rtp.header);
        SWAP(net->u.rtp.drops);
        SWAP(net->u.rtp.deviation);
        return;
    default:
        return;
    }
}

static void reverse_attributes(struct record *r)
{
    SWAP(r->ipattr.has);
    SWAP(r->ipattr.has_options);
    SWAP(r->ipattr.fragments);
    SWAP(r->ipattr.ttl);
    SWAP(r->ipattr.tos);
    SWAP(r->ipattr.ip_id);
    SWAP(r->ipattr.options);
    SWAP(r->vlan.has);
    SWAP(r->vlan.tci);
    SWAP(r->mpls.count);
    SWAP(r->mpls.label);
    SWAP(r->mac.addr);
    SWAP(r->mac.several);
    SWAP(r->encaps.bits);
    r->encaps.changed =
        (uint8_t)((r->encaps.changed & 0x14) << 1 | (r->encaps.changed & 0x28) >> 1);
}

static void reverse_measures(struct record *r)
{
    SWAP(r->jitter.has);
    SWAP(r->jitter.stat);
    SWAP(r->jitter.histogram);
    SWAP(r->psize.has);
    SWAP(r->psize.min);
    SWAP(r->psize.max);
    SWAP(r->psize.histogram);
    r->psize.subtype = (uint8_t)((r->psize.subtype & 4) | (r->psize.subtype & 1) << 1 |
                                 (r->psize.subtype & 2) >> 1);
    SWAP(r->behavior.keystrokes);
}

/* Texts and labels of the sides: their blocks are present side by side, too. */
static void reverse_annotations(struct record *r)
{
    SWAP(r->user);
    SWAP(r->country);
    SWAP(r->asn.number);
    uint32_t src = r->blocks & BLOCK_SUSER, dst = r->blocks & BLOCK_DUSER;
    r->blocks &= ~(uint32_t)(BLOCK_SUSER | BLOCK_DUSER);
    r->blocks |= (src ? BLOCK_DUSER : 0) | (dst ? BLOCK_SUSER : 0);
}

void record_reverse(struct record *r)
{
    reverse_key(&r->key);
    SWAP(r->time.start);
    SWAP(r->time.last);
    SWAP(r->time.has_start);
    SWAP(r->time.has_last);
    SWAP(r->metric.packets);
    SWAP(r->metric.bytes);
    SWAP(r->metric.app_bytes);
    reverse_net(&r->net);
    reverse_attributes(r);
    reverse_measures(r);
    reverse_annotations(r);
}

void record_keep_side(struct record *r, unsigned side)
{
    unsigned gone = !side;
    record_touch(r);
    r->metric.packets[gone] = r->metric.bytes[gone] = r->metric.app_bytes[gone] = 0;
    r->time.has_start[gone] = r->time.has_last[gone] = false;
    r->time.start[gone] = r->time.last[gone] = 0;
    r->ipattr.has[gone] = r->ipattr.has_options[gone] = r->ipattr.fragments[gone] = false;
    r->jitter.has[gone][0] = r->jitter.has[gone][1] = false;
    r->psize.has[gone] = false;
    r->blocks &= ~(uint32_t)(gone == SRC ? BLOCK_SUSER : BLOCK_DUSER);
    if (record_tcp(r))
        r->net.u.tcp.side[gone] = (struct record_tcp_side){0};
}
