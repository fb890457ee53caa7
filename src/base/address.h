/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* IP addresses and prefixes as text. An address is 4 or 16 bytes, and its size says which. */
enum { ADDRESS_IP4 = 4, ADDRESS_IP6 = 16, ADDRESS_TEXT_MAX = 64 };

struct address {
    uint8_t bytes[16];
    uint8_t size; /* ADDRESS_IP4 or ADDRESS_IP6 */
};

struct prefix {
    struct address address;
    uint8_t bits; /* at most 8 * address.size */
};

/* "10.1.2.3" or "fd00::1", and nothing behind it. */
bool address_parse(const char *text, size_t size, struct address *ret);

/* An address alone, with "/length", or with "/mask". Bits behind the prefix are kept. */
bool prefix_parse(const char *text, size_t size, struct prefix *ret);

/* The length that a mask of ones and then zeros stands for; false if it is none. */
bool address_mask_bits(const struct address *mask, uint8_t *ret);

/* Below, equal, above: -1, 0, 1. IPv4 stands below IPv6. */
int address_order(const struct address *a, const struct address *b);
