/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdint.h>

/*
 * Shift: other hosts in a frame of Ethernet that are to each other as those before: every unicast
 * address of the outermost IPv4, IPv6 or ARP header moves by the same amount, and the checksums
 * that cover it, with it. Frames of one capture that are shifted alike are the same conversations
 * among other hosts.
 */
enum { SHIFT_WORDS = 2, SHIFT_SUMS = 2, SHIFTS_IN_ALL = 0xdf00 };

/* Offsets in the frame; 0: none. */
struct shift_places {
    uint16_t words[SHIFT_WORDS]; /* 16 bits of an address */
    uint16_t sums[SHIFT_SUMS];   /* checksums over both addresses */
    uint8_t is_ip6;
};

void shift_find(const uint8_t *frame, uint32_t captured, struct shift_places *ret);

/* `shift` is below SHIFTS_IN_ALL; each gives other addresses. */
void shift_apply(uint8_t *frame, const struct shift_places *places, uint16_t shift);
