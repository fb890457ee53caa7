/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "base/error.h"

/*
 * A file that others still write to, as a stream that goes on where the file ends for now, until a
 * signal asks for an end (signals.h). A thread looks for more every tenth of a second.
 */
struct follow;

int follow_new(struct follow **ret, const char *path, struct error *err) MUST_USE;

/* The name under which the stream can be opened, once. */
const char *follow_stream(const struct follow *follow);

/* To be called when the stream was opened: its end is then the end of what reads it. */
void follow_begin(struct follow *follow);

/* Ends the stream and frees. -1: the file could not be read to where it ends. NULL is fine. */
int follow_free(struct follow *follow, struct error *err) MUST_USE;
