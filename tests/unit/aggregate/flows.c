/* SPDX-License-Identifier: Apache-2.0 */
#include "flows.h"

#include <arpa/inet.h>
#include <string.h>

struct record flow_make(uint8_t protocol, const char *source, uint16_t source_port,
                        const char *target, uint16_t target_port)
{
    struct record r;
    memset(&r, 0, sizeof(r));
    r.type = RECORD_FAR;
    r.version = 3;
    r.cause = CAUSE_START;
    r.blocks = BLOCK_TRANSPORT | BLOCK_FLOW | BLOCK_TIME | BLOCK_METRIC;
    r.transport = (struct record_transport){.flags = 3, .id_size = 4, .sequence = 1};
    r.key.class = KEY_5TUPLE;
    r.key.family = strchr(source, ':') ? FAMILY_IP6 : FAMILY_IP4;
    int family = r.key.family == FAMILY_IP6 ? AF_INET6 : AF_INET;
    r.key.prefix[SRC] = r.key.prefix[DST] = family == AF_INET ? 32 : 128;
    r.key.protocol = protocol;
    inet_pton(family, source, r.key.addr[SRC]);
    inet_pton(family, target, r.key.addr[DST]);
    r.key.port[SRC] = source_port;
    r.key.port[DST] = target_port;
    return flow_at(r, 0, 1, 0);
}

struct record flow_at(struct record r, int64_t second, uint64_t source_packets,
                      uint64_t target_packets)
{
    const uint64_t packets[2] = {source_packets, target_packets};
    memset(&r.time, 0, sizeof(r.time));
    for (unsigned side = SRC; side <= DST; side++) {
        r.metric.packets[side] = packets[side];
        r.metric.bytes[side] = 100 * packets[side];
        if (!packets[side])
            continue;
        r.time.has_start[side] = r.time.has_last[side] = true;
        r.time.start[side] = second * NSEC_PER_SEC;
        r.time.last[side] = (second + 1) * NSEC_PER_SEC;
    }
    return r;
}

struct record flow_tcp(struct record r, uint32_t status)
{
    r.blocks |= BLOCK_NET;
    r.net.form = NET_TCP_PERF;
    r.net.u.tcp.status = status;
    return r;
}
