/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

/* Names of numbers, as records print them. */

const char *label_ip_protocol(uint8_t protocol); /* "unas" when it has none */
const char *label_ethertype(uint16_t type);      /* NULL when it has none */
bool label_find_ip_protocol(const char *label, uint8_t *ret);

const char *label_llc_sap(uint8_t sap); /* NULL when it has none */

const char *label_icmp(uint8_t type, uint8_t code);  /* state of an ICMP flow */
const char *label_icmp6(uint8_t type, uint8_t code); /* state of an ICMPv6 flow */
const char *label_isis(uint32_t pdu_type);

/* The name of a DiffServ code point in networks of the DISA; NULL if it has none. */
const char *label_disa(uint8_t code);
const char *label_dscp(uint8_t code); /* NULL when it has none */
bool label_find_dscp(const char *label, uint8_t *ret);
