/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "record/record.h"

/* Records for tests. */

/* A TCP record with every block that a record can have, none of their values zero. */
void record_make_full(struct record *ret);

/* A UDP record of one side each: `start` and `last` in seconds. */
void record_make_udp(struct record *ret, double start, double last, uint64_t src_packets,
                     uint64_t dst_packets);
