/* SPDX-License-Identifier: Apache-2.0 */
#include "cases.h"

#include "base/attr.h"

/* IPv4 and IPv6: lengths, fragments, options, extension headers. */

enum { ETHERNET = 1 };

#define E4 ETHER("0800")
#define E6 ETHER("86dd")

/* IPv4 with a first byte, a total length and a fragment word of one's choice. */
#define IP4_ODD(first, total, fragment, protocol)                                                  \
    first "b8 " total " 1234 " fragment " 40 " protocol " 0000 0a000001 0a000002 "

/* Extension headers: next header, size, data. */
#define OPTIONS(next)          next " 00 0104 00000000 "
#define FRAGMENT(next, offset) next " 00 " offset " 11223344 "

static const struct packet_case cases[] = {
    {"ip4: total length 20", ETHERNET, E4 IP4_ODD("45", "0014", "0000", "11") UDP,
     "ip4 10.0.0.1>10.0.0.2 17 bytes=50 app=0 data=0 eth"},
    {"ip4: total length 19", ETHERNET, E4 IP4_ODD("45", "0013", "0000", "11") UDP,
     "ether 020000000001>020000000002 type=0800 bytes=50 app=50 data=36 eth"},
    {"ip4: total length 0", ETHERNET, E4 IP4_ODD("45", "0000", "0000", "06") TCP,
     "ip4 10.0.0.1>10.0.0.2 6 1000>2000 tcp bytes=62 app=8 data=8 eth"},
    {"ip4: total length 0, quirk", ETHERNET, E4 IP4_ODD("45", "0000", "0000", "06") TCP,
     "ether 020000000001>020000000002 type=0800 bytes=62 app=62 data=48 eth",
     .quirks = 1 << QUIRK_ZERO_LENGTH_ETHER},
    {"ip4: total length beyond the frame", ETHERNET, E4 IP4_ODD("45", "0190", "0000", "11") UDP,
     FLOW4 "bytes=50 app=372 data=8 eth"},
    {"ip4: version 5", ETHERNET, E4 IP4_ODD("55", "0024", "0000", "11") UDP,
     FLOW4 "bytes=50 app=8 data=8 eth"},
    {"ip4: header of four words", ETHERNET, E4 IP4_ODD("44", "0024", "0000", "11") UDP,
     "ip4 10.0.0.1>10.0.0.2 17 2560>2 bytes=50 app=12 data=12 eth"},
    {"ip4: header beyond the datagram", ETHERNET, E4 IP4_ODD("4f", "0024", "0000", "11") UDP,
     "ip4 10.0.0.1>10.0.0.2 17 bytes=50 app=0 data=0 eth"},
    {"ip4: options", ETHERNET, E4 IP4_ODD("46", "0028", "0000", "11") "94040000 " UDP,
     FLOW4 "bytes=54 app=8 data=8 eth"},
    {"ip4: options cut", ETHERNET, E4 IP4_ODD("46", "0028", "0000", "11") "94040000 " UDP,
     "ip4 10.0.0.1>10.0.0.2 17 bytes=54 app=16 data=0 eth", .captured = 37},
    {"ip4: header whole", ETHERNET, E4 IP4_UDP,
     "ip4 10.0.0.1>10.0.0.2 17 bytes=50 app=16 data=0 eth", .captured = 34},
    {"ip4: reserved fragment bit", ETHERNET, E4 IP4_ODD("45", "0024", "8000", "11") UDP,
     FLOW4 "bytes=50 app=8 data=8 eth"},
    {"ip4: first fragment", ETHERNET, E4 IP4_ODD("45", "0024", "2000", "11") UDP,
     FLOW4 "first=1234 bytes=50 app=8 data=8 eth"},
    {"ip4: first fragment without a header", ETHERNET,
     E4 IP4_ODD("45", "001c", "2000", "06") "03e807d000000001",
     "ip4 10.0.0.1>10.0.0.2 6 first=1234 bytes=42 app=8 data=8 eth"},
    {"ip4: middle fragment", ETHERNET, E4 IP4_ODD("45", "0024", "2001", "11") UDP ZERO8,
     "ip4 10.0.0.1>10.0.0.2 17 later=1234+16 bytes=58 app=0 data=0 eth"},
    {"ip4: last fragment", ETHERNET, E4 IP4_ODD("45", "0024", "0001", "01") UDP,
     "ip4 10.0.0.1>10.0.0.2 1 later=1234+16 bytes=50 app=0 data=0 eth"},
    {"ip4: last fragment of a tunnel", ETHERNET, E4 IP4_ODD("45", "0024", "0001", "2f") UDP,
     "ip4 10.0.0.1>10.0.0.2 47 later=1234+16 bytes=50 app=0 data=0 eth"},
    {"ip4: other protocol", ETHERNET, E4 IP4("67", "0018") "20000000",
     "ip4 10.0.0.1>10.0.0.2 103 bytes=38 app=4 data=4 eth"},
    {"ip4: icmpv6 is no protocol of it", ETHERNET, E4 IP4("3a", "001c") "8000000000010002",
     "ip4 10.0.0.1>10.0.0.2 58 bytes=42 app=8 data=8 eth"},

    {"ip6: header whole", ETHERNET, E6 IP6_UDP,
     "ip6 2001:db8::1>2001:db8::2 17 bytes=70 app=16 data=0 eth", .captured = 54},
    {"ip6: wire is longer", ETHERNET, E6 IP6_UDP, FLOW6 "bytes=500 app=438 data=8 eth",
     .wire = 500},
    {"ip6: wire is shorter", ETHERNET, E6 IP6_UDP, FLOW6 "bytes=60 app=0 data=0 eth", .wire = 60},
    {"ip6: hop-by-hop", ETHERNET, E6 IP6("00") OPTIONS("11") UDP,
     FLOW6 "bytes=78 app=8 data=8 eth"},
    {"ip6: options, routing", ETHERNET,
     E6 IP6("00") OPTIONS("3c") OPTIONS("2b") "11 01 " ZERO8 "000000000000 " UDP,
     FLOW6 "bytes=102 app=8 data=8 eth"},
    {"ip6: extension not whole", ETHERNET, E6 IP6("00") "11 03 " ZERO16 ZERO8 "000000000000 " UDP,
     "ip6 2001:db8::1>2001:db8::2 17 bytes=102 app=16 data=0 eth", .captured = 62},
    {"ip6: two bytes of extension", ETHERNET, E6 IP6("00") OPTIONS("11") UDP,
     "ip6 2001:db8::1>2001:db8::2 17 bytes=78 app=16 data=0 eth", .captured = 56},
    {"ip6: one byte of extension", ETHERNET, E6 IP6("00") OPTIONS("11") UDP,
     "ip6 2001:db8::1>2001:db8::2 0 bytes=78 app=24 data=1 eth", .captured = 55},
    {"ip6: first fragment", ETHERNET, E6 IP6("2c") FRAGMENT("11", "0001") UDP,
     FLOW6 "first=11223344 bytes=78 app=8 data=8 eth"},
    {"ip6: atomic fragment", ETHERNET, E6 IP6("2c") FRAGMENT("11", "0000") UDP,
     FLOW6 "bytes=78 app=8 data=8 eth"},
    {"ip6: middle fragment", ETHERNET, E6 IP6("2c") FRAGMENT("11", "0009") UDP,
     "ip6 2001:db8::1>2001:db8::2 17 later=11223344+16 bytes=78 app=0 data=0 eth"},
    {"ip6: last fragment with options", ETHERNET,
     E6 IP6("00") OPTIONS("2c") FRAGMENT("3c", "0008") UDP,
     "ip6 2001:db8::1>2001:db8::2 60 later=11223344+16 bytes=86 app=0 data=0 eth"},
    {"ip6: options in a first fragment", ETHERNET,
     E6 IP6("2c") FRAGMENT("3c", "0001") OPTIONS("11") UDP,
     FLOW6 "first=11223344 bytes=86 app=8 data=8 eth"},
    {"ip6: fragment header not whole", ETHERNET, E6 IP6("2c") FRAGMENT("11", "0008") UDP,
     "ip6 2001:db8::1>2001:db8::2 44 bytes=78 app=24 data=7 eth", .captured = 61},
    {"ip6: fragment header only", ETHERNET, E6 IP6("2c") FRAGMENT("11", "0008") UDP,
     "ip6 2001:db8::1>2001:db8::2 17 later=11223344+16 bytes=78 app=0 data=0 eth", .captured = 62},
    {"ip6: nothing follows", ETHERNET, E6 IP6("3b") "010203",
     "ip6 2001:db8::1>2001:db8::2 59 bytes=57 app=3 data=3 eth"},
    {"ip6: mobility", ETHERNET, E6 IP6("87") "3b 01 " ZERO8 "000000000000",
     "ip6 2001:db8::1>2001:db8::2 135 bytes=70 app=16 data=16 eth"},
    {"ip6: host identity", ETHERNET, E6 IP6("8b") "3b 04 " ZERO8,
     "ip6 2001:db8::1>2001:db8::2 139 bytes=64 app=10 data=10 eth"},
    {"ip6: shim6 with data", ETHERNET, E6 IP6("8c") "11 00 800000000001 " UDP,
     FLOW6 "bytes=78 app=8 data=8 eth"},
    {"ip6: shim6 control", ETHERNET, E6 IP6("8c") "3b 00 010000000001",
     "ip6 2001:db8::1>2001:db8::2 140 bytes=62 app=8 data=8 eth"},
    {"ip6: igmp is no protocol of it", ETHERNET, E6 IP6("02") "16000000e0000005",
     "ip6 2001:db8::1>2001:db8::2 2 bytes=62 app=8 data=8 eth"},

    {"ah: ip4, 12 bytes", ETHERNET, E4 IP4("33", "0030") "11 01 0000 00000001 00000001 " UDP,
     FLOW4 "bytes=62 app=8 data=8 eth+ah"},
    {"ah: ip4, 24 bytes", ETHERNET,
     E4 IP4("33", "003c") "11 04 0000 00000001 00000001 000000000000000000000000 " UDP,
     FLOW4 "bytes=74 app=8 data=8 eth+ah"},
    {"ah: ip4, quirk", ETHERNET, E4 IP4("33", "0030") "11 01 0000 00000001 00000001 " UDP,
     "ip4 10.0.0.1>10.0.0.2 17 16>0 bytes=62 app=20 data=4 eth+ah", .quirks = 1 << QUIRK_AH_FIXED},
    {"ah: ip4, esp inside", ETHERNET,
     E4 IP4("33", "0028") "32 01 0000 00000001 00000001 0000000700000008",
     "ip4 10.0.0.1>10.0.0.2 50 upper bytes=54 app=8 data=8 eth+ah"},
    {"ah: ip4, next header only", ETHERNET, E4 IP4("33", "0018") "11 01",
     "ip4 10.0.0.1>10.0.0.2 17 bytes=36 app=0 data=0 eth+ah"},
    {"ah: ip4, one byte", ETHERNET, E4 IP4("33", "0018") "11",
     "ip4 10.0.0.1>10.0.0.2 51 bytes=35 app=4 data=1 eth"},
    {"ah: ip6", ETHERNET, E6 IP6("33") "11 04 0000 00000001 00000001 000000000000000000000000 " UDP,
     FLOW6 "bytes=94 app=8 data=8 eth+ah"},
    {"ah: ip6, options inside", ETHERNET,
     E6 IP6("33") "3c 01 0000 00000001 00000001 " OPTIONS("11") UDP,
     FLOW6 "bytes=90 app=8 data=8 eth+ah"},
    {"ah: ip6, quirk", ETHERNET, E6 IP6("33") "11 01 0000 00000001 00000001 " UDP,
     "ip6 2001:db8::1>2001:db8::2 17 16>0 bytes=82 app=20 data=4 eth+ah",
     .quirks = 1 << QUIRK_AH_FIXED},

    {"ip6: shim6 with data, nothing behind", ETHERNET, E6 IP6("8c") "11 00 800000000001",
     "ip6 2001:db8::1>2001:db8::2 17 bytes=62 app=0 data=0 eth"},
    {"ip6: shim6 not whole", ETHERNET, E6 IP6("8c") "11 00 8000000000",
     "ip6 2001:db8::1>2001:db8::2 140 bytes=61 app=7 data=7 eth"},
    {"ip6: shim6, another bit", ETHERNET, E6 IP6("8c") "11 00 020000000001 " UDP,
     "ip6 2001:db8::1>2001:db8::2 140 bytes=78 app=24 data=24 eth"},
};

const struct case_list cases_ip = {cases, ARRAY_SIZE(cases)};
