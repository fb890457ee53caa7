/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/bytes.h"
#include "base/error.h"
#include "packet/frame.h"

/* Capture files made in memory, and what reading them gives. */

/* --- bytes that grow -------------------------------------------------------------------------- */

struct blob {
    uint8_t *data;
    size_t size, capacity;
    bool big_endian; /* how the put functions write */
};

void blob_release(struct blob *blob);
struct view blob_view(const struct blob *blob);
void blob_put(struct blob *blob, const void *bytes, size_t size);
void blob_put8(struct blob *blob, uint8_t value);
void blob_put16(struct blob *blob, uint16_t value);
void blob_put32(struct blob *blob, uint32_t value);
void blob_put64(struct blob *blob, uint64_t value);
void blob_fill(struct blob *blob, uint8_t value, size_t size);

/* --- formats ---------------------------------------------------------------------------------- */

enum { PCAP_MICRO = 0xa1b2c3d4, PCAP_NANO = 0xa1b23c4d, PCAP_MODIFIED = 0xa1b2cd34 };

/* The file header of a usual pcap: version 2.4, snapshot length 65535. */
void build_pcap(struct blob *blob, uint32_t magic, uint32_t link);
void build_pcap_header(struct blob *blob, uint32_t magic, uint32_t version, uint32_t snaplen,
                       uint32_t link); /* version: major in the upper half */

/* A record with `captured` bytes of the value of the frame. `fraction` as the magic has it. */
void build_pcap_record(struct blob *blob, uint32_t seconds, uint32_t fraction, uint32_t captured,
                       uint32_t wire, uint8_t value);

/* A whole pcap of frames of 60 bytes at these times, as a file. */
void build_pcap_file(const char *name, const nsec_t *times, unsigned count);

/* A block of pcapng is what is put between the two. */
size_t build_block_begin(struct blob *blob, uint32_t type);
void build_block_end(struct blob *blob, size_t begin);
void build_section(struct blob *blob);
void build_interface(struct blob *blob, uint16_t link, uint32_t snaplen);
void build_interface_with(struct blob *blob, uint16_t link, uint16_t option, const void *value,
                          uint16_t size); /* and one option */
void build_enhanced(struct blob *blob, uint32_t interface, uint64_t stamp, uint32_t captured,
                    uint32_t wire);

/* A record of ERF; the extension headers and all else behind the first 16 bytes is `body`. */
void build_erf(struct blob *blob, uint8_t type, uint64_t stamp, uint16_t wire, struct view body);

/* --- reading ---------------------------------------------------------------------------------- */

enum { FRAMES_MOST = 2000 };

/* All that a capture file gave. */
struct readout {
    unsigned count;
    int result; /* at the end: CAPTURE_END, -1, or -2 if it could not be opened */
    char format[16];
    struct error err;
    struct {
        struct frame frame; /* data is no longer valid */
        uint32_t sum;       /* of its bytes */
    } frames[FRAMES_MOST];
};

/* From a copy that ends where the bytes end, so that a sanitizer sees a step too far. */
void read_memory(struct readout *ret, struct view bytes);
void read_file(struct readout *ret, const char *path);

/* Fails if the two do not have the same frames. */
void check_same_frames(const struct readout *a, const struct readout *b);

/*
 * Cuts a file at every byte. Its `count` records end at ends[]; those in front of the cut must be
 * read, and the error must say where the first one that is cut begins. Cuts below `from` are left
 * out.
 */
void check_cuts(struct view bytes, const size_t *ends, unsigned count, size_t from);
