/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "base/error.h"
#include "cmd/argus_options.h"
#include "flow/streams.h"
#include "net/journal.h"
#include "net/server.h"
#include "record/record.h"

/*
 * Where the sensor's records go: every -w with its filter, each file framed by a start and a stop
 * management record. These carry packet time, not the clock's, so that the same capture always
 * makes the same bytes.
 */
struct argus_output;

struct argus_totals {
    nsec_t first, last; /* times of packets */
    uint64_t packets, bytes, records, flows, lost;
};

/* *ret is to be freed even when -1 is returned. */
int argus_output_new(struct argus_output **ret, const struct argus_options *options,
                     struct error *err) MUST_USE;

/* Frees in any case; writes nothing more. */
int argus_output_free(struct argus_output *output, struct error *err) MUST_USE;

/*
 * Serves clients from now on, if that is wanted. They get a start record that says `now`.
 */
int argus_output_serve(struct argus_output *output, nsec_t now, struct error *err) MUST_USE;
void argus_output_await_clients(struct argus_output *output);

struct server *argus_output_server(const struct argus_output *output); /* NULL: nobody is served */

/* NULL: there is no spool, or it is not open yet. Any thread may ask. */
struct journal *argus_output_journal(const struct argus_output *output);

/* To be called before the first record: the time that the start records say. */
void argus_output_begin(struct argus_output *output, nsec_t first);

/*
 * Opens all files now, each beginning with its start record; without it they are opened by the
 * first record that they get.
 */
int argus_output_open(struct argus_output *output, struct error *err) MUST_USE;

/* Closes all files and opens them under their names again; new ones begin at `now`. */
int argus_output_reopen(struct argus_output *output, nsec_t now, struct error *err) MUST_USE;

/* What was written can be read. */
int argus_output_flush(struct argus_output *output, struct error *err) MUST_USE;

/* A meter_sink; arg is the output. OUTPUT_CLOSED when the reader of standard output went away. */
int argus_output_record(void *arg, const struct record *r, struct error *err);

/* The same for records that come from several threads. */
struct streams_output argus_output_streams(struct argus_output *output);

/* True if a filter asks for the numbers of flows, which are not known when it is asked there. */
bool argus_output_wants_numbers(const struct argus_output *output);

/*
 * Writes a status record, which says what was counted since the one before: the last that was
 * written to here. `totals` count from the beginning.
 */
int argus_output_status(struct argus_output *output, const struct argus_totals *totals,
                        struct error *err) MUST_USE;

/* Writes the stop records, with what was counted since the last status record. */
int argus_output_end(struct argus_output *output, const struct argus_totals *totals,
                     struct error *err) MUST_USE;
