/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdbool.h>

/*
 * What signals ask of the sensor. SIGINT and SIGTERM ask for an end; a second one does what it
 * always does. SIGUSR1 asks for the counters. SIGHUP asks a sensor that listens for its outputs to
 * be opened anew, and one that reads files for an end. Signals that are ignored stay so.
 */
void signals_catch(bool is_listening);

int signals_stop(void); /* the signal that asks for an end, or 0 */

/* True once for each time that it was asked for. */
bool signals_take_reopen(void);
bool signals_take_report(void);
