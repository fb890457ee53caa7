/* SPDX-License-Identifier: Apache-2.0 */
#include "builders.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/mem.h"
#include "capture/capture.h"

/* --- bytes that grow -------------------------------------------------------------------------- */

void blob_release(struct blob *blob)
{
    free(blob->data);
    *blob = (struct blob){0};
}

struct view blob_view(const struct blob *blob)
{
    return (struct view){blob->data, blob->size};
}

void blob_put(struct blob *blob, const void *bytes, size_t size)
{
    blob->data = mem_grow(blob->data, &blob->capacity, blob->size + size, 1);
    if (size)
        memcpy(blob->data + blob->size, bytes, size);
    blob->size += size;
}

void blob_put8(struct blob *blob, uint8_t value)
{
    blob_put(blob, &value, sizeof(value));
}

void blob_put16(struct blob *blob, uint16_t value)
{
    value = blob->big_endian ? htobe16(value) : htole16(value);
    blob_put(blob, &value, sizeof(value));
}

void blob_put32(struct blob *blob, uint32_t value)
{
    value = blob->big_endian ? htobe32(value) : htole32(value);
    blob_put(blob, &value, sizeof(value));
}

void blob_put64(struct blob *blob, uint64_t value)
{
    value = blob->big_endian ? htobe64(value) : htole64(value);
    blob_put(blob, &value, sizeof(value));
}

void blob_fill(struct blob *blob, uint8_t value, size_t size)
{
    blob->data = mem_grow(blob->data, &blob->capacity, blob->size + size, 1);
    memset(blob->data + blob->size, value, size);
    blob->size += size;
}

/* --- pcap ------------------------------------------------------------------------------------- */

void build_pcap_header(struct blob *blob, uint32_t magic, uint32_t version, uint32_t snaplen,
                       uint32_t link)
{
    blob_put32(blob, magic);
    blob_put16(blob, (uint16_t)(version >> 16));
    blob_put16(blob, (uint16_t)version);
    blob_put64(blob, 0);
    blob_put32(blob, snaplen);
    blob_put32(blob, link);
}

void build_pcap(struct blob *blob, uint32_t magic, uint32_t link)
{
    build_pcap_header(blob, magic, 2 << 16 | 4, 65535, link);
}

void build_pcap_record(struct blob *blob, uint32_t seconds, uint32_t fraction, uint32_t captured,
                       uint32_t wire, uint8_t value)
{
    const uint32_t magic = blob->big_endian ? load_be32(blob->data) : load_le32(blob->data);
    blob_put32(blob, seconds);
    blob_put32(blob, fraction);
    blob_put32(blob, captured);
    blob_put32(blob, wire);
    if (magic == PCAP_MODIFIED)
        blob_put64(blob, UINT64_MAX);
    blob_fill(blob, value, captured);
}

void build_pcap_file(const char *name, const nsec_t *times, unsigned count)
{
    struct blob blob = {0};
    build_pcap(&blob, PCAP_NANO, 1);
    for (unsigned i = 0; i < count; i++)
        build_pcap_record(&blob, (uint32_t)nsec_seconds(times[i]), nsec_fraction(times[i]), 60, 60,
                          (uint8_t)i);
    FILE *file = fopen(name, "wb");
    assert_non_null(file);
    assert_int_equal(fwrite(blob.data, 1, blob.size, file), blob.size);
    assert_int_equal(fclose(file), 0);
    blob_release(&blob);
}

/* --- pcapng ----------------------------------------------------------------------------------- */

size_t build_block_begin(struct blob *blob, uint32_t type)
{
    blob_put32(blob, type);
    blob_put32(blob, 0);
    return blob->size - 8;
}

void build_block_end(struct blob *blob, size_t begin)
{
    while (blob->size % 4)
        blob_put8(blob, 0xee);
    const uint32_t size = (uint32_t)(blob->size + 4 - begin);
    blob_put32(blob, size);
    memcpy(blob->data + begin + 4, blob->data + blob->size - 4, 4);
}

void build_section(struct blob *blob)
{
    size_t begin = build_block_begin(blob, 0x0a0d0d0a);
    blob_put32(blob, 0x1a2b3c4d);
    blob_put16(blob, 1);
    blob_put16(blob, 0);
    blob_put64(blob, UINT64_MAX);
    build_block_end(blob, begin);
}

void build_interface(struct blob *blob, uint16_t link, uint32_t snaplen)
{
    size_t begin = build_block_begin(blob, 1);
    blob_put16(blob, link);
    blob_put16(blob, 0);
    blob_put32(blob, snaplen);
    build_block_end(blob, begin);
}

void build_interface_with(struct blob *blob, uint16_t link, uint16_t option, const void *value,
                          uint16_t size)
{
    size_t begin = build_block_begin(blob, 1);
    blob_put16(blob, link);
    blob_put16(blob, 0);
    blob_put32(blob, 0);
    blob_put16(blob, 2); /* if_name, which does not matter */
    blob_put16(blob, 5);
    blob_put(blob, "eth12\0\0\0", 8);
    blob_put16(blob, option);
    blob_put16(blob, size);
    blob_put(blob, value, size);
    while (blob->size % 4)
        blob_put8(blob, 0);
    blob_put32(blob, 0);                               /* opt_endofopt */
    blob_put(blob, "\0\x09\0\xff\xff\xff\xff\xff", 8); /* is not looked at any more */
    build_block_end(blob, begin);
}

void build_enhanced(struct blob *blob, uint32_t interface, uint64_t stamp, uint32_t captured,
                    uint32_t wire)
{
    size_t begin = build_block_begin(blob, 6);
    blob_put32(blob, interface);
    blob_put32(blob, (uint32_t)(stamp >> 32));
    blob_put32(blob, (uint32_t)stamp);
    blob_put32(blob, captured);
    blob_put32(blob, wire);
    blob_fill(blob, (uint8_t)captured, captured);
    build_block_end(blob, begin);
}

/* --- ERF -------------------------------------------------------------------------------------- */

void build_erf(struct blob *blob, uint8_t type, uint64_t stamp, uint16_t wire, struct view body)
{
    blob->big_endian = false;
    blob_put64(blob, stamp);
    blob->big_endian = true;
    blob_put8(blob, type);
    blob_put8(blob, 4);
    blob_put16(blob, (uint16_t)(16 + body.size));
    blob_put16(blob, 0);
    blob_put16(blob, wire);
    blob_put(blob, body.data, body.size);
}

/* --- reading ---------------------------------------------------------------------------------- */

static void read_all(struct readout *ret, struct capture *cap)
{
    struct frame_batch batch;
    snprintf(ret->format, sizeof(ret->format), "%s", capture_format(cap));
    while (!(ret->result = capture_next(cap, &batch, &ret->err))) {
        assert_in_range(batch.count, 1, FRAME_BATCH);
        for (unsigned i = 0; i < batch.count; i++) {
            const struct frame *frame = &batch.frames[i];
            uint32_t sum = 0;
            for (uint32_t b = 0; b < frame->captured; b++)
                sum = sum * 31 + frame->data[b];
            assert_true(ret->count < FRAMES_MOST);
            ret->frames[ret->count].frame = *frame;
            ret->frames[ret->count++].sum = sum;
        }
    }
    /* The same comes again, whatever it was. */
    assert_int_equal(capture_next(cap, &batch, NULL), ret->result);
    assert_int_equal(batch.count, 0);
    capture_close(cap);
}

void read_memory(struct readout *ret, struct view bytes)
{
    struct capture *cap;
    uint8_t *copy = malloc(bytes.size ? bytes.size : 1);
    memcpy(copy, bytes.data, bytes.size);
    *ret = (struct readout){.result = -2};
    if (!capture_open_memory(&cap, (struct view){copy, bytes.size}, "m", &ret->err))
        read_all(ret, cap);
    free(copy);
}

void read_file(struct readout *ret, const char *path)
{
    struct capture *cap;
    *ret = (struct readout){.result = -2};
    if (!capture_open(&cap, path, &ret->err))
        read_all(ret, cap);
}

void check_same_frames(const struct readout *a, const struct readout *b)
{
    assert_int_equal(a->result, b->result);
    assert_string_equal(a->format, b->format);
    assert_int_equal(a->count, b->count);
    for (unsigned i = 0; i < a->count; i++) {
        struct frame one = a->frames[i].frame, other = b->frames[i].frame;
        one.data = other.data = NULL;
        assert_memory_equal(&one, &other, sizeof(one));
        assert_int_equal(a->frames[i].sum, b->frames[i].sum);
    }
}

void check_cuts(struct view bytes, const size_t *ends, unsigned count, size_t from)
{
    static struct readout readout;
    for (size_t cut = from; cut <= bytes.size; cut++) {
        unsigned whole = 0;
        while (whole < count && ends[whole] <= cut)
            whole++;
        const size_t begin = whole ? ends[whole - 1] : from;
        char expected[64];
        read_memory(&readout, (struct view){bytes.data, cut});
        assert_int_equal(readout.count, whole);
        if (cut == begin) {
            assert_int_equal(readout.result, CAPTURE_END);
            continue;
        }
        snprintf(expected, sizeof(expected), "m: offset %zu: ends in the middle of a", begin);
        assert_int_equal(readout.result, -1);
        assert_memory_equal(readout.err.text, expected, strlen(expected));
        snprintf(expected, sizeof(expected), "(%zu of ", cut - begin);
        assert_non_null(strstr(readout.err.text, expected));
    }
}
