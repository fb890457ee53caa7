/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdint.h>

#include "base/clock.h"

/*
 * The form of a segment, the index of one capture file; doc/index-format.md describes it byte by
 * byte. All numbers are little-endian.
 *
 *     page 0      header
 *     chunks      CHUNK_ENTRY bytes for each chunk of the capture, in the order of the file
 *     postings    the flows, in order of their hashes, each with the chunks that hold its packets
 *     directory   where each bucket of flows begins in the postings, and where the last one ends
 *     resumes     SEGMENT_RESUME_ENTRY bytes for each place that a reader must not jump over
 *     texts       path of the capture, NUL, packet filter, NUL
 *     checks      CRC-32 of each page of SEGMENT_PAGE bytes behind page 0 and in front of the
 * checks
 */
enum {
    SEGMENT_VERSION = 3,
    SEGMENT_PAGE = 4096,
    SEGMENT_CHUNK_BYTES = 64 * 1024, /* of the capture, decompressed; a chunk has whole frames */
    SEGMENT_CHUNK_ENTRY = 32,
    SEGMENT_RESUME_ENTRY = 16,
    SEGMENT_BUCKET_FLOWS = 64, /* about as many flows are in a bucket */
    SEGMENT_TEXT_MAX = 64 * 1024,
};

#define SEGMENT_MAGIC  "panindex"
#define SEGMENT_SUFFIX ".pidx"

/* A stretch of frames of the capture. */
struct segment_chunk {
    uint64_t offset;    /* of the record of its first frame */
    uint64_t number;    /* of its first frame, from 1 */
    nsec_t first, last; /* earliest and latest time in it */
};

/*
 * Between a frame and the one behind it the file says how frames are to be read from there on: a
 * section or an interface of pcapng. Whoever goes to a later frame must have read this.
 */
struct segment_resume {
    uint64_t offset; /* of the record of the frame in front */
    uint64_t setup;  /* frame.setup of the frame behind */
};

/* The capture file that a segment is of, whatever it is called and wherever it lies. */
struct capture_id {
    uint64_t size;       /* bytes as stored */
    uint64_t head, tail; /* hashes of the first and last 64 KiB as stored */
};

/* How frames were made packets; whoever looks for them again must do the same. */
struct segment_decoding {
    uint32_t quirks, tunnels; /* as in struct decode_options */
};

struct segment_header {
    struct capture_id capture;
    struct segment_decoding decoding;
    uint64_t packets;     /* frames */
    uint64_t last_number; /* of the last frame */
    nsec_t first, last;   /* of all frames; first > last: there are none */
    uint32_t chunk_count, bucket_count, resume_count;
    uint32_t hash_bits; /* of a flow's hash, from the top, that are kept */
    uint64_t entries;   /* flows by their hashes */
    uint64_t postings, postings_size, directory, resumes, texts, checks; /* offsets; bytes */
    uint32_t path_size, filter_size; /* of the texts, without NUL */
};
