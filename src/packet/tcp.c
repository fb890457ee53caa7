/* SPDX-License-Identifier: Apache-2.0 */
#include "packet/cursor.h"

/*
 * TCP (RFC 9293).
 *
 *    0          2          4     8     12           13      14       16         18       20
 *   +----------+----------+-----+-----+------------+-------+--------+----------+--------+-----
 *   | src port | dst port | seq | ack | offset 4,  | flags | window | checksum | urgent | options
 *   |          |          |     |     | reserved 4 |       |        |          |        |
 *   +----------+----------+-----+-----+------------+-------+--------+----------+--------+-----
 */
enum { TCP_SIZE = 20, PORTS_SIZE = 4 };
enum { OPTION_END = 0, OPTION_NOP = 1, OPTION_WSCALE = 3, OPTION_COUNT = 14 };

static const struct tcp_option {
    uint32_t bit;
    uint8_t size; /* 0: any that has room for itself */
} tcp_options[OPTION_COUNT] = {
    [2] = {TCPOPT_BIT_MSS, 4},        [3] = {TCPOPT_BIT_WSCALE, 3},
    [4] = {TCPOPT_BIT_SACK_OK, 2},    [5] = {TCPOPT_BIT_SACK, 0},
    [6] = {TCPOPT_BIT_ECHO, 6},       [7] = {TCPOPT_BIT_ECHO_REPLY, 6},
    [8] = {TCPOPT_BIT_TIMESTAMP, 10}, [11] = {TCPOPT_BIT_CC, 6},
    [12] = {TCPOPT_BIT_CC_NEW, 6},    [13] = {TCPOPT_BIT_CC_ECHO, 6},
};

/* Options are one byte (0 and 1), or type, length of all, and data. A malformed one ends them. */
static void read_options(struct packet_tcp *tcp, const uint8_t *at, const uint8_t *end)
{
    while (at < end && *at != OPTION_END) {
        if (*at == OPTION_NOP) {
            at++;
            continue;
        }
        if (end - at < 2 || at[1] < 2 || at[1] > end - at)
            break;
        const struct tcp_option *option = *at < OPTION_COUNT ? &tcp_options[*at] : NULL;
        if (option && option->size && at[1] != option->size)
            break;
        if (option)
            tcp->options |= option->bit;
        if (*at == OPTION_WSCALE)
            tcp->window_shift = at[2];
        at += at[1];
    }
}

static void read_header(struct packet_tcp *tcp, const uint8_t *h, size_t options_size)
{
    tcp->seq = load_be32(h + 4);
    tcp->ack = load_be32(h + 8);
    tcp->flags = h[13];
    tcp->window = load_be16(h + 14);
    tcp->options = 0;
    tcp->window_shift = 0;
    if (options_size)
        read_options(tcp, h + TCP_SIZE, h + TCP_SIZE + options_size);
}

/*
 * IPv4 says how long the segment is, and one that cannot hold a header has no ports. A data offset
 * that points into the header or behind the segment is believed for what it is worth. Options that
 * were not captured to their end are not read.
 */
enum layer tcp_decode(struct cursor *c)
{
    const uint8_t *h = c->at;
    struct packet *p = c->packet;
    size_t captured = cursor_captured(c);
    bool whole = c->wire >= TCP_SIZE;
    if (captured >= PORTS_SIZE && (whole || p->kind == PACKET_IP6)) {
        p->src_port = load_be16(h);
        p->dst_port = load_be16(h + 2);
        p->has_ports = true;
    }
    if (captured < TCP_SIZE)
        return LAYER_DONE;
    size_t header = (h[12] >> 4) * 4u;
    if (whole) {
        bool all = header > TCP_SIZE && header <= captured;
        read_header(&p->u.tcp, h, all ? header - TCP_SIZE : 0);
        p->has_tcp = true;
    }
    cursor_skip(c, header);
    p->app_bytes = c->wire;
    p->payload = cursor_rest(c);
    return LAYER_DONE;
}
