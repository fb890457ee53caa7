/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "base/clock.h"

/*
 * Progress of long work: one line on standard error, rewritten at most five times a second, only
 * when standard error is a terminal, and cleared before each message and at the end. There is one
 * terminal, so there is one progress display; it reads the clock, and only programs use it.
 */

/* `total_bytes` 0: not known. */
void progress_start(uint64_t total_bytes);
void progress_update(uint64_t done_bytes); /* cheap; a few thousand times a second is fine */
void progress_stop(void);

/* The text of the line: "1.2 GB of 5.0 GB, 24 %, 310 MB/s, 12 s left". */
void progress_text(char *ret, size_t size, uint64_t done_bytes, uint64_t total_bytes,
                   nsec_t elapsed_ns);
