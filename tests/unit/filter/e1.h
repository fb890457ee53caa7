/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stddef.h>

#include "record/record.h"

/*
 * The records that table.txt is about: one of each kind that the filter language tells apart. The
 * management record has the number 0.
 */
enum { E1_COUNT = 27 };

void e1_make(struct record ret[E1_COUNT]);
