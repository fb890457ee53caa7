/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdbool.h>

#include "cmd/tool_input.h"
#include "cmd/tool_settings.h"
#include "net/reader.h"

/* Remote sources of a record tool: -S, -T, --reconnect, -M poll, and where the filter is applied.
 */

enum filter_place {
    FILTER_ANYWHERE, /* by servers that are Panoptes, and here */
    FILTER_REMOTE,   /* by every server, and here */
    FILTER_LOCAL,    /* here alone */
};

/* The filter without the word in front of it that says where it is applied. */
const char *filter_place(const char *text, enum filter_place *ret);

/*
 * Opens the remote sources, which read until they end, or SIGINT or SIGTERM asks for an end.
 * `filter` is as filter_place gives it, or NULL. The input's before_wait is called before it waits.
 */
struct reader *tool_remote_open(const struct tool_settings *settings, const char *filter,
                                enum filter_place place, struct tool_input *input,
                                struct error *err) MUST_USE;
