/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/clock.h"
#include "record/record.h"
#include "scan/address_key.h"

/*
 * Contact: what a flow record says of its source's try to reach something: a port of TCP or UDP, or
 * a host by ICMP. What was asked and answered with data is a talk. Everything else that began is a
 * failure in the eyes of who looks for scans, a port that opened and was asked nothing included.
 */
enum contact_method {
    CONTACT_SYN,
    CONTACT_FIN,
    CONTACT_NULL,
    CONTACT_XMAS,
    CONTACT_ACK,
    CONTACT_UDP,
    CONTACT_ICMP,
    CONTACT_METHODS
};

enum contact_outcome {
    OUTCOME_TALKED,
    OUTCOME_OPENED,  /* TCP: SYN+ACK came, and then nothing of use */
    OUTCOME_REFUSED, /* by a reset, or by an ICMP error */
    OUTCOME_SILENT,
    OUTCOME_UNCLEAR, /* it began before the record did, may be an answer itself, or died on its way
                      */
    OUTCOMES
};

/* How the source took an answer, which tells whether its address is its own. */
enum contact_reaction {
    REACTION_ACK = 1, /* it acknowledged a SYN+ACK, or went on talking */
    REACTION_RESET =
        2, /* it reset what had been opened: as scanners do, and hosts that never asked */
};

struct contact {
    uint8_t source[ADDRESS_KEY], target[ADDRESS_KEY];
    nsec_t first, last;
    uint64_t number; /* of the record, which makes each contact another one */
    uint16_t port;   /* of the target; ICMP: the type */
    uint8_t protocol;
    uint8_t method;   /* enum contact_method */
    uint8_t outcome;  /* enum contact_outcome */
    uint8_t reaction; /* enum contact_reaction */
};

/* False if the record is no contact: other protocols, groups and broadcasts, errors, fragments. */
bool contact_of_record(struct contact *ret, const struct record *r);

/* A contact as a row of bytes that sorts by source, time and target. */
enum { CONTACT_ROW = 2 * ADDRESS_KEY + 8 + 8 + 5 + 2 + 4 };

void contact_put(uint8_t *to, const struct contact *contact);
void contact_get(struct contact *ret, const uint8_t *row);

const char *contact_method_name(unsigned method);
