/* SPDX-License-Identifier: Apache-2.0 */
#include "aggregate/key.h"

#include <arpa/inet.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "flows.h"

static struct key_model model_of(const char *words)
{
    struct key_model model = {0};
    struct error err = {""};
    if (key_model_add(&model, words, &err))
        fail_msg("%s: %s", words, err.text);
    key_model_finish(&model);
    return model;
}

static struct key key_of(const struct key_model *model, struct record r)
{
    struct key key;
    key_model_turn(model, &r);
    key_model_apply(model, &r);
    key_build(model, &r, false, &key);
    assert_int_equal(key.size % 8, 0);
    assert_true(key.sort_size <= key.size);
    return key;
}

/* Below, equal or above 0, as sorting sees it. */
static int compare(const char *words, struct record a, struct record b)
{
    struct key_model model = model_of(words);
    struct key left = key_of(&model, a), right = key_of(&model, b);
    size_t size = left.sort_size < right.sort_size ? left.sort_size : right.sort_size;
    return memcmp(left.bytes, right.bytes, size);
}

static bool same(const struct key_model *model, struct record a, struct record b)
{
    struct key left = key_of(model, a), right = key_of(model, b);
    return left.size == right.size && !memcmp(left.bytes, right.bytes, left.size);
}

static struct record tcp(const char *source, uint16_t source_port, const char *target,
                         uint16_t target_port)
{
    return flow_make(6, source, source_port, target, target_port);
}

static void flows_are_told_apart(void **state)
{
    (void)state;
    struct key_model model;
    key_model_default(&model);
    const struct record flow = tcp("10.0.0.1", 1000, "10.0.0.2", 80);
    assert_true(same(&model, flow, flow_at(flow, 5, 7, 7)));

    struct record others[7];
    for (size_t i = 0; i < 7; i++)
        others[i] = flow;
    others[0].key.port[SRC]++;
    others[1].key.port[DST]++;
    others[2].key.addr[SRC][3]++;
    others[3].key.addr[DST][0]++;
    others[4].key.protocol = 17;
    others[5].transport.id[3] = 1;
    others[6] = tcp("::1", 1000, "::2", 80);
    for (size_t i = 0; i < 7; i++) {
        assert_false(same(&model, flow, others[i]));
        for (size_t j = 0; j < i; j++)
            assert_false(same(&model, others[i], others[j]));
    }
}

static void icmp_has_type_code_and_id(void **state)
{
    (void)state;
    struct key_model model;
    key_model_default(&model);
    const struct record echo = flow_make(1, "10.0.0.1", 0, "10.0.0.2", 0);
    struct record other = echo;
    other.key.u.icmp.type = 8;
    assert_false(same(&model, echo, other));
    other = echo;
    other.key.u.icmp.code = 1;
    assert_false(same(&model, echo, other));
    other = echo;
    other.key.u.icmp.id = 1;
    assert_false(same(&model, echo, other));
    other = echo;
    other.key.u.icmp.seq = 1;
    assert_true(same(&model, echo, other));
}

/* The fragments of all datagrams between two hosts are one aggregate. */
static void fragments_have_no_ports(void **state)
{
    (void)state;
    struct key_model model;
    key_model_default(&model);
    struct record one = flow_make(17, "10.0.0.1", 0, "10.0.0.2", 0), other = one;
    one.key.flags = other.key.flags = KEY_FRAGMENT;
    one.key.u.frag_id = 1;
    other.key.u.frag_id = 2;
    assert_true(same(&model, one, other));
    assert_false(same(&model, one, flow_make(17, "10.0.0.1", 1, "10.0.0.2", 0)));
}

static void reversed_is_the_key_of_the_other_direction(void **state)
{
    (void)state;
    struct key_model model;
    key_model_default(&model);
    struct record there[] = {
        tcp("10.0.0.1", 1000, "10.0.0.2", 80),
        tcp("2001:db8::1", 1000, "2001:db8::2", 80),
        flow_make(17, "10.9.0.1", 53, "10.0.0.2", 53),
        flow_make(1, "10.0.0.1", 0, "10.0.0.2", 0),
    };
    there[3].key.u.icmp.type = 8;
    for (size_t i = 0; i < sizeof(there) / sizeof(there[0]); i++) {
        struct record back = there[i];
        record_reverse(&back);
        struct key key, reversed;
        key_build(&model, &back, false, &key);
        key_build(&model, &there[i], true, &reversed);
        assert_int_equal(key.size, reversed.size);
        assert_memory_equal(key.bytes, reversed.bytes, key.size);
    }
}

static void order_of_values(void **state)
{
    (void)state;
    const struct record low = tcp("9.255.0.1", 80, "10.0.0.2", 300);
    const struct record high = tcp("10.0.0.1", 300, "10.0.0.2", 80);
    assert_true(compare("saddr", low, high) < 0);
    assert_true(compare("saddr", high, low) > 0);
    assert_true(compare("daddr", low, high) == 0);
    assert_true(compare("sport", low, high) < 0);
    assert_true(compare("dport", low, high) > 0);
    assert_true(compare("daddr,dport", low, high) > 0);
    assert_true(compare("daddr,saddr", low, high) < 0);
    /* Protocols count downwards, IPv6 comes after IPv4. */
    const struct record udp = flow_make(17, "10.0.0.1", 80, "10.0.0.2", 300);
    assert_true(compare("proto", udp, low) < 0);
    assert_true(compare("saddr", tcp("::1", 1, "::2", 1), high) > 0);
    assert_true(compare("saddr", tcp("fe80::d4", 1, "::2", 1), tcp("fe80::fe", 1, "::2", 1)) < 0);
}

static void ports_imply_the_protocol(void **state)
{
    (void)state;
    const struct record dns = flow_make(17, "10.0.0.1", 80, "10.0.0.2", 53);
    const struct record dns_tcp = tcp("10.0.0.1", 80, "10.0.0.2", 53);
    struct key_model model = model_of("dport");
    assert_false(same(&model, dns, dns_tcp));
    assert_int_equal(compare("dport", dns, dns_tcp), 0);
    model = model_of("daddr");
    assert_true(same(&model, dns, dns_tcp));
}

static void check_masked(const char *words, const char *address, const char *expected,
                         unsigned prefix)
{
    struct key_model model = model_of(words);
    uint8_t bytes[16] = {0};
    struct record r = tcp(address, 1, strchr(address, ':') ? "::2" : "10.0.0.2", 2);
    r.wire.size = 1;
    const struct record before = r;
    inet_pton(strchr(expected, ':') ? AF_INET6 : AF_INET, expected, bytes);
    key_model_apply(&model, &r);
    assert_memory_equal(r.key.addr[SRC], bytes, 16);
    assert_int_equal(r.key.prefix[SRC], prefix);
    if (words[0] != 's')
        return; /* the other side was masked, too */
    assert_int_equal(r.wire.size, strcmp(address, expected) ? 0 : before.wire.size);
    assert_memory_equal(r.key.addr[DST], before.key.addr[DST], 16);
}

static void masks(void **state)
{
    (void)state;
    check_masked("saddr/24", "10.1.2.3", "10.1.2.0", 24);
    check_masked("saddr/20", "10.1.255.3", "10.1.240.0", 20);
    check_masked("saddr/1", "255.1.2.3", "128.0.0.0", 1);
    check_masked("saddr/31", "10.1.2.3", "10.1.2.2", 31);
    check_masked("saddr/32", "10.1.2.3", "10.1.2.3", 32);
    check_masked("saddr/0", "10.1.2.3", "10.1.2.3", 32);
    check_masked("saddr/48", "10.1.2.3", "10.1.2.3", 32);
    check_masked("saddr/255.255.0.0", "10.1.2.3", "10.1.0.0", 16);
    check_masked("matrix/8", "10.0.0.1", "10.0.0.0", 8);
    check_masked("saddr/48", "2001:db8:1:2::3", "2001:db8:1::", 48);
    check_masked("saddr/61", "2001:db8:1:f::3", "2001:db8:1:8::", 61);
    check_masked("saddr/127", "2001:db8::3", "2001:db8::2", 127);
    check_masked("saddr/128", "2001:db8::3", "2001:db8::3", 128);
    check_masked("daddr/24", "10.1.2.3", "10.1.2.3", 32);
}

static void a_wider_mask_stays(void **state)
{
    (void)state;
    struct key_model model = model_of("saddr/24");
    struct record r = tcp("10.1.0.0", 1, "10.0.0.2", 2);
    r.key.prefix[SRC] = 16;
    r.wire.size = 1;
    key_model_apply(&model, &r);
    assert_int_equal(r.key.prefix[SRC], 16);
    assert_int_equal(r.wire.size, 1);
}

static void matrix_turns_records(void **state)
{
    (void)state;
    struct key_model model = model_of("matrix");
    const struct record there = flow_at(tcp("10.0.0.1", 1, "10.0.0.2", 2), 0, 5, 3);
    struct record back = flow_at(tcp("10.0.0.2", 2, "10.0.0.1", 1), 0, 5, 3);
    back.wire.size = 1;
    assert_true(same(&model, there, back));
    key_model_turn(&model, &back);
    assert_int_equal(back.key.addr[SRC][3], 1);
    assert_int_equal(back.metric.packets[SRC], 3);
    assert_int_equal(back.wire.size, 0);
}

/* Masks of every length, as numbers and in the form of an address. */
static void every_mask(void **state)
{
    (void)state;
    struct record four = tcp("255.255.255.255", 1, "10.0.0.2", 2);
    const char *const ones = "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff";
    struct record six = tcp(ones, 1, "::2", 2);
    for (unsigned bits = 1; bits <= 128; bits++) {
        uint8_t mask[16] = {0};
        for (unsigned i = 0; i < bits; i++)
            mask[i / 8] |= (uint8_t)(0x80 >> i % 8);
        char words[3][INET6_ADDRSTRLEN + 8], text[INET6_ADDRSTRLEN];
        snprintf(words[0], sizeof(words[0]), "saddr/%u", bits);
        inet_ntop(AF_INET6, mask, text, sizeof(text));
        snprintf(words[1], sizeof(words[1]), "saddr/%s", text);
        inet_ntop(AF_INET, mask, text, sizeof(text));
        snprintf(words[2], sizeof(words[2]), "saddr/%s", text);
        for (unsigned i = 0; i < 2; i++) {
            struct key_model model = model_of(words[i]);
            struct record r = six, r4 = four;
            struct key before, after;
            key_build(&model, &r, false, &before);
            key_model_apply(&model, &r);
            key_build(&model, &r, false, &after);
            assert_memory_equal(r.key.addr[SRC], mask, 16);
            assert_int_equal(r.key.prefix[SRC], bits);
            assert_memory_equal(before.bytes, after.bytes, after.size);
            key_model_apply(&model, &r4);
            bool is_masked = i == 0 && bits < 32;
            assert_memory_equal(r4.key.addr[SRC], is_masked ? mask : four.key.addr[SRC], 4);
        }
        if (bits > 32)
            continue;
        struct key_model model = model_of(words[2]);
        struct record r = six, r4 = four;
        key_model_apply(&model, &r);
        key_model_apply(&model, &r4);
        assert_memory_equal(r.key.addr[SRC], six.key.addr[SRC], 16);
        assert_memory_equal(r4.key.addr[SRC], mask, 4);
    }
}

/* What may belong together, in one direction or the other, has one place. */
static void places(void **state)
{
    (void)state;
    static const char *const words[] = {"saddr/16,daddr,proto,dport", "saddr,daddr",
                                        "saddr/8,daddr/24,sport,dport"};
    for (size_t i = 0; i < 3; i++) {
        struct key_model model = model_of(words[i]);
        const struct record r = tcp("10.1.2.3", 5, "10.7.8.9", 80);
        struct record back = tcp("10.7.8.9", 80, "10.1.2.3", 5);
        struct key key, reversed;
        key_build(&model, &r, false, &key);
        key_build(&model, &back, true, &reversed);
        assert_int_equal(key.size, reversed.size);
        assert_memory_equal(key.bytes, reversed.bytes, key.size);
        assert_int_equal(key_place(&model, &r, 7), key_place(&model, &back, 7));
        assert_true(key_model_has_both(&model));
    }
    struct key_model one = model_of("saddr");
    assert_false(key_model_has_both(&one));
}

static void a_bare_model_keeps_the_key_alone(void **state)
{
    (void)state;
    struct key_model model = model_of("daddr");
    model.is_bare = true;
    struct record r = tcp("10.0.0.1", 1, "10.0.0.2", 2);
    key_model_apply(&model, &r);
    static const uint8_t none[4];
    assert_memory_equal(r.key.addr[SRC], none, 4);
    assert_int_equal(r.key.addr[DST][3], 2);
    assert_int_equal(r.key.protocol, 0);
    assert_int_equal(r.key.port[SRC] + r.key.port[DST], 0);
}

static void check_error(const char *words, const char *expected)
{
    struct key_model model = {0};
    struct error err = {""};
    assert_int_equal(key_model_add(&model, words, &err), -1);
    assert_string_equal(err.text, expected);
}

static void wrong_words(void **state)
{
    (void)state;
    check_error("sadr", "unknown key 'sadr'; did you mean 'saddr'?");
    check_error("saddr,", "unknown key ''");
    check_error("saddrx/24", "unknown key 'saddrx'; did you mean 'saddr'?");
    check_error("matrix/x", "key 'saddr': mask length: 'x' is not a number");
    check_error("macmatrix/8", "the key 'smac' takes no mask");
    check_error("sport/8", "the key 'sport' takes no mask");
    check_error("proto,saddr/x", "key 'saddr': mask length: 'x' is not a number");
    check_error("saddr/129", "key 'saddr': mask length: '129' is too large (at most 128)");
    check_error("saddr/", "key 'saddr': mask length: '' is not a number");
    check_error("saddr/255.0.255.0", "key 'saddr': '255.0.255.0' is not a mask of leading ones");
    check_error("saddr/ffff:0:1::", "key 'saddr': 'ffff:0:1::' is not a mask of leading ones");

    char many[KEY_ITEMS_MAX * 6 + 6] = "";
    struct key_model model = {0};
    struct error err;
    for (int i = 0; i < KEY_ITEMS_MAX; i++)
        assert_int_equal(key_model_add(&model, "saddr", NULL), 0);
    assert_int_equal(key_model_add(&model, "saddr", &err), -1);
    assert_string_equal(err.text, "more than 40 keys");
    memset(many, 'a', 70);
    assert_int_equal(key_model_add(&model, many, &err), -1);
}

static void words_are_forgiving(void **state)
{
    (void)state;
    const struct record r = tcp("10.1.2.3", 1, "10.0.0.2", 2);
    struct key_model a = model_of("SADDR/8,Proto"), b = {0};
    assert_int_equal(key_model_add(&b, "saddr/8", NULL), 0);
    assert_int_equal(key_model_add(&b, "proto", NULL), 0);
    key_model_finish(&b);
    struct key left = key_of(&a, r), right = key_of(&b, r);
    assert_memory_equal(left.bytes, right.bytes, left.size);
    assert_true(model_of("none").is_none);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(flows_are_told_apart),
        cmocka_unit_test(icmp_has_type_code_and_id),
        cmocka_unit_test(fragments_have_no_ports),
        cmocka_unit_test(reversed_is_the_key_of_the_other_direction),
        cmocka_unit_test(order_of_values),
        cmocka_unit_test(ports_imply_the_protocol),
        cmocka_unit_test(masks),
        cmocka_unit_test(a_wider_mask_stays),
        cmocka_unit_test(matrix_turns_records),
        cmocka_unit_test(every_mask),
        cmocka_unit_test(places),
        cmocka_unit_test(a_bare_model_keeps_the_key_alone),
        cmocka_unit_test(wrong_words),
        cmocka_unit_test(words_are_forgiving),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
