/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "cmd/radium_options.h"
#include "cmd/targets.h"
#include "label/labeler.h"
#include "net/protocol.h"
#include "net/reader.h"
#include "record/record.h"

/*
 * Collector: where radium's records go. First to the files of -w, then to the spool, and from
 * there to clients: nobody ever gets a record that the spool does not have.
 */
struct collector;

/* Listens; all else waits for collector_start. */
int collector_new(struct collector **ret, const struct radium_options *options,
                  struct error *err) MUST_USE;

/* Opens the spool and begins to serve. */
int collector_start(struct collector *collector, struct error *err) MUST_USE;

/* Where the records of a source go on, by the spool. False: it has none of them. */
bool collector_place(const struct collector *collector, const char *source,
                     struct protocol_place *ret);

/*
 * Takes a record, which the filter is applied to, and which gets its labels then. `source` and
 * `place` are where it stood in the stream of a server; NULL: nowhere. 0, OUTPUT_CLOSED or -1.
 */
int collector_take(struct collector *collector, struct record *r, const char *source,
                   const struct protocol_place *place, struct error *err) MUST_USE;

/* What was taken so far is to be seen, before a wait. */
int collector_flush(struct collector *collector, struct error *err) MUST_USE;

/* Takes a management record of radium's own, with what was counted since the one before. */
int collector_tell(struct collector *collector, enum record_cause cause,
                   struct error *err) MUST_USE;

/* Closes the files of -w, to be opened anew with the next record. */
int collector_reopen(struct collector *collector, struct error *err) MUST_USE;

/* Other files take the place of those of -w, which are closed. Takes `targets`. */
int collector_write_to(struct collector *collector, struct targets *targets,
                       struct error *err) MUST_USE;

/* Records get these labels from now on, which are taken; NULL: none. */
void collector_label_by(struct collector *collector, struct labeler *labeler);

/* Clients are served as serving_change has it. */
int collector_serve_by(struct collector *collector, const struct serving_settings *settings,
                       struct error *err) MUST_USE;

/* Tells a service manager what it wants to know now. For the loop that takes records. */
void collector_notify(struct collector *collector, nsec_t now);

/* The counters of the reader's servers are seen among the metrics, as they are now. */
void collector_show_sources(struct collector *collector, const struct reader *reader);

void collector_await_clients(struct collector *collector, int (*stop)(void));

/* Clients get what they lack, as far as they read; frees in any case. NULL is fine. */
int collector_free(struct collector *collector, struct error *err) MUST_USE;
