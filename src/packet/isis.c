/* SPDX-License-Identifier: Apache-2.0 */
#include "packet/cursor.h"

/*
 * IS-IS (ISO 10589), which is carried right in LLC and its like.
 *
 *    0     1        2         3          4      5         6      7          8
 *   +-----+--------+---------+----------+------+---------+------+----------+-----
 *   | 83h | length | version | id sizes | type | version | zero | max area | by type ...
 *   +-----+--------+---------+----------+------+---------+------+----------+-----
 *
 *   hello 15, 16   circuit type 1, SYSTEM 6, hold time 2, length 2, priority 1, LAN 7
 *   hello 17       circuit type 1, SYSTEM 6, hold time 2, length 2, CIRCUIT 1 (point to point)
 *   state 18, 20   length 2, lifetime 2, LSP 8, SEQUENCE 4, CHECKSUM 2
 *   numbers 24-27  length 2, SOURCE 7
 *
 * What is in capitals names the flow. The record format has 14 bytes for it: system 6, LAN 7,
 * circuit 1; or LSP 8, sequence 4 (with its low byte first); or source 7.
 */
enum { ISIS_SIZE = 8 };
enum { NLPID_CLNP = 0x81, NLPID_ESIS = 0x82, NLPID_ISIS = 0x83 };

enum layer osi_layer(struct cursor *c)
{
    const uint8_t *h = c->at;
    size_t captured = cursor_captured(c);
    if (captured >= 2 && h[0] < NLPID_CLNP && h[1] >= NLPID_CLNP && h[1] <= NLPID_ISIS) {
        cursor_skip(c, 1);
        h++;
    }
    return captured && h[0] == NLPID_ISIS ? LAYER_ISIS : LAYER_DONE;
}

static void read_hello(struct packet_isis *isis, const uint8_t *body, bool point_to_point)
{
    memcpy(isis->id, body + 1, 6);
    if (point_to_point)
        isis->id[13] = body[11];
    else
        memcpy(isis->id + 6, body + 12, 7);
}

static void read_link_state(struct packet_isis *isis, const uint8_t *body)
{
    memcpy(isis->id, body + 4, 8);
    store_le32(isis->id + 8, load_be32(body + 12));
    isis->checksum = load_be16(body + 16);
}

/* Bytes of the part that depends on the type, as far as it is read here; 0: not known. */
static size_t body_size(uint32_t type)
{
    switch (type) {
    case 15:
    case 16:
        return 19;
    case 17:
        return 12;
    case 18:
    case 20:
        return 18;
    case 24:
    case 25:
    case 26:
    case 27:
        return 9;
    default:
        return 0;
    }
}

enum layer isis_decode(struct cursor *c)
{
    const uint8_t *h = c->at;
    struct packet *p = c->packet;
    if (cursor_captured(c) < ISIS_SIZE)
        return LAYER_DONE;
    uint32_t type = h[4] & 31;
    size_t size = body_size(type);
    if (!size || cursor_captured(c) < ISIS_SIZE + size)
        return LAYER_DONE;
    const uint8_t *body = h + ISIS_SIZE;

    packet_become(p, PACKET_ISIS);
    p->app_bytes = c->wire;
    p->payload = cursor_rest(c);
    struct packet_isis *isis = &p->u.isis;
    memset(isis, 0, sizeof(*isis));
    isis->pdu_type = type;
    isis->version = h[2];
    if (type < 18)
        read_hello(isis, body, type == 17);
    else if (type < 24)
        read_link_state(isis, body);
    else
        memcpy(isis->id, body + 2, 7);
    return LAYER_DONE;
}
