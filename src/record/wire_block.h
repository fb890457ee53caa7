/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdbool.h>
#include <string.h>

#include "base/bytes.h"
#include "record/record.h"

/*
 * Blocks of a flow record on the wire (DSRs): four bytes of header, then a body of whole words.
 * One pair of functions for each type; wire_decode.c and wire_encode.c hold the tables of them.
 */
enum block_type {
    TYPE_PADDING = 0x00,
    TYPE_TRANSPORT = 0x01,
    TYPE_FLOW = 0x02,
    TYPE_TIME = 0x03,
    TYPE_METRIC = 0x10,
    TYPE_PSIZE = 0x12,
    TYPE_ENCAPS = 0x20,
    TYPE_NET = 0x30,
    TYPE_ASN = 0x32,
    TYPE_ICMP = 0x34,
    TYPE_VLAN = 0x40,
    TYPE_MAC = 0x42,
    TYPE_MPLS = 0x44,
    TYPE_JITTER = 0x46,
    TYPE_IPATTR = 0x48,
    TYPE_USER = 0x50,
    TYPE_BEHAVIOR = 0x54,
    TYPE_AGR = 0x60,
    TYPE_COR = 0x62,
    TYPE_COCODE = 0x64,
    TYPE_LABEL = 0x66,
};

struct wire_block {
    uint8_t type, subtype, qualifier;
    struct view body;
};

/* Decoders: false when the body is too short for what its header says. They set the block's bit. */
bool wire_get_transport(const struct wire_block *b, struct record *r);
bool wire_get_flow(const struct wire_block *b, struct record *r);
bool wire_get_time(const struct wire_block *b, struct record *r);
bool wire_get_metric(const struct wire_block *b, struct record *r);
bool wire_get_psize(const struct wire_block *b, struct record *r);
bool wire_get_encaps(const struct wire_block *b, struct record *r);
bool wire_get_net(const struct wire_block *b, struct record *r);
bool wire_get_asn(const struct wire_block *b, struct record *r);
bool wire_get_icmp(const struct wire_block *b, struct record *r);
bool wire_get_vlan(const struct wire_block *b, struct record *r);
bool wire_get_mac(const struct wire_block *b, struct record *r);
bool wire_get_mpls(const struct wire_block *b, struct record *r);
bool wire_get_jitter(const struct wire_block *b, struct record *r);
bool wire_get_ipattr(const struct wire_block *b, struct record *r);
bool wire_get_user(const struct wire_block *b, struct record *r);
bool wire_get_behavior(const struct wire_block *b, struct record *r);
bool wire_get_agr(const struct wire_block *b, struct record *r);
bool wire_get_cor(const struct wire_block *b, struct record *r);
bool wire_get_cocode(const struct wire_block *b, struct record *r);
bool wire_get_label(const struct wire_block *b, struct record *r);

/* The block being written. The buffer has room for any record, see WIRE_RECORD_MAX. */
struct wire_writer {
    uint8_t *at;    /* where the next byte goes */
    uint8_t *block; /* header of the block that is open */
};

/* A byte that is stored might be one of w's own as far as a compiler knows; hence the copies. */
static inline void put8(struct wire_writer *w, uint8_t v)
{
    uint8_t *at = w->at;
    *at = v;
    w->at = at + 1;
}

static inline void put16(struct wire_writer *w, uint16_t v)
{
    uint8_t *at = w->at;
    store_be16(at, v);
    w->at = at + 2;
}

static inline void put32(struct wire_writer *w, uint32_t v)
{
    uint8_t *at = w->at;
    store_be32(at, v);
    w->at = at + 4;
}

static inline void put64(struct wire_writer *w, uint64_t v)
{
    uint8_t *at = w->at;
    store_be64(at, v);
    w->at = at + 8;
}

/* The places where the reference programs forget to convert, see doc/argus-format.md. */
static inline void put16_le(struct wire_writer *w, uint16_t v)
{
    put16(w, __builtin_bswap16(v));
}

static inline void put32_le(struct wire_writer *w, uint32_t v)
{
    put32(w, __builtin_bswap32(v));
}

static inline void put_bytes(struct wire_writer *w, const void *bytes, size_t size)
{
    uint8_t *at = w->at;
    memcpy(at, bytes, size);
    w->at = at + size;
}

static inline void put_zeros(struct wire_writer *w, size_t size)
{
    uint8_t *at = w->at;
    memset(at, 0, size);
    w->at = at + size;
}

static inline void wire_open(struct wire_writer *w, enum block_type type, uint8_t subtype,
                             uint8_t qualifier)
{
    w->block = w->at;
    put32(w, (uint32_t)type << 24 | (uint32_t)subtype << 16 | (uint32_t)qualifier << 8);
}

/* Pads the open block to whole words and says its length. */
static inline void wire_close(struct wire_writer *w)
{
    while ((w->at - w->block) % 4)
        put8(w, 0);
    w->block[3] = (uint8_t)((w->at - w->block) / 4);
}

void wire_put_transport(const struct record *r, struct wire_writer *w);
void wire_put_flow(const struct record *r, struct wire_writer *w);
void wire_put_time(const struct record *r, struct wire_writer *w);
void wire_put_metric(const struct record *r, struct wire_writer *w);
void wire_put_psize(const struct record *r, struct wire_writer *w);
void wire_put_encaps(const struct record *r, struct wire_writer *w);
void wire_put_net(const struct record *r, struct wire_writer *w);
void wire_put_asn(const struct record *r, struct wire_writer *w);
void wire_put_icmp(const struct record *r, struct wire_writer *w);
void wire_put_vlan(const struct record *r, struct wire_writer *w);
void wire_put_mac(const struct record *r, struct wire_writer *w);
void wire_put_mpls(const struct record *r, struct wire_writer *w);
void wire_put_jitter(const struct record *r, struct wire_writer *w);
void wire_put_ipattr(const struct record *r, struct wire_writer *w);
void wire_put_suser(const struct record *r, struct wire_writer *w);
void wire_put_duser(const struct record *r, struct wire_writer *w);
void wire_put_behavior(const struct record *r, struct wire_writer *w);
void wire_put_agr(const struct record *r, struct wire_writer *w);
void wire_put_cor(const struct record *r, struct wire_writer *w);
void wire_put_cocode(const struct record *r, struct wire_writer *w);
void wire_put_label(const struct record *r, struct wire_writer *w);

/* Management records, whole. */
void wire_get_mar(const uint8_t *bytes, struct record_mar *ret);
void wire_put_mar(const struct record *r, uint8_t *bytes);

/* Seconds and microseconds (nanoseconds when `ns`) at `at`, eight bytes. */
nsec_t wire_load_time(const uint8_t *at, bool ns);
void put_time(struct wire_writer *w, nsec_t time);
