/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "base/attr.h"
#include "record/field.h"
#include "record/record.h"

/*
 * Merging: `into`, the older one, absorbs `from`. Sums are exact integers, so that additive values
 * do not depend on how records were grouped.
 *
 *     packets, bytes, counters, statistics    sums; exact
 *     times                                   earliest start, latest end, of each side
 *     addresses                               longest common prefix, the rest zero
 *     protocol, ports, TOS, AS, country       kept if equal, else zero
 *     source id                               kept if equal, else the transport block goes
 *     sequence, cause, MAC, VLAN, MPLS, IP id the first one's
 *     TTL                                     the smallest but 0
 *     flags, options, encapsulations          united
 *     TCP window                              the last one's
 *     TCP round trip times                    the first ones measured
 *     packet sizes                            smallest and largest
 *     user data                               the first one's, extended up to its limit
 *     labels                                  united, joined with ':'
 *
 * A record without an aggregation block stands for one transaction, whose sample is its duration.
 */
struct record_arena; /* owns texts and payloads of merged records */

/* What `into` borrows must live as long as the arena (record_copy sees to that). */
void record_merge(struct record *into, const struct record *from, struct record_arena *arena);

/* A copy whose borrowed bytes live in the arena. `wire` is kept only when keep_wire. */
void record_copy(struct record *to, const struct record *from, bool keep_wire,
                 struct record_arena *arena);

/* The label united with those that the record has. Without any it borrows these bytes. */
void record_add_label(struct record *r, struct view label, struct record_arena *arena);

/*
 * The record stands for one transaction, whose sample is the value of this field, or 0 if it has
 * none. One that has statistics keeps them.
 */
void record_set_sample(struct record *r, const struct field *field);

/* The aggregation block that a record has or, without one, stands for. */
void record_agr(const struct record *r, struct record_agr *ret);

struct record_arena *record_arena_new(void) MUST_USE;
void record_arena_free(struct record_arena *arena);
