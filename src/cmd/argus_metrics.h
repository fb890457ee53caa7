/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdio.h>

/* A sensor's counters as metrics; arg is the sensor. For metrics_start: it waits for nobody. */
void argus_metrics_write(void *arg, FILE *text);
