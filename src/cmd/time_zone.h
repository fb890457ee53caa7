/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "base/error.h"

/*
 * Makes a zone the local one: a name of the system's list ("Europe/Berlin"), or a rule of POSIX
 * ("CET-1CEST"). The C library takes any other word for UTC; here it is an error.
 */
int time_zone_use(const char *zone, struct error *err) MUST_USE;
