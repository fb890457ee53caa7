/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <endian.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* Loads and stores of unaligned integers in a stated byte order, and a borrowed range of bytes. */

struct view {
    const uint8_t *data;
    size_t size;
};

static inline uint16_t load_be16(const void *at)
{
    uint16_t v;
    memcpy(&v, at, sizeof(v));
    return be16toh(v);
}

static inline uint32_t load_be32(const void *at)
{
    uint32_t v;
    memcpy(&v, at, sizeof(v));
    return be32toh(v);
}

static inline uint64_t load_be64(const void *at)
{
    uint64_t v;
    memcpy(&v, at, sizeof(v));
    return be64toh(v);
}

static inline uint16_t load_le16(const void *at)
{
    uint16_t v;
    memcpy(&v, at, sizeof(v));
    return le16toh(v);
}

static inline uint32_t load_le32(const void *at)
{
    uint32_t v;
    memcpy(&v, at, sizeof(v));
    return le32toh(v);
}

static inline uint64_t load_le64(const void *at)
{
    uint64_t v;
    memcpy(&v, at, sizeof(v));
    return le64toh(v);
}

static inline void store_be16(void *at, uint16_t v)
{
    v = htobe16(v);
    memcpy(at, &v, sizeof(v));
}

static inline void store_be32(void *at, uint32_t v)
{
    v = htobe32(v);
    memcpy(at, &v, sizeof(v));
}

static inline void store_be64(void *at, uint64_t v)
{
    v = htobe64(v);
    memcpy(at, &v, sizeof(v));
}

static inline void store_le16(void *at, uint16_t v)
{
    v = htole16(v);
    memcpy(at, &v, sizeof(v));
}

static inline void store_le32(void *at, uint32_t v)
{
    v = htole32(v);
    memcpy(at, &v, sizeof(v));
}

static inline void store_le64(void *at, uint64_t v)
{
    v = htole64(v);
    memcpy(at, &v, sizeof(v));
}
