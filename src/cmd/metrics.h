/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdint.h>
#include <stdio.h>

#include "base/error.h"

/*
 * Metrics: what a program counts, as text for Prometheus, by HTTP under /metrics. A thread of its
 * own answers, a few connections at a time; what it asks for must not wait for anybody.
 *
 *     metrics_open      listens; privileges may be dropped then
 *     metrics_start     begins to answer
 *     metrics_free      ends the thread; what it asks for may go then
 */
struct metrics;

/* "port" (of loopback), "host:port" or "[address]:port". */
int metrics_open(struct metrics **ret, const char *where, struct error *err) MUST_USE;

/* `write` is called in the thread, for each answer. */
int metrics_start(struct metrics *metrics, void (*write)(void *arg, FILE *text), void *arg,
                  struct error *err) MUST_USE;
void metrics_free(struct metrics *metrics); /* NULL is fine */

/* A family of metrics, whose values follow. What only grows has a name that ends in _total. */
void metrics_family(FILE *text, const char *name, const char *help);

/* One of them; `label` NULL: it has none. Its value may be any text. */
void metrics_value(FILE *text, const char *name, const char *label, const char *label_value,
                   uint64_t value);

/* A family that has one value. */
void metrics_single(FILE *text, const char *name, const char *help, uint64_t value);

/* What is said of every program: its version, and what it has of the system's memory. */
void metrics_process(FILE *text);
