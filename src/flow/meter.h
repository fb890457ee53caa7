/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/clock.h"
#include "base/error.h"
#include "flow/keying.h"
#include "flow/keystroke.h"
#include "record/record.h"

/*
 * Meter: packets in, flow records out (RFC 7011's metering process). Time is packet time; the
 * meter never reads a clock. What it emits is a function of packets and options alone.
 *
 * Memory: all tables together stay within memory_limit. At the limit, flows that are only
 * remembered are forgotten first, then flows that have gone silent are written out as status
 * records with OPTION_CONTINUED and forgotten. No packet is ever left out of the count.
 */
struct meter;

struct meter_options {
    nsec_t status_interval; /* -S; default 5 s */
    nsec_t ip_timeout, tcp_timeout, icmp_timeout, frag_timeout, arp_timeout, other_timeout;
    uint64_t memory_limit;     /* bytes */
    uint32_t quirks;           /* bits 1 << enum quirk */
    struct flow_keying keying; /* which the keys of packets are of */
    bool half_flows;           /* those of one packet that nobody answered take little memory */
    bool app_bytes;            /* -A */
    bool jitter;               /* -J */
    bool packet_sizes;         /* -Z */
    bool mac_addresses;        /* -m */
    bool bidirectional_times;
    bool track_duplicates; /* of TCP segments, by their IP identification */
    bool start_records;    /* a record of each flow's first packet by itself, at once */
    struct keystroke_options keystrokes;
    uint16_t user_bytes; /* -U: payload bytes kept per side and record */
    uint8_t id_form;     /* source id, as in struct record_transport */
    uint8_t id[4];
};

extern const struct meter_options meter_defaults;

/* Called with each finished record, valid during the call. -1 (or a condition) stops the meter. */
typedef int (*meter_sink)(void *arg, const struct record *r, struct error *err);

struct meter_counts {
    uint64_t packets, bytes;                   /* given to the meter */
    uint64_t recorded_packets, recorded_bytes; /* in records emitted so far */
    uint64_t records, flows;                   /* emitted; created */
    uint64_t flows_live, flows_live_peak;
    uint64_t evicted, forgotten; /* flows cut, and memories of flows dropped, by the limit */
    uint64_t memory_bytes;       /* of the tables now */
};

int meter_new(struct meter **ret, const struct meter_options *options, meter_sink sink, void *arg,
              struct error *err) MUST_USE;
void meter_free(struct meter *meter);

/*
 * Accounts packets in the order given, with the keys that the meter's quirks give them. 0, or what
 * the sink returned when it was not 0.
 */
int meter_packets(struct meter *meter, const struct keyed_packet *packets, unsigned count,
                  struct error *err) MUST_USE;

/*
 * The time of packets has come to `now`, although none came: what is due by then is emitted and
 * forgotten. All packets given before are done with.
 */
int meter_advance(struct meter *meter, nsec_t now, struct error *err) MUST_USE;

/* Emits everything that is open, in order of period start, and forgets all flows. */
int meter_flush(struct meter *meter, struct error *err) MUST_USE;

void meter_get_counts(const struct meter *meter, struct meter_counts *ret);

/* The counts as they were after one of the last calls; any thread may ask, at any time. */
void meter_look(const struct meter *meter, struct meter_counts *ret);
