/* SPDX-License-Identifier: Apache-2.0 */
#include "e2.h"

#include <string.h>

#include "base/attr.h"

/* Number by number; kinds.txt has the same list. */
enum {
    STATUS_REPORT,
    WITH_ATTRIBUTES,
    IGMP_QUERY,
    IGMP_REPORT,
    IGMP_LEAVE,
    ISIS_HELLO,
    ISIS_LINK_STATE,
    ISIS_COMPLETE,
    ISIS_PARTIAL,
    ETHERNET,
    RTP,
    RTP_TOO_SHORT,
    RTCP,
    CAUSED_BY_STATUS,
    CAUSED_BY_STOP,
    CAUSED_BY_TIMEOUT,
    CAUSED_BY_SHUTDOWN,
    CAUSED_BY_ERROR,
    FRAGMENT_IP4,
    FRAGMENT_IP6,
    RARP,
    REDIRECT,
    IP6_MULTICAST,
    EVENT,
    IP_BROADCAST,
    TCP_EVERYTHING,
    TCP_FIRST_PACKET,
    WITHOUT_BLOCKS,
};

static void make_flow(struct record *r, uint8_t family, uint8_t protocol)
{
    *r = (struct record){
        .type = RECORD_FAR,
        .cause = CAUSE_START,
        .blocks = BLOCK_FLOW | BLOCK_TIME | BLOCK_METRIC,
        .key = {.class = KEY_5TUPLE,
                .family = family,
                .protocol = protocol,
                .addr = {{10, 0, 0, 1}, {10, 0, 0, 2}},
                .port = {1000, 2000}},
        .time = {.has_start = {true}, .start = {NSEC_PER_SEC}},
        .metric = {.packets = {1}, .bytes = {60}},
    };
    if (family == FAMILY_IP6)
        memset(r->key.addr, 0x20, sizeof(r->key.addr));
}

static void make_attributes(struct record *r)
{
    make_flow(r, FAMILY_IP4, 6);
    r->blocks |= BLOCK_NET | BLOCK_MAC | BLOCK_MPLS | BLOCK_ENCAPS | BLOCK_BEHAVIOR | BLOCK_COCODE |
                 BLOCK_LABEL | BLOCK_ASN | BLOCK_IPATTR | BLOCK_AGR;
    r->net.form = NET_TCP_PERF;
    r->net.u.tcp.options = 0x00100000 | 0x40000000;
    r->mac.addr[SRC][5] = 1;
    r->mac.addr[DST][5] = 2;
    r->mac.several[DST] = true;
    r->mpls.count[SRC] = 1;
    r->mpls.label[SRC][0] = 500 << 12;
    r->encaps.bits[SRC] = 1u << 1 | 1u << 0;
    r->encaps.bits[DST] = 1u << 2;
    r->behavior.keystrokes[DST] = 7;
    memcpy(r->country, "USJP", 4);
    r->label = (struct view){(const uint8_t *)"flow=web:dport=http", 19};
    r->asn.number[SRC] = 64500;
    r->ipattr.has[SRC] = true;
    r->ipattr.tos[SRC] = 46 << 2;
    r->agr.count = 3;
}

static void make_igmp(struct record *r, uint8_t type)
{
    make_flow(r, FAMILY_IP4, 2);
    r->key.u.igmp.type = type;
}

static void make_isis(struct record *r, uint32_t pdu_type)
{
    make_flow(r, FAMILY_ISIS, 0);
    r->key.u.isis.pdu_type = pdu_type;
}

static void make_rtp(struct record *r, uint8_t form, uint64_t packets)
{
    make_flow(r, FAMILY_IP4, 17);
    r->blocks |= BLOCK_NET;
    r->net.form = form;
    r->metric.packets[DST] = packets;
}

static void make_others(struct record *all)
{
    make_flow(&all[ETHERNET], FAMILY_ETHER, 0);
    all[ETHERNET].key.u.ether.ethertype = 0x88cc;
    all[ETHERNET].key.u.ether.mac[SRC][5] = 3;
    all[ETHERNET].key.u.ether.mac[DST][5] = 4;
    make_flow(&all[FRAGMENT_IP4], FAMILY_IP4, 17);
    all[FRAGMENT_IP4].key.flags = KEY_FRAGMENT;
    make_flow(&all[FRAGMENT_IP6], FAMILY_IP6, 17);
    all[FRAGMENT_IP6].key.flags = KEY_FRAGMENT;
    make_flow(&all[RARP], FAMILY_RARP, 0);
    all[RARP].key.class = KEY_ARP;
    make_flow(&all[REDIRECT], FAMILY_IP4, 1);
    all[REDIRECT].key.u.icmp.type = 5;
    make_flow(&all[IP6_MULTICAST], FAMILY_IP6, 17);
    all[IP6_MULTICAST].key.addr[DST][0] = 0xff;
    all[EVENT] = (struct record){.type = RECORD_EVENT, .cause = CAUSE_STATUS};
    make_flow(&all[IP_BROADCAST], FAMILY_IP4, 17);
    memset(all[IP_BROADCAST].key.addr[DST], 0xff, 4);
    all[WITHOUT_BLOCKS] = (struct record){.type = RECORD_FAR, .cause = CAUSE_START};
}

static void make_tcp(struct record *all)
{
    struct record_tcp *tcp;
    make_flow(&all[TCP_EVERYTHING], FAMILY_IP6, 6);
    all[TCP_EVERYTHING].blocks |= BLOCK_NET;
    all[TCP_EVERYTHING].net.form = NET_TCP_STATUS;
    tcp = &all[TCP_EVERYTHING].net.u.tcp;
    tcp->side[SRC].flags = 0x20 | 0x40;
    tcp->side[DST].flags = 0x80 | 0x08;
    tcp->status = TCPS_OUT_OF_ORDER_DST | TCPS_WINSHUT_SRC | TCPS_ECN_DST | TCPS_NORMAL_CLOSE |
                  TCPS_CLOSE_WAIT;
    make_flow(&all[TCP_FIRST_PACKET], FAMILY_IP4, 6);
    all[TCP_FIRST_PACKET].blocks |= BLOCK_NET;
    all[TCP_FIRST_PACKET].net.form = NET_TCP_INIT;
    tcp = &all[TCP_FIRST_PACKET].net.u.tcp;
    tcp->options = 0x00200000 | 0x04000000;
    tcp->side[SRC].flags = 0x02;
}

void e2_make(struct record ret[E2_COUNT])
{
    static const uint8_t causes[] = {CAUSE_STATUS, CAUSE_STOP, CAUSE_TIMEOUT, CAUSE_SHUTDOWN,
                                     CAUSE_ERROR};
    _Static_assert(WITHOUT_BLOCKS == E2_COUNT - 1, "one record each");
    ret[STATUS_REPORT] = (struct record){.type = RECORD_MAR, .cause = CAUSE_STATUS};
    ret[STATUS_REPORT].mar.cookie = 5;
    make_attributes(&ret[WITH_ATTRIBUTES]);
    make_igmp(&ret[IGMP_QUERY], 0x11);
    make_igmp(&ret[IGMP_REPORT], 0x16);
    make_igmp(&ret[IGMP_LEAVE], 0x17);
    make_isis(&ret[ISIS_HELLO], 15);
    make_isis(&ret[ISIS_LINK_STATE], 20);
    make_isis(&ret[ISIS_COMPLETE], 24);
    make_isis(&ret[ISIS_PARTIAL], 27);
    make_rtp(&ret[RTP], NET_RTP, 5);
    make_rtp(&ret[RTP_TOO_SHORT], NET_RTP, 4);
    make_rtp(&ret[RTCP], NET_RTCP, 0);
    for (unsigned i = 0; i < ARRAY_SIZE(causes); i++) {
        make_flow(&ret[CAUSED_BY_STATUS + i], FAMILY_IP4, 47);
        ret[CAUSED_BY_STATUS + i].cause = causes[i];
    }
    make_others(ret);
    make_tcp(ret);
}
