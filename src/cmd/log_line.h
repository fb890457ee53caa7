/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "base/clock.h"
#include "base/event.h"

/*
 * Events as lines of logs. Whoever reads them finds whole lines, of no more than LOG_LINE_SIZE
 * bytes: what is too long is cut.
 */
enum { LOG_LINE_SIZE = 4096 };

struct log_origin {
    const char *program;
    pid_t pid;
    nsec_t now; /* the time of day */
};

/* All return the size of the line, and end it where lines are ended. */

/* "program: sentence". */
size_t log_line_text(char *ret, const struct event *event, const struct log_origin *origin);

/* {"time":...,"level":...,"program":...,"pid":...,"event":...,"message":..., and the fields}. */
size_t log_line_json(char *ret, const struct event *event, const struct log_origin *origin);

/* "<28>Nov  7 12:00:00 program[pid]: sentence", or JSON behind the colon (RFC 3164). */
size_t log_line_syslog(char *ret, const struct event *event, const struct log_origin *origin,
                       bool is_json);

/* "MESSAGE=sentence" and others, a line each: the native protocol of systemd's journal. */
size_t log_line_journal(char *ret, const struct event *event, const struct log_origin *origin);

/* As syslog numbers them. */
unsigned log_priority(enum event_level level);
