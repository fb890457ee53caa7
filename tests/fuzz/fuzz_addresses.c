/* SPDX-License-Identifier: Apache-2.0 */
/* Arbitrary bytes as a file of addresses: every entry is found in the set made of all. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/address_file.h"
#include "base/check.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { ENTRIES = 64 };

struct seen {
    struct prefix_set *set;
    struct address_range entries[ENTRIES];
    uint32_t count;
};

static int take(void *context, const struct address_range *range, struct error *err)
{
    struct seen *seen = context;
    check(range->first.size == range->last.size);
    check(address_order(&range->first, &range->last) <= 0);
    if (seen->count < ENTRIES)
        seen->entries[seen->count] = *range;
    return prefix_set_add_range(seen->set, &range->first, &range->last, seen->count++, err);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char path[64];
    struct address_file_counts counts;
    /* Included files could be any that this machine has. */
    if (memmem(data, size, "#include", strlen("#include")))
        return 0;
    struct seen seen = {.set = prefix_set_new()};
    int file = memfd_create("addresses", MFD_CLOEXEC);
    check(file >= 0);
    check(write(file, data, size) == (ssize_t)size);
    snprintf(path, sizeof(path), "/proc/self/fd/%d", file);
    if (!address_file_read(path, take, &seen, &counts, NULL))
        check(counts.entries == seen.count);
    prefix_set_build(seen.set);
    for (uint32_t i = 0; i < seen.count && i < ENTRIES; i++) {
        const struct address_range *entry = &seen.entries[i];
        check(prefix_set_find(seen.set, entry->first.bytes, entry->first.size) < seen.count);
        check(prefix_set_find(seen.set, entry->last.bytes, entry->last.size) < seen.count);
    }
    prefix_set_free(seen.set);
    close(file);
    return 0;
}
