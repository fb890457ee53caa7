/* SPDX-License-Identifier: Apache-2.0 */
#include "base/address.h"

#include <arpa/inet.h>
#include <string.h>

bool address_parse(const char *text, size_t size, struct address *ret)
{
    char copy[ADDRESS_TEXT_MAX];
    *ret = (struct address){0};
    if (size >= sizeof(copy) || memchr(text, '\0', size))
        return false;
    memcpy(copy, text, size);
    copy[size] = '\0';
    if (inet_pton(AF_INET, copy, ret->bytes) == 1)
        ret->size = ADDRESS_IP4;
    else if (inet_pton(AF_INET6, copy, ret->bytes) == 1)
        ret->size = ADDRESS_IP6;
    return ret->size;
}

bool address_mask_bits(const struct address *mask, uint8_t *ret)
{
    const unsigned whole = 8u * mask->size;
    unsigned bits = 0;
    while (bits < whole && mask->bytes[bits / 8] & 0x80u >> bits % 8)
        bits++;
    *ret = (uint8_t)bits;
    for (; bits < whole; bits++)
        if (mask->bytes[bits / 8] & 0x80u >> bits % 8)
            return false;
    return true;
}

static bool parse_length(const char *text, size_t size, const struct address *address, uint8_t *ret)
{
    unsigned bits = 0;
    if (!size || size > 3)
        return false;
    for (size_t i = 0; i < size; i++) {
        if (text[i] < '0' || text[i] > '9')
            return false;
        bits = 10 * bits + (unsigned)(text[i] - '0');
    }
    *ret = (uint8_t)bits;
    return bits <= 8u * address->size;
}

bool prefix_parse(const char *text, size_t size, struct prefix *ret)
{
    const char *slash = memchr(text, '/', size);
    size_t own = slash ? (size_t)(slash - text) : size;
    struct address mask;
    if (!address_parse(text, own, &ret->address))
        return false;
    ret->bits = (uint8_t)(8 * ret->address.size);
    if (!slash || parse_length(slash + 1, size - own - 1, &ret->address, &ret->bits))
        return true;
    return address_parse(slash + 1, size - own - 1, &mask) && mask.size == ret->address.size &&
           address_mask_bits(&mask, &ret->bits);
}

int address_order(const struct address *a, const struct address *b)
{
    if (a->size != b->size)
        return a->size < b->size ? -1 : 1;
    int order = memcmp(a->bytes, b->bytes, a->size);
    return order < 0 ? -1 : order > 0;
}
