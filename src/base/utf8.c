/* SPDX-License-Identifier: Apache-2.0 */
#include "base/utf8.h"

/* RFC 3629: no overlong forms, no surrogates, nothing above U+10FFFF. */
unsigned utf8_length(const uint8_t *at, size_t size)
{
    uint8_t first = at[0], low = 0x80, high = 0xbf;
    unsigned more = first < 0x80 ? 0 : first < 0xe0 ? 1 : first < 0xf0 ? 2 : 3;
    if (first < 0x80)
        return 1;
    if (first < 0xc2 || first > 0xf4 || size <= more)
        return 0;
    if (first == 0xe0)
        low = 0xa0;
    else if (first == 0xed)
        high = 0x9f;
    else if (first == 0xf0)
        low = 0x90;
    else if (first == 0xf4)
        high = 0x8f;
    for (unsigned i = 1; i <= more; i++) {
        if (at[i] < low || at[i] > high)
            return 0;
        low = 0x80;
        high = 0xbf;
    }
    return more + 1;
}
