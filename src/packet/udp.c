/* SPDX-License-Identifier: Apache-2.0 */
#include "packet/cursor.h"

/*
 * UDP (RFC 768). Its length and checksum are not looked at.
 *
 *    0          2          4        6          8
 *   +----------+----------+--------+----------+-----
 *   | src port | dst port | length | checksum | data
 *   +----------+----------+--------+----------+-----
 */
enum { UDP_SIZE = 8, PORTS_SIZE = 4 };

/* Tunnels are known by the destination's port; what claims to be one is checked by its decoder. */
static enum layer port_layer(const struct cursor *c, uint16_t port)
{
    switch (port) {
    case 2152:
        return cursor_tunnel(c, TUNNEL_GTP) ? LAYER_GTP : LAYER_DONE;
    case 4789:
        return cursor_tunnel(c, TUNNEL_VXLAN) ? LAYER_VXLAN : LAYER_DONE;
    case 4790:
        return cursor_tunnel(c, TUNNEL_VXLAN) ? LAYER_VXLAN_GPE : LAYER_DONE;
    case 6081:
        return cursor_tunnel(c, TUNNEL_GENEVE) ? LAYER_GENEVE : LAYER_DONE;
    default:
        return cursor_tunnel(c, TUNNEL_TEREDO) ? LAYER_TEREDO : LAYER_DONE;
    }
}

enum layer udp_decode(struct cursor *c)
{
    const uint8_t *h = c->at;
    struct packet *p = c->packet;
    size_t captured = cursor_captured(c);
    if (captured >= PORTS_SIZE && (c->wire >= UDP_SIZE || p->kind == PACKET_IP6)) {
        p->src_port = load_be16(h);
        p->dst_port = load_be16(h + 2);
        p->has_ports = true;
    }
    if (captured < UDP_SIZE)
        return LAYER_DONE;
    cursor_skip(c, UDP_SIZE);
    p->app_bytes = c->wire;
    p->payload = cursor_rest(c);
    return p->has_ports ? port_layer(c, p->dst_port) : LAYER_DONE;
}
