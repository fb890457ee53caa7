/* SPDX-License-Identifier: Apache-2.0 */
#include "cmd/pace.h"

#include <time.h>

#include "cmd/now.h"
#include "cmd/signals.h"

static const nsec_t JUMP = 60 * NSEC_PER_SEC;
static const nsec_t NAP = 100 * NSEC_PER_MSEC; /* a signal is noticed after this at the latest */

static void nap(nsec_t time)
{
    const struct timespec ts = {.tv_nsec = time < NAP ? time : NAP};
    nanosleep(&ts, NULL);
}

void pace_wait(struct pace *pace, nsec_t packet_time)
{
    nsec_t step = packet_time - pace->packet_last;
    if (!pace->has_begun || step > JUMP || step < -JUMP) {
        pace->has_begun = true;
        pace->packet_begin = packet_time;
        pace->clock_begin = monotonic_now();
    }
    pace->packet_last = packet_time;
    nsec_t due =
        pace->clock_begin + (nsec_t)((double)(packet_time - pace->packet_begin) / pace->factor);
    for (nsec_t left; !signals_stop() && (left = due - monotonic_now()) > 0;)
        nap(left);
}
