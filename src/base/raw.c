/* SPDX-License-Identifier: Apache-2.0 */
#include "base/raw.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/check.h"
#include "base/mem.h"

/*
 * A mapping is mapped in STEP bytes at a time, a little ahead of the reader: one system call for
 * 512 pages is much cheaper than a page fault for every 16. It is given back STEP bytes at a time,
 * KEPT bytes behind the reader, because pages that others still look at (batches under way to
 * other threads) would have to be mapped in again.
 */
enum { STEP = 1024 * 1024, KEPT = STEP };

/* A reader that has come this far goes on; the others only look at the first few bytes. */
enum { GOES_ON = 256 * 1024 };

/* Maps in the next steps. It only saves time: kernels before 5.14 do not know how. */
static void make_ready(struct raw *raw)
{
#ifdef MADV_POPULATE_READ
    size_t size = raw->filled - raw->ready < STEP ? raw->filled - raw->ready : STEP;
    madvise((uint8_t *)raw->map + raw->ready, size, MADV_POPULATE_READ);
#endif
    raw->ready += STEP;
}

/* True if the file is mapped; some file systems cannot do it. */
static bool map(struct raw *raw, size_t size)
{
    void *at = mmap(NULL, size, PROT_READ, MAP_PRIVATE, raw->descriptor, 0);
    if (at == MAP_FAILED)
        return false;
    madvise(at, size, MADV_SEQUENTIAL);
    raw->map = at;
    raw->bytes = at;
    raw->filled = size;
    close(raw->descriptor);
    raw->descriptor = -1;
    raw->ended = true;
    return true;
}

int raw_open(struct raw *raw, const char *path, struct error *err)
{
    *raw = (struct raw){.descriptor = STDIN_FILENO, .is_stdin = !strcmp(path, "-")};
    if (!raw->is_stdin)
        raw->descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
    if (raw->descriptor < 0)
        return error_errno(err, "%s", path);
    struct stat status;
    if (fstat(raw->descriptor, &status)) {
        error_errno(err, "%s", path);
        raw_release(raw);
        return -1;
    }
    if (S_ISDIR(status.st_mode)) {
        raw_release(raw);
        return error_set(err, "%s: is a directory, not a file", path);
    }
    /* Some files in /proc say that they are empty, and are not: those are read. */
    if (!raw->is_stdin && S_ISREG(status.st_mode) && status.st_size) {
        raw->size = (uint64_t)status.st_size;
        if (map(raw, (size_t)status.st_size))
            return 0;
    }
    raw->bytes = raw->chunk = mem_alloc(RAW_CHUNK);
    return 0;
}

void raw_prefetch(const char *path, size_t size)
{
    int descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
    if (descriptor < 0)
        return;
    posix_fadvise(descriptor, 0, (off_t)size, POSIX_FADV_WILLNEED);
    close(descriptor);
}

void raw_open_memory(struct raw *raw, struct view bytes)
{
    *raw = (struct raw){.descriptor = -1,
                        .bytes = bytes.data ? bytes.data : (const uint8_t *)"",
                        .filled = bytes.size,
                        .size = bytes.size,
                        .ended = true};
}

void raw_release(struct raw *raw)
{
    if (raw->descriptor >= 0 && !raw->is_stdin)
        close(raw->descriptor);
    if (raw->map)
        munmap(raw->map, raw->filled);
    free(raw->chunk);
    *raw = (struct raw){.descriptor = -1};
}

static int read_some(struct raw *raw, uint8_t *to, size_t size, size_t *ret_read, const char *name,
                     struct error *err)
{
    ssize_t got;
    do {
        got = read(raw->descriptor, to, size);
    } while (got < 0 && errno == EINTR);
    *ret_read = got > 0 ? (size_t)got : 0;
    raw->ended = got <= 0;
    return got < 0 ? error_errno(err, "%s: offset %llu of the file", name,
                                 (unsigned long long)(raw->before + raw->filled))
                   : 0;
}

int raw_fill(struct raw *raw, const char *name, struct error *err)
{
    if (raw->ended)
        return 0;
    if (raw->taken == raw->filled) {
        raw->before += raw->taken;
        raw->taken = raw->filled = 0;
    }
    if (raw->filled == RAW_CHUNK)
        return 0;
    size_t got;
    int result = read_some(raw, raw->chunk + raw->filled, RAW_CHUNK - raw->filled, &got, name, err);
    raw->filled += got;
    return result;
}

bool raw_would_wait(const struct raw *raw)
{
    struct pollfd what = {.fd = raw->descriptor, .events = POLLIN};
    return !raw->ended && !raw_at_hand(raw).size && !raw_is_whole(raw) && !poll(&what, 1, 0);
}

void raw_take(struct raw *raw, size_t size)
{
    check(size <= raw->filled - raw->taken);
    raw->taken += size;
    if (!raw->map || raw->taken < GOES_ON)
        return;
    while (raw->ready < raw->filled && raw->ready < raw->taken + STEP)
        make_ready(raw);
    while (raw->given_back + STEP + KEPT <= raw->taken) {
        madvise((uint8_t *)raw->map + raw->given_back, STEP, MADV_DONTNEED);
        raw->given_back += STEP;
    }
}

void raw_seek(struct raw *raw, size_t position, size_t size)
{
    enum { PAGE = 4096 };
    check(raw_is_whole(raw) && position <= raw->filled);
    raw->taken = position;
    if (!raw->map)
        return;
    raw->ready = raw->filled;
    raw->given_back = raw->filled;
    size_t start = position / PAGE * PAGE, end = position + size;
    if (end > raw->filled)
        end = raw->filled;
    madvise(raw->map, raw->filled, MADV_RANDOM);
    if (start < end)
        madvise((uint8_t *)raw->map + start, end - start, MADV_WILLNEED);
}

int raw_read(struct raw *raw, uint8_t *to, size_t size, size_t *ret_read, const char *name,
             struct error *err)
{
    struct view left = raw_at_hand(raw);
    *ret_read = left.size < size ? left.size : size;
    if (*ret_read) {
        memcpy(to, left.data, *ret_read);
        raw->taken += *ret_read;
        return 0;
    }
    if (raw->ended)
        return 0;
    int result = read_some(raw, to, size, ret_read, name, err);
    raw->before += *ret_read;
    return result;
}
