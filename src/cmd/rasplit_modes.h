/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "split/bins.h"

/* How rasplit divides records: what the words of -M say. */
enum split_kind { SPLIT_COUNT, SPLIT_TIME, SPLIT_SIZE, SPLIT_FLOW };

struct split_modes {
    enum split_kind kind;
    bool is_chosen;         /* by the user */
    const char *incomplete; /* the word that waits for its value; NULL: none */
    struct bins bins;       /* of SPLIT_TIME */
    uint64_t limit;         /* of SPLIT_COUNT and SPLIT_SIZE */
    const char *expression; /* of SPLIT_FLOW */
    bool is_whole;          /* nomodify: records are not cut */
};

/* Ten thousand records a file, as long as nothing else is said. */
void split_modes_init(struct split_modes *ret);

/* A word of -M: 0, TOOL_UNKNOWN (see cmd/tool_settings.h) or -1. */
int split_modes_take(struct split_modes *modes, const char *word, struct error *err) MUST_USE;

/* After the last word. */
int split_modes_complete(const struct split_modes *modes, struct error *err) MUST_USE;
