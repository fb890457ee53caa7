/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stddef.h>

#include "packet/packet.h"

/*
 * Frames in hexadecimal and what is to come out of the decoder, as packet_describe says it. The
 * frames serve twice: test_cases compares, test_bounds decodes them at every captured length.
 */
struct packet_case {
    const char *name;
    uint16_t link;
    const char *hex;
    const char *wanted;
    uint32_t captured; /* bytes; 0: all of hex */
    uint32_t wire;     /* bytes; 0: as many as hex has */
    uint32_t quirks;   /* bits 1 << enum quirk */
    uint32_t tunnels;  /* enum packet_tunnel; 0: TUNNEL_DEFAULT */
};

enum { CASE_FRAME_MAX = 512 };

/* A frame as the decoder gets it; its bytes are in `bytes`. */
struct frame case_frame(const struct packet_case *c, uint8_t bytes[CASE_FRAME_MAX]);
struct decode_options case_options(const struct packet_case *c);

/* The bytes of a string of hexadecimal digits and blanks; gives their number. */
size_t hex_bytes(const char *hex, uint8_t *ret, size_t size);

struct case_list {
    const struct packet_case *cases;
    size_t count;
};

extern const struct case_list cases_link, cases_ether, cases_ip, cases_upper, cases_tunnel,
    cases_wlan;

enum { CASE_LISTS = 6 };
extern const struct case_list *const case_lists[CASE_LISTS];

/* --- pieces of frames, innermost last --------------------------------------------------------- */

#define DST       "020000000002 "
#define SRC       "020000000001 "
#define INNER_DST "0a0000000002 "
#define INNER_SRC "0a0000000001 "

#define ETHER(type)       DST SRC type " "
#define INNER_ETHER(type) INNER_DST INNER_SRC type " "
#define SNAP(type)        "aaaa03 000000 " type " "

/* 10.0.0.1 to 10.0.0.2, and for tunnels 192.168.0.1 to 192.168.0.2; no options. */
#define IP4(protocol, total)   "45b8 " total " 1234 0000 40 " protocol " 0000 0a000001 0a000002 "
#define OUTER(protocol, total) "4500 " total " 7777 0000 63 " protocol " 0000 c0a80001 c0a80002 "

/* 2001:db8::1 to 2001:db8::2, class b8, label 12345; the payload length is not read. */
#define IP6_FROM      "20010db8000000000000000000000001 "
#define IP6_TO        "20010db8000000000000000000000002 "
#define IP6(protocol) "6b812345 0010 " protocol " 40 " IP6_FROM IP6_TO

/* Ports 1000 and 2000, eight bytes of data. */
#define UDP_HEADER "03e8 07d0 0010 0000 "
#define UDP        UDP_HEADER "4142434445464748 "
#define TCP_HEADER "03e8 07d0 00000001 00000002 50 18 01f4 0000 0000 "
#define TCP        TCP_HEADER "6162636465666768 "

#define IP4_UDP IP4("11", "0024") UDP
#define IP6_UDP IP6("11") UDP
#define ZERO8   "0000000000000000 "
#define ZERO16  ZERO8 ZERO8
#define ARP(op) "0001 0800 06 04 " op " 020000000001 0a000001 000000000000 0a000002 "
#define BPDU    "424203 0000 00 00 00 "

/* --- pieces of descriptions: the flow of IP4_UDP and IP6_UDP, that of OUTER, and link addresses */

#define FLOW4      "ip4 10.0.0.1>10.0.0.2 17 1000>2000 "
#define FLOW6      "ip6 2001:db8::1>2001:db8::2 17 1000>2000 "
#define OUTER_FLOW "ip4 192.168.0.1>192.168.0.2 "
#define INNER_MAC  " mac=0a0000000001>0a0000000002"
