/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "packet/packet.h"

/* Packets as the decoder would give them, for tests of the meter. Times are in seconds. */

enum { HOST_A = 1, HOST_B = 2, HOST_R = 9 }; /* 10.0.0.n, 2001:db8::n */

struct packet packet_ip4(double time, uint8_t src, uint8_t dst, uint8_t protocol);
struct packet packet_ip6(double time, uint8_t src, uint8_t dst, uint8_t protocol);
struct packet packet_udp(double time, uint8_t src, uint16_t src_port, uint8_t dst,
                         uint16_t dst_port);
struct packet packet_tcp(double time, uint8_t src, uint16_t src_port, uint8_t dst,
                         uint16_t dst_port);
struct packet packet_icmp(double time, uint8_t src, uint8_t dst, uint8_t type, uint8_t code);
struct packet packet_arp(double time, uint8_t src, uint8_t dst, uint16_t operation);
struct packet packet_fragment(double time, uint8_t src, uint8_t dst, uint32_t id,
                              enum packet_frag frag);
