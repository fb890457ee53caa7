/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "record/record.h"

/*
 * Merging two records of one flow (or of one aggregate): `into` absorbs `from`. Block by block as
 * the manual page racluster(1) lists it; exact (integers only), so the result does not depend on
 * how records were grouped. `into` must own what it borrows (record_copy): payload and label may
 * be replaced by memory of the arena.
 */
struct record_arena; /* owns texts and payloads of merged records */

void record_merge(struct record *into, const struct record *from, struct record_arena *arena);

/* A copy whose borrowed bytes live in the arena. `wire` is kept only when keep_wire. */
void record_copy(struct record *to, const struct record *from, bool keep_wire,
                 struct record_arena *arena);

struct record_arena *record_arena_new(void);
void record_arena_free(struct record_arena *arena);
