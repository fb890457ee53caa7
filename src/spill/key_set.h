/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "base/attr.h"
#include "base/error.h"

/*
 * Key set: keys of one size in any number, given back sorted (as memcmp has it) and each once. What
 * does not fit into memory goes to a temporary file, sorted run by sorted run, and the runs are
 * merged (Knuth, The Art of Computer Programming, volume 3, section 5.4).
 */
struct key_set;

enum { KEY_SET_MEMORY_LEAST = 4 << 20, KEY_SET_KEY_MOST = 512 };

/* Keys of up to KEY_SET_KEY_MOST bytes. `memory` bytes at most are used; the temporary file, if one
 * is needed, is made in `folder`. */
struct key_set *key_set_new(size_t key_size, uint64_t memory, const char *folder) MUST_USE;
void key_set_free(struct key_set *set); /* NULL is fine */

int key_set_add(struct key_set *set, const void *key, struct error *err) MUST_USE;

/* Ends the adding. */
int key_set_sort(struct key_set *set, struct error *err) MUST_USE;

/* The next key, valid until the next call: 0, KEY_SET_END or -1. */
enum { KEY_SET_END = 1 };
int key_set_next(struct key_set *set, const void **ret, struct error *err) MUST_USE;
