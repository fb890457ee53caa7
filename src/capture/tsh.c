/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>

#include "base/mem.h"
#include "capture/capture.h"
#include "capture/capture_format.h"

/*
 * Time sequence headers, the format of NLANR's traces: records of 44 bytes, each a time, the number
 * of an interface, and the first 36 bytes of an IPv4 packet, without its options. Nothing in such a
 * file says what it is.
 */
enum { RECORD = 44, HEADER = 8, CAPTURED = RECORD - HEADER, LINKTYPE_IPV4 = 228 };

struct tsh_reader {
    struct input *in;
    uint64_t number;
};

static bool tsh_matches(struct view head)
{
    (void)head;
    return false;
}

static int tsh_open(struct input *in, void **ret_reader, struct error *err)
{
    (void)err;
    struct tsh_reader *r = mem_zalloc(sizeof(*r));
    r->in = in;
    *ret_reader = r;
    return 0;
}

static struct frame make_frame(struct tsh_reader *r, const uint8_t *record, uint64_t offset)
{
    const uint32_t microseconds = load_be32(record + 4) & 0xffffff;
    const uint16_t length = load_be16(record + HEADER + 2);
    return (struct frame){
        .data = record + HEADER,
        .time = load_be32(record) * NSEC_PER_SEC + microseconds * NSEC_PER_USEC,
        .captured = length && length < CAPTURED ? length : CAPTURED,
        .wire = length,
        .link = LINKTYPE_IPV4,
        .number = ++r->number,
        .offset = offset,
    };
}

static int tsh_next(void *reader, struct frame_batch *ret, struct error *err)
{
    struct tsh_reader *r = reader;
    struct view bytes;
    if (input_peek(r->in, RECORD, &bytes, err))
        return -1;
    if (!bytes.size)
        return CAPTURE_END;
    if (bytes.size < RECORD)
        return capture_cut(r->in, "a time sequence header", bytes.size, RECORD, err);
    const uint64_t offset = input_offset(r->in);
    size_t at = 0;
    for (ret->count = 0; ret->count < FRAME_BATCH && bytes.size - at >= RECORD; at += RECORD)
        ret->frames[ret->count++] = make_frame(r, bytes.data + at, offset + at);
    input_advance(r->in, at);
    return 0;
}

static void tsh_seek(void *reader, const struct frame *frame)
{
    ((struct tsh_reader *)reader)->number = frame->number - 1;
}

const struct capture_format tsh_format = {
    .name = "TSH",
    .matches = tsh_matches,
    .open = tsh_open,
    .next = tsh_next,
    .seek = tsh_seek,
    .close = free,
};
