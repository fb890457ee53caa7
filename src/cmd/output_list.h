/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"

/* Where records are to go, and which of them: what each -w says. */
struct output_spec {
    char *path, *filter; /* filter: NULL for every record */
};

struct output_list {
    struct output_spec *specs;
    size_t count, capacity;
};

/* Texts are copied. */
void output_list_add(struct output_list *list, const char *path, const char *filter);

/* As files of variables say it: "path", or "path filter", the filter perhaps in double quotes. */
void output_list_add_text(struct output_list *list, const char *text);

/* The same, of which the path must name datagrams (base/datagrams.h). */
int output_list_add_stream(struct output_list *list, const char *text, struct error *err) MUST_USE;

bool output_list_is_same(const struct output_list *a, const struct output_list *b);
void output_list_release(struct output_list *list);
