/* SPDX-License-Identifier: Apache-2.0 */
#include "flow/extra.h"

#include <stddef.h>
#include <string.h>

enum { PROTO_TCP = 6 };
enum { PHASE_ACTIVE = 0, PHASE_IDLE = 1 };

bool flow_extra_wanted(const struct meter_options *o)
{
    return o->jitter || o->packet_sizes || o->mac_addresses || o->user_bytes || o->keystrokes.mode;
}

/* Where keystrokes are, and where the next object is. */
static size_t aligned(size_t size)
{
    return (size + 15) / 16 * 16;
}

static size_t size_with_user_data(const struct meter_options *o)
{
    const bool has_measures = flow_extra_wanted(o);
    return aligned(has_measures ? sizeof(struct flow_extra) + 2 * (size_t)o->user_bytes
                                : offsetof(struct flow_extra, jitter));
}

size_t flow_extra_size(const struct meter_options *o)
{
    return size_with_user_data(o) +
           (o->keystrokes.mode ? aligned(sizeof(struct keystroke_state)) : 0);
}

/* NULL: nobody asked for them. */
static struct keystroke_state *keystrokes_of(const struct flow_extra *extra,
                                             const struct meter_options *o)
{
    char *object = (char *)(uintptr_t)extra;
    return o->keystrokes.mode ? (void *)(object + size_with_user_data(o)) : NULL;
}

/* --- taking a packet in ----------------------------------------------------------------------- */

static void take_mac(struct flow_extra *extra, unsigned side, const struct packet *p)
{
    struct record_mac *mac = &extra->mac;
    if (!p->has_mac)
        return;
    if (!extra->has_mac) {
        memcpy(mac->addr[side], p->mac_src, 6);
        memcpy(mac->addr[!side], p->mac_dst, 6);
        mac->ethertype = p->ethertype;
        extra->has_mac = true;
        return;
    }
    if (memcmp(mac->addr[side], p->mac_src, 6))
        mac->several[side] = true;
    if (memcmp(mac->addr[!side], p->mac_dst, 6))
        mac->several[!side] = true;
}

/*
 * Between two TCP packets the application was at work only if both brought new data: what comes
 * around an empty segment, a shut window or a retransmission is idle time.
 */
static unsigned phase_of(struct flow_extra *extra, unsigned side, const struct packet *p,
                         bool retransmitted)
{
    if (!p->has_tcp)
        return PHASE_ACTIVE;
    bool quiet = !p->app_bytes || !p->u.tcp.window, was_quiet = extra->was_quiet[side];
    extra->was_quiet[side] = quiet;
    return quiet || was_quiet || retransmitted ? PHASE_IDLE : PHASE_ACTIVE;
}

static void take_gap(struct flow_extra *extra, unsigned side, const struct packet *p,
                     bool retransmitted, nsec_t longest)
{
    unsigned phase = phase_of(extra, side, p, retransmitted);
    nsec_t gap = p->time - extra->previous[side];
    if (extra->has_previous[side] && gap > 0 && gap < longest) {
        struct record_stat *stat = &extra->jitter.stat[side][phase];
        if (!extra->jitter.has[side][phase])
            *stat = (struct record_stat){0};
        extra->jitter.has[side][phase] = true;
        stat_add(stat, gap);
    }
    extra->previous[side] = p->time;
    extra->has_previous[side] = true;
}

static void take_size(struct record_psize *psize, unsigned side, uint32_t bytes)
{
    uint16_t size = bytes > UINT16_MAX ? UINT16_MAX : (uint16_t)bytes;
    if (!psize->has[side] || size < psize->min[side])
        psize->min[side] = size;
    if (!psize->has[side] || size > psize->max[side])
        psize->max[side] = size;
    psize->has[side] = true;
}

static void take_user(struct flow_extra *extra, unsigned side, struct view payload, uint16_t most)
{
    size_t room = most - (size_t)extra->user_size[side];
    size_t size = payload.size < room ? payload.size : room;
    if (!size)
        return;
    memcpy(extra->user + side * most + extra->user_size[side], payload.data, size);
    extra->user_size[side] = (uint16_t)(extra->user_size[side] + size);
}

void flow_extra_packet(struct flow_extra *extra, unsigned side, const struct packet *p,
                       bool retransmitted, const struct meter_options *o)
{
    if (o->mac_addresses)
        take_mac(extra, side, p);
    if (o->jitter)
        take_gap(extra, side, p, retransmitted, 2 * o->status_interval);
    if (o->packet_sizes)
        take_size(&extra->psize, side, p->bytes);
    if (o->user_bytes)
        take_user(extra, side, p->payload, o->user_bytes);
    struct keystroke_state *keystrokes = keystrokes_of(extra, o);
    if (keystrokes && p->protocol == PROTO_TCP)
        keystroke_packet(keystrokes, side, p, &o->keystrokes, o->quirks);
}

void flow_extra_new_period(struct flow_extra *extra, const struct meter_options *o)
{
    if (!flow_extra_wanted(o))
        return;
    struct keystroke_state *keystrokes = keystrokes_of(extra, o);
    if (keystrokes)
        keystroke_new_period(keystrokes);
    memset(extra->jitter.has, 0, sizeof(extra->jitter.has));
    memset(extra->psize.has, 0, sizeof(extra->psize.has));
    memset(extra->user_size, 0, sizeof(extra->user_size));
}

void flow_extra_restart(struct flow_extra *extra, const struct meter_options *o)
{
    struct keystroke_state *keystrokes = keystrokes_of(extra, o);
    memset(extra->tcp, 0, sizeof(extra->tcp));
    if (keystrokes)
        *keystrokes = (struct keystroke_state){0};
}

/* --- the report ------------------------------------------------------------------------------- */

void flow_extra_report(const struct flow_extra *extra, const struct meter_options *o,
                       struct record *ret)
{
    if (!flow_extra_wanted(o))
        return;
    if (extra->has_mac) {
        ret->mac = extra->mac;
        ret->blocks |= BLOCK_MAC;
    }
    static const bool none[2][2];
    if (memcmp(extra->jitter.has, none, sizeof(none))) {
        ret->jitter = extra->jitter;
        ret->blocks |= BLOCK_JITTER;
    }
    if (extra->psize.has[SRC] || extra->psize.has[DST]) {
        ret->psize = extra->psize;
        ret->blocks |= BLOCK_PSIZE;
    }
    for (unsigned side = SRC; side <= DST; side++) {
        if (!extra->user_size[side])
            continue;
        ret->user[side] = (struct record_user){
            .limit = o->user_bytes,
            .bytes = {extra->user + side * o->user_bytes, extra->user_size[side]},
        };
        ret->blocks |= side ? BLOCK_DUSER : BLOCK_SUSER;
    }
    const struct keystroke_state *keystrokes = keystrokes_of(extra, o);
    if (keystrokes)
        keystroke_report(keystrokes, &o->keystrokes, ret);
}

static void swap_bytes(void *a, void *b, size_t size)
{
    for (uint8_t *p = a, *q = b; size--; p++, q++) {
        uint8_t kept = *p;
        *p = *q;
        *q = kept;
    }
}

/* Exchanges the two elements of an array of two. */
static void swap_pair(void *pair, size_t size)
{
    swap_bytes(pair, (uint8_t *)pair + size, size);
}

void flow_extra_swap(struct flow_extra *extra, const struct meter_options *o)
{
    swap_pair(extra->sums, sizeof(extra->sums[0]));
    swap_pair(extra->tcp, sizeof(extra->tcp[0]));
    swap_pair(extra->mpls, sizeof(extra->mpls[0]));
    if (!flow_extra_wanted(o))
        return;
    swap_bytes(extra->user, extra->user + o->user_bytes, o->user_bytes);
    swap_pair(extra->mac.addr, sizeof(extra->mac.addr[0]));
    swap_pair(extra->mac.several, sizeof(extra->mac.several[0]));
    swap_pair(extra->jitter.has, sizeof(extra->jitter.has[0]));
    swap_pair(extra->jitter.stat, sizeof(extra->jitter.stat[0]));
    swap_pair(extra->previous, sizeof(extra->previous[0]));
    swap_pair(extra->has_previous, sizeof(extra->has_previous[0]));
    swap_pair(extra->was_quiet, sizeof(extra->was_quiet[0]));
    swap_pair(extra->psize.has, sizeof(extra->psize.has[0]));
    swap_pair(extra->psize.min, sizeof(extra->psize.min[0]));
    swap_pair(extra->psize.max, sizeof(extra->psize.max[0]));
    swap_pair(extra->user_size, sizeof(extra->user_size[0]));
    struct keystroke_state *keystrokes = keystrokes_of(extra, o);
    if (keystrokes)
        keystroke_swap(keystrokes);
}
