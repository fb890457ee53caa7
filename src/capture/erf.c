/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>

#include "base/mem.h"
#include "capture/capture.h"
#include "capture/capture_format.h"

/*
 * ERF, the extensible record format of Endace's DAG cards: records without a file header.
 *
 *     time 8 | type 1 | flags 1 | record length 2 | losses or colour 2 | wire length 2
 *     extension headers of 8 each, while the highest bit of the type, then of their first byte, is
 *     set | a few bytes that depend on the type | the packet | padding
 *
 * The time counts 2^-32 s, least significant byte first; everything else is big-endian. The wire
 * length counts the frame check sequence, as the card does.
 */
enum { RECORD_HEADER = 16, EXTENSION = 8, MORE = 0x80 };

enum { LINKTYPE_ETHERNET = 1, LINKTYPE_PPP_HDLC = 50, LINKTYPE_ATM_RFC1483 = 100 };
enum { LINKTYPE_RAW = 101, LINKTYPE_C_HDLC = 104, LINKTYPE_ERF = 197 };

/* What a type of record holds. Packets of other types are handed on whole, as LINKTYPE_ERF. */
static const struct type {
    uint8_t type;
    uint8_t skip; /* bytes in front of the packet */
    enum { PACKET, NO_PACKET, PADDING } holds;
    uint16_t link;
} types[] = {
    {2, 2, PACKET, LINKTYPE_ETHERNET},    /* ETH */
    {11, 2, PACKET, LINKTYPE_ETHERNET},   /* COLOR_ETH */
    {16, 2, PACKET, LINKTYPE_ETHERNET},   /* DSM_COLOR_ETH */
    {20, 2, PACKET, LINKTYPE_ETHERNET},   /* COLOR_HASH_ETH */
    {1, 0, PACKET, LINKTYPE_C_HDLC},      /* HDLC_POS */
    {10, 0, PACKET, LINKTYPE_C_HDLC},     /* COLOR_HDLC_POS */
    {15, 0, PACKET, LINKTYPE_C_HDLC},     /* DSM_COLOR_HDLC_POS */
    {19, 0, PACKET, LINKTYPE_C_HDLC},     /* COLOR_HASH_POS */
    {5, 4, PACKET, LINKTYPE_C_HDLC},      /* MC_HDLC */
    {17, 4, PACKET, LINKTYPE_C_HDLC},     /* COLOR_MC_HDLC_POS */
    {4, 4, PACKET, LINKTYPE_ATM_RFC1483}, /* AAL5, behind the ATM header */
    {9, 8, PACKET, LINKTYPE_ATM_RFC1483}, /* MC_AAL5 */
    {22, 0, PACKET, LINKTYPE_RAW},        /* IPV4 */
    {23, 0, PACKET, LINKTYPE_RAW},        /* IPV6 */
    {27, 0, NO_PACKET, 0},                /* META */
    {48, 0, PADDING, 0},                  /* PAD */
};

static const struct type unknown_type = {0, 0, PACKET, LINKTYPE_ERF};

struct record {
    const struct type *type;
    uint32_t size;    /* in all */
    uint32_t headers; /* of these, in front of what the type is about */
    uint32_t wire;
    nsec_t time;
};

struct erf_reader {
    struct input *in;
    uint64_t number; /* of the last record that counts as a frame */
};

static const struct type *find_type(uint8_t type)
{
    for (size_t i = 0; i < ARRAY_SIZE(types); i++) {
        if (types[i].type == (type & ~MORE))
            return &types[i];
    }
    return &unknown_type;
}

/* To the nearest nanosecond. */
static nsec_t time_of(uint64_t stamp)
{
    const uint64_t fraction = (stamp & UINT32_MAX) * NSEC_PER_SEC;
    return (nsec_t)(stamp >> 32) * NSEC_PER_SEC + (nsec_t)((fraction + (UINT64_C(1) << 31)) >> 32);
}

/* Reads a record's header; its extensions need not be at hand. */
static void read_header(const uint8_t *at, struct record *ret)
{
    ret->type = find_type(at[8]);
    ret->size = load_be16(at + 10);
    ret->headers = RECORD_HEADER;
    ret->wire = load_be16(at + 14);
    ret->time = time_of(load_le64(at));
}

/* Adds the extensions of a whole record. False if they go on behind its end. */
static bool read_extensions(const uint8_t *at, struct record *record)
{
    bool more = at[8] & MORE;
    while (more && record->headers + EXTENSION <= record->size) {
        more = at[record->headers] & MORE;
        record->headers += EXTENSION;
    }
    return !more;
}

/* --- telling the format ----------------------------------------------------------------------- */

enum {
    LOOK_RECORDS = 3, /* that a file must have to be taken for ERF, if it has as many */
    LOOK_SIZE = LOOK_RECORDS * UINT16_MAX,
    TYPES_END = 28, /* those up to here are in use, and that of padding */
    TYPE_PADDING = 48,
};

static const nsec_t LOOK_TIME = 24 * 3600 * NSEC_PER_SEC; /* between one record and the next */

static bool is_plausible(const uint8_t *at, const struct record *record, const struct record *last)
{
    const uint8_t type = at[8] & ~MORE;
    if (!type || (type >= TYPES_END && (type != TYPE_PADDING || !last->size)))
        return false;
    if (record->size < RECORD_HEADER)
        return false;
    const nsec_t step = record->time - last->time;
    return !last->size || (step < LOOK_TIME && step > -LOOK_TIME);
}

/* There is no magic: the first records must be like records, and follow each other. */
static bool erf_matches(struct view head)
{
    struct record record, last = {0};
    size_t at = 0;
    unsigned seen = 0;
    while (seen < LOOK_RECORDS && at < head.size && head.size - at >= RECORD_HEADER) {
        read_header(head.data + at, &record);
        if (!is_plausible(head.data + at, &record, &last))
            return false;
        at += record.size;
        last = record;
        seen++;
    }
    return seen > 1 || (seen && at == head.size);
}

static int erf_open(struct input *in, void **ret_reader, struct error *err)
{
    (void)err;
    struct erf_reader *r = mem_zalloc(sizeof(*r));
    r->in = in;
    *ret_reader = r;
    return 0;
}

/* --- records ---------------------------------------------------------------------------------- */

static uint16_t link_of(const struct record *record, const uint8_t *packet, uint32_t captured)
{
    const bool is_ppp = captured >= 2 && packet[0] == 0xff && packet[1] == 0x03;
    if (record->type->link == LINKTYPE_C_HDLC && is_ppp)
        return LINKTYPE_PPP_HDLC; /* the card does not know which of them is on the line */
    return record->type->link;
}

static void fill_frame(const struct record *record, const uint8_t *at, struct frame *ret)
{
    uint32_t skip = record->headers + record->type->skip;
    if (record->type == &unknown_type)
        skip = 0;
    if (skip > record->size)
        skip = record->size;
    ret->data = at + skip;
    ret->captured = record->size - skip;
    ret->wire = record->wire;
    if (record->type != &unknown_type && ret->captured > ret->wire)
        ret->captured = ret->wire; /* the rest is padding */
    ret->time = record->time;
    ret->link = link_of(record, ret->data, ret->captured);
}

/*
 * Frames of records that lie wholly in `bytes`; *ret_used bytes in front of one that is damaged or
 * not at hand. Padding is no frame, and other records without a packet only count as one, as
 * Wireshark has it.
 */
static const char *take_records(struct erf_reader *r, struct view bytes, size_t *ret_used,
                                struct frame_batch *ret)
{
    const uint64_t offset = input_offset(r->in);
    const char *wrong = NULL;
    size_t at = 0;
    while (ret->count < FRAME_BATCH && bytes.size - at >= RECORD_HEADER) {
        const uint8_t *start = bytes.data + at;
        struct record record;
        capture_prefetch(start);
        read_header(start, &record);
        if (record.size < RECORD_HEADER)
            wrong = "a record length below 16";
        if (wrong || record.size > bytes.size - at)
            break;
        if (!read_extensions(start, &record)) {
            wrong = "extension headers that are longer than their record";
            break;
        }
        r->number += record.type->holds != PADDING;
        if (record.type->holds == PACKET) {
            struct frame *frame = &ret->frames[ret->count++];
            *frame = (struct frame){.number = r->number, .offset = offset + at};
            fill_frame(&record, start, frame);
        }
        at += record.size;
    }
    *ret_used = at;
    return wrong;
}

static int erf_next(void *reader, struct frame_batch *ret, struct error *err)
{
    struct erf_reader *r = reader;
    ret->count = 0;
    while (!ret->count) {
        struct view bytes;
        if (input_peek(r->in, RECORD_HEADER, &bytes, err))
            return -1;
        if (!bytes.size)
            return CAPTURE_END;
        if (bytes.size < RECORD_HEADER)
            return capture_cut(r->in, "a packet header", bytes.size, RECORD_HEADER, err);
        const size_t whole = load_be16(bytes.data + 10);
        if (input_peek(r->in, whole, &bytes, err))
            return -1;
        if (bytes.size < whole)
            return capture_cut(r->in, "a packet record", bytes.size, whole, err);
        size_t used;
        const char *wrong = take_records(r, bytes, &used, ret);
        input_advance(r->in, used);
        if (wrong && !ret->count)
            return capture_damage(r->in, input_offset(r->in), err, "%s", wrong);
    }
    return 0;
}

static void erf_seek(void *reader, const struct frame *frame)
{
    ((struct erf_reader *)reader)->number = frame->number - 1;
}

const struct capture_format erf_format = {
    .name = "ERF",
    .head_size = LOOK_SIZE,
    .matches = erf_matches,
    .open = erf_open,
    .next = erf_next,
    .seek = erf_seek,
    .close = free,
};
