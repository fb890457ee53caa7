/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdio.h>

#include "net/journal.h"
#include "net/server.h"

/* Metrics of a server and of each of its clients; names begin with `program`. */
void client_metrics_write(FILE *text, const char *program, struct server *server);

/* Metrics of a journal; of one that the server writes, too. */
void client_metrics_spool(FILE *text, const char *program, struct journal *journal);
void client_metrics_spooler(FILE *text, const char *program, struct server *server);
