/* SPDX-License-Identifier: Apache-2.0 */
#include "cmd/memory_default.h"

#include <inttypes.h>
#include <stdio.h>
#include <unistd.h>

/* The limit that a control group's file states, or UINT64_MAX for none ("max", no file). */
static uint64_t group_limit(const char *path)
{
    uint64_t limit = UINT64_MAX;
    FILE *file = fopen(path, "re");
    if (!file)
        return UINT64_MAX;
    if (fscanf(file, "%" SCNu64, &limit) != 1)
        limit = UINT64_MAX;
    fclose(file);
    return limit;
}

uint64_t memory_default(void)
{
    static const char *const paths[] = {"/sys/fs/cgroup/memory.max",
                                        "/sys/fs/cgroup/memory/memory.limit_in_bytes"};
    const uint64_t fallback = UINT64_C(1) << 30;
    long pages = sysconf(_SC_PHYS_PAGES), page_size = sysconf(_SC_PAGESIZE);
    uint64_t most = pages > 0 && page_size > 0 ? (uint64_t)pages * (uint64_t)page_size : fallback;
    for (unsigned i = 0; i < 2; i++) {
        uint64_t limit = group_limit(paths[i]);
        if (limit < most)
            most = limit;
    }
    return most / 2;
}
