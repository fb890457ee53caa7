/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "cmd/sensor.h"

/*
 * Reads the files of -r and -R through the sensor. *ret_troubles: how many of them were damaged, or
 * are not in the index that they should be in. 0, OUTPUT_CLOSED or -1.
 */
int argus_files_run(struct sensor *s, unsigned *ret_troubles, struct error *err) MUST_USE;
