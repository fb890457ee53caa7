/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/bytes.h"
#include "base/clock.h"

/*
 * The record: one bidirectional flow report (or a management record) in memory.
 *
 * Sides are indexed SRC and DST everywhere, so that reversing a record is one loop. `blocks` says
 * which blocks are present; members of absent blocks hold old memory and must not be read. Text
 * and payload are borrowed from the record's wire bytes (see `wire`) or from whoever set them.
 *
 * A record that was read keeps its wire form in `wire`. Whoever changes a record must clear it
 * (record_touch), so that the writer encodes anew; an untouched record is written as the bytes
 * that came in, unknown blocks included.
 */
enum { SRC = 0, DST = 1 };

enum record_type { /* high nibble of the first byte */
                   RECORD_MAR = 0x80,
                   RECORD_FAR = 0x10,
                   RECORD_INDEX = 0x20,
                   RECORD_NETFLOW = 0x30,
                   RECORD_EVENT = 0x40,
};

enum record_cause { /* high nibble of the second byte */
                    CAUSE_START = 0x10,
                    CAUSE_STATUS = 0x20,
                    CAUSE_STOP = 0x30,
                    CAUSE_TIMEOUT = 0x40,
                    CAUSE_FLUSH = 0x50,
                    CAUSE_SHUTDOWN = 0x60,
                    CAUSE_CLOSED = 0x70,
                    CAUSE_ERROR = 0x80,
};

/* Low nibble of the second byte of a flow record, ours: the meter's memory limit cut the flow. */
enum { OPTION_CONTINUED = 0x01 };

enum record_block {
    BLOCK_TRANSPORT = 1u << 0,
    BLOCK_FLOW = 1u << 1,
    BLOCK_TIME = 1u << 2,
    BLOCK_METRIC = 1u << 3,
    BLOCK_AGR = 1u << 4,
    BLOCK_NET = 1u << 5,
    BLOCK_VLAN = 1u << 6,
    BLOCK_MPLS = 1u << 7,
    BLOCK_JITTER = 1u << 8,
    BLOCK_IPATTR = 1u << 9,
    BLOCK_PSIZE = 1u << 10,
    BLOCK_SUSER = 1u << 11,
    BLOCK_DUSER = 1u << 12,
    BLOCK_MAC = 1u << 13,
    BLOCK_ICMP = 1u << 14,
    BLOCK_ENCAPS = 1u << 15,
    BLOCK_BEHAVIOR = 1u << 16,
    BLOCK_COR = 1u << 17,
    BLOCK_COCODE = 1u << 18,
    BLOCK_LABEL = 1u << 19,
    BLOCK_ASN = 1u << 20,
    BLOCK_UNKNOWN = 1u << 21, /* blocks of types that we do not know, kept as bytes */
};

/* --- flow key --------------------------------------------------------------------------------- */

enum key_class { KEY_5TUPLE = 1, KEY_LAYER2_MATRIX = 2, KEY_LAYER3_MATRIX = 3, KEY_ARP = 6 };

enum key_family {
    FAMILY_IP4 = 1,
    FAMILY_IP6 = 2,
    FAMILY_ETHER = 3,
    FAMILY_ARP = 4,
    FAMILY_RARP = 5,
    FAMILY_WLAN = 8,
    FAMILY_LCP = 9,
    FAMILY_ISIS = 10,
};

enum key_flag { KEY_DIRECTION = 0x20, KEY_MASKED = 0x40, KEY_FRAGMENT = 0x80 };

struct record_key {
    uint8_t class;          /* enum key_class, or another number as read */
    uint8_t family;         /* enum key_family, or another number as read */
    uint8_t flags;          /* enum key_flag */
    bool reverse;           /* the REVERSE bit; only still set after normalising for ARP */
    uint8_t protocol;       /* IP protocol */
    uint8_t inner_protocol; /* of an ICMP port unreachable */
    uint8_t prefix[2];      /* mask lengths; 32 or 128 when not masked */
    uint8_t addr[2][16];    /* IP: network order, IPv4 in the first four bytes and zero after */
    uint16_t port[2];       /* TCP and UDP and whoever has ports */
    uint32_t flow_label;
    union {
        struct {
            uint8_t type, code;
            uint16_t id, seq; /* as a reader of the format sees them: big-endian loads */
            uint32_t gateway; /* the four bytes at +16 for unreachable and redirect, big-endian */
        } icmp;
        struct {
            uint8_t type, code;
            uint16_t ip_id;
        } igmp;
        uint32_t spi; /* ESP; 0xffffffff in neither address family */
        uint32_t
            frag_id; /* with KEY_FRAGMENT; IPv4: 16 bits. The packet's value, not byte-swapped */
        struct {
            uint8_t mac[2][6]; /* SRC is the sender */
            uint16_t ethertype;
            uint8_t dsap, ssap;
        } ether;
        struct {
            uint16_t hardware_type, protocol_type, operation;
            uint8_t hardware_size, protocol_size;
            uint8_t hardware[2][16]; /* ARP: SRC only; RARP: DST asked about SRC */
            uint8_t hardware_kept;   /* bytes of ARP hardware[SRC] that are in the record */
        } arp;                       /* protocol addresses are in addr: requester, target */
        struct {
            uint8_t mac[2][6], bssid[6], ssid[32];
        } wlan;
        struct {
            uint32_t pdu_type, checksum;
            uint8_t mac[2][6], version, id[14];
        } isis;
        struct {
            uint8_t size, bytes[64]; /* body of a key that we do not take apart */
        } raw;
    } u;
};

/* --- the other blocks ------------------------------------------------------------------------- */

struct record_transport {
    uint8_t flags;   /* 1 source id present, 2 sequence present */
    uint8_t id_form; /* qualifier: 0 none, 1 IPv4, 0x20 integer, 0x21 string, 0x22 UUID ... */
    uint8_t id_size; /* 4 or 16 */
    uint8_t id[16];
    uint32_t sequence;
};

struct record_time {
    nsec_t start[2], last[2]; /* valid where has_ says so */
    bool has_start[2], has_last[2];
    bool bidirectional; /* was (is to be) written with times of each side */
    bool nanoseconds;   /* unit of the wire form; version 3 has microseconds */
    /*
     * When the only packet came, of a record that was read and whose start 3.0.8 shows elsewhere;
     * 0: the start is where it was.
     */
    nsec_t stored_start;
};

struct record_metric {
    uint64_t packets[2], bytes[2], app_bytes[2];
    bool has_app_bytes;
};

/*
 * Aggregation statistics of one metric (duration unless told otherwise), kept as exact sums; mean
 * and deviation are computed when written or printed. Values are counted in millionths of the
 * metric's unit (microseconds for durations).
 */
struct record_stat {
    uint64_t count;
    int64_t min, max, sum;
    unsigned __int128 sum_squares;
};

struct record_agr {
    uint8_t metric; /* subtype: 4 duration */
    uint32_t count; /* records merged */
    nsec_t last_start, last_time;
    struct record_stat active, idle;
};

enum net_form { /* subtype of the network block */
                NET_NONE = 0x00,
                NET_TCP_INIT = 0x03,
                NET_TCP_STATUS = 0x04,
                NET_TCP_PERF = 0x05,
                NET_RTCP = 0x09,
                NET_RTP = 0x0a,
                NET_UDT = 0x0d,
                NET_ARP = 0x10,
                NET_ICMP = 0x34,
                NET_ESP = 0x38,
                NET_FRAG = 0x45,
};

enum tcp_status {
    TCPS_SYN = 0x1,
    TCPS_SYNACK = 0x2,
    TCPS_EST = 0x4,
    TCPS_FIN = 0x8,
    TCPS_FINACK = 0x10,
    TCPS_NORMAL_CLOSE = 0x20,
    TCPS_CLOSE_WAIT = 0x40,
    TCPS_PORT_REUSE = 0x80,
    TCPS_RETRANS_SRC = 0x100, /* the DST bit of a pair is the SRC bit << 1 */
    TCPS_RETRANS_DST = 0x200,
    TCPS_WINSHUT_SRC = 0x400,
    TCPS_WINSHUT_DST = 0x800,
    TCPS_RESET_SRC = 0x1000,
    TCPS_RESET_DST = 0x2000,
    TCPS_ECN_SRC = 0x4000,
    TCPS_ECN_DST = 0x8000,
    TCPS_OUT_OF_ORDER_SRC = 0x10000,
    TCPS_OUT_OF_ORDER_DST = 0x20000,
    TCPS_DUPLICATE_SRC = 0x40000,
    TCPS_DUPLICATE_DST = 0x80000,
};

struct record_tcp_side {
    nsec_t last; /* time of the side's last packet */
    uint32_t status, seq_base, seq, ack, windows, bytes, retrans, ack_bytes, win_bytes;
    uint16_t window; /* unscaled */
    uint8_t flags;   /* union of flag bytes */
    uint8_t window_shift;
};

struct record_tcp {
    uint32_t status, state, options;
    uint32_t synack_usec, ackdat_usec;
    struct record_tcp_side side[2]; /* of NET_TCP_INIT: SRC's seq_base, window, flags, shift only */
};

struct record_rtp {
    uint32_t state;
    uint8_t header[2][12]; /* RTP header of each side, or 8 bytes of RTCP header */
    uint16_t drops[2], deviation[2];
};

struct record_net_icmp {
    uint8_t type, code;
    uint16_t seq;
    uint8_t addr[5][4]; /* outer src, outer dst, inner src, inner dst, gateway, network order */
};

struct record_esp {
    uint32_t status, spi, last_seq, lost;
};

struct record_fragment {
    uint32_t count, id, start, bytes, total_bytes;
    uint16_t total_length, length, largest;
};

struct record_net {
    uint8_t form; /* enum net_form, or another number as read */
    uint8_t qualifier;
    union {
        struct record_tcp tcp; /* forms INIT, STATUS, PERF */
        struct record_rtp rtp; /* RTP, RTCP */
        uint8_t arp_hardware[6];
        struct record_net_icmp icmp;
        struct record_esp esp;
        struct record_fragment frag;
        struct {
            uint16_t size;
            uint8_t bytes[172]; /* body of UDT and of forms that we do not take apart */
        } raw;
    } u;
};

struct record_vlan {
    bool has[2];
    uint16_t tci[2];
};

struct record_mpls {
    uint8_t count[2];     /* labels of each side, at most 4 kept */
    uint32_t label[2][4]; /* label stack entries */
};

/* Inter-packet times of one phase of one side, in microseconds; exact sums, see record_stat. */
struct record_jitter {
    bool has[2][2];                /* [side][0 active, 1 idle] */
    struct record_stat stat[2][2]; /* in nanoseconds */
    bool has_histogram;
    uint32_t histogram[2][2];
};

struct record_ipattr {
    bool has[2], has_options[2], fragments[2];
    uint8_t ttl[2], tos[2];
    uint16_t ip_id[2];   /* the packet's value (the wire form has it byte-swapped) */
    uint32_t options[2]; /* enum packet_ip_option bits */
};

struct record_psize {
    bool has[2];
    uint16_t min[2], max[2];
    uint8_t subtype; /* 4 histogram form, 1 src, 2 dst histogram */
    uint32_t histogram[2];
};

struct record_user {
    uint16_t limit;    /* capture limit */
    bool compressed;   /* zlib stream (events) */
    struct view bytes; /* borrowed */
};

struct record_mac {
    uint8_t addr[2][6];
    uint16_t ethertype;
    bool several[2]; /* more than one address seen on that side */
};

struct record_icmp { /* ICMP error mapped onto this flow */
    uint8_t kind;    /* 1 unreachable, 2 redirect, 4 time exceeded */
    uint8_t type, code;
    uint16_t word;
    uint8_t reporter[4], reported_to[4], inner_src[4], inner_dst[4], gateway[4];
    uint8_t size; /* words on the wire, 7 or 8; ours 8 */
};

struct record_encaps {
    uint32_t bits[2]; /* bit positions of the format */
    uint8_t changed;  /* qualifier: 4 src, 8 dst set changed; 0x10, 0x20 interface changed */
};

struct record_behavior {
    uint8_t subtype;
    int32_t keystrokes[2];
};

struct record_asn {
    uint32_t number[2], inode;
    bool has_inode;
    uint8_t subtype;
};

/* A management record: the fields of its 128 bytes. */
struct record_mar {
    uint32_t status, source_id, cookie;
    uint32_t local_net, net_mask, sequence;
    nsec_t start, now;
    uint8_t major, minor, interface_type, interface_status;
    uint16_t report_interval, mar_interval; /* seconds */
    uint64_t packets, bytes;
    int64_t drift;
    uint32_t records, flows, dropped, queue, outputs, clients, buffers, memory;
    uint16_t user_data_limit[2];
};

struct record {
    uint8_t type;     /* enum record_type */
    uint8_t version;  /* low nibble of the first byte */
    uint8_t cause;    /* enum record_cause */
    uint8_t option;   /* low nibble of the second byte */
    uint32_t blocks;  /* enum record_block */
    struct view wire; /* the record as it was read; empty when it was made or changed here */
    uint64_t offset;  /* in its (decompressed) input */

    struct record_key key;
    struct record_time time;
    struct record_metric metric;
    struct record_transport transport;
    struct record_encaps encaps;
    struct record_ipattr ipattr;
    struct record_net net;
    struct record_agr agr;
    struct record_vlan vlan;
    struct record_mpls mpls;
    struct record_jitter jitter;
    struct record_psize psize;
    struct record_user user[2];
    struct record_mac mac;
    struct record_icmp icmp;
    struct record_behavior behavior;
    struct record_asn asn;
    char country[2][2];
    struct view label;     /* text without its padding */
    struct view cor;       /* correlation block body */
    struct view unknown;   /* blocks of unknown type, whole, one after the other */
    struct record_mar mar; /* of RECORD_MAR only */
};

static inline bool record_has(const struct record *r, uint32_t blocks)
{
    return (r->blocks & blocks) == blocks;
}

static inline bool record_is_flow(const struct record *r)
{
    return r->type == RECORD_FAR || r->type == RECORD_NETFLOW;
}

/* The bytes of the addresses of a flow of IP, or of ARP: 4 or 16; 0: it has none. */
static inline unsigned record_address_size(const struct record *r)
{
    if (!record_is_flow(r) || !record_has(r, BLOCK_FLOW))
        return 0;
    if (r->key.family == FAMILY_IP6)
        return 16;
    return r->key.family == FAMILY_IP4 || r->key.family == FAMILY_ARP ? 4 : 0;
}

/* To be called before a record is changed: its wire form is no longer what it says. */
static inline void record_touch(struct record *r)
{
    r->wire.size = 0;
}

/* Exchanges source and destination in every block that has sides. */
void record_reverse(struct record *r);

/* What one side sent, and nothing of the other: counters, times, and what comes from its packets.
 */
void record_keep_side(struct record *r, unsigned side);

/* --- derived values that more than one part needs --------------------------------------------- */

nsec_t record_start(const struct record *r);    /* earliest start; 0 without a time block */
nsec_t record_last(const struct record *r);     /* latest end */
nsec_t record_duration(const struct record *r); /* last - start, never negative */
bool record_is_tcp(const struct record *r);     /* class 5-tuple, IPv4 or IPv6, protocol 6 */
const struct record_tcp *record_tcp(const struct record *r); /* NULL when it has no TCP state */
uint32_t record_tcp_status(const struct record *r);          /* 0 then */
/* The sensor guesses; media are what goes over IPv4 UDP with five packets from one side. */
bool record_is_rtp(const struct record *r);

/* --- exact statistics ------------------------------------------------------------------------- */

void stat_add(struct record_stat *stat, int64_t value);
void stat_merge(struct record_stat *into, const struct record_stat *from);
double stat_mean(const struct record_stat *stat);
double stat_deviation(const struct record_stat *stat); /* population standard deviation */
/* Sums that give back a count, mean and deviation that were rounded to binary32 on the wire. */
void stat_from_moments(struct record_stat *ret, uint64_t count, double min, double max, double mean,
                       double deviation);
