/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdbool.h>

#include "base/event.h"
#include "base/options.h"

/*
 * Where the messages of a program that runs for long go: to standard error, to syslog, or to the
 * journal of systemd. A log that takes nothing is never waited for: what it does not take is
 * counted, and that is the first that it hears when it goes on.
 */

/* Ids of the options; the programs' own are below. */
enum log_option { LOG_TARGET = 300, LOG_FORMAT, LOG_LEVEL };

extern const struct option_group log_options;

enum log_target { LOG_USUAL, LOG_STDERR, LOG_SYSLOG, LOG_JOURNAL };

struct log_settings {
    enum log_target target;
    char *path; /* of the socket; NULL: the usual one */
    bool is_json;
    enum event_level level; /* what is less serious is not shown */
};

extern const struct log_settings log_defaults;

/* Takes an option: 0, -1, or LOG_UNKNOWN if it is none of these. */
enum { LOG_UNKNOWN = 1 };
int log_take(struct log_settings *settings, int event, const struct option_arg *arg,
             struct error *err) MUST_USE;
void log_release(struct log_settings *settings);

/*
 * LOG_BY_TOOL: of a program that somebody waits for, and whose messages on standard error must all
 * be there, however slowly they are read. LOG_BY_DAEMON: of one that goes into the background.
 */
enum log_user { LOG_BY_TOOL, LOG_BY_SERVICE, LOG_BY_DAEMON };

/*
 * From now on messages go there. To be called before rights and root folder change, and once.
 * Usual is the journal where standard error is connected to it, syslog for a daemon whose standard
 * error is no file, and standard error for all others. A daemon shows them on standard error, too,
 * until log_settle.
 */
int log_open(const struct log_settings *settings, enum log_user user, struct error *err) MUST_USE;

/* The start has gone well: whoever started the program listens no longer. */
void log_settle(void);

/* Messages that were not taken, ever. */
uint64_t log_lost(void);
