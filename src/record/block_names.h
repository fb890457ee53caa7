/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

/*
 * The names that users have for the blocks of a record: trans flow time metric agr net vlan mpls
 * jitter ipattr psize suser duser mac icmp encaps behavior cor cocode label asn.
 */

/* The block of a name of `size` bytes (an enum record_block), or 0. */
uint32_t block_find(const char *name, size_t size);

/*
 * Applies "[+|-]name,..." to a set of blocks: names with a sign are added or taken away; without
 * any sign, the names are the whole set.
 */
int blocks_parse(const char *list, uint32_t *blocks, struct error *err) MUST_USE;
