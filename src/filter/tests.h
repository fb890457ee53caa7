/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "filter/tree.h"

/* The functions behind the words of the language; see struct test. */
#define TEST(name) bool name(const struct test *test, const struct record *r, unsigned side)

TEST(test_true);
TEST(test_false);
TEST(test_record_type); /* number: enum record_type */
TEST(test_flow_record);
TEST(test_cause); /* number: mask, number2: value */
TEST(test_ip);    /* number: family, 0 for both */
TEST(test_family);
TEST(test_protocol); /* number: IP protocol, family: 0 or one */
TEST(test_net_form); /* number: enum net_form */
TEST(test_block);    /* number: enum record_block */
TEST(test_ethertype);
TEST(test_encapsulation);  /* number: mask */
TEST(test_address);        /* family, addr, prefix */
TEST(test_masked_address); /* number: mask, number2: address under it */
TEST(test_address_set);    /* set */
TEST(test_multicast);
TEST(test_mac); /* addr */
TEST(test_mac_multicast);
TEST(test_port);     /* number to number2, compare */
TEST(test_port_set); /* ports */
TEST(test_inode);    /* family, addr, prefix */
TEST(test_source_id);
TEST(test_tcp_flag);    /* number: mask */
TEST(test_side_status); /* number: mask of the source, the destination's is << 1 */
TEST(test_retransmitted);
TEST(test_status); /* number: mask */
TEST(test_connected);
TEST(test_echo);
TEST(test_icmp);        /* number: ICMP type, and << 8 ICMPv6's; number2: kind of a mapped error */
TEST(test_unreachable); /* number: code, and << 8 ICMPv6's */
TEST(test_icmp_type);   /* number, compare */
TEST(test_icmp_code);
TEST(test_fragment);
TEST(test_fragment_only);
TEST(test_multipath);
TEST(test_igmp);        /* number: type, number2: 1 to negate */
TEST(test_tcp_options); /* number: mask */
TEST(test_isis);        /* number: first PDU type, number2: last */
TEST(test_spi);         /* number, compare */
TEST(test_country);     /* addr: two letters */
TEST(test_label);       /* pattern */
TEST(test_number);      /* field, compare, value */
