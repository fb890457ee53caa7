/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stddef.h>

#include "base/attr.h"

/*
 * Memory for set-up and small things. A program that cannot have a few kilobytes cannot go on:
 * these calls print one line and end the process with status 1 rather than return NULL. What
 * grows with the input is planned and bounded by its owner (see the owner's header), and is asked
 * for with mem_try_map, which reports failure.
 */
void *mem_alloc(size_t size) MUST_USE;
void *mem_zalloc(size_t size) MUST_USE;
void *mem_zalloc_lines(size_t size) MUST_USE; /* begins with a cache line */
void *mem_realloc(void *old, size_t size) MUST_USE;
char *mem_strdup(const char *text) MUST_USE;
char *mem_printf(const char *format, ...) PRINTF_LIKE(1, 2) MUST_USE;

/*
 * Makes room for at least `need` elements of `size` bytes in a growing array; *capacity counts
 * elements. Returns the array, moved perhaps, and never NULL.
 */
void *mem_grow(void *array, size_t *capacity, size_t need, size_t size) MUST_USE;

/* Zeroed anonymous pages, or NULL. Pages cost memory only once they are touched. */
void *mem_try_map(size_t size) MUST_USE;
void mem_unmap(void *pages, size_t size);

/* What lies between becomes zeros; whole pages there cost no memory until they are touched. */
void mem_discard(void *from, void *to);

/* For CLEANUP(mem_free_at): frees the pointer variable's target. */
void mem_free_at(void *pointer_variable);
