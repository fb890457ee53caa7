/* SPDX-License-Identifier: Apache-2.0 */
#include "filter/tests.h"

#include "filter/tests_internal.h"

/*
 * Tests of ICMP and ICMPv6, which have other numbers for much the same messages. Of a flow about
 * which there was an error, the error is looked at.
 */
enum { MAPPED_UNREACHABLE = 1 };

/* True if the record is of ICMP messages of a known type: fragments have none. */
static bool has_type(const struct record *r)
{
    return (is_protocol(r, PROTO_ICMP) || is_protocol(r, PROTO_ICMP6)) &&
           !(r->key.flags & KEY_FRAGMENT);
}

/* The messages of this record; IPv4 may carry ICMPv6 only by mistake, and is taken at its word. */
static bool is_icmp6(const struct record *r)
{
    return r->key.protocol == PROTO_ICMP6;
}

TEST(test_echo)
{
    enum { REPLY = 0, REQUEST = 8, REQUEST6 = 128, REPLY6 = 129 };
    (void)test, (void)side;
    if (!has_type(r))
        return false;
    uint8_t type = r->key.u.icmp.type;
    return is_icmp6(r) ? type == REQUEST6 || type == REPLY6 : type == REQUEST || type == REPLY;
}

/* Types of IPv4 and, above them, of IPv6 in `number`; number2: kind of a mapped error. */
TEST(test_icmp)
{
    (void)side;
    if (record_has(r, BLOCK_ICMP) && r->icmp.kind & test->number2)
        return true;
    return has_type(r) &&
           r->key.u.icmp.type == (is_icmp6(r) ? test->number >> 8 : test->number & 0xff);
}

/* Codes of unreachables of IPv4 and of IPv6 in `number`, as above; 0xff: there is none. */
TEST(test_unreachable)
{
    enum { UNREACHABLE = 3, UNREACHABLE6 = 1 };
    (void)side;
    const uint32_t code4 = test->number & 0xff, code6 = test->number >> 8;
    if (record_has(r, BLOCK_ICMP) && r->icmp.kind & MAPPED_UNREACHABLE &&
        r->icmp.code == (r->icmp.type == UNREACHABLE6 ? code6 : code4))
        return true;
    if (!has_type(r))
        return false;
    if (is_icmp6(r))
        return r->key.u.icmp.type == UNREACHABLE6 && r->key.u.icmp.code == code6;
    return r->key.u.icmp.type == UNREACHABLE && r->key.u.icmp.code == code4;
}

TEST(test_icmp_type)
{
    (void)side;
    return has_type(r) && compare_number(test->compare, r->key.u.icmp.type, test->number);
}

TEST(test_icmp_code)
{
    (void)side;
    return has_type(r) && compare_number(test->compare, r->key.u.icmp.code, test->number);
}
