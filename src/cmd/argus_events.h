/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "base/error.h"

struct sensor;

/*
 * Records of events, between those of the flows: what the programs and files say that the options
 * name. NULL if they name none; an error if one is not there.
 */
struct argus_events;

int argus_events_new(struct argus_events **ret, const struct sensor *s, struct error *err) MUST_USE;

/* Writes what has come. 0, OUTPUT_CLOSED or -1. */
int argus_events_write(struct argus_events *events, struct sensor *s, struct error *err) MUST_USE;
void argus_events_free(struct argus_events *events);
