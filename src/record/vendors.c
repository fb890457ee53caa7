/* SPDX-License-Identifier: Apache-2.0 */
#include "record/vendors.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

enum { ADDRESS_BITS = 48, OUI_BITS = 24, NAME_MOST = 32 };

struct vendor {
    uint64_t prefix; /* of the address as a number; the bits behind it are 0 */
    unsigned bits;
    char name[NAME_MOST];
};

struct vendor_names {
    struct vendor *list; /* by length, then by prefix */
    size_t count, capacity;
    bool has_length[ADDRESS_BITS + 1];
};

static uint64_t cut(uint64_t address, unsigned bits)
{
    return bits ? address >> (ADDRESS_BITS - bits) << (ADDRESS_BITS - bits) : 0;
}

static int compare(const void *one, const void *other)
{
    const struct vendor *a = one, *b = other;
    if (a->bits != b->bits)
        return a->bits < b->bits ? -1 : 1;
    return a->prefix < b->prefix ? -1 : a->prefix > b->prefix;
}

/* Pairs of digits with colons, dashes or points between them, and a length. */
static bool parse_prefix(const char *text, uint64_t *ret, unsigned *ret_bits)
{
    uint64_t address = 0;
    unsigned count = 0, byte;
    int used;
    while (count < 6 && sscanf(text, "%2x%n", &byte, &used) == 1 && used == 2) {
        address = address << 8 | byte;
        count++;
        text += used;
        if (!*text || !strchr(":-.", *text))
            break;
        text++;
    }
    if (count < 3)
        return false;
    *ret = address << 8 * (6 - count);
    *ret_bits = count == 3 ? OUI_BITS : ADDRESS_BITS;
    return !*text || (sscanf(text, "/%2u%n", ret_bits, &used) == 1 && !text[used] &&
                      *ret_bits <= ADDRESS_BITS);
}

/* Lines that are none are comments. */
static void add_line(struct vendor_names *names, char *line)
{
    char prefix[32], name[NAME_MOST];
    struct vendor vendor;
    line[strcspn(line, "#")] = '\0';
    if (sscanf(line, "%31s %31s", prefix, name) != 2 ||
        !parse_prefix(prefix, &vendor.prefix, &vendor.bits))
        return;
    vendor.prefix = cut(vendor.prefix, vendor.bits);
    memcpy(vendor.name, name, sizeof(name));
    names->list = mem_grow(names->list, &names->capacity, names->count + 1, sizeof(*names->list));
    names->list[names->count++] = vendor;
    names->has_length[vendor.bits] = true;
}

int vendor_names_load(struct vendor_names **ret, const char *path, struct error *err)
{
    char line[512];
    FILE *file = fopen(path, "re");
    if (!file)
        return error_errno(err, "%s", path);
    struct vendor_names *names = mem_zalloc(sizeof(*names));
    while (fgets(line, sizeof(line), file))
        add_line(names, line);
    bool has_failed = ferror(file);
    if (has_failed)
        error_errno(err, "%s", path);
    fclose(file);
    if (!has_failed && !names->count)
        error_set(err, "%s: no vendors of link addresses are in it", path);
    if (has_failed || !names->count) {
        vendor_names_free(names);
        return -1;
    }
    qsort(names->list, names->count, sizeof(*names->list), compare);
    *ret = names;
    return 0;
}

void vendor_names_free(struct vendor_names *names)
{
    if (!names)
        return;
    free(names->list);
    free(names);
}

const char *vendor_name(const struct vendor_names *names, const uint8_t mac[6])
{
    uint64_t address = 0;
    for (unsigned i = 0; i < 6; i++)
        address = address << 8 | mac[i];
    for (unsigned bits = ADDRESS_BITS; names && bits; bits--) {
        if (!names->has_length[bits])
            continue;
        const struct vendor key = {.prefix = cut(address, bits), .bits = bits};
        const struct vendor *found = bsearch(&key, names->list, names->count, sizeof(key), compare);
        if (found)
            return found->name;
    }
    return NULL;
}
