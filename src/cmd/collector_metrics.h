/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>

#include "cmd/source_metrics.h"
#include "net/journal.h"
#include "net/server.h"

/* What radium shows of itself: the parts of a collector that any thread may ask. */
struct collector_view {
    _Atomic uint64_t records; /* that passed the filter */
    struct server *server;    /* NULL: nobody is served */
    struct journal *journal;  /* NULL: there is no spool */
    struct source_metrics *sources;
};

/* For metrics_start; arg is the view. */
void collector_metrics_write(void *arg, FILE *text);
