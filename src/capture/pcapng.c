/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>

#include "base/check.h"
#include "base/mem.h"
#include "capture/capture.h"
#include "capture/capture_format.h"
#include "capture/pcapng_interface.h"

/*
 * pcapng: a chain of blocks (draft-ietf-opsawg-pcapng).
 *
 *     block  type 4 | length of all 4 | body, padded to 4 | length of all 4
 *
 * A section header block says in which byte order its section is. Interface description blocks of
 * the section are numbered from 0, and the packet blocks say by number which they belong to. The
 * types of block that are not in the table here are passed over.
 */
enum {
    BLOCK_HEADER = 8,
    BLOCK_TRAILER = 4,
    BLOCK_MIN = BLOCK_HEADER + BLOCK_TRAILER,
    SECTION_TYPE = 0x0a0d0d0a, /* the same in either byte order */
    SECTION_MAGIC = 0x1a2b3c4d,
    SECTION_MAGIC_SIZE = 4,
    INTERFACES_MAX = 65536, /* a bound of ours; no machine has more */
    STAMPED_FIXED = 20,     /* what stands in front of a packet's bytes */
    SIMPLE_FIXED = 4,
};

struct pcapng_reader {
    struct input *in;
    bool big_endian; /* the section that is being read */
    struct pcapng_interface *interfaces;
    size_t count, capacity;
    uint32_t setup;   /* sections and interfaces that were read */
    nsec_t last_time; /* of the last packet that had one */
    uint64_t number;  /* of the last frame */
};

static const char no_interface[] = "a packet of an interface that is not described";
static const char other_length[] = "a block whose two lengths differ";
static const char longer_than_block[] = "a packet that is longer than its block";

static inline uint32_t load32(const struct pcapng_reader *r, const void *at)
{
    return r->big_endian ? load_be32(at) : load_le32(at);
}

static inline uint64_t load_stamp(const struct pcapng_reader *r, const uint8_t *at)
{
    return (uint64_t)load32(r, at) << 32 | load32(r, at + 4);
}

/* --- the kinds of block ----------------------------------------------------------------------- */

/* Each returns NULL, or what is wrong with the block; those of packets fill in the frame. */

static const char *read_section(struct pcapng_reader *r, struct view body, struct frame *ret)
{
    (void)ret;
    const uint8_t *at = body.data + SECTION_MAGIC_SIZE;
    const uint16_t major = r->big_endian ? load_be16(at) : load_le16(at);
    const uint16_t minor = r->big_endian ? load_be16(at + 2) : load_le16(at + 2);
    if (major != 1 || (minor != 0 && minor != 2))
        return "a version of pcapng that is neither 1.0 nor 1.2";
    r->count = 0;
    return NULL;
}

static const char *read_interface(struct pcapng_reader *r, struct view body, struct frame *ret)
{
    (void)ret;
    if (r->count == INTERFACES_MAX)
        return "more than 65536 interfaces";
    r->interfaces = mem_grow(r->interfaces, &r->capacity, r->count + 1, sizeof(*r->interfaces));
    const char *wrong = pcapng_interface_read(&r->interfaces[r->count], body, r->big_endian);
    r->count += !wrong;
    return wrong;
}

/* The parts that enhanced and obsolete packet blocks share; in front stands the interface. */
static inline const char *read_stamped_packet(struct pcapng_reader *r, size_t interface,
                                              struct view body, struct frame *ret)
{
    if (unlikely(interface >= r->count))
        return no_interface;
    ret->data = body.data + STAMPED_FIXED;
    ret->captured = load32(r, body.data + 12);
    ret->wire = load32(r, body.data + 16);
    if (unlikely(ret->captured > body.size - STAMPED_FIXED))
        return longer_than_block;
    ret->link = r->interfaces[interface].link;
    ret->time = pcapng_interface_time(&r->interfaces[interface], load_stamp(r, body.data + 4));
    return NULL;
}

static const char *read_enhanced_packet(struct pcapng_reader *r, struct view body,
                                        struct frame *ret)
{
    return read_stamped_packet(r, load32(r, body.data), body, ret);
}

static const char *read_obsolete_packet(struct pcapng_reader *r, struct view body,
                                        struct frame *ret)
{
    return read_stamped_packet(r, r->big_endian ? load_be16(body.data) : load_le16(body.data), body,
                               ret);
}

/* It has no time: that of the packet before will do. */
static const char *read_simple_packet(struct pcapng_reader *r, struct view body, struct frame *ret)
{
    if (!r->count)
        return no_interface;
    const uint32_t snaplen = r->interfaces[0].snaplen;
    ret->captured = ret->wire = load32(r, body.data);
    if (snaplen && ret->captured > snaplen)
        ret->captured = snaplen;
    if (ret->captured > body.size - SIMPLE_FIXED)
        return longer_than_block;
    ret->data = body.data + SIMPLE_FIXED;
    ret->link = r->interfaces[0].link;
    ret->time = r->last_time;
    return NULL;
}

static const struct kind {
    uint32_t type;
    uint32_t body_min;
    bool is_packet;
    const char *(*read)(struct pcapng_reader *r, struct view body, struct frame *ret);
} kinds[] = {
    {6, STAMPED_FIXED, true, read_enhanced_packet}, /* first, because most blocks are these */
    {3, SIMPLE_FIXED, true, read_simple_packet},
    {2, STAMPED_FIXED, true, read_obsolete_packet},
    {1, 8, false, read_interface},
    {SECTION_TYPE, 16, false, read_section},
};

static const struct kind *find_kind(uint32_t type)
{
    for (size_t i = 0; i < ARRAY_SIZE(kinds); i++) {
        if (kinds[i].type == type)
            return &kinds[i];
    }
    return NULL;
}

/* --- the chain of blocks ---------------------------------------------------------------------- */

/* The length of the block that `bytes` begins with, at least BLOCK_MIN of it. */
static const char *read_length(struct pcapng_reader *r, struct view bytes, uint32_t *ret)
{
    const uint32_t type = load32(r, bytes.data);
    if (unlikely(type == SECTION_TYPE)) {
        const uint8_t *magic = bytes.data + BLOCK_HEADER;
        r->big_endian = load_be32(magic) == SECTION_MAGIC;
        if (load32(r, magic) != SECTION_MAGIC)
            return "a section header without its byte-order magic";
    }
    *ret = load32(r, bytes.data + 4);
    if (unlikely(*ret < BLOCK_MIN || *ret % 4))
        return "a block length that is below 12 or no multiple of 4";
    if (unlikely(*ret > CAPTURE_RECORD_MAX && find_kind(type)))
        return "a block that is longer than 16 MiB";
    return NULL;
}

static const char *take_block(struct pcapng_reader *r, struct view block, uint64_t offset,
                              struct frame_batch *ret)
{
    const struct kind *kind = find_kind(load32(r, block.data));
    const uint8_t *trailer = block.data + block.size - BLOCK_TRAILER;
    if (unlikely(load32(r, trailer) != block.size))
        return other_length;
    if (!kind)
        return NULL;
    const struct view body = {block.data + BLOCK_HEADER, block.size - BLOCK_MIN};
    if (unlikely(body.size < kind->body_min))
        return "a block that is shorter than its kind must be";
    struct frame *frame = &ret->frames[ret->count];
    if (kind->is_packet)
        *frame = (struct frame){.number = r->number + 1, .offset = offset, .setup = r->setup};
    else
        r->setup++;
    const char *wrong = kind->read(r, body, frame);
    if (kind->is_packet && !wrong) {
        r->last_time = frame->time;
        r->number++;
        ret->count++;
    }
    return wrong;
}

/* Frames of blocks that lie wholly in `bytes`; *ret_used bytes in front of what is wrong. */
static const char *take_blocks(struct pcapng_reader *r, struct view bytes, size_t *ret_used,
                               struct frame_batch *ret)
{
    const uint64_t offset = input_offset(r->in);
    const char *wrong = NULL;
    size_t at = 0;
    while (ret->count < FRAME_BATCH && bytes.size - at >= BLOCK_MIN) {
        uint32_t length;
        capture_prefetch(bytes.data + at);
        wrong = read_length(r, (struct view){bytes.data + at, bytes.size - at}, &length);
        if (wrong || length > bytes.size - at)
            break;
        wrong = take_block(r, (struct view){bytes.data + at, length}, offset + at, ret);
        if (wrong)
            break;
        at += length;
    }
    *ret_used = at;
    return wrong;
}

/* Passes over a block that nobody wants, of any length, without holding it. */
static int skip_block(struct pcapng_reader *r, uint32_t length, struct error *err)
{
    const uint64_t offset = input_offset(r->in);
    uint32_t left = length;
    struct view bytes;
    while (left) {
        const uint32_t want = left <= BLOCK_TRAILER ? left : 1;
        if (input_peek(r->in, want, &bytes, err))
            return -1;
        if (bytes.size < want)
            return capture_damage(r->in, offset, err,
                                  "ends in the middle of a block (%llu of %u bytes)",
                                  (unsigned long long)(length - left + bytes.size), length);
        if (left == BLOCK_TRAILER && load32(r, bytes.data) != length)
            return capture_damage(r->in, offset, err, "%s", other_length);
        const uint32_t rest = left > BLOCK_TRAILER ? left - BLOCK_TRAILER : left;
        const uint32_t step = bytes.size < rest ? (uint32_t)bytes.size : rest;
        input_advance(r->in, step);
        left -= step;
    }
    return 0;
}

/* At least one whole block at the read position; 0, CAPTURE_END or -1. */
static int wait_for_block(struct pcapng_reader *r, struct view *ret, struct error *err)
{
    for (;;) {
        uint32_t length;
        if (input_peek(r->in, BLOCK_MIN, ret, err))
            return -1;
        if (!ret->size)
            return CAPTURE_END;
        if (ret->size < BLOCK_MIN)
            return capture_cut(r->in, "a block header", ret->size, BLOCK_MIN, err);
        const char *wrong = read_length(r, *ret, &length);
        if (wrong)
            return capture_damage(r->in, input_offset(r->in), err, "%s", wrong);
        if (length <= ret->size)
            return 0;
        if (find_kind(load32(r, ret->data))) {
            if (input_peek(r->in, length, ret, err))
                return -1;
            return length <= ret->size ? 0 : capture_cut(r->in, "a block", ret->size, length, err);
        }
        if (skip_block(r, length, err))
            return -1;
    }
}

static int pcapng_next(void *reader, struct frame_batch *ret, struct error *err)
{
    struct pcapng_reader *r = reader;
    ret->count = 0;
    while (!ret->count) {
        struct view bytes;
        size_t used;
        int result = wait_for_block(r, &bytes, err);
        if (result)
            return result;
        const char *wrong = take_blocks(r, bytes, &used, ret);
        input_advance(r->in, used);
        if (wrong && !ret->count)
            return capture_damage(r->in, input_offset(r->in), err, "%s", wrong);
    }
    return 0;
}

/* --- the file --------------------------------------------------------------------------------- */

static bool pcapng_matches(struct view head)
{
    return head.size >= 4 && load_le32(head.data) == SECTION_TYPE;
}

static void pcapng_seek(void *reader, const struct frame *frame)
{
    struct pcapng_reader *r = reader;
    r->number = frame->number - 1;
    r->last_time = frame->time;
}

static uint32_t pcapng_setup(const void *reader)
{
    return ((const struct pcapng_reader *)reader)->setup;
}

static void pcapng_close(void *reader)
{
    struct pcapng_reader *r = reader;
    free(r->interfaces);
    free(r);
}

/* Reads the first section header, so that what is no pcapng is found at once. */
static int read_first(struct pcapng_reader *r, struct error *err)
{
    struct view bytes;
    uint32_t length;
    struct frame_batch none = {0};
    if (wait_for_block(r, &bytes, err))
        return -1;
    const char *wrong = read_length(r, bytes, &length);
    check(!wrong);
    wrong = take_block(r, (struct view){bytes.data, length}, 0, &none);
    if (wrong)
        return capture_damage(r->in, 0, err, "%s", wrong);
    input_advance(r->in, length);
    return 0;
}

static int pcapng_open(struct input *in, void **ret_reader, struct error *err)
{
    struct pcapng_reader *r = mem_zalloc(sizeof(*r));
    r->in = in;
    if (read_first(r, err)) {
        pcapng_close(r);
        return -1;
    }
    *ret_reader = r;
    return 0;
}

const struct capture_format pcapng_format = {
    .name = "pcapng",
    .head_size = 4,
    .matches = pcapng_matches,
    .open = pcapng_open,
    .next = pcapng_next,
    .seek = pcapng_seek,
    .setup = pcapng_setup,
    .close = pcapng_close,
};
