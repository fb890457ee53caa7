/* SPDX-License-Identifier: Apache-2.0 */
#include "record/field.h"

#include <ctype.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/attr.h"
#include "lines.h"
#include "records.h"

/* Each field of the record of record_make_full, as it prints. */
static const struct {
    const char *name, *text;
} full_record[] = {
    {"rank", "1"},
    {"seq", "42"},
    {"srcid", "192.0.2.1"},
    {"cause", "Start"},
    {"autoid", "0"},
    {"stime", "22:13:20.250000"},
    {"ltime", "22:13:22.500000"},
    {"sstime", "22:13:20.250000"},
    {"sltime", "22:13:22.500000"},
    {"dstime", "22:13:20.500000"},
    {"dltime", "22:13:22.500000"},
    {"rtime", "0.000000"},
    {"dur", "2.250000"},
    {"sdur", "2.250000"},
    {"ddur", "2.000000"},
    {"runtime", "6.000000"},
    {"mean", "2.000000"},
    {"stddev", "0.816497"},
    {"sum", "6.000000"},
    {"min", "1.000000"},
    {"max", "3.000000"},
    {"trans", "3"},
    {"flgs", " MU*  FO  "},
    {"proto", "tcp"},
    {"saddr", "10.0.0.1"},
    {"daddr", "10.0.0.2"},
    {"snet", "10.0.0.0"},
    {"dnet", "10.0.0.0"},
    {"sport", "4000"},
    {"dport", "53"},
    {"dir", "   ->"},
    {"pkts", "18"},
    {"spkts", "10"},
    {"dpkts", "8"},
    {"bytes", "1320"},
    {"sbytes", "600"},
    {"dbytes", "720"},
    {"appbytes", "100007"},
    {"sappbytes", "100000"},
    {"dappbytes", "7"},
    {"pcr", "0.999860"},
    {"abr", "0.999860"},
    {"tf", "75.762879"},
    {"stf", "166.666667"},
    {"dtf", "0.009722"},
    {"rate", "7.555556"},
    {"srate", "4.000000"},
    {"drate", "3.500000"},
    {"load", "4160.000000"},
    {"sload", "1920.000000"},
    {"dload", "2520.000000"},
    {"loss", "4"},
    {"sloss", "2"},
    {"dloss", "2"},
    {"ploss", "18.181818"},
    {"sploss", "16.666667"},
    {"dploss", "20.000000"},
    {"sgap", "0"},
    {"dgap", "0"},
    {"tcprtt", "0.000200"},
    {"synack", "0.000120"},
    {"ackdat", "0.000080"},
    {"stcpb", "1000"},
    {"dtcpb", "1001"},
    {"swin", "896000"},
    {"dwin", "896000"},
    {"stcpmax", "35840000.000000"},
    {"dtcpmax", "35840000.000000"},
    {"tcpopt", "Mws"},
    {"state", "FIN"},
    {"stos", "16"},
    {"dtos", "16"},
    {"sdsb", "4"},
    {"ddsb", "4"},
    {"sttl", "64"},
    {"dttl", "63"},
    {"shops", "0"},
    {"dhops", "1"},
    {"sipid", "0x3412"},
    {"dipid", "0x3412"},
    {"smac", "02:00:00:00:00:01"},
    {"dmac", "02:00:00:00:00:02"},
    {"svlan", "0x6064"},
    {"dvlan", "0x6065"},
    {"svid", "100"},
    {"dvid", "101"},
    {"svpri", "3"},
    {"dvpri", "3"},
    {"smpls", "100"},
    {"dmpls", "100"},
    {"senc", "ev"},
    {"denc", "ev"},
    {"bssid", ""},
    {"ssid", ""},
    {"inode", "10.9.9.9"},
    {"icmpid", ""},
    {"sintpkt", "2.000000"},
    {"dintpkt", "2.000000"},
    {"sintpktact", "2.000000"},
    {"dintpktact", "2.000000"},
    {"sintpktidl", "2.000000"},
    {"dintpktidl", "2.000000"},
    {"sintpktmax", "3.000000"},
    {"dintpktmax", "3.000000"},
    {"sintpktmin", "1.000000"},
    {"dintpktmin", "1.000000"},
    {"sintpktactmax", "3.000000"},
    {"sintpktactmin", "1.000000"},
    {"sintpktidlmax", "3.000000"},
    {"sintpktidlmin", "1.000000"},
    {"dintpktactmax", "3.000000"},
    {"dintpktactmin", "1.000000"},
    {"dintpktidlmax", "3.000000"},
    {"dintpktidlmin", "1.000000"},
    {"sjit", "1.000000"},
    {"djit", "1.000000"},
    {"sjitact", "1.000000"},
    {"djitact", "1.000000"},
    {"sjitidl", "1.000000"},
    {"djitidl", "1.000000"},
    {"sintdistact", ""},
    {"dintdistact", ""},
    {"sintdistidl", ""},
    {"dintdistidl", ""},
    {"smaxsz", "1500"},
    {"dmaxsz", "1500"},
    {"sminsz", "60"},
    {"dminsz", "60"},
    {"smeansz", "60.000000"},
    {"dmeansz", "90.000000"},
    {"spktsz", "12345678"},
    {"dpktsz", "12345678"},
    {"sco", "US"},
    {"dco", "JP"},
    {"sas", "64500"},
    {"das", "64501"},
    {"ias", "64502"},
    {"label", "flow=web"},
    {"suser", "s[14]=GET / HTTP/1.0"},
    {"duser", "d[14]=GET / HTTP/1.0"},
    {"nstroke", "6"},
    {"snstroke", "3"},
    {"dnstroke", "3"},
};

static void full_record_prints(void **state)
{
    const struct print_options options = {.precision = 6, .delimiter = ';', .header_every = -1};
    static struct record r;
    (void)state;
    record_make_full(&r);
    r.wire = (struct view){(const uint8_t *)"as it was read", 14};
    for (size_t i = 0; i < ARRAY_SIZE(full_record); i++) {
        char *text = printed(&options, full_record[i].name, &r, 1);
        text[strcspn(text, "\n")] = '\0';
        if (strcmp(text, full_record[i].text))
            fail_msg("%s prints '%s', expected '%s'", full_record[i].name, text,
                     full_record[i].text);
        free(text);
    }
}

/* A record of nothing, and one of management: every getter bears them. */
static void empty_records_print(void **state)
{
    const struct print_options options = {.precision = 6, .delimiter = ';', .header_every = -1};
    static struct record records[2];
    (void)state;
    records[0] = (struct record){.type = RECORD_FAR, .cause = CAUSE_START};
    records[1] = (struct record){.type = RECORD_MAR, .cause = CAUSE_START};
    for (size_t i = 0; i < field_count; i++)
        free(printed(&options, field_table[i].name, records, 2));
}

/* --- the table -------------------------------------------------------------------------------- */

static bool is_snake_case(const char *name)
{
    for (; *name; name++)
        if (!islower((unsigned char)*name) && !isdigit((unsigned char)*name) && *name != '_')
            return false;
    return true;
}

static void rows_are_sound(void **state)
{
    (void)state;
    for (size_t i = 0; i < field_count; i++) {
        const struct field *field = &field_table[i];
        assert_true(is_snake_case(field->name));
        assert_true(field->width > 0 && field->get);
        assert_int_equal(!field->json, !field->help);
        for (size_t j = 0; j < i; j++)
            if (!strcmp(field->name, field_table[j].name) ||
                (field->json && field_table[j].json && !strcmp(field->json, field_table[j].json)))
                fail_msg("%s is there twice", field->name);
        if (!field->json)
            continue;
        assert_true(is_snake_case(field->json));
        assert_true(field->help[strlen(field->help) - 1] != '.');
    }
}

/* What a getter gives is of the kind that its row says. */
static void kinds_are_true(void **state)
{
    static struct record r;
    (void)state;
    record_make_full(&r);
    for (size_t i = 0; i < field_count; i++) {
        struct value value;
        const struct field *field = &field_table[i];
        field_get(field, &r, &value);
        if (value.kind == VALUE_NONE || value.kind == field->kind)
            continue;
        /* A code point without a name is a number. */
        if (field->kind != VALUE_PROTO || value.kind != VALUE_UINT)
            fail_msg("%s: kind %d, the table says %d", field->name, value.kind, field->kind);
    }
}

static void fields_are_found(void **state)
{
    const struct field *sides[2];
    (void)state;
    assert_string_equal(field_find("dur")->name, "dur");
    assert_null(field_find("Dur"));
    assert_null(field_find("du"));
    assert_null(field_find(""));
    assert_true(field_find_sides("pkts", sides));
    assert_string_equal(sides[SRC]->name, "spkts");
    assert_string_equal(sides[DST]->name, "dpkts");
    assert_false(field_find_sides("tcprtt", sides));
    assert_false(field_find_sides("eq", sides));
    assert_false(field_find_sides("a name that is longer than the name of any field", sides));
}

static void near_fields_are_suggested(void **state)
{
    const struct field *near[3];
    (void)state;
    assert_int_equal(field_suggest("sadr", near, 3), 3);
    assert_string_equal(near[0]->name, "saddr");
    assert_int_equal(field_suggest("sadr", near, 1), 1);
    assert_int_equal(field_suggest("nothingofthekind", near, 3), 0);
}

static void numbers_are_numbers(void **state)
{
    static const struct {
        const char *name;
        bool is_number;
        double number;
    } cases[] = {
        {"bytes", true, 1320},       {"dur", true, 2.25},     {"stime", true, 1700000000.25},
        {"ploss", true, 400.0 / 22}, {"sport", true, 4000},   {"proto", true, 6},
        {"snstroke", true, 3},       {"sipid", true, 0x3412}, {"saddr", false, 0},
        {"state", false, 0},         {"label", false, 0},     {"smac", false, 0},
        {"icmpid", false, 0},
    };
    static struct record r;
    (void)state;
    record_make_full(&r);
    for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
        double number = 0;
        assert_int_equal(field_number(field_find(cases[i].name), &r, &number), cases[i].is_number);
        if (number - cases[i].number > 1e-6 || cases[i].number - number > 1e-6)
            fail_msg("%s is %f", cases[i].name, number);
    }
}

/* --- single fields ---------------------------------------------------------------------------- */

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
    expect(&r, "saddr,daddr,bssid,ssid", "10.0.0.1,10.0.0.2,,");
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
        cmocka_unit_test(full_record_prints),
        cmocka_unit_test(empty_records_print),
        cmocka_unit_test(rows_are_sound),
        cmocka_unit_test(kinds_are_true),
        cmocka_unit_test(fields_are_found),
        cmocka_unit_test(near_fields_are_suggested),
        cmocka_unit_test(numbers_are_numbers),
        cmocka_unit_test(icmp_has_type_code_and_id),
        cmocka_unit_test(others_have_other_ports),
        cmocka_unit_test(networks_have_classes),
        cmocka_unit_test(protocols_are_told),
        cmocka_unit_test(isis_has_ids),
        cmocka_unit_test(link_keys_have_link_addresses),
        cmocka_unit_test(others_have_no_tcp),
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
