/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "capture/packet_filter.h"
#include "index/chunk_set.h"
#include "index/finder.h"
#include "index/frame_reader.h"

/*
 * The finder's inside, shared by its files: finder.c (captures, and the order in which they are
 * searched), finder_scan.c (frames to packets of wanted flows), finder_settle.c (which packets are
 * whose, when several flows share an identity).
 */

/* How long a first fragment and the others of its datagram are looked for beside each other. */
enum { FRAGMENT_SECONDS = 30 };

/* A first fragment of a wanted flow: its datagram's later ones are packets of this flow. */
struct fragment_owner {
    struct flow_key fragments; /* identity of the datagram */
    struct flow_key identity;  /* of the flow */
    uint64_t flow;             /* hash of its whole key */
    nsec_t time;
};

struct finder_file { /* of a segment of the catalog */
    struct segment *segment;
    char *path; /* of the capture; NULL: not looked for yet */
    struct packet_filter *filter;
    struct frame_reader *reader; /* for finder_read */
    bool is_lost;                /* reported as trouble: nothing more is asked of it */
};

struct finder {
    const struct catalog *catalog;
    const struct wants *wants;
    struct finder_options options;
    struct finder_file *files; /* as many as the catalog has segments */
    size_t next;               /* segment of the catalog to be looked into */
    uint32_t *group;           /* files that are searched together */
    size_t group_count;
    struct found *found;
    size_t found_count, found_capacity;
    struct fragment_owner *owners; /* sorted by identity, then time, while fragments are read */
    size_t owner_count, owner_capacity;
    struct finder_counts counts;
};

/* finder_scan.c: reads the chunks of a file, and adds what fits to what was found. */
int finder_scan_flows(struct finder *f, uint32_t file, const struct chunk_set *set,
                      struct error *err) MUST_USE;
int finder_scan_fragments(struct finder *f, uint32_t file, const struct chunk_set *set,
                          struct error *err) MUST_USE;
void finder_sort_owners(struct finder *f);

/* finder_settle.c: takes away what was found for a record but is another flow's. */
void finder_settle(struct finder *f);
