/* SPDX-License-Identifier: Apache-2.0 */
#include "record/state.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/attr.h"
#include "record/field.h"
#include "records.h"

static void expect_text(const char *text, const char *expected, const char *what)
{
    if (strcmp(text, expected))
        fail_msg("%s: '%s', expected '%s'", what, text, expected);
}

static void tcp_states(void **state)
{
    static const struct {
        uint32_t status;
        uint8_t cause;
        const char *text, *dir, *letters;
    } cases[] = {
        {TCPS_SYN, CAUSE_START, "REQ", "   ->", "s"},
        {TCPS_SYN | TCPS_SYNACK, CAUSE_START, "ACC", "   ->", "sS"},
        {TCPS_SYNACK, CAUSE_START, "ACC", "   ->", "S"},
        {TCPS_SYN | TCPS_SYNACK | TCPS_EST, CAUSE_START, "CON", "   ->", "sSE"},
        {TCPS_EST, CAUSE_START, "CON", "  <?>", "E"},
        {TCPS_EST, CAUSE_TIMEOUT, "TIM", "  <?>", "E"},
        {TCPS_EST | TCPS_FIN, CAUSE_TIMEOUT, "FIN", "  <?>", "Ef"},
        {TCPS_FINACK, CAUSE_START, "FIN", "  <?>", "F"},
        {TCPS_NORMAL_CLOSE, CAUSE_START, "CLO", "  <?>", "C"},
        {TCPS_RESET_SRC | TCPS_FIN, CAUSE_START, "RST", "  <?>", "fR"},
        {TCPS_RESET_DST, CAUSE_START, "RST", "  <?>", "R"},
        {TCPS_RETRANS_SRC, CAUSE_START, "CON", "  <?>", ""},
        {0, CAUSE_START, "CON", "  <?>", ""},
        {TCPS_SYN, CAUSE_ERROR, "ERR", "   ->", "s"},
    };
    static struct record r;
    char text[STATE_TEXT];
    (void)state;
    for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
        record_make_full(&r);
        r.cause = cases[i].cause;
        r.net.u.tcp.status = cases[i].status;
        state_text(&r, text);
        expect_text(text, cases[i].text, "state");
        direction_text(&r, text);
        expect_text(text, cases[i].dir, "direction");
        tcp_state_letters(&r, text);
        expect_text(text, cases[i].letters, "letters");
    }
}

static void states_by_packets(void **state)
{
    static const struct {
        uint8_t class, family, protocol, cause;
        uint64_t packets[2];
        const char *text, *dir;
    } cases[] = {
        {KEY_5TUPLE, FAMILY_IP4, 17, CAUSE_START, {1, 1}, "CON", "  <->"},
        {KEY_5TUPLE, FAMILY_IP4, 17, CAUSE_START, {1, 0}, "INT", "   ->"},
        {KEY_5TUPLE, FAMILY_IP4, 17, CAUSE_STATUS, {1, 0}, "REQ", "   ->"},
        {KEY_5TUPLE, FAMILY_IP4, 17, CAUSE_STOP, {1, 0}, "INT", "   ->"},
        {KEY_5TUPLE, FAMILY_IP4, 17, CAUSE_START, {0, 1}, "RSP", "  <- "},
        {KEY_5TUPLE, FAMILY_IP4, 17, CAUSE_START, {0, 0}, "RSP", "     "},
        {KEY_5TUPLE, FAMILY_IP6, 50, CAUSE_STATUS, {2, 0}, "REQ", "   ->"},
        {KEY_5TUPLE, FAMILY_ETHER, 0, CAUSE_START, {1, 0}, "INT", "   ->"},
        {KEY_5TUPLE, FAMILY_IP4, 6, CAUSE_START, {1, 0}, "INT", "   ?>"},
        {KEY_ARP, FAMILY_ARP, 0, CAUSE_STATUS, {1, 0}, "INT", "  who"},
        {KEY_ARP, FAMILY_ARP, 0, CAUSE_START, {1, 1}, "CON", "  who"},
        {KEY_LAYER3_MATRIX, FAMILY_IP4, 17, CAUSE_START, {1, 1}, "UNK", "  <->"},
    };
    static struct record r;
    char text[STATE_TEXT];
    (void)state;
    for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
        record_make_udp(&r, 0, 0, cases[i].packets[SRC], cases[i].packets[DST]);
        r.key.class = cases[i].class;
        r.key.family = cases[i].family;
        r.key.protocol = cases[i].protocol;
        r.cause = cases[i].cause;
        r.net.form = cases[i].protocol == 6 ? NET_TCP_PERF : NET_NONE;
        state_text(&r, text);
        expect_text(text, cases[i].text, "state");
        direction_text(&r, text);
        expect_text(text, cases[i].dir, "direction");
    }
    r.blocks = 0;
    state_text(&r, text);
    expect_text(text, "", "state of nothing");
    direction_text(&r, text);
    expect_text(text, "     ", "direction of nothing");
}

static void icmp_states(void **state)
{
    static const struct {
        uint8_t family, protocol, type, code;
        const char *text;
    } cases[] = {
        {FAMILY_IP4, 1, 0, 0, "ECR"},    {FAMILY_IP4, 1, 8, 0, "ECO"},
        {FAMILY_IP4, 1, 1, 0, ""},       {FAMILY_IP4, 1, 3, 1, "URH"},
        {FAMILY_IP4, 1, 3, 15, "URCUT"}, {FAMILY_IP4, 1, 3, 16, "UR"},
        {FAMILY_IP4, 1, 11, 0, "TXD"},   {FAMILY_IP4, 1, 45, 0, "PTB"},
        {FAMILY_IP4, 1, 46, 0, "UNK"},   {FAMILY_IP4, 1, 25, 0, "ROB"},
        {FAMILY_IP6, 58, 1, 4, "URP"},   {FAMILY_IP6, 58, 1, 7, "URES"},
        {FAMILY_IP6, 58, 1, 8, "UNK"},   {FAMILY_IP6, 58, 2, 9, "PTB"},
        {FAMILY_IP6, 58, 3, 1, "TXR"},   {FAMILY_IP6, 58, 4, 3, "UNK"},
        {FAMILY_IP6, 58, 128, 0, "ECO"}, {FAMILY_IP6, 58, 135, 0, "NNS"},
        {FAMILY_IP6, 58, 144, 0, "UNK"},
    };
    static struct record r;
    char text[STATE_TEXT];
    (void)state;
    for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
        record_make_udp(&r, 0, 0, 1, 0);
        r.key.family = cases[i].family;
        r.key.protocol = cases[i].protocol;
        r.key.u.icmp.type = cases[i].type;
        r.key.u.icmp.code = cases[i].code;
        state_text(&r, text);
        expect_text(text, cases[i].text, "state");
    }
}

static void isis_and_management_states(void **state)
{
    static const struct {
        uint8_t cause, option;
        const char *text;
    } cases[] = {
        {CAUSE_START, 0, "STA"},    {CAUSE_STATUS, 0, "CON"}, {CAUSE_STOP, 0, "STP"},
        {CAUSE_SHUTDOWN, 0, "SHT"}, {CAUSE_ERROR, 1, "ADN"},  {CAUSE_ERROR, 2, "MAX"},
        {CAUSE_ERROR, 3, "ERR"},    {CAUSE_CLOSED, 0, ""},
    };
    static struct record r;
    char text[STATE_TEXT];
    (void)state;
    for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
        r = (struct record){.type = RECORD_MAR, .cause = cases[i].cause, .option = cases[i].option};
        state_text(&r, text);
        expect_text(text, cases[i].text, "state");
    }
    static const char *const pdus[] = {"UNK",     "L1-IIH",  "L2-IIH",  "UNK",     "L1-LSP",
                                       "UNK",     "L2-LSP",  "UNK",     "UNK",     "UNK",
                                       "L1-CSNP", "L2-CSNP", "L1-PSNP", "L2-PSNP", "UNK"};
    record_make_udp(&r, 0, 0, 1, 0);
    r.key.family = FAMILY_ISIS;
    for (unsigned i = 0; i < ARRAY_SIZE(pdus); i++) {
        r.key.u.isis.pdu_type = 14 + i;
        state_text(&r, text);
        expect_text(text, pdus[i], "state");
    }
}

/* --- flags ------------------------------------------------------------------------------------ */

static void expect_flags(const struct record *r, const char *expected)
{
    char text[STATE_TEXT];
    flags_text(r, text);
    expect_text(text, expected, "flags");
}

static void encapsulation_flags(void **state)
{
    static struct record r;
    (void)state;
    record_make_udp(&r, 0, 0, 1, 1);
    expect_flags(&r, "         ");
    r.blocks |= BLOCK_MPLS;
    expect_flags(&r, " m       ");
    r.blocks |= BLOCK_MAC;
    expect_flags(&r, " e       ");
    r.blocks |= BLOCK_VLAN;
    expect_flags(&r, " v       ");
    r.blocks |= BLOCK_ENCAPS;
    r.encaps.bits[DST] = 1u << 17;
    expect_flags(&r, " w       ");
    r.encaps.bits[SRC] = 1u << 1;
    expect_flags(&r, " *       ");
    r.encaps.bits[SRC] = r.encaps.bits[DST] = 1u << 23;
    expect_flags(&r, "         ");
    r.mac.several[DST] = true;
    expect_flags(&r, " M       ");
    r.type = RECORD_NETFLOW;
    expect_flags(&r, "NM       ");
    r.type = RECORD_MAR;
    expect_flags(&r, "         ");
}

static void tcp_flags(void **state)
{
    static const struct {
        uint32_t status;
        const char *ip4;
    } cases[] = {
        {TCPS_RETRANS_SRC, "   s     "},
        {TCPS_RETRANS_DST, "   d     "},
        {TCPS_RETRANS_SRC | TCPS_RETRANS_DST, "   *     "},
        {TCPS_OUT_OF_ORDER_SRC, "   i     "},
        {TCPS_OUT_OF_ORDER_SRC | TCPS_OUT_OF_ORDER_DST, "   &     "},
        {TCPS_OUT_OF_ORDER_SRC | TCPS_RETRANS_DST, "   d     "},
        {TCPS_WINSHUT_SRC, "    S    "},
        {TCPS_WINSHUT_SRC | TCPS_WINSHUT_DST, "    @    "},
        {TCPS_ECN_SRC, "     x   "},
        {TCPS_ECN_DST, "     t   "},
        {TCPS_ECN_SRC | TCPS_ECN_DST, "     E   "},
    };
    static struct record r;
    (void)state;
    for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
        record_make_full(&r);
        r.blocks = BLOCK_FLOW | BLOCK_TIME | BLOCK_METRIC | BLOCK_NET;
        r.net.u.tcp.status = cases[i].status;
        expect_flags(&r, cases[i].ip4);
    }
    r.key.family = FAMILY_IP6; /* shows no more than retransmissions */
    expect_flags(&r, "         ");
    r.net.u.tcp.status = TCPS_RETRANS_DST;
    expect_flags(&r, "   d     ");
    r.key.family = FAMILY_IP4;
    r.net.u.tcp.status = 0;
    r.net.u.tcp.side[SRC].retrans = 0;
    r.net.u.tcp.side[SRC].seq = r.net.u.tcp.side[SRC].seq_base + 1000;
    expect_flags(&r, "   g     ");
}

static void other_flags(void **state)
{
    static struct record r;
    (void)state;
    record_make_udp(&r, 0, 0, 1, 1);
    r.blocks |= BLOCK_ICMP | BLOCK_IPATTR;
    r.icmp.kind = 1;
    r.icmp.type = 3;
    expect_flags(&r, "  U      ");
    r.icmp.type = 5;
    expect_flags(&r, "  R      ");
    r.icmp.type = 11;
    r.ipattr.fragments[DST] = true;
    expect_flags(&r, "  T   F  ");
    r.icmp.type = 4;
    r.ipattr.fragments[DST] = false;
    r.key.flags = KEY_FRAGMENT;
    expect_flags(&r, "  I   F  ");
    r.key.flags = 0;
    r.blocks &= ~(uint32_t)BLOCK_ICMP;
    r.ipattr.has_options[DST] = true;
    r.ipattr.options[DST] = 0x40;
    expect_flags(&r, "       A ");
    r.ipattr.has_options[SRC] = true;
    r.ipattr.options[SRC] = 0x01;
    expect_flags(&r, "       O ");
    r.ipattr.options[SRC] = r.ipattr.options[DST] = 0x80;
    expect_flags(&r, "       U ");
    r.blocks &= ~(uint32_t)BLOCK_IPATTR;
    r.key.protocol = 50;
    r.net.form = NET_ESP;
    r.net.u.esp.status = 0x10;
    expect_flags(&r, "         ");
    r.net.u.esp.lost = 1;
    expect_flags(&r, "   s     ");
    r.net.form = NET_FRAG;
    expect_flags(&r, "      f  ");
    r.net.qualifier = 2;
    expect_flags(&r, "      V  ");
}

static void tcp_letters(void **state)
{
    static struct record r;
    char text[STATE_TEXT * 2];
    (void)state;
    tcp_options_text(0x00700000, text);
    expect_text(text, "Mws         ", "options");
    tcp_options_text(0xfff00000, text);
    expect_text(text, "MwsSeETcNOSD", "options");
    record_make_full(&r);
    r.net.u.tcp.side[SRC].flags = 0xff;
    r.net.u.tcp.side[DST].flags = 0x12;
    tcp_flag_letters(&r, SRC, text);
    expect_text(text, "FSRPAUEC", "flags");
    tcp_flag_letters(&r, DST, text);
    expect_text(text, "SA", "flags");
    tcp_flag_letters(&r, BOTH, text);
    expect_text(text, "FSRPAUEC_SA", "flags");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tcp_states),          cmocka_unit_test(states_by_packets),
        cmocka_unit_test(icmp_states),         cmocka_unit_test(isis_and_management_states),
        cmocka_unit_test(encapsulation_flags), cmocka_unit_test(tcp_flags),
        cmocka_unit_test(other_flags),         cmocka_unit_test(tcp_letters),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
