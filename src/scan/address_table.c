/* SPDX-License-Identifier: Apache-2.0 */
#include "scan/address_table.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/check.h"
#include "base/mem.h"
#include "base/temp_file.h"

enum { CAPACITY_FIRST = 64 };

static size_t bytes_of(uint64_t count)
{
    return count * sizeof(struct address_entry);
}

void address_table_release(struct address_table *table)
{
    if (table->is_mapped) {
        munmap(table->list, bytes_of(table->capacity));
        close(table->descriptor);
    } else {
        free(table->list);
    }
    *table = (struct address_table){0};
}

static struct address_entry *map(struct address_table *table, uint64_t capacity, struct error *err)
{
    /* So that a full disk is an error here, and not the end of the process later. */
    int result = posix_fallocate(table->descriptor, 0, (off_t)bytes_of(capacity));
    if (result) {
        errno = result;
        error_errno(err, "temporary file in %s", table->folder);
        return NULL;
    }
    void *pages =
        mmap(NULL, bytes_of(capacity), PROT_READ | PROT_WRITE, MAP_SHARED, table->descriptor, 0);
    if (pages != MAP_FAILED)
        return pages;
    error_errno(err, "temporary file in %s", table->folder);
    return NULL;
}

/* From memory to the file, or to more room there. */
static int grow_file(struct address_table *table, uint64_t capacity, struct error *err)
{
    if (!table->is_mapped && (table->descriptor = temp_file_open(table->folder, err)) < 0)
        return -1;
    struct address_entry *list = map(table, capacity, err);
    if (!list) {
        if (!table->is_mapped)
            close(table->descriptor);
        return -1;
    }
    if (table->is_mapped) {
        munmap(table->list, bytes_of(table->capacity));
    } else {
        if (table->count)
            memcpy(list, table->list, bytes_of(table->count));
        free(table->list);
    }
    table->list = list;
    table->capacity = capacity;
    table->is_mapped = true;
    return 0;
}

static int grow(struct address_table *table, struct error *err)
{
    const uint64_t capacity = table->capacity ? 2 * table->capacity : CAPACITY_FIRST;
    if (table->is_mapped || bytes_of(capacity) > table->memory_most)
        return grow_file(table, capacity, err);
    table->list = mem_realloc(table->list, bytes_of(capacity));
    table->capacity = capacity;
    return 0;
}

int address_table_add(struct address_table *table, const uint8_t *address, struct error *err)
{
    if (table->count == table->capacity && grow(table, err))
        return -1;
    struct address_entry *entry = &table->list[table->count++];
    check(table->count == 1 || memcmp(entry[-1].address, address, ADDRESS_KEY) < 0);
    memset(entry, 0, sizeof(*entry));
    memcpy(entry->address, address, ADDRESS_KEY);
    return 0;
}

struct address_entry *address_table_find(const struct address_table *table, const uint8_t *address)
{
    uint64_t low = 0, high = table->count;
    while (low < high) {
        const uint64_t middle = low + (high - low) / 2;
        int order = memcmp(table->list[middle].address, address, ADDRESS_KEY);
        if (!order)
            return &table->list[middle];
        if (order < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return NULL;
}
