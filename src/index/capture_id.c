/* SPDX-License-Identifier: Apache-2.0 */
#include "index/capture_id.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/hash.h"

enum { END_BYTES = 64 * 1024 };

/* Hashes `size` bytes at `offset`; what is behind the last whole word is padded with zeros. */
static int hash_part(int descriptor, uint64_t offset, size_t size, uint64_t *ret)
{
    uint64_t words[END_BYTES / 8 + 1];
    size_t filled = 0;
    memset(words, 0, sizeof(words));
    while (filled < size) {
        ssize_t got =
            pread(descriptor, (uint8_t *)words + filled, size - filled, (off_t)(offset + filled));
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0)
            return -1;
        filled += (size_t)got;
    }
    *ret = hash_words(size, words, (unsigned)((size + 7) / 8));
    return 0;
}

int capture_id_of(struct capture_id *ret, const char *path, struct error *err)
{
    struct stat status;
    int descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
    if (descriptor < 0)
        return error_errno(err, "%s", path);
    int result = fstat(descriptor, &status) ? error_errno(err, "%s", path) : 0;
    if (!result && !S_ISREG(status.st_mode))
        result = error_set(err, "%s: not a file that can be read again, so it has no index", path);
    if (!result) {
        ret->size = (uint64_t)status.st_size;
        size_t part = ret->size < END_BYTES ? (size_t)ret->size : END_BYTES;
        if (hash_part(descriptor, 0, part, &ret->head) ||
            hash_part(descriptor, ret->size - part, part, &ret->tail))
            result = error_errno(err, "%s: cannot be read", path);
    }
    close(descriptor);
    return result;
}

bool capture_id_equal(const struct capture_id *a, const struct capture_id *b)
{
    return a->size == b->size && a->head == b->head && a->tail == b->tail;
}

uint64_t capture_id_hash(const struct capture_id *id)
{
    const uint64_t words[] = {id->size, id->head, id->tail};
    return hash_words(0, words, 3);
}
