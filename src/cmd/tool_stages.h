/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "cmd/tool_settings.h"
#include "record/record.h"

/*
 * Stages: what is done to records between input and filter, in the order of their list: blocks are
 * taken out, half-seen connections turned round, and records left out by time, label or user data.
 * Behind the filter, one record may become two (-M uni, -M rmon).
 */
struct tool_stages;

int tool_stages_new(struct tool_stages **ret, const struct tool_settings *settings,
                    struct error *err) MUST_USE;
void tool_stages_free(struct tool_stages *stages); /* NULL is fine */

/* False if the record is left out. */
bool tool_stages_pass(struct tool_stages *stages, struct record *r);

/* The second of the two records that the first one becomes, which is changed; NULL: there is none.
 */
struct record *tool_stages_split(struct tool_stages *stages, struct record *r);
