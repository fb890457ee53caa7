/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "base/bytes.h"

/* Compressors for tests, one for each format that base/decompress knows. */
struct compressor {
    const char *name;
    /* One member. Returns its size; `size` at `to` must do. */
    size_t (*compress)(struct view bytes, uint8_t *to, size_t size);
};

enum { COMPRESSOR_COUNT = 5 };

extern const struct compressor compressors[COMPRESSOR_COUNT];
