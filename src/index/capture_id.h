/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdbool.h>

#include "base/error.h"
#include "index/format.h"

/* Looks at a capture file as it is stored; reads at most 128 KiB of it. */
int capture_id_of(struct capture_id *ret, const char *path, struct error *err) MUST_USE;

bool capture_id_equal(const struct capture_id *a, const struct capture_id *b);

/* One number for all of it, for names of files. */
uint64_t capture_id_hash(const struct capture_id *id);
