/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/attr.h"
#include "cases.h"

/* What the one-line descriptions do not say: single fields, option by option. */

#define E4 ETHER("0800")
#define E6 ETHER("86dd")

struct decoded {
    uint8_t bytes[CASE_FRAME_MAX];
    struct packet p;
};

/* Decodes an Ethernet frame that must be one; `quirks` as bits. */
static void decode(struct decoded *ret, const char *hex, uint32_t quirks)
{
    struct packet_case c = {.link = 1, .hex = hex, .quirks = quirks};
    struct frame frame = case_frame(&c, ret->bytes);
    struct decode_options options = case_options(&c);
    frame.time = 123456789;
    memset(&ret->p, 0xA5, sizeof(ret->p));
    assert_int_equal(packet_decode(&frame, &options, &ret->p), PACKET_OK);
}

static void ip4_attributes(void **state)
{
    (void)state;
    struct decoded d;
    decode(&d, E4 IP4_UDP, 0);
    assert_int_equal(d.p.time, 123456789);
    assert_int_equal(d.p.ttl, 0x40);
    assert_int_equal(d.p.tos, 0xb8);
    assert_int_equal(d.p.ip_id, 0x1234);
    assert_int_equal(d.p.ip_options, 0);
    assert_int_equal(d.p.flow_label, 0);
    static const uint8_t src[16] = {10, 0, 0, 1}, dst[16] = {10, 0, 0, 2};
    assert_memory_equal(d.p.src, src, 16);
    assert_memory_equal(d.p.dst, dst, 16);
    assert_ptr_equal(d.p.payload.data, d.bytes + 42);
}

static void ip6_attributes(void **state)
{
    (void)state;
    struct decoded d;
    decode(&d, E6 IP6_UDP, 0);
    assert_int_equal(d.p.ttl, 0x40);
    assert_int_equal(d.p.tos, 0xb8);
    assert_int_equal(d.p.flow_label, 0x12345);
    assert_int_equal(d.p.ip_id, 0);
    assert_int_equal(d.p.ip_options, 0);
    decode(&d, E6 IP6_UDP, 1 << QUIRK_IP6_CLASS);
    assert_int_equal(d.p.tos, 0x34);
}

static void attributes_are_the_innermost(void **state)
{
    (void)state;
    struct decoded d;
    decode(&d, E4 OUTER("04", "0038") IP4_UDP, 0);
    assert_int_equal(d.p.ttl, 0x40);
    assert_int_equal(d.p.ip_id, 0x1234);
    decode(&d, E4 "4600 0054 7777 0000 63 29 0000 c0a80001 c0a80002 94040000 " IP6_UDP, 0);
    assert_int_equal(d.p.kind, PACKET_IP6);
    assert_int_equal(d.p.ip_options, 0);
    assert_int_equal(d.p.ip_id, 0);
}

static void ip4_options(void **state)
{
    (void)state;
    static const struct {
        const char *hex; /* eight bytes of options */
        uint8_t bits;
    } cases[] = {
        {"07 07 04 00000000 00", IPOPT_BIT_RECORD_ROUTE},
        {"44 08 05 0000000000", IPOPT_BIT_TIMESTAMP},
        {"82 08 000000000000", IPOPT_BIT_SECURITY},
        {"83 07 04 00000000 00", IPOPT_BIT_LOOSE_ROUTE},
        {"88 04 0000 00000000", IPOPT_BIT_SATELLITE},
        {"89 07 04 00000000 00", IPOPT_BIT_STRICT_ROUTE},
        {"94 04 0000 00000000", IPOPT_BIT_ROUTER_ALERT},
        {"94 04 0000 88 04 0000", IPOPT_BIT_ROUTER_ALERT | IPOPT_BIT_SATELLITE},
        {"01 01 94 04 0000 0000", IPOPT_BIT_ROUTER_ALERT},
        {"00 000000 94 04 0000", IPOPT_BIT_ROUTER_ALERT},
        {"9f 04 0000 94 04 0000", IPOPT_BIT_ROUTER_ALERT},
        {"07 00 0000 94 04 0000", IPOPT_BIT_RECORD_ROUTE},
        {"07 09 0000 94 04 0000", IPOPT_BIT_RECORD_ROUTE},
        {"07 01 01 01 94 04 0000", IPOPT_BIT_RECORD_ROUTE | IPOPT_BIT_ROUTER_ALERT},
        {"01 01 01 01 01 01 01 94", IPOPT_BIT_ROUTER_ALERT},
        {"02 04 94 00 01 01 01 01", 0},
        {"01 01 01 01 01 01 01 01", 0},
    };
    for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
        char hex[CASE_FRAME_MAX];
        snprintf(hex, sizeof(hex), "%s %s %s",
                 E4 "4700 002c 1234 0000 40 11 0000 0a000001 0a000002", cases[i].hex, UDP);
        struct decoded d;
        decode(&d, hex, 0);
        assert_int_equal(d.p.ip_options, cases[i].bits);
        assert_true(d.p.has_ports);
    }
}

static void fragments(void **state)
{
    (void)state;
    struct decoded d;
    decode(&d, E4 "4500 0024 abcd 2000 40 11 0000 0a000001 0a000002 " UDP, 0);
    assert_int_equal(d.p.frag, FRAG_FIRST);
    assert_int_equal(d.p.frag_id, 0xabcd);
    decode(&d, E4 "4500 0024 abcd 0005 40 11 0000 0a000001 0a000002 " UDP, 0);
    assert_int_equal(d.p.frag, FRAG_LATER);
    assert_int_equal(d.p.frag_id, 0xabcd);
    assert_int_equal(d.p.frag_bytes, 16);
    assert_false(d.p.has_ports);
    decode(&d, E6 IP6("2c") "11 00 0009 11223344 " UDP, 0);
    assert_int_equal(d.p.frag, FRAG_LATER);
    assert_int_equal(d.p.frag_id, 0x11223344);
    assert_int_equal(d.p.frag_bytes, 16);
}

static void tcp_header(void **state)
{
    (void)state;
    struct decoded d;
    decode(&d, E4 IP4("06", "0028") "03e8 07d0 01020304 05060708 50 9b abcd 0000 0000", 0);
    assert_true(d.p.has_tcp);
    assert_int_equal(d.p.u.tcp.seq, 0x01020304);
    assert_int_equal(d.p.u.tcp.ack, 0x05060708);
    assert_int_equal(d.p.u.tcp.flags, TCP_CWR | TCP_ACK | TCP_PSH | TCP_SYN | TCP_FIN);
    assert_int_equal(d.p.u.tcp.window, 0xabcd);
    assert_int_equal(d.p.u.tcp.window_shift, 0);
    assert_int_equal(d.p.u.tcp.options, 0);
}

static void tcp_options(void **state)
{
    (void)state;
    static const struct {
        const char *hex; /* twelve bytes of options */
        uint32_t bits;
        uint8_t shift;
    } cases[] = {
        {"0204 05b4 00000000 00000000", TCPOPT_BIT_MSS, 0},
        {"0303 0e 00 00000000 00000000", TCPOPT_BIT_WSCALE, 14},
        {"0402 0101 01010101 01010101", TCPOPT_BIT_SACK_OK, 0},
        {"0101 050a 00000001 00000002", TCPOPT_BIT_SACK, 0},
        {"0606 00000000 01010101 0101", TCPOPT_BIT_ECHO, 0},
        {"0706 00000000 01010101 0101", TCPOPT_BIT_ECHO_REPLY, 0},
        {"0101 080a 00000001 00000002", TCPOPT_BIT_TIMESTAMP, 0},
        {"0b06 00000000 01010101 0101", TCPOPT_BIT_CC, 0},
        {"0c06 00000000 01010101 0101", TCPOPT_BIT_CC_NEW, 0},
        {"0d06 00000000 01010101 0101", TCPOPT_BIT_CC_ECHO, 0},
        {"0204 05b4 0402 0303 07 010101", TCPOPT_BIT_MSS | TCPOPT_BIT_SACK_OK | TCPOPT_BIT_WSCALE,
         7},
        {"fd04 0000 0402 0101 01010101", TCPOPT_BIT_SACK_OK, 0}, /* unknown ones are skipped */
        {"0000 0000 0402 0101 01010101", 0, 0},                  /* the end ends them */
        {"0402 0201 0303 0701 01010101", TCPOPT_BIT_SACK_OK, 0}, /* size 1 */
        {"0402 0200 0303 0701 01010101", TCPOPT_BIT_SACK_OK, 0}, /* size 0 */
        {"0402 0205 0000 0003 03070101", TCPOPT_BIT_SACK_OK, 0}, /* not the option's size */
        {"0402 080b 0000 0000 00000000", TCPOPT_BIT_SACK_OK, 0}, /* beyond the header */
        {"0101 0101 0101 0101 01010102", 0, 0},                  /* a type without a size */
    };
    for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
        char hex[CASE_FRAME_MAX];
        snprintf(hex, sizeof(hex), "%s %s",
                 E4 IP4("06", "0034") "03e8 07d0 00000001 00000002 80 02 0100 0000 0000",
                 cases[i].hex);
        struct decoded d;
        decode(&d, hex, 0);
        assert_int_equal(d.p.u.tcp.options, cases[i].bits);
        assert_int_equal(d.p.u.tcp.window_shift, cases[i].shift);
        assert_int_equal(d.p.app_bytes, 0);
    }
}

static void tcp_options_cut(void **state)
{
    (void)state;
    struct decoded d;
    decode(&d, E4 IP4("06", "002c") "03e8 07d0 00000001 00000002 60 02 0100 0000 0000 0204 05", 0);
    assert_true(d.p.has_tcp);
    assert_int_equal(d.p.u.tcp.options, 0);
}

static void icmp_fields(void **state)
{
    (void)state;
    struct decoded d;
    decode(&d, E4 IP4("01", "0020") "0801beef 00010002 78787878 00000000", 0);
    const struct packet_icmp *icmp = &d.p.u.icmp;
    assert_int_equal(icmp->type, 8);
    assert_int_equal(icmp->code, 1);
    assert_int_equal(icmp->checksum, 0xbeef);
    assert_int_equal(icmp->id, 1);
    assert_int_equal(icmp->seq, 2);
    assert_int_equal(icmp->rest, 0x00010002);
    assert_int_equal(icmp->inner.size, 0);
    assert_int_equal(icmp->captured, 16); /* padding too */

    decode(&d, E4 IP4("01", "0040") "0501beef 0a000009 " IP4_UDP ZERO8, 0);
    assert_int_equal(icmp->rest, 0x0a000009);
    assert_ptr_equal(icmp->inner.data, d.bytes + 42);
    assert_int_equal(icmp->inner.size, 36);

    decode(&d, E4 IP4("01", "0018") "0c00be", 0);
    assert_int_equal(icmp->type, 12);
    assert_int_equal(icmp->checksum, 0xbe00);
    assert_int_equal(icmp->id, 0);
}

static void icmp6_fields(void **state)
{
    (void)state;
    struct decoded d;
    decode(&d, E6 IP6("3a") "8800beef 60000000 " IP6_TO, 0);
    const struct packet_icmp *icmp = &d.p.u.icmp;
    static const uint8_t target[16] = {0x20, 0x01, 0x0d, 0xb8, [15] = 2}, none[16];
    assert_memory_equal(icmp->target, target, 16);
    assert_int_equal(icmp->inner.size, 0);
    decode(&d, E6 IP6("3a") "8800beef 60000000 20010db80000000000000000000000", 0);
    assert_memory_equal(icmp->target, none, 16);
    static const struct {
        const char *hex;
        bool has_target;
    } cases[] = {
        {E6 IP6("3a") "8600beef 00000000 " IP6_TO, false},
        {E6 IP6("3a") "8700beef 00000000 " IP6_TO, true},
        {E6 IP6("3a") "8900beef 00000000 " IP6_TO, true},
        {E6 IP6("3a") "8a00beef 00000000 " IP6_TO, false},
    };
    for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
        decode(&d, cases[i].hex, 0);
        assert_memory_equal(icmp->target, cases[i].has_target ? target : none, 16);
    }
    decode(&d, E6 IP6("3a") "0200beef 00000500 " IP6_UDP, 0);
    assert_int_equal(icmp->rest, 0x500);
    assert_int_equal(icmp->inner.size, 56);
}

static void icmp_errors(void **state)
{
    (void)state;
    static const uint8_t information[] = {0, 8, 9, 10, 13, 14, 15, 16, 17, 18};
    for (unsigned type = 0; type < 256; type++) {
        bool error = !memchr(information, (int)type, sizeof(information));
        assert_int_equal(packet_icmp_is_error((uint8_t)type, false), error);
        assert_int_equal(packet_icmp_is_error((uint8_t)type, true), type < 128);
    }
}

static void igmp_and_esp(void **state)
{
    (void)state;
    struct decoded d;
    decode(&d, E4 IP4("02", "001c") "16070000 e0000005", 0);
    static const uint8_t group[4] = {0xe0, 0, 0, 5};
    assert_int_equal(d.p.u.igmp.type, 0x16);
    assert_int_equal(d.p.u.igmp.code, 7);
    assert_memory_equal(d.p.u.igmp.group, group, 4);
    decode(&d, E6 IP6("32") "00000007 00000008 01020304", 0);
    assert_int_equal(d.p.u.esp.spi, 7);
    assert_int_equal(d.p.u.esp.seq, 8);
    decode(&d, E4 IP4("32", "001c") "00000007 00000009", 0);
    assert_int_equal(d.p.u.esp.seq, 9);
    decode(&d, E4 IP4("32", "001b") "00000007 000000", 0);
    assert_int_equal(d.p.u.esp.spi, 7);
    assert_int_equal(d.p.u.esp.seq, 0);
}

static void arp_fields(void **state)
{
    (void)state;
    struct decoded d;
    decode(&d, ETHER("0806") "0001 0800 06 04 0002 020000000002 0a000002 020000000001 0a000001", 0);
    const struct packet_arp *arp = &d.p.u.arp;
    static const uint8_t sender_hardware[16] = {2, [5] = 2}, sender_protocol[16] = {10, 0, 0, 2},
                         target_hardware[16] = {2, [5] = 1}, target_protocol[16] = {10, 0, 0, 1};
    assert_int_equal(arp->hardware_type, 1);
    assert_int_equal(arp->protocol_type, 0x800);
    assert_int_equal(arp->operation, 2);
    assert_int_equal(arp->hardware_size, 6);
    assert_int_equal(arp->protocol_size, 4);
    assert_memory_equal(arp->sender_hardware, sender_hardware, 16);
    assert_memory_equal(arp->sender_protocol, sender_protocol, 16);
    assert_memory_equal(arp->target_hardware, target_hardware, 16);
    assert_memory_equal(arp->target_protocol, target_protocol, 16);
}

/* Sizes that no address has: what was captured and fits is kept, at its place. */
static void arp_odd_sizes(void **state)
{
    (void)state;
    struct decoded d;
    decode(&d,
           ETHER("0806") "0020 0800 14 04 0001 " ZERO16 "01020304 0a000001 " ZERO16
                         "05060708 0a000002",
           0);
    static const uint8_t none[16], one[16] = {10, 0, 0, 1}, two[16] = {10, 0, 0, 2};
    assert_memory_equal(d.p.u.arp.sender_hardware, none, 16);
    assert_memory_equal(d.p.u.arp.sender_protocol, one, 16);
    assert_memory_equal(d.p.u.arp.target_protocol, two, 16);
    decode(&d, ETHER("0806") "0001 0800 ff ff 0001 0102", 0);
    static const uint8_t start[16] = {1, 2};
    assert_int_equal(d.p.u.arp.hardware_size, 255);
    assert_memory_equal(d.p.u.arp.sender_hardware, start, 16);
    assert_memory_equal(d.p.u.arp.sender_protocol, none, 16);
    decode(&d, ETHER("0806") "0001 0800 00 04 0001 0a000001 0a000002", 0);
    assert_memory_equal(d.p.u.arp.sender_hardware, none, 16);
    assert_memory_equal(d.p.u.arp.target_protocol, two, 16);
}

static void isis_fields(void **state)
{
    (void)state;
    struct decoded d;
    decode(&d,
           ETHER("0030") "fefe03 83 1b 05 00 14 01 00 00 00ce 04b0 0102030405060708 0a0b0c0d a369",
           0);
    static const uint8_t id[14] = {1, 2, 3, 4, 5, 6, 7, 8, 0x0d, 0x0c, 0x0b, 0x0a};
    assert_int_equal(d.p.u.isis.version, 5);
    assert_int_equal(d.p.u.isis.checksum, 0xa369);
    assert_memory_equal(d.p.u.isis.id, id, 14);
    assert_true(d.p.has_mac);
}

static void nothing_of_the_outer_packet_stays(void **state)
{
    (void)state;
    struct decoded d;
    decode(&d,
           E4 OUTER("11", "0100") "1234 12b5 00ec 0000 08 000000 000001 00 " INNER_ETHER("0806")
               ARP("0001"),
           0);
    assert_int_equal(d.p.kind, PACKET_ARP);
    assert_false(d.p.has_ports);
    assert_false(d.p.has_tcp);
    assert_false(d.p.has_upper);
    assert_int_equal(d.p.protocol, 0);
    assert_int_equal(d.p.frag, FRAG_NONE);
}

/* A pseudo-wire's control word is told by where a known Ethertype stands. */
static void mpls_control_word(void **state)
{
    (void)state;
    static const char *const types[] = {"0800", "0806", "86dd", "8100", "88a8",
                                        "8847", "8848", "8863", "8864"};
    static const uint8_t inner[6] = {0x0a, [5] = 1};
    for (size_t i = 0; i < ARRAY_SIZE(types); i++) {
        for (unsigned word = 0; word <= 1; word++) {
            char hex[CASE_FRAME_MAX];
            snprintf(hex, sizeof(hex), "%s %s %s %s", ETHER("8847") "00007140",
                     word ? "00000007" : "", INNER_DST INNER_SRC, types[i]);
            struct decoded d;
            decode(&d, hex, 0);
            assert_memory_equal(d.p.mac_src, inner, sizeof(inner));
        }
    }
}

static uint32_t stack_of(const char *labels)
{
    char hex[CASE_FRAME_MAX];
    struct decoded d;
    snprintf(hex, sizeof(hex), "%s %s", ETHER("8847"), labels);
    decode(&d, hex, 0);
    assert_true(d.p.has_mpls);
    assert_int_equal(d.p.mpls >> 12, 7);
    return d.p.mpls_stack;
}

/* Of a stack all labels count, and nothing beside them. */
static void mpls_stack(void **state)
{
    (void)state;
    const uint32_t stack = stack_of("00007040 00008140");
    assert_true(stack == stack_of("00007041 00008f3f"));
    assert_true(stack != stack_of("00007040 00009140"));
    assert_true(stack != stack_of("00007140"));
    assert_true(stack != stack_of("00007040 00008040 00008140"));
}

/* Datagrams in datagrams without end: the walk ends, and what was reached is the packet. */
static void depth_is_bounded(void **state)
{
    (void)state;
    uint8_t bytes[14 + 100 * 20] = {[12] = 8};
    for (size_t i = 0; i < 100; i++) {
        uint8_t *h = bytes + 14 + i * 20;
        size_t total = sizeof(bytes) - 14 - i * 20;
        h[0] = 0x45;
        store_be16(h + 2, (uint16_t)total);
        h[9] = 4;
        h[15] = (uint8_t)i;
    }
    struct frame frame = {
        .data = bytes, .captured = sizeof(bytes), .wire = sizeof(bytes), .link = 1};
    struct decode_options options = {.tunnels = TUNNEL_ALL};
    struct packet p;
    assert_int_equal(packet_decode(&frame, &options, &p), PACKET_OK);
    assert_int_equal(p.kind, PACKET_IP4);
    assert_int_equal(p.protocol, 4);
    assert_in_range(p.src[3], 10, 32);
}

static bool decode_inner(struct decoded *ret, const char *hex)
{
    struct decode_options options = {.tunnels = 0};
    memset(&ret->p, 0xA5, sizeof(ret->p));
    size_t size = hex_bytes(hex, ret->bytes, sizeof(ret->bytes));
    return packet_decode_inner((struct view){ret->bytes, size}, &options, &ret->p);
}

static void inner_datagrams(void **state)
{
    (void)state;
    struct decoded d;
    assert_true(decode_inner(&d, IP4("06", "05dc") "03e8 07d0 00000001"));
    assert_int_equal(d.p.kind, PACKET_IP4);
    assert_int_equal(d.p.protocol, 6);
    assert_true(d.p.has_ports);
    assert_int_equal(d.p.src_port, 1000);
    assert_int_equal(d.p.dst_port, 2000);
    assert_false(d.p.has_tcp);
    assert_int_equal(d.p.ip_id, 0x1234);

    assert_true(decode_inner(&d, IP6_UDP));
    assert_int_equal(d.p.kind, PACKET_IP6);
    assert_int_equal(d.p.dst_port, 2000);

    assert_true(decode_inner(&d, IP4("01", "0020") "08000000 00010002"));
    assert_true(d.p.has_upper);
    assert_int_equal(d.p.u.icmp.seq, 2);

    assert_true(decode_inner(&d, "4500 0024 abcd 0005 40 11 0000 0a000001 0a000002"));
    assert_int_equal(d.p.frag, FRAG_LATER);
    assert_int_equal(d.p.frag_id, 0xabcd);

    assert_false(decode_inner(&d, ""));
    assert_false(decode_inner(&d, "4500 0024 1234 0000 40 11 0000 0a000001 0a0000"));
    assert_false(decode_inner(&d, "6b812345 0010 11 40 " IP6_FROM "20010db8"));
    assert_false(decode_inner(&d, "5500 0024 1234 0000 40 11 0000 0a000001 0a000002"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ip4_attributes),
        cmocka_unit_test(ip6_attributes),
        cmocka_unit_test(attributes_are_the_innermost),
        cmocka_unit_test(ip4_options),
        cmocka_unit_test(fragments),
        cmocka_unit_test(tcp_header),
        cmocka_unit_test(tcp_options),
        cmocka_unit_test(tcp_options_cut),
        cmocka_unit_test(icmp_fields),
        cmocka_unit_test(icmp6_fields),
        cmocka_unit_test(icmp_errors),
        cmocka_unit_test(igmp_and_esp),
        cmocka_unit_test(arp_fields),
        cmocka_unit_test(arp_odd_sizes),
        cmocka_unit_test(isis_fields),
        cmocka_unit_test(nothing_of_the_outer_packet_stays),
        cmocka_unit_test(mpls_control_word),
        cmocka_unit_test(mpls_stack),
        cmocka_unit_test(depth_is_bounded),
        cmocka_unit_test(inner_datagrams),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
