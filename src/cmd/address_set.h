/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdbool.h>

#include "base/error.h"
#include "base/paths.h"
#include "base/prefix_set.h"

/*
 * The addresses of all these files (base/address_file.h) as one set, which is built. Lines that are
 * neither entries nor headings are reported, and *ret_wrong says that there were some: what the
 * others say still holds.
 */
int address_set_load(struct prefix_set **ret, const struct paths *files, bool *ret_wrong,
                     struct error *err) MUST_USE;
