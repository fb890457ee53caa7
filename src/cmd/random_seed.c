/* SPDX-License-Identifier: Apache-2.0 */
#include "cmd/random_seed.h"

#include <sys/random.h>

uint64_t random_seed(void)
{
    uint64_t seed;
    if (getrandom(&seed, sizeof(seed), GRND_NONBLOCK) != sizeof(seed))
        seed = (uint64_t)(uintptr_t)&seed;
    return seed;
}
