/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "filter/filter.h"

/* Addresses of a host, as the system's resolver knows them; see struct filter_names. */
unsigned host_names_find(const char *name, struct host_address *ret, unsigned most);

/* The link address of a host, from ethers(5). */
bool host_names_find_ether(const char *name, uint8_t ret[6]);
