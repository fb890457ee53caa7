/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>

#include "base/mem.h"
#include "capture/capture.h"
#include "capture/capture_format.h"

/*
 * pcap: a file header of 24 bytes, then a record for each packet, all in the byte order of the
 * machine that wrote it (draft-ietf-opsawg-pcap).
 *
 *     file    magic 4 | major 2 | minor 2 | 8 unused | snapshot length 4 | flags and link type 4
 *     record  seconds 4 | fraction 4 | captured length 4 | wire length 4 | bytes
 *
 * The magic tells byte order, unit of the fraction and kind of record header. An old patch of
 * Linux's libpcap ("modified", by Kuznetsov) has 8 more bytes in the record header.
 */
enum { FILE_HEADER = 24, RECORD_HEADER = 16, MODIFIED_RECORD_HEADER = 24 };

/* In which order a record header has its two lengths. */
enum length_order {
    CAPTURED_FIRST,
    WIRE_FIRST,    /* before version 2.3, and in DG/UX's version 543.0 */
    SMALLER_FIRST, /* version 2.3 was written either way */
};

struct pcap_reader {
    struct input *in;
    nsec_t fraction_ns;     /* what the fraction of a second counts */
    uint32_t header_size;   /* of a record */
    uint32_t captured_most; /* larger is damage */
    uint16_t link;
    bool big_endian;
    enum length_order length_order;
    uint64_t number; /* of the last frame */
};

struct lengths {
    uint32_t captured, wire;
};

static inline uint32_t load32(const void *at, bool big_endian)
{
    uint32_t value = load_le32(at);
    return big_endian ? __builtin_bswap32(value) : value;
}

/* --- the file header -------------------------------------------------------------------------- */

static const struct magic {
    uint32_t value;
    uint32_t fraction_ns, header_size;
} magics[] = {
    {0xa1b2c3d4, 1000, RECORD_HEADER},
    {0xa1b23c4d, 1, RECORD_HEADER},
    {0xa1b2cd34, 1000, MODIFIED_RECORD_HEADER},
};

static const struct magic *find_magic(const uint8_t *at, bool *ret_big_endian)
{
    for (unsigned i = 0; i < 2 * ARRAY_SIZE(magics); i++) {
        *ret_big_endian = i & 1;
        if (load32(at, *ret_big_endian) == magics[i / 2].value)
            return &magics[i / 2];
    }
    return NULL;
}

static bool pcap_matches(struct view head)
{
    bool big_endian;
    return head.size >= 4 && find_magic(head.data, &big_endian);
}

/* False if the version is none that there is. */
static bool find_length_order(uint32_t major, uint32_t minor, enum length_order *ret)
{
    if (major == 543 && !minor) {
        *ret = WIRE_FIRST;
        return true;
    }
    *ret = minor < 3 ? WIRE_FIRST : minor == 3 ? SMALLER_FIRST : CAPTURED_FIRST;
    return major == 2 && minor <= 4;
}

static uint32_t captured_most(uint32_t snaplen)
{
    if (snaplen < CAPTURE_SNAPLEN_USUAL)
        return CAPTURE_SNAPLEN_USUAL; /* there are writers that put in anything */
    return snaplen < CAPTURE_RECORD_MAX ? snaplen : CAPTURE_RECORD_MAX;
}

static int pcap_open(struct input *in, void **ret_reader, struct error *err)
{
    struct view head;
    if (input_peek(in, FILE_HEADER, &head, err))
        return -1;
    if (head.size < FILE_HEADER)
        return capture_cut(in, "the pcap file header", head.size, FILE_HEADER, err);
    const uint8_t *at = head.data;
    struct pcap_reader reader = {.in = in};
    const struct magic *magic = find_magic(at, &reader.big_endian);
    const uint32_t version = load32(at + 4, reader.big_endian);
    const uint32_t major = reader.big_endian ? version >> 16 : version & 0xffff;
    const uint32_t minor = reader.big_endian ? version & 0xffff : version >> 16;
    if (!find_length_order(major, minor, &reader.length_order))
        return capture_damage(in, 0, err, "pcap version %u.%u, but only 2.0 to 2.4 are known",
                              major, minor);
    reader.fraction_ns = magic->fraction_ns;
    reader.header_size = magic->header_size;
    reader.captured_most = captured_most(load32(at + 16, reader.big_endian));
    /* The upper half holds the length of a frame check sequence, and what was once a class. */
    reader.link = capture_link_type((uint16_t)load32(at + 20, reader.big_endian));
    input_advance(in, FILE_HEADER);
    *ret_reader = mem_alloc(sizeof(reader));
    *(struct pcap_reader *)*ret_reader = reader;
    return 0;
}

/* --- records ---------------------------------------------------------------------------------- */

static inline struct lengths record_lengths(const struct pcap_reader *r, const uint8_t *at)
{
    struct lengths l = {load32(at + 8, r->big_endian), load32(at + 12, r->big_endian)};
    if (unlikely(r->length_order == WIRE_FIRST ||
                 (r->length_order == SMALLER_FIRST && l.captured > l.wire)))
        l = (struct lengths){l.wire, l.captured};
    return l;
}

/* Frames of records that lie wholly in `bytes`. Returns how many bytes they take. */
static size_t take_records(struct pcap_reader *r, struct view bytes, struct frame_batch *ret)
{
    const uint64_t offset = input_offset(r->in);
    const size_t header_size = r->header_size;
    size_t at = 0;
    unsigned count = 0;
    while (count < FRAME_BATCH && bytes.size - at >= header_size) {
        const uint8_t *record = bytes.data + at;
        capture_prefetch(record);
        const struct lengths lengths = record_lengths(r, record);
        if (unlikely(lengths.captured > bytes.size - at - header_size ||
                     lengths.captured > r->captured_most))
            break;
        ret->frames[count++] = (struct frame){
            .data = record + header_size,
            .time = load32(record, r->big_endian) * NSEC_PER_SEC +
                    load32(record + 4, r->big_endian) * r->fraction_ns,
            .captured = lengths.captured,
            .wire = lengths.wire,
            .link = r->link,
            .number = ++r->number,
            .offset = offset + at,
        };
        at += header_size + lengths.captured;
    }
    ret->count = count;
    return at;
}

static int pcap_next(void *reader, struct frame_batch *ret, struct error *err)
{
    struct pcap_reader *r = reader;
    struct view bytes;
    if (input_peek(r->in, r->header_size, &bytes, err))
        return -1;
    if (!bytes.size)
        return CAPTURE_END;
    if (bytes.size < r->header_size)
        return capture_cut(r->in, "a packet header", bytes.size, r->header_size, err);
    const uint32_t captured = record_lengths(r, bytes.data).captured;
    if (captured > r->captured_most)
        return capture_damage(r->in, input_offset(r->in), err,
                              "a packet of %u bytes, but at most %u are possible", captured,
                              r->captured_most);
    const size_t whole = r->header_size + captured;
    if (input_peek(r->in, whole, &bytes, err))
        return -1;
    if (bytes.size < whole)
        return capture_cut(r->in, "a packet record", bytes.size, whole, err);
    input_advance(r->in, take_records(r, bytes, ret));
    return 0;
}

static void pcap_seek(void *reader, const struct frame *frame)
{
    ((struct pcap_reader *)reader)->number = frame->number - 1;
}

const struct capture_format pcap_format = {
    .name = "pcap",
    .head_size = 4,
    .matches = pcap_matches,
    .open = pcap_open,
    .next = pcap_next,
    .seek = pcap_seek,
    .close = free,
};
