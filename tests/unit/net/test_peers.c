/* SPDX-License-Identifier: Apache-2.0 */
#include "net/peers.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "base/bytes.h"

static struct address ip4(uint32_t number)
{
    struct address address = {.size = ADDRESS_IP4};
    store_be32(address.bytes, number);
    return address;
}

static unsigned admitted(struct peers *peers, const struct address *address, unsigned times,
                         unsigned rate, nsec_t now)
{
    unsigned count = 0;
    for (unsigned i = 0; i < times; i++)
        count += peers_admit(peers, address, rate, now);
    return count;
}

static void test_rate(void **state)
{
    struct peers *peers = peers_new(1);
    const struct address one = ip4(1), other = ip4(2);
    (void)state;
    assert_int_equal(admitted(peers, &one, 1000, 5, 0), 5 * PEERS_BURST_SECONDS);
    assert_int_equal(admitted(peers, &other, 1000, 5, 0), 5 * PEERS_BURST_SECONDS);
    assert_int_equal(admitted(peers, &one, 1000, 5, NSEC_PER_SEC), 5);
    assert_int_equal(admitted(peers, &one, 1000, 5, NSEC_PER_SEC), 0);
    assert_int_equal(admitted(peers, &one, 1000, 5, 100 * NSEC_PER_SEC), 5 * PEERS_BURST_SECONDS);
    assert_int_equal(admitted(peers, &one, 1000, 0, 100 * NSEC_PER_SEC), 1000);
    peers_free(peers);
}

/* Many addresses keep to a rate together, too, whoever of them is still remembered. */
static void test_together(void **state)
{
    struct peers *peers = peers_new(1);
    const unsigned most = 5 * PEERS_BURST_SECONDS * PEERS_TOGETHER;
    unsigned count = 0;
    (void)state;
    for (uint32_t i = 0; i < 100000; i++) {
        const struct address address = ip4(i);
        count += peers_admit(peers, &address, 5, 0);
    }
    assert_int_equal(count, most);
    peers_free(peers);
}

/* A host may have 2^64 addresses. */
static void test_networks(void **state)
{
    struct peers *peers = peers_new(1);
    unsigned count = 0;
    (void)state;
    for (uint32_t i = 0; i < 1000; i++) {
        struct address address = {.bytes = {0x20, 1, 0xd, 0xb8}, .size = ADDRESS_IP6};
        store_be32(address.bytes + 12, i);
        count += peers_admit(peers, &address, 5, 0);
    }
    assert_int_equal(count, 5 * PEERS_BURST_SECONDS);
    peers_free(peers);
}

static void test_refusals(void **state)
{
    struct peers *peers = peers_new(1);
    const struct address one = ip4(1), other = ip4(2);
    uint64_t before = 7;
    (void)state;
    assert_true(peers_refuse(peers, &one, 0, &before));
    assert_int_equal(before, 0);
    for (unsigned i = 0; i < 100; i++)
        assert_false(peers_refuse(peers, &one, NSEC_PER_SEC, &before));
    assert_true(peers_refuse(peers, &other, NSEC_PER_SEC, &before));
    assert_true(peers_refuse(peers, &one, PEERS_QUIET, &before));
    assert_int_equal(before, 100);
    peers_free(peers);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_rate),
        cmocka_unit_test(test_together),
        cmocka_unit_test(test_networks),
        cmocka_unit_test(test_refusals),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
