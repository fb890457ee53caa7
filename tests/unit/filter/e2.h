/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "record/record.h"

/* The records that kinds.txt is about: protocols, causes and attributes that e1.h has none of. */
enum { E2_COUNT = 28 };

void e2_make(struct record ret[E2_COUNT]);
