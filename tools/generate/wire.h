/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * Wire: frames written header by header, front to back, with right lengths and checksums.
 *
 * A payload may be longer than what is captured: it comes with its checksum, so that only the
 * bytes within the snap length are ever copied. Bulk payloads are slices of one block whose
 * checksums are known beforehand; a full-sized segment then costs no more than an empty one.
 */
enum { FORTH, BACK }; /* direction: of the host that opened the conversation, and the answer */

enum { FRAME_ROOM = 4096, BULK_SIZE = 1 << 16, BULK_SLICE_MAX = 1 << 14 };

/* Where the two hosts are and what is around their packets. Index: FORTH sends from [0]. */
struct ends {
    uint8_t address[2][16]; /* IPv4 in the first four bytes */
    uint8_t mac[2][6];
    uint16_t port[2];
    uint16_t ip_id[2]; /* of the last packet of each side */
    uint8_t ttl[2];
    bool is_ip6;
    bool in_gre;      /* IPv4 and GRE around the packet */
    uint16_t vlan_id; /* 0: untagged */
};

struct payload {
    const uint8_t *data;
    uint32_t size;
    uint32_t sum; /* of its 16-bit words, not folded */
};

struct bulk {
    uint8_t data[BULK_SIZE];
    uint32_t sum[BULK_SIZE / 2 + 1]; /* of the words before this one */
};

/* A frame being written. `size` bytes were written of `wire_size`. */
struct frame_writer {
    uint8_t bytes[FRAME_ROOM];
    uint32_t size, wire_size;
    uint32_t snap; /* payload bytes beyond this are not copied */
};

void bulk_init(struct bulk *bulk, uint64_t seed);

/* A slice of `size` bytes (at most BULK_SLICE_MAX), chosen by `where`. */
struct payload bulk_slice(const struct bulk *bulk, uint32_t size, uint32_t where);

/* Some bytes of one's own; they must live until the frame is written. */
struct payload payload_of(const void *data, uint32_t size);

/* Begins a frame: Ethernet, VLAN tag. `type` is the Ethertype of what follows. */
void wire_ether(struct frame_writer *w, const struct ends *ends, int direction, uint16_t type);

/* Bytes after what was written so far. */
void wire_append(struct frame_writer *w, struct payload payload);

/* The Internet checksum (RFC 1071) over a payload. */
uint16_t wire_checksum(struct payload payload);

struct tcp_segment {
    uint32_t seq, ack;
    uint16_t window;
    uint8_t flags;
    bool timestamps;
    uint32_t clock; /* value of the timestamp option */
};

/* Whole frames. ends->ip_id is counted up where it applies. */
void wire_tcp(struct frame_writer *w, struct ends *ends, int direction,
              const struct tcp_segment *segment, struct payload payload);
void wire_udp(struct frame_writer *w, struct ends *ends, int direction, struct payload payload);

/* `message`: its checksum field (bytes 2 and 3) is filled in; at most 1400 bytes. */
void wire_icmp(struct frame_writer *w, struct ends *ends, int direction, struct payload message);

/* Any other IP protocol, whose bytes are taken as they are. */
void wire_ip(struct frame_writer *w, struct ends *ends, int direction, uint8_t protocol,
             struct payload payload);

/*
 * One fragment of a UDP datagram over IPv4: `payload` bytes at `offset` (a multiple of 8) of the
 * IP payload. The first one (offset 0) gets the UDP header for `datagram_size` bytes.
 */
struct fragment {
    uint32_t offset, datagram_size;
    bool more;
};
void wire_udp_fragment(struct frame_writer *w, const struct ends *ends, int direction,
                       const struct fragment *fragment, struct payload payload);

/* CRC-32C (Castagnoli) as SCTP wants it. */
uint32_t crc32c(const uint8_t *data, size_t size);
