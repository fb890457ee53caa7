/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "filter/filter.h"
#include "record/record.h"

/*
 * Flow labels: a file of rules, one a line, with the words of a line of racluster.conf(5):
 *
 *     filter="tcp and port 80" label="web" cont
 *
 * A record that matches gets the label, and goes on to the next rule only with `cont`.
 */
struct flow_labels;

enum { FLOW_LABELS_MOST = 65536 };

/* An error names the file, the line and the column, and shows the line. */
int flow_labels_read(struct flow_labels **ret, const char *path, const struct filter_names *names,
                     struct error *err) MUST_USE;
void flow_labels_free(struct flow_labels *labels); /* NULL is fine */

/* The next label of a record from rule *at on, which begins as 0; NULL: there is no more. */
const char *flow_labels_next(const struct flow_labels *labels, const struct record *r, size_t *at);
