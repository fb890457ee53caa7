/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdbool.h>

#include "filter/filter.h"
#include "record/record.h"

/*
 * Labeler: what files know of a flow record's addresses, ports and kind goes into its label, as
 * Argus has it:
 *
 *     saddr=inside:daddr=inside,server:dport=http:flow=web
 *
 * A label that the record has already stays in front, and what it says is not said again.
 */
struct labeler;

struct labeler *labeler_new(void) MUST_USE;
void labeler_free(struct labeler *labeler); /* NULL is fine */

/* The files; each is read at most once. Of ports: in the form of services(5). */
int labeler_read_addresses(struct labeler *labeler, const char *path, struct error *err) MUST_USE;
int labeler_read_ports(struct labeler *labeler, const char *path, struct error *err) MUST_USE;
int labeler_read_flows(struct labeler *labeler, const char *path, const struct filter_names *names,
                       struct error *err) MUST_USE;

/* What is added lives until the next call. Only flow records get labels. */
void labeler_apply(struct labeler *labeler, struct record *r);
