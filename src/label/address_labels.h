/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdint.h>

#include "base/attr.h"
#include "base/error.h"

/*
 * Address labels: what files of addresses (base/address_file.h) call an address: the labels of all
 * entries that it lies in, from the widest to the narrowest, with commas between them. Of two
 * entries that overlap, and of which none contains the other, one is left out.
 */
struct address_labels;

/* An entry that is none is an error, and so is a file that cannot be read. */
int address_labels_read(struct address_labels **ret, const char *path, struct error *err) MUST_USE;
void address_labels_free(struct address_labels *labels); /* NULL is fine */

/* Of an address of 4 or 16 bytes; NULL: it has none. */
const char *address_labels_find(const struct address_labels *labels, const uint8_t *address,
                                unsigned address_size);
