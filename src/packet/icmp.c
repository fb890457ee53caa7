/* SPDX-License-Identifier: Apache-2.0 */
#include "packet/cursor.h"

/*
 * ICMP (RFC 792) and ICMPv6 (RFC 4443).
 *
 *    0      1      2          4                        8
 *   +------+------+----------+------------------------+-----
 *   | type | code | checksum | id, sequence; or else: | an error's quoted datagram,
 *   |      |      |          | gateway, MTU, ...      | or what the type says
 *   +------+------+----------+------------------------+-----
 */
enum { ICMP_SIZE = 8, IP4_SIZE = 20 };

bool packet_icmp_is_error(uint8_t type, bool ip6)
{
    if (ip6)
        return type < 128;
    switch (type) {
    case 0:  /* echo reply */
    case 8:  /* echo */
    case 9:  /* router advertisement */
    case 10: /* router solicitation */
    case 13: /* timestamp, information and mask: requests and replies */
    case 14:
    case 15:
    case 16:
    case 17:
    case 18:
        return false;
    default:
        return true;
    }
}

/* Reads what was captured of the header; what is missing counts as zero. False: no type or code. */
static bool read_header(struct cursor *c, bool ip6)
{
    struct packet *p = c->packet;
    struct packet_icmp *icmp = &p->u.icmp;
    size_t captured = cursor_captured(c);
    if (captured < 2)
        return false;
    uint8_t header[ICMP_SIZE] = {0};
    memcpy(header, c->at, captured < ICMP_SIZE ? captured : ICMP_SIZE);
    icmp->type = header[0];
    icmp->code = header[1];
    icmp->checksum = load_be16(header + 2);
    icmp->id = load_be16(header + 4);
    icmp->seq = load_be16(header + 6);
    icmp->rest = load_be32(header + 4);
    icmp->captured = (uint32_t)captured;
    memset(icmp->target, 0, sizeof(icmp->target));
    struct view rest = cursor_rest(c);
    icmp->inner = (struct view){0};
    if (rest.size > ICMP_SIZE && packet_icmp_is_error(icmp->type, ip6))
        icmp->inner = (struct view){rest.data + ICMP_SIZE, rest.size - ICMP_SIZE};
    p->has_upper = true;
    return true;
}

/* Of an error, the application's bytes are those that the quoted datagram says to have. */
enum layer icmp_decode(struct cursor *c)
{
    struct packet *p = c->packet;
    if (!read_header(c, false) || p->u.icmp.inner.size < IP4_SIZE)
        return LAYER_DONE;
    const uint8_t *inner = p->u.icmp.inner.data;
    size_t header = (inner[0] & 15u) * 4, total = load_be16(inner + 2);
    cursor_skip(c, ICMP_SIZE + header);
    c->wire = total > header ? (uint32_t)(total - header) : 0;
    p->app_bytes = c->wire;
    p->payload = cursor_rest(c);
    return LAYER_DONE;
}

enum layer icmp6_decode(struct cursor *c)
{
    enum { SOLICITATION = 135, REDIRECT = 137 }; /* and between them the advertisement */
    struct packet_icmp *icmp = &c->packet->u.icmp;
    if (!read_header(c, true) || cursor_captured(c) < ICMP_SIZE + sizeof(icmp->target))
        return LAYER_DONE;
    if (icmp->type >= SOLICITATION && icmp->type <= REDIRECT)
        memcpy(icmp->target, c->at + ICMP_SIZE, sizeof(icmp->target));
    return LAYER_DONE;
}
