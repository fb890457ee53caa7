/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdint.h>

/* For hash tables: nobody who makes flows should be able to choose keys that collide. */
uint64_t random_seed(void);
