/* SPDX-License-Identifier: Apache-2.0 */
#include "filter/tests.h"

#include <string.h>

#include "base/bytes.h"
#include "filter/tests_internal.h"

/* Tests of addresses: of IP, of the link, and of who reported an error. */

static bool in_prefix(const uint8_t *addr, const uint8_t *net, unsigned bits)
{
    if (memcmp(addr, net, bits / 8))
        return false;
    unsigned rest = bits % 8;
    return !rest || !((addr[bits / 8] ^ net[bits / 8]) & 0xff00u >> rest);
}

TEST(test_address)
{
    return address_family(r) == test->family &&
           in_prefix(r->key.addr[side], test->addr, test->prefix);
}

/* Addresses of IPv4 under a mask that is no prefix: number, of which those bits are number2. */
TEST(test_masked_address)
{
    bool is_ip4 = has_key(r) && (r->key.family == FAMILY_IP4 || r->key.family == FAMILY_ARP);
    return is_ip4 && (load_be32(r->key.addr[side]) & test->number) == test->number2;
}

TEST(test_address_set)
{
    unsigned size = record_address_size(r);
    return size && prefix_set_find(test->set, r->key.addr[side], size) != PREFIX_NONE;
}

/* Class D and above, as `multicast` has always meant; and ff00::/8. */
TEST(test_multicast)
{
    (void)test;
    if (!is_ip(r, 0))
        return false;
    uint8_t first = r->key.addr[side][0];
    return r->key.family == FAMILY_IP4 ? first >= 224 : first == 0xff;
}

/* The link address of the side: of the record, or of an Ethernet flow; NULL if it has none. */
static const uint8_t *link_address(const struct record *r, unsigned side)
{
    if (record_has(r, BLOCK_MAC))
        return r->mac.addr[side];
    if (has_key(r) && r->key.family == FAMILY_ETHER && r->key.class == KEY_5TUPLE)
        return r->key.u.ether.mac[side];
    return NULL;
}

TEST(test_mac)
{
    const uint8_t *address = link_address(r, side);
    return address && !memcmp(address, test->addr, 6);
}

/* The bit of groups, which is set in ff:ff:ff:ff:ff:ff, too. */
TEST(test_mac_multicast)
{
    const uint8_t *address = link_address(r, side);
    (void)test;
    return address && address[0] & 1;
}

TEST(test_inode)
{
    (void)side;
    return record_has(r, BLOCK_ICMP) && in_prefix(r->icmp.reporter, test->addr, test->prefix);
}
