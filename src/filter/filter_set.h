/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stddef.h>

#include "base/attr.h"
#include "filter/filter.h"
#include "record/record.h"

/*
 * Many filters in an order, and the first of them that matches a record: at a price that hardly
 * depends on how many there are, as long as each asks for some host, network, port or protocol.
 * Those that ask for nothing of the kind are evaluated one by one. It never changes, and may be
 * shared between threads.
 *
 * It takes some 30 bytes for each alternative of a filter (see terms.h), and a megabyte.
 */
struct filter_set;

/* The filters live as long as the set; NULL is one that matches everything. */
struct filter_set *filter_set_new(const struct filter *const *filters, size_t count) MUST_USE;
void filter_set_free(struct filter_set *set); /* NULL is fine */

/* The first one from `from` on that matches; their count if none does. */
size_t filter_set_find(const struct filter_set *set, size_t from, const struct record *r);
