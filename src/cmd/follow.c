/* SPDX-License-Identifier: Apache-2.0 */
#include "cmd/follow.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/mem.h"
#include "cmd/signals.h"

enum { CHUNK = 1 << 16 };
static const long NAP_NS = 100 * 1000 * 1000;

struct follow {
    char *path, *stream;
    int file, ends[2]; /* of the pipe: where it is read, and written */
    int failure;       /* errno of reading the file, or 0 */
    atomic_bool is_over;
    pthread_t thread;
    char chunk[CHUNK];
};

/* False when nobody reads the stream any more. */
static bool pass_on(const struct follow *f, const char *bytes, size_t size)
{
    while (size) {
        ssize_t done = write(f->ends[1], bytes, size);
        if (done < 0 && errno == EINTR)
            continue;
        if (done < 0)
            return false;
        bytes += done;
        size -= (size_t)done;
    }
    return true;
}

static void *copy(void *arg)
{
    struct follow *f = arg;
    const struct timespec nap = {.tv_nsec = NAP_NS};
    while (!signals_stop() && !f->is_over) {
        ssize_t got = read(f->file, f->chunk, CHUNK);
        if (got < 0 && errno != EINTR) {
            f->failure = errno;
            break;
        }
        if (got > 0 && !pass_on(f, f->chunk, (size_t)got))
            break;
        if (!got)
            nanosleep(&nap, NULL);
    }
    close(f->ends[1]);
    return NULL;
}

static void release(struct follow *f)
{
    if (f->file >= 0)
        close(f->file);
    if (f->ends[0] >= 0)
        close(f->ends[0]);
    free(f->path);
    free(f->stream);
    free(f);
}

int follow_new(struct follow **ret, const char *path, struct error *err)
{
    struct follow *f = mem_zalloc(sizeof(*f));
    f->ends[0] = -1;
    f->path = mem_strdup(path);
    f->file = open(path, O_RDONLY | O_CLOEXEC);
    int result = 0;
    if (f->file < 0)
        result = error_errno(err, "%s", path);
    else if (pipe2(f->ends, O_CLOEXEC))
        result = error_errno(err, "a pipe for %s", path);
    else if ((errno = pthread_create(&f->thread, NULL, copy, f)) != 0)
        result = error_errno(err, "a thread for %s", path);
    if (result) {
        release(f);
        return -1;
    }
    f->stream = mem_printf("/dev/fd/%d", f->ends[0]);
    *ret = f;
    return 0;
}

const char *follow_stream(const struct follow *f)
{
    return f->stream;
}

void follow_begin(struct follow *f)
{
    close(f->ends[0]);
    f->ends[0] = -1;
}

int follow_free(struct follow *f, struct error *err)
{
    if (!f)
        return 0;
    f->is_over = true;
    if (f->ends[0] >= 0)
        follow_begin(f);
    pthread_join(f->thread, NULL);
    errno = f->failure;
    int result = f->failure ? error_errno(err, "%s: read failed", f->path) : 0;
    release(f);
    return result;
}
