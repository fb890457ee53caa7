/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "base/address.h"

/*
 * What an address is for: unicast of which kind, multicast of which scope. The classes and their
 * names are those of Argus; what belongs to them is what the registries of IANA say (RFC 6890,
 * RFC 5771, RFC 2365, RFC 4291, RFC 7346).
 */
size_t address_class_count(void);

/* In the order in which they are listed. */
const char *address_class_name(size_t number);

size_t address_class_of(const struct address *address);
