/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "base/attr.h"
#include "base/error.h"

/*
 * A temporary file that has no name, so that nobody else sees it and nothing of it is left, however
 * the process ends. Returns its descriptor, to be read and written, or -1.
 */
int temp_file_open(const char *folder, struct error *err) MUST_USE;

/* An error if none can be made there. */
int temp_file_check(const char *folder, struct error *err) MUST_USE;
