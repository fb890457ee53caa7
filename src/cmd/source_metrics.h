/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdio.h>

#include "net/reader.h"

/*
 * Counters of the servers that are read, as metrics. Who reads shows them now and then; another
 * thread may ask at any time for what was shown last.
 */
struct source_metrics;

struct source_metrics *source_metrics_new(void) MUST_USE;
void source_metrics_free(struct source_metrics *metrics); /* NULL is fine */

void source_metrics_show(struct source_metrics *metrics, const struct reader *reader);

/* Names begin with `program`. */
void source_metrics_write(struct source_metrics *metrics, FILE *text, const char *program);
