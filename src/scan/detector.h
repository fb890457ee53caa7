/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "base/prefix_set.h"
#include "record/record.h"
#include "scan/answers.h"
#include "scan/profile.h"

/*
 * Detector: takes flow records in any order, and says which of their sources are scanners. What it
 * says follows from the records alone: each contact is kept as a row of bytes (spill/key_set.h), in
 * memory or in a temporary file, and at the end the rows of each source are gone through in the
 * order of time. So a source needs memory only while it is looked at, and then a fixed amount.
 */
struct detector;

enum { DETECTOR_MEMORY_LEAST = 32 << 20 };

struct detector_options {
    struct walk_steps steps;
    const struct prefix_set *local; /* addresses inside; NULL: not known */
    const struct prefix_set *dark;  /* addresses that nobody has; NULL: none are known */
    bool learns_dark;       /* local addresses that no record shows to have sent, are dark */
    uint64_t dark_least;    /* see struct profile */
    uint64_t memory_bytes;  /* DETECTOR_MEMORY_LEAST or more */
    const char *state_path; /* of known services, see scan/answers.h; NULL: none */
    const char *folder;     /* for temporary files */
};

/* The options' sets and texts must outlive the detector. */
struct detector *detector_new(const struct detector_options *options) MUST_USE;
void detector_free(struct detector *detector); /* NULL is fine */

int detector_add(struct detector *detector, const struct record *r, struct error *err) MUST_USE;

/* After the last record: decides. */
int detector_finish(struct detector *detector, struct error *err) MUST_USE;

/*
 * The next scanner, most targets first; valid until the next call: 0, DETECTOR_END or -1. They are
 * numbered in this order, from 1.
 */
enum { DETECTOR_END = 1 };
int detector_next(struct detector *detector, const struct scanner **ret,
                  struct error *err) MUST_USE;

/*
 * What answered a scanner for the first time, of the addresses inside if these are known; *ret_id
 * is the scanner's number: 0, DETECTOR_END or -1.
 */
int detector_next_answer(struct detector *detector, const struct answer **ret, uint32_t *ret_id,
                         struct error *err) MUST_USE;

/* Writes the file of known services, now that all else went well. */
int detector_commit(struct detector *detector, struct error *err) MUST_USE;

/* The number of the scanner that is the record's source; 0: it is none. */
uint32_t detector_find(const struct detector *detector, const struct record *r);

/* If the address is one of those inside. */
bool detector_is_local(const struct detector *detector, const uint8_t address[ADDRESS_KEY]);

struct detector_counts {
    uint64_t contacts, sources, scanners;
};

struct detector_counts detector_counts(const struct detector *detector);
