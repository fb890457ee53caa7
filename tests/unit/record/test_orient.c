/* SPDX-License-Identifier: Apache-2.0 */
#include "record/orient.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "base/prefix_set.h"
#include "record/block_names.h"

enum { PROTO_TCP = 6, PROTO_UDP = 17 };

static struct record half_seen(uint16_t src_port, uint16_t dst_port)
{
    struct record r = {.type = RECORD_FAR, .blocks = BLOCK_FLOW | BLOCK_NET | BLOCK_METRIC};
    r.key = (struct record_key){.class = KEY_5TUPLE,
                                .family = FAMILY_IP4,
                                .protocol = PROTO_TCP,
                                .port = {src_port, dst_port},
                                .addr = {{10, 0, 0, 1}, {192, 168, 0, 1}}};
    r.net.form = NET_TCP_PERF;
    r.metric.packets[SRC] = 1;
    return r;
}

static void expect_turned(struct record r, const struct orientation *by, bool turned)
{
    uint16_t port = r.key.port[SRC];
    assert_int_equal(record_orient(&r, by), turned);
    assert_int_equal(r.key.port[turned ? DST : SRC], port);
    assert_int_equal(r.metric.packets[turned ? DST : SRC], 1);
}

static void test_ports(void **state)
{
    (void)state;
    const struct orientation none = {0}, known = {.well_known = true},
                             both = {.well_known = true, .registered = true};
    expect_turned(half_seen(80, 40000), &none, false);
    expect_turned(half_seen(80, 40000), &known, true);
    expect_turned(half_seen(40000, 80), &known, false);
    expect_turned(half_seen(25, 80), &known, true); /* of two, the lower one is the server */
    expect_turned(half_seen(80, 25), &known, false);
    expect_turned(half_seen(8080, 50000), &known, false);
    expect_turned(half_seen(8080, 50000), &both, true);
    expect_turned(half_seen(50000, 50001), &both, false);
}

static void test_only_half_seen_tcp_of_ip4(void **state)
{
    (void)state;
    const struct orientation known = {.well_known = true};
    struct record syn = half_seen(80, 40000), udp = half_seen(80, 40000), ip6 = half_seen(80, 9999);
    syn.net.u.tcp.status = TCPS_SYN;
    udp.key.protocol = PROTO_UDP;
    ip6.key.family = FAMILY_IP6;
    expect_turned(syn, &known, false);
    expect_turned(udp, &known, false);
    expect_turned(ip6, &known, false);
}

static void test_places(void **state)
{
    (void)state;
    struct error err;
    struct prefix_set *local = prefix_set_new();
    const struct prefix ours = {.address = {.bytes = {10}, .size = ADDRESS_IP4}, .bits = 8};
    assert_int_equal(prefix_set_add(local, &ours, 1, &err), 0);
    prefix_set_build(local);
    const struct orientation source = {.local = local, .local_end = LOCAL_IS_SOURCE},
                             destination = {.local = local, .local_end = LOCAL_IS_DESTINATION};
    expect_turned(half_seen(5000, 6000), &source, false);
    expect_turned(half_seen(5000, 6000), &destination, true);
    prefix_set_free(local);
}

static void test_block_lists(void **state)
{
    (void)state;
    uint32_t blocks = UINT32_MAX;
    struct error err;
    assert_int_equal(blocks_parse("-mac,-jitter", &blocks, &err), 0);
    assert_int_equal(blocks, UINT32_MAX & ~(uint32_t)(BLOCK_MAC | BLOCK_JITTER));
    assert_int_equal(blocks_parse("flow,time,metric", &blocks, &err), 0);
    assert_int_equal(blocks, BLOCK_FLOW | BLOCK_TIME | BLOCK_METRIC);
    assert_int_equal(blocks_parse("+net", &blocks, &err), 0);
    assert_int_equal(blocks, BLOCK_FLOW | BLOCK_TIME | BLOCK_METRIC | BLOCK_NET);
    assert_int_equal(blocks_parse("flow,foo", &blocks, &err), -1);
    assert_string_equal(err.text, "'foo' is no block of a record");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_ports),
        cmocka_unit_test(test_only_half_seen_tcp_of_ip4),
        cmocka_unit_test(test_places),
        cmocka_unit_test(test_block_lists),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
