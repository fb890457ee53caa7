/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/clock.h"
#include "base/pool.h"
#include "flow/key.h"
#include "record/record.h"

/*
 * A live flow: what every packet of it touches, and references to the state of its protocol and to
 * what few flows have. With TCP's state it takes four cache lines, 2^20 flows 256 MiB.
 *
 * Its counters have 32 bits. What is more goes to the sums of its struct flow_extra, see
 * meter_sums.
 *
 * A flow is in one of two states. While a *period* is open it has packets that no record tells of
 * yet, and it stands in the period queue. When the period is closed its record is emitted and the
 * flow is only remembered (counters zero), in the idle queue of its timeout, until it is forgotten
 * or its next packet opens a new period.
 *
 * Sides are those of the record: SRC is the sender of the flow's first packet.
 */
enum flow_list { FLOW_LIST_NONE, FLOW_LIST_PERIOD, FLOW_LIST_LATE, FLOW_LIST_IDLE };

enum flow_bit {
    FLOW_SRC_SECOND = 0x01,  /* SRC is the second end of the key */
    FLOW_REPORTED = 0x02,    /* a record was emitted: the next one has cause STATUS */
    FLOW_REPLY_FIRST = 0x04, /* the first packet was a reply: the key stands the other way */
    FLOW_ALIAS = 0x08,       /* a fragment's key that leads to the flow `state` */
    FLOW_SEEN_TWICE = 0x10,  /* more than one packet in the life of the flow */
    FLOW_UNREACHED = 0x20,   /* an ICMP error about this flow awaits its record */
    FLOW_MOVED = 0x40,       /* nothing but the way to where the flow is now: `next` */
};

/* Attributes present, for side s: bit << s. */
enum flow_has {
    FLOW_HAS_IP = 0x01,
    FLOW_HAS_VLAN = 0x04,
    FLOW_HAS_MPLS = 0x10,
    FLOW_HAS_FRAGMENTS = 0x40
};

/* What flows of either size have, see half.h. */
struct flow_node {
    uint32_t next, prev; /* in the queue */
    uint32_t number;     /* from 1, in order of creation */
    uint8_t list;        /* enum flow_list */
    uint8_t bits;        /* enum flow_bit */
    union {
        struct {             /* of a whole flow */
            uint8_t has;     /* enum flow_has */
            uint8_t changed; /* encapsulation changed: 4 << side */
        };
        struct { /* of a half one, all of whose packets are its first */
            uint8_t encaps, tcp_flags;
        };
    };
    nsec_t period_start; /* of the open period; when idle, the time it was closed */
};

struct flow {
    struct flow_key key;
    struct flow_node node;
    uint32_t state; /* union flow_state; of an alias, the flow that it leads to */
    uint32_t extra; /* struct flow_extra */
    union {
        struct {
            uint32_t packets[2]; /* 0: the side has none, in the sums either */
            uint32_t bytes[2], app_bytes[2];
            nsec_t start[2], last[2]; /* valid when packets[side] is not 0 */
        };
        struct {                    /* of an alias */
            struct flow_key target; /* of the flow that it leads to */
            bool is_second;         /* who sent the first fragment is that key's second end */
        };
    };
    uint32_t encaps[2];
    uint16_t ip_id[2], vlan[2];
    uint8_t ttl[2], tos[2], ip_options[2];
    uint8_t timeout; /* enum flow_timeout */
};

enum flow_timeout {
    TIMEOUT_IP,
    TIMEOUT_TCP,
    TIMEOUT_ICMP,
    TIMEOUT_FRAGMENT,
    TIMEOUT_ARP,
    TIMEOUT_OTHER,
    TIMEOUT_COUNT
};

/* --- protocol state --------------------------------------------------------------------------- */

struct flow_tcp_side {
    uint32_t base, seq, ack, bytes, win_bytes;
    uint16_t windows, retrans; /* what is more goes to struct flow_tcp_sums */
    uint16_t window;
    uint16_t id;     /* IP identification of the last data segment, byte-swapped */
    uint16_t status; /* see tcp.c */
    uint8_t flags, shift;
};

struct flow_tcp {
    nsec_t last[2];
    struct flow_tcp_side side[2];
    uint32_t synack_usec, ackdat_usec;
    uint16_t status, options; /* see tcp.c */
    uint8_t state;
};

struct flow_object {
    uint8_t form; /* enum net_form; NET_NONE of 802.11 */
    uint16_t rtp_seq[2];
    union {
        struct record_rtp rtp;
        struct record_net_icmp icmp;
        struct record_esp esp;
        uint8_t arp_hardware[6];
        uint8_t ssid[32];
    } u;
};

union flow_state {
    struct flow_tcp tcp;
    struct flow_object object;
};

_Static_assert(sizeof(struct flow) + sizeof(union flow_state) <= 256, "four cache lines in all");

/* --- what few flows have, and measurements that are off by default ---------------------------- */

struct flow_sums {
    uint64_t packets, bytes, app_bytes;
};

struct flow_tcp_sums {
    uint32_t windows, retrans, ack_bytes; /* of 32 bits in records, too */
};

struct flow_extra {
    struct flow_sums sums[2]; /* of the period; the flow's own counters come on top */
    struct flow_tcp_sums tcp[2];
    uint32_t mpls[2];
    struct record_icmp icmp; /* with FLOW_UNREACHED */

    /* From here on only if flow_extra_wanted. */
    struct record_jitter jitter;
    struct record_mac mac;
    bool has_mac;
    nsec_t previous[2]; /* time of the side's packet before */
    bool has_previous[2];
    bool was_quiet[2]; /* the side's last TCP packet brought no data, or a shut window */
    struct record_psize psize;
    uint16_t user_size[2];
    uint8_t user[]; /* user_bytes of SRC, then of DST; behind them, keystrokes */
};

/* The side that sends a packet whose sender is the second (or first) end of the key. */
static inline unsigned flow_side(const struct flow *flow, bool second)
{
    return second != (bool)(flow->node.bits & FLOW_SRC_SECOND) ? DST : SRC;
}

static inline bool node_is_open(const struct flow_node *node)
{
    return node->list == FLOW_LIST_PERIOD || node->list == FLOW_LIST_LATE;
}

static inline bool flow_is_open(const struct flow *flow)
{
    return node_is_open(&flow->node);
}
