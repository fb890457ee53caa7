/* SPDX-License-Identifier: Apache-2.0 */
#include "flow/keying.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "flow/identity.h"
#include "flow/meter.h"
#include "packets.h"

static const struct flow_keying ip_pairs = {.basis = FLOW_BASIS_IP_PAIR};
static const struct flow_keying mac_pairs = {.basis = FLOW_BASIS_MAC_PAIR};
static const struct flow_keying one_way = {.one_way = true};

static struct keyed_packet keyed(struct packet packet, const struct flow_keying *keying,
                                 uint32_t quirks)
{
    struct keyed_packet p = {.packet = packet};
    keyed_packet_complete(&p, quirks);
    keyed_packet_rekey(&p, keying, quirks);
    assert_true(p.tag == flow_key_tag(&p.key));
    return p;
}

static bool same_flow(struct packet a, struct packet b, const struct flow_keying *keying)
{
    struct keyed_packet one = keyed(a, keying, 0), other = keyed(b, keying, 0);
    return flow_key_equal(&one.key, &other.key);
}

/* On Ethernet from 02::from to 02::to. */
static struct packet on_link(struct packet p, uint8_t from, uint8_t to)
{
    p.has_mac = true;
    p.ethertype = 0x0800;
    memset(p.mac_src, 0, sizeof(p.mac_src));
    memset(p.mac_dst, 0, sizeof(p.mac_dst));
    p.mac_src[0] = p.mac_dst[0] = 2;
    p.mac_src[5] = from;
    p.mac_dst[5] = to;
    return p;
}

/* --- words ------------------------------------------------------------------------------------ */

static void test_words(void **state)
{
    static const struct {
        const char *text;
        struct flow_keying keying;
    } good[] = {
        {"CLASSIC_5_TUPLE", {0}},
        {"classic_5_tuple+vlan", {.parts = FLOW_KEY_VLAN}},
        {"VLAN + CLASSIC_5_TUPLE", {.parts = FLOW_KEY_VLAN}},
        {"LAYER_3_MATRIX", {.basis = FLOW_BASIS_IP_PAIR}},
        {"LAYER_2_MATRIX", {.basis = FLOW_BASIS_MAC_PAIR}},
        {"LAYER_3_MATRIX+LOCAL_MPLS+COMPLETE_MPLS",
         {.basis = FLOW_BASIS_IP_PAIR, .parts = FLOW_KEY_MPLS | FLOW_KEY_LABELS}},
        {"LAYER_2_MATRIX+LAYER_2", {.basis = FLOW_BASIS_MAC_PAIR, .parts = FLOW_KEY_ETHER}},
        {"LAYER_3_MATRIX+CLASSIC_5_TUPLE", {0}},
        {"LAYER_2_MATRIX+CLASSIC_5_TUPLE", {.parts = FLOW_KEY_ETHER}},
        {"LAYER_3_MATRIX+LAYER_2_MATRIX", {.basis = FLOW_BASIS_IP_PAIR, .parts = FLOW_KEY_ETHER}},
    };
    static const char *const bad[] = {"",
                                      "VLAN",
                                      "LAYER_2",
                                      "5_TUPLE",
                                      "CLASSIC_5_TUPLE+",
                                      "CLASSIC_5_TUPLE,VLAN",
                                      "+",
                                      "LAYER_3_MATRIXES"};
    (void)state;
    for (size_t i = 0; i < ARRAY_SIZE(good); i++) {
        struct flow_keying got = {.basis = 9, .parts = 99, .one_way = i % 2};
        assert_int_equal(flow_keying_parse_key(good[i].text, &got, NULL), 0);
        assert_int_equal(got.basis, good[i].keying.basis);
        assert_int_equal(got.parts, good[i].keying.parts);
        assert_int_equal(got.one_way, i % 2);
    }
    for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
        struct flow_keying got = {.basis = 9};
        struct error err;
        assert_int_equal(flow_keying_parse_key(bad[i], &got, &err), -1);
        assert_int_equal(got.basis, 9);
    }
}

static void test_type_words(void **state)
{
    static const char *const bad[] = {"", "u", "Unix", "Bidirectionally", "both"};
    struct flow_keying got = {.basis = FLOW_BASIS_IP_PAIR};
    (void)state;
    assert_int_equal(flow_keying_parse_type("Unidirectional", &got, NULL), 0);
    assert_true(got.one_way);
    assert_int_equal(flow_keying_parse_type("bi", &got, NULL), 0);
    assert_false(got.one_way);
    assert_int_equal(got.basis, FLOW_BASIS_IP_PAIR);
    for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
        struct error err;
        assert_int_equal(flow_keying_parse_type(bad[i], &got, &err), -1);
    }
}

/* --- pairs ------------------------------------------------------------------------------------ */

static void test_ip_pairs(void **state)
{
    const struct packet tcp = packet_tcp(1, HOST_A, 1, HOST_B, 2);
    const struct packet arp = packet_arp(1, HOST_A, HOST_B, 1);
    (void)state;
    assert_true(same_flow(tcp, packet_udp(1, HOST_B, 9, HOST_A, 8), &ip_pairs));
    assert_true(same_flow(tcp, packet_icmp(1, HOST_B, HOST_A, 3, 1), &ip_pairs));
    assert_true(same_flow(tcp, packet_fragment(1, HOST_A, HOST_B, 7, FRAG_LATER), &ip_pairs));
    assert_false(same_flow(tcp, packet_udp(1, HOST_A, 1, HOST_R, 2), &ip_pairs));
    assert_true(
        same_flow(packet_ip6(1, HOST_A, HOST_B, 6), packet_ip6(1, HOST_B, HOST_A, 58), &ip_pairs));

    struct keyed_packet answer = keyed(packet_tcp(1, HOST_B, 2, HOST_A, 1), &ip_pairs, 0);
    assert_int_equal(answer.key.kind, FLOW_PAIR4);
    assert_true(answer.is_second);
    assert_false(answer.packet.has_tcp || answer.packet.has_ports || answer.packet.has_upper);
    assert_int_equal(keyed(arp, &ip_pairs, 0).key.kind, FLOW_ARP);
    struct keyed_packet piece =
        keyed(packet_fragment(1, HOST_A, HOST_B, 7, FRAG_FIRST), &ip_pairs, 0);
    assert_int_equal(piece.packet.frag, FRAG_NONE);
}

static void test_mac_pairs(void **state)
{
    const struct packet tcp = packet_tcp(1, HOST_A, 1, HOST_B, 2);
    (void)state;
    assert_true(same_flow(on_link(tcp, 1, 2), on_link(packet_udp(1, HOST_R, 5, HOST_B, 6), 2, 1),
                          &mac_pairs));
    assert_false(same_flow(on_link(tcp, 1, 2), on_link(tcp, 1, 3), &mac_pairs));
    assert_int_equal(keyed(on_link(tcp, 1, 2), &mac_pairs, 0).key.kind, FLOW_ETHER);
    assert_int_equal(keyed(on_link(tcp, 1, 2), &mac_pairs, 0).key.id, 0x0800);
    assert_int_equal(keyed(tcp, &mac_pairs, 0).key.kind, FLOW_IP4); /* no link addresses */
}

/* --- parts ------------------------------------------------------------------------------------ */

static void test_link_part(void **state)
{
    const struct flow_keying by_link = {.parts = FLOW_KEY_ETHER};
    const struct packet there = packet_tcp(1, HOST_A, 1, HOST_B, 2),
                        back = packet_tcp(1, HOST_B, 2, HOST_A, 1);
    (void)state;
    assert_true(same_flow(on_link(there, 1, 2), on_link(back, 2, 1), &by_link));
    assert_false(same_flow(on_link(there, 1, 2), on_link(back, 1, 2), &by_link));
    assert_false(same_flow(on_link(there, 1, 2), on_link(there, 1, 3), &by_link));
    assert_false(same_flow(on_link(there, 1, 2), there, &by_link));
    const struct packet ask = packet_arp(1, HOST_A, HOST_B, 1),
                        tell = packet_arp(1, HOST_B, HOST_A, 2);
    assert_true(same_flow(on_link(ask, 1, 2), on_link(tell, 2, 1), &by_link));
    assert_false(same_flow(on_link(ask, 1, 2), on_link(ask, 1, 3), &by_link));
}

static void test_label_parts(void **state)
{
    const struct flow_keying outer = {.parts = FLOW_KEY_MPLS}, all = {.parts = FLOW_KEY_LABELS};
    struct packet one = packet_udp(1, HOST_A, 1000, HOST_B, 2000), other = one;
    (void)state;
    one.has_mpls = other.has_mpls = true;
    one.mpls = other.mpls = 100 << 12 | 64;
    one.mpls_stack = 1;
    other.mpls_stack = 2;
    assert_true(same_flow(one, other, &outer));
    assert_false(same_flow(one, other, &all));
    other.mpls = 101 << 12 | 64;
    assert_false(same_flow(one, other, &outer));
}

/* Tags and labels are in the key as they are, and in no identity. */
static void test_marks(void **state)
{
    const struct flow_keying both = {.parts = FLOW_KEY_VLAN | FLOW_KEY_MPLS};
    struct packet packet = packet_udp(1, HOST_A, 1000, HOST_B, 2000);
    struct keyed_packet plain = keyed(packet, &(struct flow_keying){0}, 0);
    struct flow_key identities[2];
    (void)state;
    packet.has_vlan = packet.has_mpls = true;
    packet.vlan_tci = 0x2005;
    packet.mpls = 100 << 12 | 64;
    struct keyed_packet tagged = keyed(packet, &both, 0);
    assert_int_equal(tagged.key.mark, 100 << 12 | 5);
    flow_identity_of_key(&identities[0], &plain.key);
    flow_identity_of_key(&identities[1], &tagged.key);
    assert_true(flow_key_equal(&identities[0], &identities[1]));
}

/* --- one direction ---------------------------------------------------------------------------- */

static void test_one_way(void **state)
{
    const struct packet there = packet_tcp(1, HOST_A, 1, HOST_B, 2),
                        back = packet_tcp(1, HOST_B, 2, HOST_A, 1);
    const struct packet echo = packet_icmp(1, HOST_A, HOST_B, 8, 0),
                        reply = packet_icmp(1, HOST_B, HOST_A, 0, 0);
    (void)state;
    assert_false(same_flow(there, back, &one_way));
    assert_true(same_flow(there, there, &one_way));
    assert_false(same_flow(echo, reply, &one_way));
    struct keyed_packet answer = keyed(reply, &one_way, 0);
    assert_false(answer.is_second);
    assert_int_equal(answer.key.type, 0);
    assert_memory_equal(answer.key.addr[0], reply.src, 16);

    struct keyed_packet arp = keyed(packet_arp(1, HOST_B, HOST_A, 2), &one_way, 0);
    assert_false(arp.is_second);
    assert_int_equal(arp.key.code, 2);
    assert_memory_equal(arp.key.addr[0], arp.packet.u.arp.sender_protocol, 4);

    const uint32_t compat = 1u << QUIRK_ONE_WAY_REPLIES;
    assert_true(keyed(reply, &one_way, compat).is_second);
    assert_int_equal(keyed(reply, &one_way, compat).key.type, 8);
    assert_false(keyed(back, &one_way, compat).is_second);
}

/* The two directions have the identity that they have together: so the index finds both. */
static void test_one_way_identities(void **state)
{
    const struct packet packets[][2] = {
        {packet_tcp(1, HOST_A, 1, HOST_B, 2), packet_tcp(1, HOST_B, 2, HOST_A, 1)},
        {packet_icmp(1, HOST_A, HOST_B, 8, 0), packet_icmp(1, HOST_B, HOST_A, 0, 0)},
        {packet_arp(1, HOST_A, HOST_B, 1), packet_arp(1, HOST_B, HOST_A, 2)},
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_SIZE(packets); i++) {
        struct flow_key identities[2];
        for (unsigned way = 0; way < 2; way++) {
            struct keyed_packet p = keyed(packets[i][way], &one_way, 0);
            flow_identity_of_key(&identities[way], &p.key);
        }
        assert_true(flow_key_equal(&identities[0], &identities[1]));
    }
}

/* An error comes back on the link that the datagram went by. */
static void test_quoted(void **state)
{
    const struct flow_keying keyings[] = {
        {.parts = FLOW_KEY_ETHER}, {.one_way = true}, {.one_way = true, .parts = FLOW_KEY_ETHER}};
    const struct packet datagrams[] = {packet_udp(1, HOST_A, 1000, HOST_B, 2000),
                                       packet_udp(1, HOST_B, 2000, HOST_A, 1000)};
    (void)state;
    for (size_t i = 0; i < ARRAY_SIZE(keyings); i++)
        for (size_t j = 0; j < ARRAY_SIZE(datagrams); j++) {
            struct keyed_packet sent = keyed(on_link(datagrams[j], 1, 2), &keyings[i], 0);
            struct packet error = on_link(packet_icmp(1, HOST_R, HOST_A, 3, 1), 2, 1);
            struct flow_key about;
            bool second = flow_key_of_quoted(&about, &error, &datagrams[j], &keyings[i], 0);
            assert_true(flow_key_equal(&about, &sent.key));
            assert_int_equal(second, sent.is_second);
        }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_words),
        cmocka_unit_test(test_type_words),
        cmocka_unit_test(test_ip_pairs),
        cmocka_unit_test(test_mac_pairs),
        cmocka_unit_test(test_link_part),
        cmocka_unit_test(test_label_parts),
        cmocka_unit_test(test_marks),
        cmocka_unit_test(test_one_way),
        cmocka_unit_test(test_one_way_identities),
        cmocka_unit_test(test_quoted),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
