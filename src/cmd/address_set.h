/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdbool.h>

#include "base/error.h"
#include "base/paths.h"
#include "base/prefix_set.h"

/*
 * Adds networks that are named by words with blanks or commas between them: "10.0.0.0/8", or
 * "@file" for all of a file, in which each line must be right. The set is not yet built.
 */
int address_set_add_words(struct prefix_set *set, const char *words, struct error *err) MUST_USE;

/*
 * The addresses of all these files (base/address_file.h) as one set, which is built. Lines that are
 * neither entries nor headings are reported, and *ret_wrong says that there were some: what the
 * others say still holds.
 */
int address_set_load(struct prefix_set **ret, const struct paths *files, bool *ret_wrong,
                     struct error *err) MUST_USE;
