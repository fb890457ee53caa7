/* SPDX-License-Identifier: Apache-2.0 */
#include "cmd/index_tool.h"

#include <stdio.h>
#include <sys/stat.h>
#include <time.h>

#include "base/progress.h"

void index_time_text(char ret[INDEX_TIME_SIZE], nsec_t time)
{
    struct tm tm;
    int64_t second = nsec_seconds(time);
    time_t clock = (time_t)second;
    gmtime_r(&clock, &tm);
    size_t size = strftime(ret, INDEX_TIME_SIZE, "%Y-%m-%dT%H:%M:%S", &tm);
    snprintf(ret + size, INDEX_TIME_SIZE - size, ".%09dZ", (int)(time - second * NSEC_PER_SEC));
}

static uint64_t done_bytes;

static uint64_t size_of(const char *path)
{
    struct stat status;
    return stat(path, &status) ? 0 : (uint64_t)status.st_size;
}

void index_progress_start(const struct paths *files, bool quiet)
{
    uint64_t total = 0;
    if (quiet)
        return;
    for (size_t i = 0; i < files->count; i++)
        total += size_of(files->list[i].name);
    done_bytes = 0;
    progress_start(total);
}

void index_progress_file(const char *path)
{
    done_bytes += size_of(path);
    progress_update(done_bytes);
}

void index_progress_stop(void)
{
    progress_stop();
}
