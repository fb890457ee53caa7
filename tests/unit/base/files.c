/* SPDX-License-Identifier: Apache-2.0 */
#include "files.h"

#include <ftw.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

int files_enter(void **state)
{
    char *root = strdup("/tmp/panoptes_test.XXXXXX");
    *state = root;
    signal(SIGPIPE, SIG_IGN);
    return mkdtemp(root) && !chdir(root) ? 0 : -1;
}

static int remove_entry(const char *name, const struct stat *status, int kind, struct FTW *ftw)
{
    (void)status, (void)kind, (void)ftw;
    return remove(name);
}

int files_leave(void **state)
{
    int result = chdir("/") || nftw(*state, remove_entry, 8, FTW_DEPTH | FTW_PHYS);
    free(*state);
    return result;
}

void files_write(const char *name, struct view bytes)
{
    FILE *to = fopen(name, "wb");
    assert_non_null(to);
    assert_int_equal(fwrite(bytes.data, 1, bytes.size, to), bytes.size);
    assert_int_equal(fclose(to), 0);
}

static void *write_all(void *arg)
{
    struct files_pipe *pipe = arg;
    for (size_t at = 0; at < pipe->bytes.size;) {
        size_t left = pipe->bytes.size - at;
        ssize_t done =
            write(pipe->ends[1], pipe->bytes.data + at, left < pipe->step ? left : pipe->step);
        if (done <= 0)
            break;
        at += (size_t)done;
        if (at == (size_t)done)
            usleep(2000); /* so that the reader sees the first step alone */
    }
    close(pipe->ends[1]);
    return NULL;
}

void files_pipe(struct files_pipe *ret, struct view bytes, size_t step)
{
    *ret = (struct files_pipe){.bytes = bytes, .step = step};
    assert_int_equal(pipe(ret->ends), 0);
    snprintf(ret->path, sizeof(ret->path), "/dev/fd/%d", ret->ends[0]);
    assert_int_equal(pthread_create(&ret->thread, NULL, write_all, ret), 0);
}

void files_wait(struct files_pipe *pipe)
{
    close(pipe->ends[0]);
    assert_int_equal(pthread_join(pipe->thread, NULL), 0);
}
