/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdint.h>

#include "base/error.h"

/*
 * Vendors of network cards by the first bits of their addresses: a table in the form of the file
 * "manuf" of Wireshark, lines of "00:1B:C5:00:10:00/36 <tab> name <tab> comment"; without a length,
 * 24 bits. The longest prefix counts.
 */
struct vendor_names;

int vendor_names_load(struct vendor_names **ret, const char *path, struct error *err) MUST_USE;
void vendor_names_free(struct vendor_names *names); /* NULL is fine */

/* The vendor of an address; NULL if it is not known. */
const char *vendor_name(const struct vendor_names *names, const uint8_t mac[6]);
