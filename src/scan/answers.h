/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "scan/address_table.h"
#include "scan/contact.h"
#include "scan/known.h"

/*
 * Answers: which endpoints answered, whom, and when first. Those are new that answered a scanner
 * before they were seen to answer anybody else, in these records or in the file of known services.
 */
struct answers;

enum { ANSWERS_MEMORY_LEAST = 4 << 20 };

struct answers *answers_new(uint64_t memory_bytes, const char *folder) MUST_USE;
void answers_free(struct answers *answers); /* NULL is fine */

/* A contact that was answered. */
int answers_add(struct answers *answers, const struct contact *contact, struct error *err) MUST_USE;

/*
 * When it is known who the scanners are: counts the new answers of each in the table. `state_path`
 * is the file of known services (see scan/known.h), which is not replaced before answers_commit;
 * NULL: there is none.
 */
int answers_finish(struct answers *answers, struct address_table *scanners, const char *state_path,
                   struct error *err) MUST_USE;

/* A new answer. */
struct answer {
    struct scan_endpoint endpoint; /* `first`: when it answered the scanner */
    uint8_t source[ADDRESS_KEY];
};

/* The next one, in the order of endpoints; valid until the next call: 0, ANSWERS_END or -1. */
enum { ANSWERS_END = 1 };
int answers_next(struct answers *answers, const struct answer **ret, struct error *err) MUST_USE;

/* The known services, and those that answered, are those of the file from now on. */
int answers_commit(struct answers *answers, struct error *err) MUST_USE;
