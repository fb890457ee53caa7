/* SPDX-License-Identifier: Apache-2.0 */
#include "cmd/tool_input.h"

#include <inttypes.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/message.h"
#include "base/progress.h"
#include "cmd/stop.h"
#include "net/reader.h"
#include "record/source.h"

enum { RECORDS_PER_UPDATE = 4096 };

static bool is_standard_input(const struct path *path)
{
    return !strcmp(path->name, "-");
}

/* Bytes of all files, or 0 if that can't be known. */
static uint64_t total_bytes(const struct paths *paths)
{
    uint64_t total = 0;
    for (size_t i = 0; i < paths->count; i++) {
        struct stat status;
        if (is_standard_input(&paths->list[i]) || stat(paths->list[i].name, &status) ||
            !S_ISREG(status.st_mode))
            return 0;
        total += (uint64_t)status.st_size;
    }
    return total;
}

void tool_input_init(struct tool_input *input, const struct paths *paths, bool shows_progress)
{
    *input = (struct tool_input){.paths = paths, .until_update = RECORDS_PER_UPDATE};
    if (shows_progress && paths->count)
        progress_start(total_bytes(paths));
}

static void close_source(struct tool_input *input)
{
    if (input->source)
        input->done_bytes += source_raw_size(input->source);
    source_close(input->source);
    input->source = NULL;
}

void tool_input_add_remote(struct tool_input *input, struct reader *reader)
{
    input->reader = reader;
    input->remote_head = mem_zalloc(sizeof(*input->remote_head));
}

void tool_input_release(struct tool_input *input)
{
    close_source(input);
    if (input->reader && reader_failures(input->reader))
        input->is_damaged = true;
    reader_free(input->reader);
    free(input->remote_head);
    input->reader = NULL;
    progress_stop();
    if (input->skipped)
        message("files left out because they are not argus data: %" PRIu64, input->skipped);
}

static void report_unopened(struct tool_input *input, const struct path *path,
                            const struct error *err)
{
    bool readable = is_standard_input(path) || !access(path->name, R_OK);
    if (path->found && readable) {
        input->skipped++;
        return;
    }
    message_error(err);
    if (readable)
        input->is_damaged = true;
    else
        input->is_missing = true;
}

/* What is written in their place is not compressed. */
static bool refuse_compressed(struct tool_input *input)
{
    if (!input->is_replacing || !source_is_compressed(input->source))
        return false;
    message("%s: is compressed; -M replace writes no compressed files and leaves it as it is",
            source_name(input->source));
    source_close(input->source);
    input->source = NULL;
    input->is_damaged = true;
    return true;
}

bool tool_input_next_file(struct tool_input *input)
{
    while (input->next < input->paths->count) {
        const struct path *path = &input->paths->list[input->next++];
        struct error err;
        if (!source_open(&input->source, path->name, &err)) {
            if (refuse_compressed(input))
                continue;
            input->path = path;
            input->number = 0;
            return true;
        }
        input->source = NULL;
        report_unopened(input, path, &err);
    }
    return false;
}

static void show_progress(struct tool_input *input)
{
    input->until_update = RECORDS_PER_UPDATE;
    progress_update(input->done_bytes + source_raw_taken(input->source));
}

/* The next record of the file that is open; 0, SOURCE_DAMAGED, SOURCE_END or -1. */
static int next_of_source(struct tool_input *input, struct record **ret, struct error *err)
{
    int result;
    do { /* of a part, the records that begin in it */
        result = source_next(input->source, ret, err);
        if (result && result != SOURCE_DAMAGED)
            return result;
        if ((*ret)->offset > input->path->last)
            return SOURCE_END;
    } while ((*ret)->offset < input->path->first);
    return result;
}

/* The next record of the remote sources. */
static bool next_remote(struct tool_input *input, struct record **ret)
{
    struct error err;
    int result = reader_next(input->reader, ret, &err);
    if (result == READER_END)
        return false;
    if (result == READER_DAMAGED)
        message_error(&err);
    input->is_damaged |= result == READER_DAMAGED;
    input->is_first = reader_is_head(input->reader);
    if (input->is_first) {
        *input->remote_head = **ret;
        input->remote_head->wire.size = 0; /* the bytes go, the record stays */
        input->head = input->remote_head;
    }
    return true;
}

/* Waits for a pipe, as the tool wants it, or until an end is asked for. */
static void wait_for_source(struct tool_input *input)
{
    int stop_descriptor = -1;
    while (input->before_wait && !stop_is_wanted() && source_would_wait(input->source)) {
        input->before_wait(input->wait_arg);
        if (!input->wait_most || stop_catch(&stop_descriptor, NULL))
            return;
        struct pollfd what[] = {
            {.fd = source_descriptor(input->source), .events = POLLIN},
            {.fd = stop_descriptor, .events = POLLIN},
        };
        (void)poll(what, ARRAY_SIZE(what), (int)(input->wait_most / NSEC_PER_MSEC));
    }
}

bool tool_input_next(struct tool_input *input, struct record **ret)
{
    struct error err;
    while (!stop_is_wanted() && (input->source || tool_input_next_file(input))) {
        wait_for_source(input);
        if (stop_is_wanted())
            break;
        int result = next_of_source(input, ret, &err);
        if (result == SOURCE_DAMAGED || result < 0) {
            message_error(&err);
            input->is_damaged = true;
        }
        if (!result || result == SOURCE_DAMAGED) {
            input->is_first = !input->number++;
            input->head = source_head(input->source);
            if (!--input->until_update)
                show_progress(input);
            return true;
        }
        close_source(input);
        if (input->by_file)
            return false;
    }
    progress_stop(); /* what comes now may be printed on the same terminal */
    return input->reader && next_remote(input, ret);
}
