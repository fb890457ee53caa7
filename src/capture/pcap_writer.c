/* SPDX-License-Identifier: Apache-2.0 */
#include "capture/pcap_writer.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "base/mem.h"
#include "base/output.h"

/*
 * pcap (draft-ietf-opsawg-pcap): a header of 24 bytes, then for each frame seconds, nanoseconds,
 * captured length, wire length, bytes. pcapng (draft-ietf-opsawg-pcapng): one section, an interface
 * for each link type when its first frame comes, an enhanced packet block for each frame. Both are
 * written in little-endian byte order.
 */
enum { SNAPLEN = 256 * 1024, COMMENT_MOST = 65535 };

struct pcap_writer {
    struct output *out;
    bool is_pcapng;
    bool has_header;
    uint16_t *links; /* of the interfaces written so far; of pcap at most one */
    size_t link_count, link_capacity;
};

int pcap_writer_open(struct pcap_writer **ret, const char *path, bool pcapng, struct error *err)
{
    struct output *out;
    if (output_replace(&out, path, err))
        return -1;
    struct pcap_writer *w = mem_zalloc(sizeof(*w));
    w->out = out;
    w->is_pcapng = pcapng;
    *ret = w;
    return 0;
}

static void release(struct pcap_writer *w)
{
    free(w->links);
    free(w);
}

static void add_link(struct pcap_writer *w, uint16_t link)
{
    w->links = mem_grow(w->links, &w->link_capacity, w->link_count + 1, sizeof(*w->links));
    w->links[w->link_count++] = link;
}

/* --- pcap ------------------------------------------------------------------------------------- */

static int put_pcap_header(struct pcap_writer *w, uint16_t link, struct error *err)
{
    uint8_t header[24] = {0};
    store_le32(header, 0xa1b23c4d); /* times in nanoseconds */
    store_le16(header + 4, 2);
    store_le16(header + 6, 4);
    store_le32(header + 16, SNAPLEN);
    store_le32(header + 20, link);
    w->has_header = true;
    return output_write(w->out, header, sizeof(header), err);
}

static int put_pcap_frame(struct pcap_writer *w, const struct frame *frame, struct error *err)
{
    uint8_t header[16];
    int result = 0;
    if (!w->has_header) {
        add_link(w, frame->link);
        result = put_pcap_header(w, frame->link, err);
    }
    if (!result && frame->link != w->links[0])
        return error_set(err,
                         "%s: packets of the link types %u and %u do not go into one pcap file; "
                         "pcapng can have both",
                         output_name(w->out), w->links[0], frame->link);
    store_le32(header, (uint32_t)nsec_seconds(frame->time));
    store_le32(header + 4, (uint32_t)(frame->time - nsec_seconds(frame->time) * NSEC_PER_SEC));
    store_le32(header + 8, frame->captured);
    store_le32(header + 12, frame->wire);
    if (!result)
        result = output_write(w->out, header, sizeof(header), err);
    return result ? result : output_write(w->out, frame->data, frame->captured, err);
}

/* --- pcapng ----------------------------------------------------------------------------------- */

static int put_section(struct pcap_writer *w, struct error *err)
{
    enum { SIZE = 28 };
    uint8_t block[SIZE];
    store_le32(block, 0x0a0d0d0a);
    store_le32(block + 4, SIZE);
    store_le32(block + 8, 0x1a2b3c4d);
    store_le16(block + 12, 1);
    store_le16(block + 14, 0);
    store_le64(block + 16, UINT64_MAX); /* the section's length is not known */
    store_le32(block + 24, SIZE);
    w->has_header = true;
    return output_write(w->out, block, SIZE, err);
}

static int put_interface(struct pcap_writer *w, uint16_t link, struct error *err)
{
    enum { SIZE = 32, OPTION_RESOLUTION = 9, NANOSECONDS = 9 };
    uint8_t block[SIZE] = {0};
    store_le32(block, 1);
    store_le32(block + 4, SIZE);
    store_le16(block + 8, link);
    store_le32(block + 12, SNAPLEN);
    store_le16(block + 16, OPTION_RESOLUTION);
    store_le16(block + 18, 1);
    block[20] = NANOSECONDS;
    store_le32(block + 28, SIZE); /* behind the end of the options, which is of zeros */
    add_link(w, link);
    return output_write(w->out, block, SIZE, err);
}

static int find_interface(struct pcap_writer *w, uint16_t link, uint32_t *ret, struct error *err)
{
    for (*ret = 0; *ret < w->link_count; ++*ret)
        if (w->links[*ret] == link)
            return 0;
    return put_interface(w, link, err);
}

static uint32_t padded(uint32_t size)
{
    return (size + 3) & ~3u;
}

static int put_padded(struct pcap_writer *w, const void *bytes, uint32_t size, struct error *err)
{
    static const uint8_t zeros[4];
    int result = output_write(w->out, bytes, size, err);
    return result ? result : output_write(w->out, zeros, padded(size) - size, err);
}

/* The option with the comment, and the end of the options. */
static int put_comment(struct pcap_writer *w, const char *comment, uint32_t size, struct error *err)
{
    enum { OPTION_COMMENT = 1 };
    static const uint8_t end[4];
    uint8_t header[4];
    store_le16(header, OPTION_COMMENT);
    store_le16(header + 2, (uint16_t)size);
    int result = output_write(w->out, header, sizeof(header), err);
    if (!result)
        result = put_padded(w, comment, size, err);
    return result ? result : output_write(w->out, end, sizeof(end), err);
}

static int put_packet(struct pcap_writer *w, const struct frame *frame, uint32_t interface,
                      const char *comment, struct error *err)
{
    enum { AROUND = 32, AROUND_COMMENT = 8 };
    uint8_t header[28], trailer[4];
    size_t length = comment ? strlen(comment) : 0;
    uint32_t comment_size = length > COMMENT_MOST ? COMMENT_MOST : (uint32_t)length;
    uint32_t size = AROUND + padded(frame->captured);
    if (comment)
        size += AROUND_COMMENT + padded(comment_size);
    uint64_t time = (uint64_t)frame->time;
    store_le32(header, 6);
    store_le32(header + 4, size);
    store_le32(header + 8, interface);
    store_le32(header + 12, (uint32_t)(time >> 32));
    store_le32(header + 16, (uint32_t)time);
    store_le32(header + 20, frame->captured);
    store_le32(header + 24, frame->wire);
    store_le32(trailer, size);
    int result = output_write(w->out, header, sizeof(header), err);
    if (!result)
        result = put_padded(w, frame->data, frame->captured, err);
    if (!result && comment)
        result = put_comment(w, comment, comment_size, err);
    return result ? result : output_write(w->out, trailer, sizeof(trailer), err);
}

static int put_pcapng_frame(struct pcap_writer *w, const struct frame *frame, const char *comment,
                            struct error *err)
{
    uint32_t interface = 0;
    int result = w->has_header ? 0 : put_section(w, err);
    if (!result)
        result = find_interface(w, frame->link, &interface, err);
    return result ? result : put_packet(w, frame, interface, comment, err);
}

/* --- both ------------------------------------------------------------------------------------- */

int pcap_writer_frame(struct pcap_writer *w, const struct frame *frame, const char *comment,
                      struct error *err)
{
    return w->is_pcapng ? put_pcapng_frame(w, frame, comment, err) : put_pcap_frame(w, frame, err);
}

int pcap_writer_close(struct pcap_writer *w, struct error *err)
{
    enum { LINK_ETHERNET = 1 };
    int result = 0;
    if (!w->has_header)
        result = w->is_pcapng ? put_section(w, err) : put_pcap_header(w, LINK_ETHERNET, err);
    if (result < 0)
        output_abandon(w->out);
    else
        result = output_close(w->out, err);
    release(w);
    return result;
}

void pcap_writer_abandon(struct pcap_writer *w)
{
    if (!w)
        return;
    output_abandon(w->out);
    release(w);
}
