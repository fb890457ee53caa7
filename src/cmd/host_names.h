/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "filter/filter.h"

/* Addresses of a host, as the system's resolver knows them; see struct filter_names. */
unsigned host_names_find(const char *name, struct host_address *ret, unsigned most);
