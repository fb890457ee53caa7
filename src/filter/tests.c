/* SPDX-License-Identifier: Apache-2.0 */
#include "filter/tests.h"

#include <string.h>

#include "filter/tests_internal.h"

/* --- records and protocols -------------------------------------------------------------------- */

TEST(test_true)
{
    (void)test, (void)r, (void)side;
    return true;
}

TEST(test_false)
{
    (void)test, (void)r, (void)side;
    return false;
}

TEST(test_record_type)
{
    (void)side;
    return r->type == test->number;
}

TEST(test_flow_record)
{
    (void)test, (void)side;
    return record_is_flow(r);
}

TEST(test_cause)
{
    (void)side;
    return (r->cause & test->number) == test->number2;
}

TEST(test_ip)
{
    (void)side;
    return is_ip(r, (uint8_t)test->number);
}

TEST(test_family)
{
    (void)side;
    return has_key(r) && r->key.family == test->number;
}

TEST(test_protocol)
{
    (void)side;
    return is_protocol(r, (uint8_t)test->number) && is_ip(r, test->family);
}

TEST(test_net_form)
{
    (void)side;
    if (!is_protocol(r, PROTO_UDP) || !record_has(r, BLOCK_NET) || r->net.form != test->number)
        return false;
    return test->number != NET_RTP || record_is_rtp(r);
}

TEST(test_block)
{
    (void)side;
    return record_has(r, test->number);
}

TEST(test_ethertype)
{
    enum { TYPE_IP4 = 0x800, TYPE_ARP = 0x806, TYPE_RARP = 0x8035, TYPE_IP6 = 0x86dd };
    (void)side;
    if (!has_key(r))
        return false;
    switch (r->key.family) {
    case FAMILY_IP4:
        return test->number == TYPE_IP4;
    case FAMILY_IP6:
        return test->number == TYPE_IP6;
    case FAMILY_ARP:
        return test->number == TYPE_ARP;
    case FAMILY_RARP:
        return test->number == TYPE_RARP;
    case FAMILY_ETHER:
        return r->key.class == KEY_5TUPLE && test->number == r->key.u.ether.ethertype;
    default:
        return false;
    }
}

TEST(test_encapsulation)
{
    return record_has(r, BLOCK_ENCAPS) && r->encaps.bits[side] & test->number;
}

/* --- ports, sensors, countries ---------------------------------------------------------------- */

TEST(test_port)
{
    int port = port_of(r, side);
    if (port < 0)
        return false;
    return compare_holds(test->compare, (uint32_t)port < test->number    ? -1
                                        : (uint32_t)port > test->number2 ? 1
                                                                         : 0);
}

TEST(test_port_set)
{
    int port = port_of(r, side);
    return port >= 0 && test->ports[port / 8] & 1 << port % 8;
}

TEST(test_source_id)
{
    (void)side;
    if (r->type == RECORD_MAR)
        return (r->cause == CAUSE_START ? r->mar.source_id : r->mar.cookie) == test->number;
    return record_has(r, BLOCK_TRANSPORT) && load_be32(r->transport.id) == test->number;
}

TEST(test_country)
{
    return record_has(r, BLOCK_COCODE) && !memcmp(r->country[side], test->addr, 2);
}

/* --- TCP -------------------------------------------------------------------------------------- */

TEST(test_tcp_flag)
{
    const struct record_tcp *tcp = record_tcp(r);
    return tcp && tcp->side[side].flags & test->number;
}

TEST(test_side_status)
{
    return record_tcp_status(r) & test->number << side;
}

TEST(test_retransmitted)
{
    enum { ESP_LOST = 0x10 };
    if (is_protocol(r, PROTO_ESP) && record_has(r, BLOCK_NET) && r->net.form == NET_ESP)
        return r->net.u.esp.lost && r->net.u.esp.status & (uint32_t)ESP_LOST << side;
    return test_side_status(test, r, side);
}

TEST(test_status)
{
    (void)side;
    return record_tcp_status(r) & test->number;
}

TEST(test_tcp_options)
{
    const struct record_tcp *tcp = record_tcp(r);
    (void)side;
    return tcp && tcp->options & test->number;
}

/* Both sides were heard, or the connection was established. */
TEST(test_connected)
{
    (void)test, (void)side;
    if (!is_ip(r, 0))
        return false;
    if (record_has(r, BLOCK_METRIC) && r->metric.packets[SRC] && r->metric.packets[DST])
        return true;
    return record_tcp_status(r) & TCPS_EST;
}

/* --- fragments and others --------------------------------------------------------------------- */

TEST(test_fragment)
{
    (void)test;
    return record_has(r, BLOCK_IPATTR) && r->ipattr.fragments[side];
}

TEST(test_fragment_only)
{
    (void)test, (void)side;
    return is_ip(r, 0) && r->key.flags & KEY_FRAGMENT;
}

TEST(test_multipath)
{
    (void)test;
    return record_has(r, BLOCK_MAC) && r->mac.several[side];
}

TEST(test_igmp)
{
    (void)side;
    return is_protocol(r, PROTO_IGMP) && (r->key.u.igmp.type == test->number) != test->number2;
}

TEST(test_isis)
{
    (void)side;
    return has_key(r) && r->key.family == FAMILY_ISIS && r->key.u.isis.pdu_type >= test->number &&
           r->key.u.isis.pdu_type <= test->number2;
}

TEST(test_spi)
{
    (void)side;
    if (!is_protocol(r, PROTO_ESP))
        return false;
    if (record_has(r, BLOCK_NET) && r->net.form == NET_ESP)
        return compare_number(test->compare, r->net.u.esp.spi, test->number);
    return r->key.family == FAMILY_IP4 && compare_number(test->compare, r->key.u.spi, test->number);
}

TEST(test_label)
{
    char text[512];
    (void)side;
    if (!record_has(r, BLOCK_LABEL))
        return false;
    size_t size = r->label.size < sizeof(text) - 1 ? r->label.size : sizeof(text) - 1;
    memcpy(text, r->label.data, size);
    text[size] = '\0';
    return !regexec(test->pattern, text, 0, NULL, 0);
}

/* --- numbers ---------------------------------------------------------------------------------- */

/*
 * What a record does not have is equal to nothing. Of what every flow has (times and counters) it
 * is less than anything: management records are let through.
 */
static bool missing_holds(const struct test *test, const struct field *field)
{
    bool is_everywhere = !(field->blocks & ~(uint32_t)(BLOCK_TIME | BLOCK_METRIC));
    return is_everywhere && compare_holds(test->compare, -1);
}

TEST(test_number)
{
    struct value value;
    field_get(test->field[side], r, &value);
    if (value.kind == VALUE_NONE)
        return missing_holds(test, test->field[side]);
    return compare_holds(test->compare, number_order(&value, &test->value));
}
