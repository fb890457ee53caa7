/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdio.h>

#include "net/server.h"

/* Metrics of a server and of each of its clients; names begin with `program`. */
void client_metrics_write(FILE *text, const char *program, struct server *server);
