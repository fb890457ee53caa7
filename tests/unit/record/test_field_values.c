/* SPDX-License-Identifier: Apache-2.0 */
/* The getters of the field table (record/field_*.c), by what their fields print. */
#include "record/field.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/attr.h"
#include "lines.h"
#include "records.h"

static void expect(const struct record *r, const char *columns, const char *expected)
{
    const struct print_options options = {
        .precision = 6, .numeric = 1, .delimiter = ',', .header_every = -1};
    char *text = printed(&options, columns, r, 1);
    text[strcspn(text, "\n")] = '\0';
    if (strcmp(text, expected))
        fail_msg("%s prints '%s', expected '%s'", columns, text, expected);
    free(text);
}

static void icmp_has_type_code_and_id(void **state)
{
    static struct record r;
    (void)state;
    record_make_udp(&r, 0, 0, 1, 0);
    r.key.protocol = 1;
    r.key.u.icmp.type = 3;
    r.key.u.icmp.code = 1;
    r.key.u.icmp.id = 0x4d00;
    expect(&r, "proto,sport,dport,icmpid", "icmp,0x0103,0x4d00,19712");
    r.key.flags = KEY_FRAGMENT;
    expect(&r, "sport,dport", "0x0000,0x0000");
    r.key.flags = 0;
    r.key.family = FAMILY_IP6;
    r.key.protocol = 58;
    expect(&r, "proto,sport,dport,icmpid", "ipv6-icmp,3,1,19712");
}

static void others_have_other_ports(void **state)
{
    static struct record r;
    (void)state;
    record_make_udp(&r, 0, 0, 1, 0);
    expect(&r, "proto,sport,dport", "udp,4000,53");
    r.key.flags = KEY_FRAGMENT;
    expect(&r, "sport,dport", "0,0");
    r.key.flags = 0;
    r.key.protocol = 50;
    r.key.u.spi = 0x1234;
    expect(&r, "proto,sport,dport", "esp,,0x1234");
    r.key.protocol = 47;
    expect(&r, "proto,sport,dport", "gre,,");
    r.key.family = FAMILY_ETHER;
    r.key.u.ether.ethertype = 0;
    r.key.u.ether.ssap = 0x42;
    r.key.u.ether.dsap = 0x82;
    expect(&r, "proto,sport,dport", "llc,66,130");
    r.key.u.ether.ethertype = 0x88cc;
    expect(&r, "proto", "lldp");
    r.key.u.ether.ethertype = 0x1235;
    expect(&r, "proto", "4661");
}

static void networks_have_classes(void **state)
{
    static const struct {
        uint8_t addr[4];
        const char *network;
    } cases[] = {
        {{127, 1, 2, 3}, "127.0.0.0"},
        {{128, 1, 2, 3}, "128.1.0.0"},
        {{191, 1, 2, 3}, "191.1.0.0"},
        {{192, 1, 2, 3}, "192.1.2.0"},
        {{223, 1, 2, 3}, "223.1.2.0"},
        {{224, 1, 2, 3}, "224.1.2.3"},
        {{255, 255, 255, 255}, "255.255.255.255"},
    };
    static struct record r;
    (void)state;
    record_make_udp(&r, 0, 0, 1, 0);
    for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
        memcpy(r.key.addr[SRC], cases[i].addr, 4);
        expect(&r, "snet", cases[i].network);
    }
}

static void protocols_are_told(void **state)
{
    static const struct {
        uint8_t class, family, protocol, form;
        const char *name;
    } cases[] = {
        {KEY_5TUPLE, FAMILY_IP4, 17, NET_RTP, "rtp"},
        {KEY_5TUPLE, FAMILY_IP6, 17, NET_RTP, "udp"},
        {KEY_5TUPLE, FAMILY_IP4, 17, NET_RTCP, "rtcp"},
        {KEY_5TUPLE, FAMILY_IP6, 17, NET_RTCP, "rtcp"},
        {KEY_5TUPLE, FAMILY_IP4, 17, NET_UDT, "udt"},
        {KEY_5TUPLE, FAMILY_IP6, 17, NET_UDT, "udp"},
        {KEY_5TUPLE, FAMILY_IP4, 6, NET_UDT, "tcp"},
        {KEY_LAYER3_MATRIX, FAMILY_IP4, 6, 0, "ip"},
        {KEY_5TUPLE, FAMILY_ETHER, 0, 0, "llc"},
        {KEY_LAYER2_MATRIX, FAMILY_ETHER, 0, 0, "ether"},
        {KEY_ARP, FAMILY_ARP, 0, 0, "arp"},
        {KEY_ARP, FAMILY_RARP, 0, 0, "rarp"},
        {KEY_5TUPLE, FAMILY_WLAN, 0, 0, "wlan"},
        {KEY_5TUPLE, FAMILY_ISIS, 0, 0, "isis"},
        {KEY_5TUPLE, FAMILY_LCP, 0, 0, "unknown"},
    };
    static struct record r;
    (void)state;
    for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
        record_make_udp(&r, 0, 1, 5, 1);
        r.key.class = cases[i].class;
        r.key.family = cases[i].family;
        r.key.protocol = cases[i].protocol;
        r.key.u.ether.ethertype = 0;
        r.net.form = cases[i].form;
        expect(&r, "proto", cases[i].name);
    }
    r.blocks = 0;
    expect(&r, "proto,saddr,sport", ",,");
}

static void isis_has_ids(void **state)
{
    static const uint8_t id[14] = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14};
    static const struct {
        uint32_t pdu_type;
        const char *text;
    } cases[] = {
        {15, "0102.0304.0506,0708.090a.0b0c.0d,0xabc"},
        {18, "0102.0304.0506.07-08,0x090a0b0c,0xabc"},
        {20, "0102.0304.0506.07-08,0x090a0b0c,0xabc"},
        {24, "0102.0304.0506.07,,0xabc"},
        {27, "0102.0304.0506.07,,0xabc"},
    };
    static struct record r;
    (void)state;
    record_make_udp(&r, 0, 0, 1, 0);
    r.key.family = FAMILY_ISIS;
    memcpy(r.key.u.isis.id, id, sizeof(id));
    r.key.u.isis.checksum = 0xabc;
    for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
        r.key.u.isis.pdu_type = cases[i].pdu_type;
        expect(&r, "saddr,daddr,dport", cases[i].text);
    }
}

static void link_keys_have_link_addresses(void **state)
{
    static struct record r;
    (void)state;
    record_make_udp(&r, 0, 0, 1, 0);
    r.key.family = FAMILY_WLAN;
    memset(&r.key.u.wlan, 0x41, sizeof(r.key.u.wlan)); /* a name of full length */
    r.key.u.wlan.mac[SRC][0] = 1;
    r.key.u.wlan.mac[DST][0] = 2;
    expect(&r, "saddr,daddr,bssid,ssid",
           "01:41:41:41:41:41,02:41:41:41:41:41,41:41:41:41:41:41,"
           "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA");
    record_make_udp(&r, 0, 0, 1, 0);
    r.key.family = FAMILY_RARP;
    r.key.u.arp.hardware[SRC][0] = 1;
    r.key.u.arp.hardware[DST][0] = 2;
    expect(&r, "saddr,daddr", "02:00:00:00:00:00,01:00:00:00:00:00");
    r.key.family = FAMILY_ARP;
    expect(&r, "saddr,daddr,bssid,ssid,resp", "10.0.0.1,10.0.0.2,,,");
    r.blocks |= BLOCK_NET;
    r.net.form = NET_ARP;
    memcpy(r.net.u.arp_hardware, "\x02\0\0\0\0\x02", 6);
    expect(&r, "resp", "02:00:00:00:00:02");
}

/* TCP's columns of what is not TCP, and of TCP without state, are empty or 0. */
static void others_have_no_tcp(void **state)
{
    static struct record r;
    (void)state;
    record_make_full(&r);
    r.key.protocol = 17;
    expect(&r, "sgap,stcpb,swin,tcpopt,tcprtt,stcpmax,loss,ploss",
           ",,,,0.000000,0.000000,0,0.000000");
    r.key.protocol = 6;
    r.net.form = NET_FRAG;
    expect(&r, "sgap,stcpb,swin,tcpopt,tcprtt,stcpmax,loss", ",,,,0.000000,0.000000,0");
    r.net.form = NET_TCP_INIT;
    expect(&r, "sgap,stcpb,loss", "0,1000,0");
    r.net.form = NET_TCP_PERF;
    r.net.u.tcp.synack_usec = r.net.u.tcp.ackdat_usec = 0;
    expect(&r, "tcprtt,stcpmax", "0.000000,0.000000");
    r.metric.packets[DST] = 0;
    expect(&r, "swin,dwin", "896000,");
    r.metric.packets[SRC] = 0;
    expect(&r, "swin,dwin", ",");
}

/* Beside a host, one part of the handshake is as short as the host takes; 100 us is the border. */
static void the_limit_of_tcp_leaves_out_what_a_host_takes(void **state)
{
    static struct record r;
    static const struct {
        uint32_t synack_usec, ackdat_usec;
        const char *limit;
    } cases[] = {
        {100, 100, "40000.000000"}, {100, 99, "80000.000000"}, {99, 100, "80000.000000"},
        {80, 50, "100000.000000"},  {0, 50, "160000.000000"},  {50, 0, "160000.000000"},
        {0, 0, "0.000000"},
    };
    (void)state;
    record_make_full(&r);
    r.metric.packets[SRC] = 0; /* its window is known all the same */
    r.net.u.tcp.side[DST].window = 1000;
    r.net.u.tcp.side[DST].window_shift = 0;
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        r.net.u.tcp.synack_usec = cases[i].synack_usec;
        r.net.u.tcp.ackdat_usec = cases[i].ackdat_usec;
        expect(&r, "stcpmax", cases[i].limit);
    }
}

static void what_was_not_measured_is_empty_or_0(void **state)
{
    static struct record r;
    (void)state;
    record_make_full(&r);
    r.jitter.has[SRC][0] = r.jitter.has[SRC][1] = r.jitter.has[DST][0] = r.jitter.has[DST][1] =
        false;
    expect(&r, "sintpkt,dintpkt,sintpktact,dintpktidl,sintpktmax,dintpktmin,sjit,djitact",
           "0.000000,,0.000000,0.000000,0.000000,0.000000,,");
    r.jitter.has[SRC][1] = r.jitter.has_histogram = true;
    r.jitter.histogram[SRC][1] = 0x12;
    expect(&r, "sintpkt,sintpktact,sintpktidl,sintdistact,sintdistidl",
           "2.000000,0.000000,2.000000,,00000012");
    r.psize.subtype = 4 | 2;
    r.psize.has[SRC] = false;
    expect(&r, "spktsz,dpktsz,sminsz,dminsz", ",12345678,,60");
    r.psize.subtype = 2;
    r.psize.min[DST] = 0;
    expect(&r, "dpktsz,dminsz", ",");
    r.metric.bytes[SRC] = r.metric.packets[SRC] = 0;
    expect(&r, "stf,smeansz", "0.000000,0.000000");
}

/* The first packet took no time; and what did not last has no rate. */
static void rates_are_over_time(void **state)
{
    static struct record r;
    (void)state;
    record_make_udp(&r, 10, 12, 3, 1);
    expect(&r, "rate,srate,drate,load,sload,dload",
           "1.500000,1.000000,0.000000,480.000000,480.000000,0.000000");
    record_make_udp(&r, 10, 10, 3, 1);
    expect(&r, "rate,srate,load,sload", "0.000000,0.000000,0.000000,0.000000");
    record_make_udp(&r, 10, 12, 1, 0);
    expect(&r, "rate,sload", "0.000000,0.000000");
}

/* What was merged here has gaps of unknown length: all its bytes count, over all its time. */
static void merged_load_is_over_all(void **state)
{
    static struct record r;
    (void)state;
    record_make_full(&r);
    expect(&r, "sload,dload", "2133.333333,2560.000000");
    r.agr.count = 1;
    expect(&r, "sload,dload", "1920.000000,2520.000000");
}

static void ratio_of_nothing_is_minus_zero(void **state)
{
    static struct record r;
    (void)state;
    record_make_udp(&r, 0, 0, 1, 1);
    expect(&r, "pcr", "-0.000000");
    r.metric.has_app_bytes = true;
    r.metric.app_bytes[DST] = 7;
    expect(&r, "pcr,appbytes,dtf", "-1.000000,7,0.077778");
}

static void hops_count_from_a_power_of_two(void **state)
{
    static struct record r;
    (void)state;
    record_make_full(&r);
    static const uint8_t ttl[] = {1, 2, 3, 64, 65, 255};
    static const char *const hops[] = {"0", "0", "1", "0", "63", "1"};
    for (size_t i = 0; i < ARRAY_SIZE(ttl); i++) {
        r.ipattr.ttl[SRC] = ttl[i];
        expect(&r, "shops", hops[i]);
    }
}

static void code_points_have_names(void **state)
{
    static struct record r;
    (void)state;
    record_make_full(&r);
    r.ipattr.tos[SRC] = 46 << 2 | 1;
    r.ipattr.tos[DST] = 47 << 2;
    expect(&r, "sdsb,ddsb", "ef,47");
}

static void gap_is_what_is_missing(void **state)
{
    static struct record r;
    (void)state;
    record_make_full(&r);
    struct record_tcp_side *side = &r.net.u.tcp.side[SRC];
    side->retrans = 0;
    side->seq_base = 1000;
    side->seq = 2001;
    side->bytes = 900;
    side->win_bytes = 0;
    expect(&r, "sgap", "100");
    side->seq = 1900;
    expect(&r, "sgap", "0");
    side->seq = 1901; /* the end of the flow has a number of its own */
    expect(&r, "sgap", "0");
    side->seq = 1800; /* never negative */
    expect(&r, "sgap", "0");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(icmp_has_type_code_and_id),
        cmocka_unit_test(others_have_other_ports),
        cmocka_unit_test(networks_have_classes),
        cmocka_unit_test(protocols_are_told),
        cmocka_unit_test(isis_has_ids),
        cmocka_unit_test(link_keys_have_link_addresses),
        cmocka_unit_test(others_have_no_tcp),
        cmocka_unit_test(the_limit_of_tcp_leaves_out_what_a_host_takes),
        cmocka_unit_test(what_was_not_measured_is_empty_or_0),
        cmocka_unit_test(rates_are_over_time),
        cmocka_unit_test(merged_load_is_over_all),
        cmocka_unit_test(ratio_of_nothing_is_minus_zero),
        cmocka_unit_test(hops_count_from_a_power_of_two),
        cmocka_unit_test(code_points_have_names),
        cmocka_unit_test(gap_is_what_is_missing),
    };
    setenv("TZ", "UTC", 1);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
