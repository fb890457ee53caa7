/* SPDX-License-Identifier: Apache-2.0 */
#include "record/orient.h"

#include "base/prefix_set.h"
#include "record/services.h"

enum { PROTO_TCP = 6, WELL_KNOWN = 1024, DYNAMIC = 49152 };

/* What a rule says: the source is the server (turn), is not (leave), or nothing. */
enum verdict { NOTHING, LEAVE, TURN };

static bool is_unsure(const struct record *r)
{
    if (!record_is_flow(r) || !record_has(r, BLOCK_FLOW) || r->key.class != KEY_5TUPLE ||
        r->key.family != FAMILY_IP4 || r->key.protocol != PROTO_TCP || r->key.flags & KEY_FRAGMENT)
        return false;
    return !(record_tcp_status(r) & (TCPS_SYN | TCPS_SYNACK));
}

/* Of two servers, the one with the lower port is more of one. */
static enum verdict by_flags(bool src, bool dst, const uint16_t port[2])
{
    if (src == dst && !src)
        return NOTHING;
    if (src && dst)
        return port[SRC] < port[DST] ? TURN : LEAVE;
    return src ? TURN : LEAVE;
}

static enum verdict by_services(const struct record *r, const struct orientation *by)
{
    const uint16_t *port = r->key.port;
    if (!by->services)
        return NOTHING;
    return by_flags(service_name(by->services, "tcp", port[SRC]),
                    service_name(by->services, "tcp", port[DST]), port);
}

static enum verdict by_number(const struct record *r, uint16_t limit)
{
    const uint16_t *port = r->key.port;
    return by_flags(port[SRC] < limit, port[DST] < limit, port);
}

static bool is_local(const struct record *r, unsigned side, const struct orientation *by)
{
    return prefix_set_find(by->local, r->key.addr[side], ADDRESS_IP4) != PREFIX_NONE;
}

static enum verdict by_place(const struct record *r, const struct orientation *by)
{
    if (!by->local || by->local_end == LOCAL_ANY)
        return NOTHING;
    bool src = is_local(r, SRC, by), dst = is_local(r, DST, by);
    if (src == dst)
        return NOTHING;
    return src == (by->local_end == LOCAL_IS_SOURCE) ? LEAVE : TURN;
}

bool record_orient(struct record *r, const struct orientation *by)
{
    if (!is_unsure(r))
        return false;
    enum verdict verdict = by_services(r, by);
    if (verdict == NOTHING && by->well_known)
        verdict = by_number(r, WELL_KNOWN);
    if (verdict == NOTHING && by->registered)
        verdict = by_number(r, DYNAMIC);
    if (verdict == NOTHING)
        verdict = by_place(r, by);
    if (verdict != TURN)
        return false;
    record_touch(r);
    record_reverse(r);
    return true;
}
