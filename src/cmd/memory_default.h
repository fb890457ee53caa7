/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdint.h>

/*
 * What --memory is when it is not given: half of the machine's memory or of the limit of the
 * process's control group, whichever is less. In bytes.
 */
uint64_t memory_default(void);
