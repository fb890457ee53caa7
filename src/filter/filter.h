/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/attr.h"
#include "base/error.h"
#include "record/record.h"

/*
 * Filter: the clients' filter language (ra(1), FILTER EXPRESSION). Text is compiled once into a
 * typed tree and evaluated on records; a compiled filter never changes and may be shared between
 * threads. `and` and `or` bind equally, from left to right, as users know it.
 */
struct filter;
struct service_names;

/*
 * Compiles. An empty text matches everything. A syntax error names the position and shows the
 * expression with a caret under it (two further lines in err). `services` names ports; NULL: ports
 * are numbers.
 */
int filter_compile(struct filter **ret, const char *text, const struct service_names *services,
                   struct error *err) MUST_USE;
void filter_free(struct filter *filter); /* NULL is fine */

bool filter_match(const struct filter *filter, const struct record *r);

/* The compiled form, fully parenthesised; it compiles to the same filter. The caller frees it. */
char *filter_text(const struct filter *filter) MUST_USE;
