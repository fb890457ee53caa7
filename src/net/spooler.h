/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/clock.h"
#include "base/error.h"

/*
 * Spooler: writes what is added to a server to its journal, by a thread of its own. It reads the
 * backlog as clients do, and so holds up nobody: what the disk is too slow for, or has no room for,
 * is in the journal no more than in the memory of clients that are too slow. It is counted, told,
 * and passed over, so that all others keep their positions.
 *
 * What fails is tried again every second; as long as the backlog has the records, nothing is lost.
 */
struct spooler;
struct server;

struct spooler *spooler_new(struct server *server) MUST_USE; /* of a server with a backlog */
int spooler_start(struct spooler *spooler, struct error *err) MUST_USE;

/*
 * Writes what there still is, and ends the thread. It makes one attempt: what fails then, is
 * missing in the journal.
 */
void spooler_finish(struct spooler *spooler);
void spooler_free(struct spooler *spooler); /* of one that is finished; NULL is fine */

/* All with the server's lock: */

/* There are new records. */
void spooler_wake(struct spooler *spooler);

/* True if it is at work, and would miss a record if one of so many bytes were added. */
bool spooler_is_held_up(const struct spooler *spooler, size_t record_bytes, nsec_t now);

uint64_t spooler_position(const struct spooler *spooler); /* of the next record to be written */
uint64_t spooler_missed(const struct spooler *spooler);   /* records that the journal never got */
