/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "base/error.h"
#include "filter/tree.h"

struct filter_names;

/*
 * Fills in the nodes of a filter from its text. On failure the nodes made so far stay, and *ret_at
 * is where the text is wrong.
 */
int filter_parse(struct filter *filter, const char *text, const struct filter_names *names,
                 size_t *ret_at, struct error *err) MUST_USE;
