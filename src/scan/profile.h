/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "scan/contact.h"
#include "scan/distinct.h"
#include "scan/walk.h"

/*
 * Profile: what is known of one source, from its contacts in the order of time, in fixed memory. A
 * first contact is that with an endpoint (a port of a host, or a host by ICMP) which the source was
 * not seen with before; only these count for the walk, and failures only if the source tried the
 * port or the host before.
 */
enum scan_shape {
    SHAPE_HORIZONTAL, /* few ports of many hosts */
    SHAPE_VERTICAL,   /* many ports of few hosts */
    SHAPE_BLOCK       /* many of both */
};

/* What is few, for shapes. */
enum { SHAPE_FEW = 4, PORTS_KEPT = 16, PORTS_SHOWN = 8 };

enum scan_reason {
    REASON_NONE,
    REASON_WALK, /* the walk passed its threshold */
    REASON_DARK  /* it touched dark addresses */
};

struct scan_port {
    uint64_t count; /* of first contacts */
    uint16_t port;
    uint8_t protocol;
};

/* What is reported of a scanner; all of it is set, padding too, so that it can be kept as bytes. */
struct scanner {
    uint8_t address[ADDRESS_KEY];
    uint8_t reason, shape, method; /* enum scan_reason, scan_shape, contact_method */
    bool targets_estimated, ports_estimated;
    uint8_t port_count; /* of `ports` */
    uint32_t id;
    nsec_t first, last, decided;
    uint64_t flows, targets, port_total, dark;
    uint64_t outcomes[OUTCOMES]; /* of first contacts; OUTCOME_UNCLEAR: contacts that count for
                                    nothing */
    uint64_t acks, resets;       /* contacts that were answered, and what the source did then */
    uint64_t decided_contacts, decided_failures, decided_dark; /* when it was decided */
    uint64_t new_answers;
    double value; /* of the walk, when it was decided */
    struct scan_port ports[PORTS_SHOWN];
};

struct profile {
    const struct walk_steps *steps;
    uint64_t dark_least; /* so many dark addresses make a scanner; 0: they do not */
    struct scanner scanner;
    uint64_t methods[CONTACT_METHODS];
    uint64_t failures;
    double value;
    struct scan_port ports[PORTS_KEPT]; /* the first ones */
    unsigned port_count;
    struct distinct endpoints, targets, port_set, dark;
};

/* Begins another source; `profile` is of zeros, or had one before. */
void profile_begin(struct profile *profile, const uint8_t source[ADDRESS_KEY]);

/* True if this is a first contact with the endpoint. */
bool profile_add(struct profile *profile, const struct contact *contact, bool is_dark);

/* The source's report if it is a scanner; NULL if it is none. */
const struct scanner *profile_end(struct profile *profile);

/* First contacts, all of them. */
uint64_t scanner_contacts(const struct scanner *scanner);
