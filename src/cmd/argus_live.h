/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "cmd/sensor.h"

/*
 * Listens at the interfaces of -i until a signal, -N or the last interface ends it. *ret_troubles:
 * how many interfaces failed. 0, OUTPUT_CLOSED or -1.
 */
int argus_live_run(struct sensor *s, struct process *process, unsigned *ret_troubles,
                   struct error *err) MUST_USE;
