/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "aggregate/cluster.h"
#include "aggregate/rules.h"
#include "base/attr.h"
#include "base/error.h"
#include "record/record.h"

/* Records on their way through rules (which end with rules_end) to clusters. */
struct rule_run;

/* The models are those of the rules, which live as long as the run. */
struct rule_run *rule_run_new(const struct rules *rules,
                              const struct cluster_options *options) MUST_USE;
void rule_run_free(struct rule_run *run); /* NULL is fine */

/* A flow record comes to the rules that it belongs to; it may be changed. */
int rule_run_add(struct rule_run *run, struct record *r, struct error *err) MUST_USE;

/* To be asked what has come out: clusters_early, clusters_finish and the like. */
struct clusters *rule_run_clusters(const struct rule_run *run);
