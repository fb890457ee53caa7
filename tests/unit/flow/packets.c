/* SPDX-License-Identifier: Apache-2.0 */
#include "packets.h"

#include <math.h>

static nsec_t at(double seconds)
{
    return (nsec_t)llround(seconds * 1e6) * NSEC_PER_USEC;
}

struct packet packet_ip4(double time, uint8_t src, uint8_t dst, uint8_t protocol)
{
    struct packet p = {
        .time = at(time),
        .bytes = 60,
        .app_bytes = 18,
        .encaps = ENCAPS_ETHER,
        .kind = PACKET_IP4,
        .protocol = protocol,
        .ttl = 64,
        .src = {10, 0, 0, src},
        .dst = {10, 0, 0, dst},
    };
    return p;
}

struct packet packet_ip6(double time, uint8_t src, uint8_t dst, uint8_t protocol)
{
    struct packet p = packet_ip4(time, 0, 0, protocol);
    p.kind = PACKET_IP6;
    memset(p.src, 0, sizeof(p.src));
    memset(p.dst, 0, sizeof(p.dst));
    p.src[0] = p.dst[0] = 0x20;
    p.src[1] = p.dst[1] = 0x01;
    p.src[15] = src;
    p.dst[15] = dst;
    return p;
}

struct packet packet_udp(double time, uint8_t src, uint16_t src_port, uint8_t dst,
                         uint16_t dst_port)
{
    struct packet p = packet_ip4(time, src, dst, 17);
    p.has_ports = true;
    p.src_port = src_port;
    p.dst_port = dst_port;
    return p;
}

struct packet packet_tcp(double time, uint8_t src, uint16_t src_port, uint8_t dst,
                         uint16_t dst_port)
{
    struct packet p = packet_udp(time, src, src_port, dst, dst_port);
    p.protocol = 6;
    p.app_bytes = 0;
    p.has_tcp = true;
    p.u.tcp = (struct packet_tcp){.window = 1000};
    return p;
}

struct packet packet_icmp(double time, uint8_t src, uint8_t dst, uint8_t type, uint8_t code)
{
    struct packet p = packet_ip4(time, src, dst, 1);
    p.has_upper = true;
    p.u.icmp = (struct packet_icmp){.type = type, .code = code, .captured = 64};
    return p;
}

struct packet packet_arp(double time, uint8_t src, uint8_t dst, uint16_t operation)
{
    struct packet p = {.time = at(time), .bytes = 42, .kind = PACKET_ARP, .encaps = ENCAPS_ETHER};
    p.u.arp = (struct packet_arp){
        .hardware_type = 1,
        .protocol_type = 0x800,
        .operation = operation,
        .hardware_size = 6,
        .protocol_size = 4,
        .sender_hardware = {2, 0, 0, 0, 0, src},
        .sender_protocol = {10, 0, 0, src},
        .target_protocol = {10, 0, 0, dst},
    };
    if (operation == 2)
        p.u.arp.target_hardware[5] = dst, p.u.arp.target_hardware[0] = 2;
    return p;
}

struct packet packet_fragment(double time, uint8_t src, uint8_t dst, uint32_t id,
                              enum packet_frag frag)
{
    struct packet p = packet_udp(time, src, 1000, dst, 2000);
    p.frag = frag;
    p.frag_id = id;
    if (frag == FRAG_LATER) {
        p.has_ports = false;
        p.app_bytes = 0;
    }
    return p;
}
