/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stddef.h>

#include "record/print.h"

/* What a printer with these columns (NULL: the default ones) makes of records. The caller frees. */
char *printed(const struct print_options *options, const char *columns,
              const struct record *records, size_t count);
