/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdbool.h>

#include "record/record.h"

struct service_names;
struct prefix_set;

/*
 * Orientation: which end of a half-seen TCP connection is the client, by what its ports and
 * addresses say. Only records of IPv4 TCP are looked at in which neither SYN nor SYN+ACK was seen:
 * the others know it.
 */
struct orientation {
    const struct service_names *services; /* a port with a name is a server's; NULL: not asked */
    bool well_known;                      /* a port below 1024 is a server's */
    bool registered;                      /* ... below 49152, if neither is below 1024 */
    const struct prefix_set *local;       /* addresses of ours; NULL: not asked */
    enum { LOCAL_ANY, LOCAL_IS_SOURCE, LOCAL_IS_DESTINATION } local_end;
};

/* Turns the record round if it stands the wrong way. True if it did. */
bool record_orient(struct record *r, const struct orientation *by);
