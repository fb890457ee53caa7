/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "cmd/collector.h"
#include "cmd/radium_options.h"
#include "net/reader.h"

/*
 * Reads the command line and its files of variables again, and does what can be done while radium
 * runs: sources, labels, files of -w, rules about clients, and certificates. One line says what
 * came of it, and what takes a new start. After an error in them all stays as it was. The files of
 * -w are closed in any case, to be opened anew by their next records.
 *
 * `reader` is NULL if servers are not read yet. 0, OUTPUT_CLOSED or -1: of files of -w.
 */
int radium_reload(struct radium_options *options, struct collector *collector,
                  struct reader *reader, struct error *err) MUST_USE;

/* Reads from this server, too: from where the spool says that it stopped, if it does. */
void radium_add_source(const struct collector *collector, struct reader *reader,
                       const struct endpoint *source);
