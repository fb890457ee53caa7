/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/bytes.h"
#include "base/error.h"
#include "base/event.h"
#include "net/protocol.h"

/*
 * Journal: a stream of records in files of a folder, each with its position, as far back as a limit
 * of bytes allows. One thread writes; another one may read. What journal_flush has written is there
 * after the process was killed, and a new one goes on behind it, and knows of each source of
 * positions which of its records it has. After a power failure the end may be missing; the
 * stream then gets a new number, so that no position ever means two records.
 */
struct journal;

struct journal_options {
    const char *folder;   /* made if it is not there */
    uint64_t limit_bytes; /* at least JOURNAL_LEAST */
    uint64_t stream;      /* the number of the stream if a new one begins */
    const char *boot;     /* what is different after each start of the machine; "": not known */
    /* Called about a damaged place, by who opens or reads; NULL: nobody is told. */
    void (*note)(void *arg, const struct event *event);
    void *arg;
};

enum { JOURNAL_LEAST = 16 * 1024 * 1024 };

int journal_open(struct journal **ret, const struct journal_options *options,
                 struct error *err) MUST_USE;
int journal_close(struct journal *journal, struct error *err); /* frees in any case; NULL is fine */

uint64_t journal_stream(const struct journal *journal);
uint64_t journal_next(const struct journal *journal);    /* the position of the record added next */
uint64_t journal_written(const struct journal *journal); /* of the next one to be written */

/* What a client that stopped at `place`, perhaps before the stream got a new number, wants next. */
bool journal_resume(struct journal *journal, const struct protocol_place *place, uint64_t *ret);

/* Where the records of a source go on; false if none of them is here. */
bool journal_source(const struct journal *journal, const char *source, struct protocol_place *ret);

/*
 * Adds a record of a source, which had this place there; both NULL if it has none. It is written
 * by journal_flush, which is to be called before the record is shown to anybody.
 */
int journal_add(struct journal *journal, struct view record, const char *source,
                const struct protocol_place *place, struct error *err) MUST_USE;
int journal_flush(struct journal *journal, struct error *err) MUST_USE;

/*
 * Files beside the spool that get the same records. When a process is killed, they may be ahead of
 * the spool or behind it; by what was noted of them they can be cut back to where the spool knows
 * them, and get what follows there from it.
 */
struct journal_output {
    uint64_t path;         /* a hash of its name */
    uint64_t inode, bytes; /* which file it was, and how long, */
    uint64_t position;     /* when it had all records in front of this one */
};

/* Written by journal_flush, too, behind the records that were added before it. */
int journal_note_output(struct journal *journal, const struct journal_output *output,
                        struct error *err) MUST_USE;
bool journal_find_output(const struct journal *journal, uint64_t path, struct journal_output *ret);

/*
 * The record added next has this position: those in front of it are missing for ever. As all that
 * writes, it may be tried again.
 */
int journal_skip(struct journal *journal, uint64_t position, struct error *err) MUST_USE;

struct journal_counts {
    uint64_t bytes, segments, dropped; /* records that went because of the limit */
};
void journal_get_counts(struct journal *journal, struct journal_counts *ret);

/* A reader, for one thread; all zeros, but descriptor -1, is one that has not begun. */
struct journal_reader {
    int descriptor;
    uint64_t first, stream;    /* of the file that is open: its position, and its stream */
    uint64_t position, offset; /* of the next record, and of the byte where it or a mark begins */
    uint64_t end;              /* position behind the file that is open; UINT64_MAX: it grows */
};
void journal_reader_release(struct journal_reader *reader);

struct journal_piece {
    uint8_t *to; /* where records go, `most` bytes, which are enough for any */
    size_t most;
    size_t size;          /* bytes that there are now */
    uint64_t count, lost; /* records, and how many in front of them are not there (any more) */
};

/*
 * Copies whole records from `position` on, as many as there are and fit. A damaged place is told,
 * and what is missing there is counted as lost. -1: they can't be read.
 */
int journal_read(struct journal *journal, struct journal_reader *reader, uint64_t position,
                 struct journal_piece *piece) MUST_USE;
