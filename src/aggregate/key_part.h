/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdint.h>

#include "record/field.h"
#include "record/record.h"

/*
 * Parts of a key: each function writes one value of a record at `at`, at most KEY_PART_MAX bytes,
 * and returns the place behind it. Values that are not there are written as one zero byte. For two
 * records, neither part is the beginning of the other unless they are equal, and memcmp orders
 * them as the values. With `flip` 1 the value is what it would be if the record were reversed.
 */
enum { KEY_PART_MAX = 72 };

typedef uint8_t *key_part_put(uint8_t *at, const struct record *r, unsigned side, unsigned flip);

uint8_t *key_part_source(uint8_t *at, const struct record *r, unsigned side, unsigned flip);
uint8_t *key_part_protocol(uint8_t *at, const struct record *r, unsigned side, unsigned flip);

/* IPv4 before IPv6 before Ethernet before ARP. */
uint8_t *key_part_address(uint8_t *at, const struct record *r, unsigned side, unsigned flip);

/* The port of that side, of TCP and UDP. */
uint8_t *key_part_port(uint8_t *at, const struct record *r, unsigned side, unsigned flip);

/*
 * What other protocols have in the place of ports: ICMP type (SRC), code and identifier (DST), SPI
 * (DST), and what else tells flows apart.
 */
uint8_t *key_part_detail(uint8_t *at, const struct record *r, unsigned side, unsigned flip);

/* The link address of that side, and the half of it that says who made the interface. */
uint8_t *key_part_mac(uint8_t *at, const struct record *r, unsigned side, unsigned flip);
uint8_t *key_part_oui(uint8_t *at, const struct record *r, unsigned side, unsigned flip);

/* Any field of the table. */
uint8_t *key_part_field(uint8_t *at, const struct record *r, const struct field *field);
