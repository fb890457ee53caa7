/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stddef.h>
#include <stdint.h>

/*
 * The next character of bytes that should be UTF-8, and how many bytes it has; 0 if it is none, and
 * then one byte is wrong. `size` is at least 1.
 */
unsigned utf8_length(const uint8_t *at, size_t size);
