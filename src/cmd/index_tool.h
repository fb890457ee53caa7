/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/clock.h"
#include "base/paths.h"

/* What raindex and rapcap have in common. */

/* The exit status when a capture or a segment is missing, damaged or not as it should be. */
enum { INDEX_EXIT_PARTIAL = 3 };

#define INDEX_MEMORY_LEAST (UINT64_C(32) << 20)
#define INDEX_MEMORY_MOST  (UINT64_C(1) << 30)
/* What a process needs beside the pairs of its builder. */
#define INDEX_MEMORY_ASIDE (UINT64_C(16) << 20)

/* "2023-11-14T22:13:20.123456789Z" */
enum { INDEX_TIME_SIZE = 32 };
void index_time_text(char ret[INDEX_TIME_SIZE], nsec_t time);

/* Progress over files, by their sizes. */
void index_progress_start(const struct paths *files, bool quiet);
void index_progress_file(const char *path); /* one is done */
void index_progress_stop(void);
