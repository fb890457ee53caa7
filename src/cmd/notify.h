/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdbool.h>

#include "base/attr.h"
#include "base/clock.h"

/*
 * What a service manager is told (sd_notify(3)), if it asks: that all is open, that configuration
 * is read again, how the work goes, and, for its watchdog, that it goes on. The protocol is a
 * datagram to a socket that the environment names, which is no reason to depend on a library.
 * Without a manager nothing is sent, and nothing wanted.
 *
 * The watchdog must not be told so by anybody but the loop that does the work, when it has come
 * round, and when what it depends on does its own part.
 */

/*
 * Finds out who asks. In the process that stays, before rights and root folder change, and before
 * other programs are run: the variables are taken out of the environment.
 */
void notify_begin(void);

void notify_ready(void); /* after the start, and after notify_reloading */
void notify_reloading(void);
void notify_stopping(void);

/* How long a loop may wait before it comes round: a second at most. */
nsec_t notify_patience(void);

/* True if it is time to be told that the work goes on; then notify_alive says so. */
bool notify_wants_sign(nsec_t now);
void notify_alive(nsec_t now);

/* True if it is time to say how; then a line of counters does. */
bool notify_wants_status(nsec_t now);
void notify_status(nsec_t now, const char *format, ...) PRINTF_LIKE(2, 3);
