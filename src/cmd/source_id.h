/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"

/* A source identifier as records carry it. */
struct source_id {
    uint8_t form; /* as in struct record_transport: 0 none, 1 IPv4, 0x20 number, 0x21 text */
    uint8_t bytes[4];
};

/*
 * Reads "10.0.0.1", a host name, `hostname` (in back quotes: this machine), a number, or, in double
 * quotes or `is_quoted`, up to four characters. Asks the resolver for names.
 */
int source_id_parse(struct source_id *ret, const char *text, bool is_quoted,
                    struct error *err) MUST_USE;

/* The word of management records, which have text the other way round. */
uint32_t source_id_word(const struct source_id *id);
