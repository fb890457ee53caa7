/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdbool.h>

#include "base/clock.h"

/*
 * Replay at a multiple of real time. The first packet sets the beginning of both times; a packet
 * that is not due yet is waited for. A clock that jumps by more than a minute begins anew.
 */
struct pace {
    double factor; /* 0: nothing is waited for */
    bool has_begun;
    nsec_t packet_begin, clock_begin, packet_last;
};

/* With a factor: waits until a packet of this time is due, or a signal asks for an end. */
void pace_wait(struct pace *pace, nsec_t packet_time);
