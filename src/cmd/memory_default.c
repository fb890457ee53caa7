/* SPDX-License-Identifier: Apache-2.0 */
#include "cmd/memory_default.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"

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

/* The least limit of a group and of those that it lies in. */
static uint64_t least_limit(const char *root, char *group, const char *name)
{
    uint64_t least = UINT64_MAX;
    for (;;) {
        char *path = mem_printf("%s%s/%s", root, group, name);
        uint64_t limit = group_limit(path);
        free(path);
        if (limit < least)
            least = limit;
        char *slash = strrchr(group, '/');
        if (!slash)
            return least;
        *slash = '\0';
    }
}

/* A line of /proc/self/cgroup, "0::/group" (version 2) or "7:cpu,memory:/group" (version 1). */
static uint64_t line_limit(char *line)
{
    line[strcspn(line, "\n")] = '\0';
    char *controllers = strchr(line, ':');
    char *group = controllers ? strchr(controllers + 1, ':') : NULL;
    if (!group)
        return UINT64_MAX;
    *group++ = '\0';
    if (!controllers[1])
        return least_limit("/sys/fs/cgroup", group, "memory.max");
    if (strstr(controllers, "memory"))
        return least_limit("/sys/fs/cgroup/memory", group, "memory.limit_in_bytes");
    return UINT64_MAX;
}

static uint64_t groups_limit(void)
{
    uint64_t least = UINT64_MAX;
    char *line = NULL;
    size_t size = 0;
    FILE *file = fopen("/proc/self/cgroup", "re");
    if (!file)
        return UINT64_MAX;
    while (getline(&line, &size, file) > 0) {
        uint64_t limit = line_limit(line);
        if (limit < least)
            least = limit;
    }
    free(line);
    fclose(file);
    return least;
}

uint64_t memory_default(void)
{
    const uint64_t fallback = UINT64_C(1) << 30;
    long pages = sysconf(_SC_PHYS_PAGES), page_size = sysconf(_SC_PAGESIZE);
    uint64_t most = pages > 0 && page_size > 0 ? (uint64_t)pages * (uint64_t)page_size : fallback;
    uint64_t limit = groups_limit();
    return (limit < most ? limit : most) / 2;
}
