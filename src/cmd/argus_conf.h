/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "cmd/argus_options.h"

/* Files of variables for the sensor: argus.conf(5). */

/* Reads one; what it says counts as if it stood on the command line. */
int argus_conf_read(struct argus_options *options, const char *path, struct error *err) MUST_USE;
