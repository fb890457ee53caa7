/* SPDX-License-Identifier: Apache-2.0 */
#include "cmd/tool_limits.h"

#include <inttypes.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/quantity.h"
#include "base/temp_file.h"
#include "cmd/memory_default.h"
#include "cmd/tool_options.h"
#include "cmd/tool_settings.h"

static int set_threads(struct tool_limits *limits, const char *word, struct error *err)
{
    uint64_t count;
    if (quantity_count(word, 1024, &count, err))
        return error_prefix(err, "--threads");
    if (!count)
        return error_set(err, "--threads: at least one is needed");
    limits->threads = (unsigned)count;
    return 0;
}

int tool_limits_take(struct tool_limits *limits, int event, const struct option_arg *arg,
                     struct error *err)
{
    switch (event) {
    case TOOL_MEMORY:
        if (quantity_size(arg->word, &limits->memory_bytes, err))
            return error_prefix(err, "--memory");
        limits->memory_bytes += !limits->memory_bytes; /* 0 was given, and is too little */
        return 0;
    case TOOL_TEMP_DIR:
        limits->folder = arg->word;
        return temp_file_check(arg->word, err) ? error_prefix(err, "--temp-dir") : 0;
    case TOOL_THREADS:
        return set_threads(limits, arg->word, err);
    default:
        return TOOL_UNKNOWN;
    }
}

int tool_limits_complete(struct tool_limits *limits, uint64_t least_bytes, struct error *err)
{
    if (limits->memory_bytes && limits->memory_bytes < least_bytes)
        return error_set(err, "--memory: at least %" PRIu64 " M are needed", least_bytes >> 20);
    if (!limits->memory_bytes)
        limits->memory_bytes = memory_default();
    if (limits->memory_bytes < least_bytes)
        limits->memory_bytes = least_bytes;
    if (!limits->threads) {
        long processors = sysconf(_SC_NPROCESSORS_ONLN);
        limits->threads = processors > 0 ? (unsigned)processors : 1;
    }
    if (!limits->folder)
        limits->folder = getenv("TMPDIR");
    if (!limits->folder || !*limits->folder)
        limits->folder = "/tmp";
    return 0;
}
