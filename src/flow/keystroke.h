/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/clock.h"
#include "packet/packet.h"
#include "record/record.h"

/*
 * Keystrokes: somebody who types into a terminal far away sends small segments, and each comes back
 * as a small segment that acknowledges just that one. After S. Guha and others, "A streaming
 * statistical algorithm for detection of SSH keystroke packets in TCP connections" (2011), with the
 * rules that Argus has made of it: they are observed behaviour.
 *
 * A segment of the client is a *candidate* if its size fits. A segment of the server that
 * acknowledges its end is the *echo* if its size fits, if few packets lie between, if the stroke
 * before was long enough ago, and if the times between this candidate and that stroke, and this
 * echo and that one's, are about the same. A stroke with its echo counts if another one stood just
 * before it, or comes just after it with no other candidate's echo between. Nothing is looked for
 * in the first packets of a connection, which is when the sides log in.
 */
enum keystroke_mode {
    KEYSTROKES_OFF,
    KEYSTROKES_TCP,
    KEYSTROKES_SSH /* a segment whose size is no multiple of 4 shows that this is not SSH */
};

enum { KEYSTROKE_GAP_MOST = 8 };

struct keystroke_options {
    uint8_t mode;                                                  /* enum keystroke_mode */
    uint32_t client_least, client_most, server_least, server_most; /* sizes of segments */
    uint32_t echo_gap;   /* how many packets behind the candidate; at most KEYSTROKE_GAP_MOST */
    uint32_t stroke_gap; /* how many packets behind the stroke before, to stand beside it */
    nsec_t least_pause;  /* between strokes */
    double least_ratio, most_ratio; /* of the client's pause to the server's */
};

extern const struct keystroke_options keystroke_defaults;

/* A candidate that waits for its echo. */
struct keystroke_candidate {
    nsec_t time;
    uint32_t end;     /* sequence number behind it */
    uint32_t number;  /* of the packet; 0: none */
    bool is_too_soon; /* behind the stroke before */
};

/* What is known of a connection. All zero: no packet has come. */
struct keystroke_state {
    struct keystroke_candidate
        candidates[KEYSTROKE_GAP_MOST]; /* older ones have no echo any more */
    uint32_t packets;
    uint32_t last_number; /* of the packet of the last stroke; 0: there was none */
    nsec_t last_client, last_server;
    int32_t strokes;   /* of this record */
    uint8_t client;    /* the side that types */
    uint8_t next;      /* where the next candidate goes */
    bool last_is_owed; /* it counts when the next one shows that it had a neighbour */
    bool has_data;     /* in this record, behind the first packets */
    bool is_refused;
};

/* Takes a packet of a TCP flow into account. */
void keystroke_packet(struct keystroke_state *state, unsigned side, const struct packet *packet,
                      const struct keystroke_options *options, uint32_t quirks);

/* Forgets what belongs to one record only. */
void keystroke_new_period(struct keystroke_state *state);

/* Fills in the record's block, once there were enough packets. */
void keystroke_report(const struct keystroke_state *state, const struct keystroke_options *options,
                      struct record *ret);

/* Exchanges the sides. */
void keystroke_swap(struct keystroke_state *state);
