/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdint.h>

#include "base/error.h"
#include "base/options.h"

/* The memory, folder and threads of tools that keep records (tool_memory_options,
 * tool_thread_options). */
struct tool_limits {
    uint64_t memory_bytes; /* 0: not given */
    const char *folder;    /* NULL: not given */
    unsigned threads;      /* 0: not given */
};

/* 0, TOOL_UNKNOWN (see cmd/tool_settings.h) or -1. */
int tool_limits_take(struct tool_limits *limits, int event, const struct option_arg *arg,
                     struct error *err) MUST_USE;

/* What the machine and the environment say about what was not given; at least so much memory. */
int tool_limits_complete(struct tool_limits *limits, uint64_t least_bytes,
                         struct error *err) MUST_USE;
