/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "record/merge.h"

/* Memory that lives until its arena is freed; for what merged records borrow. */
uint8_t *record_arena_take(struct record_arena *arena, size_t size) MUST_USE;
struct view record_arena_copy(struct record_arena *arena, struct view bytes) MUST_USE;
