/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "capture/packet_filter.h"
#include "capture/pcap_writer.h"
#include "cmd/argus_events.h"
#include "cmd/argus_index.h"
#include "cmd/argus_options.h"
#include "cmd/argus_output.h"
#include "cmd/metrics.h"
#include "cmd/pace.h"
#include "flow/metering.h"

/*
 * The sensor, but for where its packets come from: filter, decoder, meters, outputs, and the
 * account of what became of each packet. It is a line of threads: the caller's, which reads and
 * decodes, and one or more for the meters and the records that they make.
 *
 * A *station* is what has a flow table of its own: all files of a run, an interface, or several
 * that are as one.
 */
struct station {
    struct shards *shards;
    unsigned count, given; /* packets of the batch in hand; how many of them the meter has */
    struct keyed_packet packets[FRAME_BATCH];
};

/* What is counted in front of the meters. */
struct sensor_counts {
    uint64_t packets, bytes, dropped, interface_dropped;
    uint64_t losses[LOSS_COUNT];
};

enum { SENSOR_WORDS = sizeof(struct sensor_counts) / sizeof(uint64_t) };

struct sensor {
    struct argus_options options;
    struct packet_filter *filter; /* NULL: every packet, or those that the kernel lets through */
    struct station *stations;
    unsigned station_count;
    struct metering *metering;
    struct argus_output *output;
    struct argus_events *events; /* NULL: there are none */
    struct argus_index *index;   /* NULL: none is made */
    struct pcap_writer *copy;    /* NULL: packets are not copied */
    struct metrics *metrics;     /* NULL: nobody sees the counters */
    _Atomic uint64_t published[SENSOR_WORDS];
    struct argus_totals totals;
    nsec_t management_due; /* time of a packet, of files */
    struct pace pace;
    uint64_t losses[LOSS_COUNT];
    uint64_t passed;  /* packets that the filter let through */
    uint64_t dropped; /* by the kernel, before they could be read */
    uint64_t interface_dropped;
    const struct keyed_packet *of_frames[FRAME_BATCH]; /* those of a batch's frames; NULL: none */
    unsigned indexed;                                  /* frames of the batch that the index has */
};

/*
 * Of options that were parsed: opens what may need rights that are given up then. To be closed even
 * when -1 is returned.
 */
int sensor_open(struct sensor *s, struct error *err) MUST_USE;

/* Starts threads and makes tables; frames can be taken then. */
int sensor_start(struct sensor *s, struct error *err) MUST_USE;

int sensor_close(struct sensor *s, struct error *err) MUST_USE;

/* These return 0, OUTPUT_CLOSED when the reader of the records went away, or -1. */

/* Takes a batch of frames, or what -N leaves of it. */
int sensor_take(struct sensor *s, const struct frame_batch *batch, struct error *err) MUST_USE;

/* The time of packets has come to `now`, although none came. */
int sensor_advance(struct sensor *s, nsec_t now, struct error *err) MUST_USE;

/*
 * Waits until all that was taken is metered, and all its records are with the output, which can be
 * called then.
 */
int sensor_settle(struct sensor *s, struct error *err) MUST_USE;

/* Writes a management record. */
int sensor_management(struct sensor *s, struct error *err) MUST_USE;

/* Writes what is open, and forgets all flows. */
int sensor_flush(struct sensor *s, struct error *err) MUST_USE;

/* True when -N has its packets, or a signal asks for an end. */
bool sensor_is_done(const struct sensor *s);

/* The counters as they were a moment ago; any thread may ask, once the sensor is started. */
void sensor_look(const struct sensor *s, struct sensor_counts *ret,
                 struct meter_counts *ret_meters);

/* Tells a service manager what it wants to know now. For the loop that takes packets. */
void sensor_notify(struct sensor *s);

/* Prints the counters. */
int sensor_report(struct sensor *s, struct error *err) MUST_USE;

/*
 * Writes the last management records, and says with -v where every packet is. A sum that does not
 * match is an error of ours that no user must be left without.
 */
int sensor_account(struct sensor *s, struct error *err) MUST_USE;
