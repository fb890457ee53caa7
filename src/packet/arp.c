/* SPDX-License-Identifier: Apache-2.0 */
#include "packet/cursor.h"

/*
 * ARP (RFC 826), and RARP (RFC 903), which is told by its operations.
 *
 *    0          2          4         5         6           8
 *   +----------+----------+---------+---------+-----------+-----
 *   | hardware | protocol | size of | size of | operation | sender, target: each a
 *   | type     | type     | hw h    | proto p |           | hardware and a protocol address
 *   +----------+----------+---------+---------+-----------+-----
 */
enum { ARP_SIZE = 8, ARP_IP4_SIZE = 28 };
enum { ARP_REQUEST = 1, ARP_REPLY = 2, RARP_REQUEST = 3, RARP_REPLY = 4 };

/* The address at `*at`, as much of it as was captured and fits; goes behind it. */
static void take_address(uint8_t ret[16], const uint8_t **at, const uint8_t *end, size_t size)
{
    size_t captured = (size_t)(end - *at);
    if (size > captured)
        size = captured;
    memset(ret, 0, 16);
    memcpy(ret, *at, size < 16 ? size : 16);
    *at += size;
}

static bool is_reverse(uint16_t operation, uint16_t ethertype)
{
    enum { ETHERTYPE_RARP = 0x8035 };
    switch (operation) {
    case ARP_REQUEST:
    case ARP_REPLY:
        return false;
    case RARP_REQUEST:
    case RARP_REPLY:
        return true;
    default:
        return ethertype == ETHERTYPE_RARP;
    }
}

enum layer arp_decode(struct cursor *c)
{
    const uint8_t *h = c->at;
    struct packet *p = c->packet;
    size_t captured = cursor_captured(c);
    if (captured < ARP_SIZE)
        return LAYER_DONE;
    uint16_t operation = load_be16(h + 6);
    packet_become(p, is_reverse(operation, c->type) ? PACKET_RARP : PACKET_ARP);

    struct packet_arp *arp = &p->u.arp;
    arp->hardware_type = load_be16(h);
    arp->protocol_type = load_be16(h + 2);
    arp->hardware_size = h[4];
    arp->protocol_size = h[5];
    arp->operation = operation;
    const uint8_t *at = h + ARP_SIZE;
    take_address(arp->sender_hardware, &at, c->end, arp->hardware_size);
    take_address(arp->sender_protocol, &at, c->end, arp->protocol_size);
    take_address(arp->target_hardware, &at, c->end, arp->hardware_size);
    take_address(arp->target_protocol, &at, c->end, arp->protocol_size);

    /* What is not the ARP of IPv4 on Ethernet counts as data, headers of the link included. */
    p->app_bytes = p->bytes;
    if (captured >= ARP_IP4_SIZE) {
        p->app_bytes = p->bytes > ARP_IP4_SIZE ? p->bytes - ARP_IP4_SIZE : 0;
        cursor_skip(c, ARP_IP4_SIZE);
    }
    p->payload = cursor_rest(c);
    return LAYER_DONE;
}
