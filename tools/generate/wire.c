/* SPDX-License-Identifier: Apache-2.0 */
#include "wire.h"

#include <string.h>

#include "base/bytes.h"
#include "base/check.h"
#include "random.h"

enum { ETHER_IP4 = 0x0800, ETHER_IP6 = 0x86dd, ETHER_VLAN = 0x8100 };
enum { IP_ICMP = 1, IP_TCP = 6, IP_UDP = 17, IP_GRE = 47, IP_ICMP6 = 58 };
enum { IP4_HEADER = 20, IP6_HEADER = 40, UDP_HEADER = 8, GRE_HEADER = 4 };
enum { SYN = 2 };

static const uint8_t TUNNEL_ENDS[2][4] = {{192, 0, 2, 1}, {192, 0, 2, 2}};

/* The sum of 16-bit words; an odd last byte counts as the upper half of a word. */
static uint32_t sum_of(const uint8_t *data, size_t size)
{
    uint32_t sum = 0;
    for (size_t i = 0; i + 1 < size; i += 2)
        sum += load_be16(data + i);
    return size % 2 ? sum + ((uint32_t)data[size - 1] << 8) : sum;
}

/* RFC 1071: the checksum field for a sum. */
static uint16_t fold(uint64_t sum)
{
    while (sum >> 16)
        sum = (sum & 0xffff) + (sum >> 16);
    return (uint16_t)~sum;
}

uint16_t wire_checksum(struct payload payload)
{
    return fold(payload.sum);
}

void bulk_init(struct bulk *bulk, uint64_t seed)
{
    struct rng rng;
    rng_init(&rng, seed, 0);
    for (size_t i = 0; i < BULK_SIZE; i += 8)
        store_be64(bulk->data + i, rng_next(&rng));
    bulk->sum[0] = 0;
    for (size_t i = 0; i < BULK_SIZE / 2; i++)
        bulk->sum[i + 1] = bulk->sum[i] + load_be16(bulk->data + 2 * i);
}

struct payload bulk_slice(const struct bulk *bulk, uint32_t size, uint32_t where)
{
    check(size <= BULK_SLICE_MAX);
    uint32_t word = where % ((BULK_SIZE - BULK_SLICE_MAX) / 2), words = size / 2;
    struct payload p = {.data = bulk->data + 2 * word, .size = size};
    p.sum = bulk->sum[word + words] - bulk->sum[word];
    if (size % 2)
        p.sum += (uint32_t)p.data[size - 1] << 8;
    return p;
}

struct payload payload_of(const void *data, uint32_t size)
{
    return (struct payload){.data = data, .size = size, .sum = sum_of(data, size)};
}

/* Room for a header, cleared. */
static uint8_t *room(struct frame_writer *w, uint32_t size)
{
    check(w->size == w->wire_size && w->size + size <= FRAME_ROOM);
    uint8_t *at = w->bytes + w->size;
    memset(at, 0, size);
    w->size += size;
    w->wire_size += size;
    return at;
}

void wire_append(struct frame_writer *w, struct payload payload)
{
    uint32_t space = w->snap > w->size ? w->snap - w->size : 0;
    uint32_t copied = payload.size < space ? payload.size : space;
    check(w->size + copied <= FRAME_ROOM);
    memcpy(w->bytes + w->size, payload.data, copied);
    w->size += copied;
    w->wire_size += payload.size;
}

void wire_ether(struct frame_writer *w, const struct ends *ends, int direction, uint16_t type)
{
    w->size = w->wire_size = 0;
    uint8_t *at = room(w, 14);
    memcpy(at, ends->mac[!direction], 6);
    memcpy(at + 6, ends->mac[direction], 6);
    store_be16(at + 12, type);
    if (!ends->vlan_id)
        return;
    store_be16(at + 12, ETHER_VLAN);
    at = room(w, 4);
    store_be16(at, ends->vlan_id);
    store_be16(at + 2, type);
}

static void put_ip4(struct frame_writer *w, const uint8_t *from, const uint8_t *to,
                    uint8_t protocol, uint32_t size)
{
    uint8_t *at = room(w, IP4_HEADER);
    at[0] = 0x45;
    store_be16(at + 2, (uint16_t)(IP4_HEADER + size));
    at[8] = 64;
    at[9] = protocol;
    memcpy(at + 12, from, 4);
    memcpy(at + 16, to, 4);
    store_be16(at + 10, fold(sum_of(at, IP4_HEADER)));
}

static uint32_t ip_header_size(const struct ends *ends)
{
    return ends->is_ip6 ? IP6_HEADER : IP4_HEADER;
}

/*
 * Writes everything before the upper header: link, tunnel, IP. `size` is that of the IP payload.
 * Returns the sum of the pseudo header, which is the same for both versions of IP.
 */
static uint32_t put_ip(struct frame_writer *w, const struct ends *ends, int direction,
                       uint8_t protocol, uint32_t size, uint16_t fragment_field)
{
    uint16_t type = ends->is_ip6 ? ETHER_IP6 : ETHER_IP4;
    wire_ether(w, ends, direction, ends->in_gre ? ETHER_IP4 : type);
    if (ends->in_gre) {
        put_ip4(w, TUNNEL_ENDS[direction], TUNNEL_ENDS[!direction], IP_GRE,
                GRE_HEADER + ip_header_size(ends) + size);
        store_be16(room(w, GRE_HEADER) + 2, type);
    }
    uint32_t length = ends->is_ip6 ? 16 : 4;
    const uint8_t *from = ends->address[direction], *to = ends->address[!direction];
    if (ends->is_ip6) {
        uint8_t *at = room(w, IP6_HEADER);
        at[0] = 0x60;
        store_be16(at + 4, (uint16_t)size);
        at[6] = protocol;
        at[7] = ends->ttl[direction];
        memcpy(at + 8, from, 16);
        memcpy(at + 24, to, 16);
    } else {
        put_ip4(w, from, to, protocol, size);
        uint8_t *at = w->bytes + w->size - IP4_HEADER;
        store_be16(at + 4, ends->ip_id[direction]);
        store_be16(at + 6, fragment_field);
        at[8] = ends->ttl[direction];
        store_be16(at + 10, 0);
        store_be16(at + 10, fold(sum_of(at, IP4_HEADER)));
    }
    return sum_of(from, length) + sum_of(to, length) + protocol + size;
}

/* The options of RFC 7323 and 2018, as a present-day host sends them; returns the size. */
static uint32_t put_tcp_options(uint8_t *at, const struct tcp_segment *segment)
{
    static const uint8_t SYN_OPTIONS[] = {2, 4, 5, 0xb4, 4, 2, 1, 3, 3, 7, 1, 1};
    uint32_t size = 0;
    if (segment->flags & SYN) {
        memcpy(at, SYN_OPTIONS, sizeof(SYN_OPTIONS));
        size = sizeof(SYN_OPTIONS);
    }
    if (segment->timestamps) {
        static const uint8_t TIMESTAMP[] = {1, 1, 8, 10};
        memcpy(at + size, TIMESTAMP, sizeof(TIMESTAMP));
        store_be32(at + size + 4, segment->clock);
        store_be32(at + size + 8, segment->clock / 2);
        size += 12;
    }
    return size;
}

void wire_tcp(struct frame_writer *w, struct ends *ends, int direction,
              const struct tcp_segment *segment, struct payload payload)
{
    uint8_t header[60] = {0};
    uint32_t size = 20 + put_tcp_options(header + 20, segment);
    store_be16(header, ends->port[direction]);
    store_be16(header + 2, ends->port[!direction]);
    store_be32(header + 4, segment->seq);
    store_be32(header + 8, segment->ack);
    header[12] = (uint8_t)(size / 4 << 4);
    header[13] = segment->flags;
    store_be16(header + 14, segment->window);

    ends->ip_id[direction]++;
    uint32_t sum = put_ip(w, ends, direction, IP_TCP, size + payload.size, 0x4000);
    store_be16(header + 16, fold((uint64_t)sum + sum_of(header, size) + payload.sum));
    memcpy(room(w, size), header, size);
    wire_append(w, payload);
}

void wire_udp(struct frame_writer *w, struct ends *ends, int direction, struct payload payload)
{
    ends->ip_id[direction]++;
    uint32_t size = UDP_HEADER + payload.size;
    uint32_t sum = put_ip(w, ends, direction, IP_UDP, size, 0);
    uint8_t *at = room(w, UDP_HEADER);
    store_be16(at, ends->port[direction]);
    store_be16(at + 2, ends->port[!direction]);
    store_be16(at + 4, (uint16_t)size);
    uint16_t checksum = fold((uint64_t)sum + sum_of(at, UDP_HEADER) + payload.sum);
    store_be16(at + 6, checksum ? checksum : 0xffff);
    wire_append(w, payload);
}

void wire_icmp(struct frame_writer *w, struct ends *ends, int direction, struct payload message)
{
    uint8_t protocol = ends->is_ip6 ? IP_ICMP6 : IP_ICMP;
    ends->ip_id[direction]++;
    uint64_t sum = put_ip(w, ends, direction, protocol, message.size, 0);
    uint8_t *at = room(w, 4);
    memcpy(at, message.data, 2);
    /* The pseudo header is part of the checksum in ICMPv6 only. */
    store_be16(at + 2, fold((ends->is_ip6 ? sum : 0) + message.sum));
    wire_append(w, (struct payload){.data = message.data + 4, .size = message.size - 4});
}

void wire_ip(struct frame_writer *w, struct ends *ends, int direction, uint8_t protocol,
             struct payload payload)
{
    ends->ip_id[direction]++;
    put_ip(w, ends, direction, protocol, payload.size, 0);
    wire_append(w, payload);
}

void wire_udp_fragment(struct frame_writer *w, const struct ends *ends, int direction,
                       const struct fragment *fragment, struct payload payload)
{
    uint16_t field = (uint16_t)(fragment->offset / 8 | (fragment->more ? 0x2000 : 0));
    uint32_t header = fragment->offset ? 0 : UDP_HEADER;
    put_ip(w, ends, direction, IP_UDP, header + payload.size, field);
    if (header) {
        uint8_t *at = room(w, UDP_HEADER);
        store_be16(at, ends->port[direction]);
        store_be16(at + 2, ends->port[!direction]);
        /* RFC 768: a checksum of zero says that the sender made none. */
        store_be16(at + 4, (uint16_t)(UDP_HEADER + fragment->datagram_size));
    }
    wire_append(w, payload);
}

uint32_t crc32c(const uint8_t *data, size_t size)
{
    uint32_t crc = UINT32_MAX;
    for (size_t i = 0; i < size; i++) {
        crc ^= data[i];
        for (int bit = 0; bit < 8; bit++)
            crc = crc >> 1 ^ (crc & 1 ? 0x82f63b78 : 0);
    }
    return ~crc;
}
