/* SPDX-License-Identifier: Apache-2.0 */
#include "sort/order.h"

#include <stdlib.h>
#include <string.h>

#include "base/attr.h"
#include "base/bytes.h"
#include "base/mem.h"

enum { PREFIX_ALL = 128 };

void sort_order_release(struct sort_order *order)
{
    free(order->fields);
    *order = (struct sort_order){0};
}

/* --- fields ----------------------------------------------------------------------------------- */

static bool is_among(const char *name, const char *const *names, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (!strcmp(name, names[i]))
            return true;
    return false;
}

static bool field_descends(const struct field *field)
{
    static const char *const up[] = {"sminsz", "dminsz", "seq", "sttl", "dttl",  "runtime",
                                     "mean",   "sum",    "min", "max",  "stddev"};
    static const char *const down[] = {"tcprtt", "synack", "ackdat"};
    switch (field->kind) {
    case VALUE_UINT:
    case VALUE_INT:
    case VALUE_REAL:
    case VALUE_PROTO:
        return !is_among(field->name, up, ARRAY_SIZE(up));
    default:
        return is_among(field->name, down, ARRAY_SIZE(down));
    }
}

/* Names that Argus has for sorting alone. */
static const struct field *find(const char *name)
{
    static const char *const others[][2] = {
        {"mindur", "min"}, {"maxdur", "max"}, {"avgdur", "mean"}};
    for (size_t i = 0; i < ARRAY_SIZE(others); i++)
        if (!strcmp(name, others[i][0]))
            name = others[i][1];
    return field_find(name);
}

static int set_prefix(struct sort_field *ret, const char *word, const char *length,
                      struct error *err)
{
    char *end;
    if (ret->field->kind != VALUE_IP4)
        return error_set(err, "sort field '%s': only addresses have a mask", word);
    unsigned long bits = strtoul(length, &end, 10);
    if (*length < '0' || *length > '9' || *end || bits > PREFIX_ALL)
        return error_set(err, "sort field '%s': a mask is a number of bits from 0 to 128", word);
    ret->prefix = (uint8_t)bits;
    return 0;
}

int sort_order_add(struct sort_order *order, const char *word, struct error *err)
{
    struct sort_field added = {.prefix = PREFIX_ALL};
    const char *slash = strchr(word, '/');
    CLEANUP(mem_free_at) char *name = mem_strdup(word);
    name[slash ? (size_t)(slash - word) : strlen(word)] = 0;
    added.field = find(name);
    if (!added.field) {
        const struct field *near;
        return field_suggest(name, &near, 1)
                   ? error_set(err, "there is no field '%s' to sort by; %s?", name, near->name)
                   : error_set(err, "there is no field '%s' to sort by", name);
    }
    if (slash && set_prefix(&added, word, slash + 1, err))
        return -1;
    added.descends = field_descends(added.field);
    order->fields =
        mem_grow(order->fields, &order->capacity, order->count + 1, sizeof(*order->fields));
    order->fields[order->count++] = added;
    return 0;
}

/* --- keys ------------------------------------------------------------------------------------- */

static uint8_t *make_room(struct sort_key *key, size_t size)
{
    key->bytes = mem_grow(key->bytes, &key->capacity, key->size + size, 1);
    uint8_t *at = key->bytes + key->size;
    key->size += size;
    return at;
}

static void put_u64(struct sort_key *key, uint64_t v)
{
    store_be64(make_room(key, 8), v);
}

static void put_signed(struct sort_key *key, int64_t v)
{
    put_u64(key, (uint64_t)v ^ 1ull << 63);
}

/* The bits of IEEE 754 numbers are in their order, once the negative ones are turned round. */
static void put_real(struct sort_key *key, double v)
{
    uint64_t bits;
    v += 0.0; /* -0 is 0 */
    memcpy(&bits, &v, sizeof(bits));
    put_u64(key, bits >> 63 ? ~bits : bits | 1ull << 63);
}

/* Bytes of any length: a NUL is followed by 0xff, and their end is two NULs. */
static void put_bytes(struct sort_key *key, const void *bytes, size_t size)
{
    const uint8_t *from = bytes;
    uint8_t *to = make_room(key, 2 * size + 2);
    for (size_t i = 0; i < size; i++) {
        *to++ = from[i];
        if (!from[i])
            *to++ = 0xff;
    }
    *to++ = 0;
    *to++ = 0;
    key->size = (size_t)(to - key->bytes);
}

static void put_address(struct sort_key *key, const uint8_t *addr, size_t size, unsigned prefix)
{
    uint8_t *to = make_room(key, size);
    for (size_t i = 0; i < size; i++) {
        unsigned bits = prefix > 8 * i ? prefix - 8 * (unsigned)i : 0;
        unsigned mask = bits < 8 ? 0xff00u >> bits : 0xff;
        to[i] = (uint8_t)(addr[i] & mask);
    }
}

/* The first byte of a value: what has none comes first; values of several kinds don't mix. */
static uint8_t tag_of(const struct value *value)
{
    switch (value->kind) {
    case VALUE_NONE:
        return 0;
    case VALUE_IP6:
        return 2;
    case VALUE_MAC:
        return 3;
    case VALUE_TEXT:
    case VALUE_BYTES:
        return 4;
    default:
        return 1;
    }
}

static void put_value(struct sort_key *key, const struct value *value, unsigned prefix)
{
    *make_room(key, 1) = tag_of(value);
    switch (value->kind) {
    case VALUE_NONE:
        return;
    case VALUE_UINT:
    case VALUE_PORT:
    case VALUE_PROTO:
        put_u64(key, value->u.uint);
        return;
    case VALUE_INT:
        put_signed(key, value->u.integer);
        return;
    case VALUE_REAL:
        put_real(key, value->u.real);
        return;
    case VALUE_TIME:
    case VALUE_SPAN:
        put_signed(key, value->u.time);
        return;
    case VALUE_IP4:
        put_address(key, value->u.addr, 4, prefix);
        return;
    case VALUE_IP6:
        put_address(key, value->u.addr, 16, prefix);
        return;
    case VALUE_MAC:
        memcpy(make_room(key, sizeof(value->u.mac)), value->u.mac, sizeof(value->u.mac));
        return;
    case VALUE_TEXT:
        put_bytes(key, value->text, strlen(value->text));
        return;
    case VALUE_BYTES:
        put_bytes(key, value->u.bytes.data, value->u.bytes.size);
        return;
    }
}

void sort_order_key(const struct sort_order *order, const struct record *r, struct sort_key *ret)
{
    ret->size = 0;
    if (order->first)
        put_signed(ret, order->first(order->first_arg, r));
    for (size_t i = 0; i < order->count; i++) {
        const struct sort_field *by = &order->fields[i];
        struct value value;
        size_t begin = ret->size;
        field_get(by->field, r, &value);
        put_value(ret, &value, by->prefix);
        if (by->descends == order->is_reversed)
            continue;
        for (size_t at = begin; at < ret->size; at++)
            ret->bytes[at] = (uint8_t)~ret->bytes[at];
    }
}
