/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/attr.h"
#include "base/bytes.h"
#include "base/clock.h"

/* An interface of a pcapng section: its link type, and how its time stamps count. */
struct pcapng_interface {
    uint16_t link;
    uint32_t snaplen; /* 0: no limit */
    int64_t offset_s; /* of all time stamps */
    enum { UNIT_IS_FACTOR, UNIT_IS_DIVISOR, UNIT_IS_SHIFT } unit;
    uint64_t scale; /* unit factor: ns a unit; divisor: units a ns; shift: log2 of units a second */
};

/*
 * Reads the body of an interface description block, without the lengths around it. Returns NULL,
 * or what is wrong with it.
 */
const char *pcapng_interface_read(struct pcapng_interface *ret, struct view body,
                                  bool big_endian) MUST_USE;

/* The time that a stamp stands for; the years 1824 or 2116 if it is beyond. */
nsec_t pcapng_interface_time(const struct pcapng_interface *interface, uint64_t stamp);
