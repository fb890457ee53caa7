/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/clock.h"
#include "base/error.h"

/* What is to be asked beside the packets, and how often. */
struct probe_source {
    bool is_program; /* that is run; else a file that is read */
    bool is_compressed;
    char *name;   /* of the file; of the program, with its arguments behind it */
    nsec_t every; /* 0: once */
};

struct probe_sources {
    struct probe_source *list;
    size_t count, capacity;
};

/* "prog:/usr/bin/uptime:30s", "file:/proc/vmstat:1m:compress". */
int probe_sources_add(struct probe_sources *sources, const char *text, struct error *err) MUST_USE;
void probe_sources_release(struct probe_sources *sources);
