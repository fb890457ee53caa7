/* SPDX-License-Identifier: Apache-2.0 */
#include "split/series.h"

#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "base/mem.h"

enum { SLOTS_FIRST = 64, ALPHABET = 26 };

struct series_set {
    struct series *slots; /* a hash table; empty ones have no prefix */
    size_t slot_count, count;
    unsigned letters;
    uint64_t seed;
    char *path;
    size_t path_capacity;
};

struct series_set *series_set_new(unsigned letters, uint64_t seed)
{
    struct series_set *set = mem_zalloc(sizeof(*set));
    set->letters = letters;
    set->seed = seed;
    set->slot_count = SLOTS_FIRST;
    set->slots = mem_zalloc(set->slot_count * sizeof(*set->slots));
    return set;
}

void series_set_free(struct series_set *set)
{
    if (!set)
        return;
    for (size_t i = 0; i < set->slot_count; i++)
        free(set->slots[i].prefix);
    free(set->slots);
    free(set->path);
    free(set);
}

/* The slot that has this prefix, or would have it. */
static struct series *slot_of(struct series_set *set, const char *prefix, uint64_t hash)
{
    size_t at = hash & (set->slot_count - 1);
    while (set->slots[at].prefix &&
           (set->slots[at].hash != hash || strcmp(set->slots[at].prefix, prefix) != 0))
        at = (at + 1) & (set->slot_count - 1);
    return &set->slots[at];
}

static void grow(struct series_set *set)
{
    struct series *old = set->slots;
    size_t old_count = set->slot_count;
    set->slot_count *= 2;
    set->slots = mem_zalloc(set->slot_count * sizeof(*set->slots));
    for (size_t i = 0; i < old_count; i++)
        if (old[i].prefix)
            *slot_of(set, old[i].prefix, old[i].hash) = old[i];
    free(old);
}

int series_find(struct series_set *set, const char *prefix, struct series **ret, struct error *err)
{
    const uint64_t hash = hash_bytes(set->seed, prefix, strlen(prefix));
    *ret = slot_of(set, prefix, hash);
    if ((*ret)->prefix)
        return 0;
    if (set->count == SERIES_MOST)
        return error_set(err, "%s: there are more than %d series of files", prefix, SERIES_MOST);
    if (2 * ++set->count > set->slot_count) {
        grow(set);
        *ret = slot_of(set, prefix, hash);
    }
    **ret = (struct series){.prefix = mem_strdup(prefix), .hash = hash};
    return 0;
}

void series_advance(struct series *series)
{
    series->number++;
    series->records = series->size = 0;
}

/* With n letters there are 25 * 26^(n-1) names before the first letter would be a z. */
static uint64_t names_of(unsigned letters)
{
    uint64_t names = ALPHABET - 1;
    for (unsigned i = 1; i < letters && names < UINT64_MAX / ALPHABET; i++)
        names *= ALPHABET;
    return names;
}

const char *series_path(struct series_set *set, const struct series *series)
{
    const size_t size = strlen(series->prefix);
    const uint64_t names = names_of(set->letters), more = series->number / names;
    uint64_t number = series->number % names;
    set->path = mem_grow(set->path, &set->path_capacity, size + more + set->letters + 1, 1);
    memcpy(set->path, series->prefix, size);
    memset(set->path + size, 'z', more);
    char *letters = set->path + size + more;
    for (unsigned i = set->letters; i-- > 0; number /= ALPHABET)
        letters[i] = (char)('a' + number % ALPHABET);
    letters[set->letters] = '\0';
    return set->path;
}
