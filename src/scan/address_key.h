/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <string.h>

#include "base/address.h"
#include "record/record.h"

/*
 * An address of either version as bytes of one size that sort as addresses do: a byte for the
 * version, and then the address with zeros behind it.
 */
enum { ADDRESS_KEY = 17 };

static inline void address_key_put(uint8_t *to, const uint8_t *address, unsigned size)
{
    to[0] = size == ADDRESS_IP4 ? 4 : 6;
    memcpy(to + 1, address, size);
    memset(to + 1 + size, 0, ADDRESS_KEY - 1 - size);
}

static inline unsigned address_key_size(const uint8_t *key)
{
    return key[0] == 4 ? ADDRESS_IP4 : ADDRESS_IP6;
}
