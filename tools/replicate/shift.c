/* SPDX-License-Identifier: Apache-2.0 */
#include "shift.h"

#include <stdbool.h>

#include "base/bytes.h"

enum { ETHER_IP4 = 0x0800, ETHER_ARP = 0x0806, ETHER_IP6 = 0x86dd };
enum { ETHER_VLAN = 0x8100, ETHER_PROVIDER = 0x88a8, ETHER_OLD_PROVIDER = 0x9100 };
enum { ICMP = 1, TCP = 6, UDP = 17, ICMP6 = 58 };

/* The first 16 bits of unicast addresses of IPv4: 1.0 to 223.255. */
enum { FIRST_UNICAST = 0x0100 };

struct header {
    const uint8_t *frame;
    uint32_t at, captured; /* of the frame */
};

static bool has(const struct header *h, uint32_t size)
{
    return h->captured >= h->at + size;
}

static void add_word(struct shift_places *places, unsigned i, const struct header *h,
                     uint32_t offset)
{
    const uint8_t *address = h->frame + h->at + offset;
    if (places->is_ip6 ? address[0] != 0 && address[0] != 0xff
                       : address[0] >= 1 && address[0] <= 223)
        places->words[i] = (uint16_t)(h->at + offset + (places->is_ip6 ? 2 : 0));
}

/* The checksum of what follows on the IP header of `size` bytes, if it covers the addresses. */
static void add_sum(struct shift_places *places, const struct header *h, uint32_t size,
                    uint8_t protocol)
{
    uint32_t offset = 0;
    if (protocol == TCP)
        offset = 16;
    else if (protocol == UDP)
        offset = 6;
    else if (protocol == ICMP6 && places->is_ip6)
        offset = 2;
    if (!offset || !has(h, size + offset + 2))
        return;
    if (protocol == UDP && !load_be16(h->frame + h->at + size + offset))
        return; /* there is none */
    places->sums[1] = (uint16_t)(h->at + size + offset);
}

static void find_ip4(const struct header *h, struct shift_places *ret)
{
    const uint8_t *ip = h->frame + h->at;
    if (!has(h, 20) || ip[0] >> 4 != 4 || (ip[0] & 15) < 5)
        return;
    add_word(ret, 0, h, 12);
    add_word(ret, 1, h, 16);
    ret->sums[0] = (uint16_t)(h->at + 10);
    bool is_later_fragment = load_be16(ip + 6) & 0x1fff;
    if (!is_later_fragment)
        add_sum(ret, h, (ip[0] & 15u) * 4, ip[9]);
}

static void find_ip6(const struct header *h, struct shift_places *ret)
{
    const uint8_t *ip = h->frame + h->at;
    if (!has(h, 40) || ip[0] >> 4 != 6)
        return;
    ret->is_ip6 = 1;
    add_word(ret, 0, h, 8);
    add_word(ret, 1, h, 24);
    add_sum(ret, h, 40, ip[6]);
}

static void find_arp(const struct header *h, struct shift_places *ret)
{
    const uint8_t *arp = h->frame + h->at;
    if (!has(h, 28) || load_be16(arp + 2) != ETHER_IP4 || load_be16(arp + 4) != 0x0604)
        return;
    add_word(ret, 0, h, 14);
    add_word(ret, 1, h, 24);
}

void shift_find(const uint8_t *frame, uint32_t captured, struct shift_places *ret)
{
    struct header h = {.frame = frame, .at = 14, .captured = captured};
    *ret = (struct shift_places){0};
    if (captured < h.at)
        return;
    uint16_t type = load_be16(frame + 12);
    while ((type == ETHER_VLAN || type == ETHER_PROVIDER || type == ETHER_OLD_PROVIDER) &&
           has(&h, 4)) {
        type = load_be16(frame + h.at + 2);
        h.at += 4;
    }
    if (type == ETHER_IP4)
        find_ip4(&h, ret);
    else if (type == ETHER_IP6)
        find_ip6(&h, ret);
    else if (type == ETHER_ARP)
        find_arp(&h, ret);
}

/* RFC 1624: what a checksum becomes when a word under it changes. */
static uint16_t sum_after(uint16_t sum, uint16_t old, uint16_t new)
{
    uint32_t x = (uint16_t)~sum + (uint32_t)(uint16_t)~old + new;
    x = (x & 0xffff) + (x >> 16);
    x = (x & 0xffff) + (x >> 16);
    return (uint16_t)~x;
}

void shift_apply(uint8_t *frame, const struct shift_places *places, uint16_t shift)
{
    for (unsigned i = 0; i < SHIFT_WORDS; i++) {
        uint16_t at = places->words[i];
        if (!at)
            continue;
        uint16_t old = load_be16(frame + at), new = (uint16_t)(old + shift);
        if (!places->is_ip6) /* goes round within unicast */
            new = (uint16_t)((old - FIRST_UNICAST + shift) % SHIFTS_IN_ALL + FIRST_UNICAST);
        store_be16(frame + at, new);
        for (unsigned k = 0; k < SHIFT_SUMS; k++)
            if (places->sums[k]) {
                uint8_t *sum = frame + places->sums[k];
                store_be16(sum, sum_after(load_be16(sum), old, new));
            }
    }
}
