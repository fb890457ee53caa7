/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "aggregate/entry.h"
#include "aggregate/model.h"
#include "aggregate/table.h"

/*
 * The order in which clusters come out. It is a function of the input: those that went out before
 * the end come first, in the order of the records that made them go; then model after model, and
 * of a model with a key of the user's by key; and then by the last record that came to them.
 */
struct order {
    const struct cluster_model *models;
    unsigned model_count;
};

/* Less than, equal to or greater than 0. Only entries of two tables may be equal, never of one. */
int order_compare(const struct order *order, const struct entry *a, const struct entry *b);

/* Two numbers that order entries as far as they differ; what is left order_compare knows. */
uint32_t order_major(const struct entry *entry);
uint64_t order_minor(const struct order *order, const struct entry *entry);

/* Makes the table's slots a list of its entries in order. Only table_release may follow. */
bool order_table(const struct order *order, struct table *table) MUST_USE;

/* True if the entry's place in the order needs its key. */
bool order_needs_key(const struct order *order, const struct entry *entry);
