/* SPDX-License-Identifier: Apache-2.0 */
/*
 * floor CAPTURE: the least that a sensor must do, as a measure for ours. Maps a pcap file of
 * Ethernet frames, finds the 5-tuple of every IP packet and adds to one counter block for each
 * conversation. No TCP state, no times, no records, no other link types.
 *
 * The table is open addressing with linear probing, a cache line a flow, doubled when half full.
 * Packets are taken in batches: hash and prefetch all of them, then update, so that the misses of
 * a batch overlap.
 */
#include <fcntl.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include "base/bytes.h"
#include "base/hash.h"
#include "base/mem.h"
#include "base/message.h"

enum { BATCH = 32, KEY_WORDS = 5, ETHER_IP4 = 0x0800, ETHER_IP6 = 0x86dd, ETHER_VLAN = 0x8100 };

/* Both addresses (IPv4: one word), ports and protocol; the lower end first. */
struct block {
    uint64_t key[KEY_WORDS];
    uint32_t packets[2];
    uint64_t bytes[2];
};

_Static_assert(sizeof(struct block) == 64, "one cache line a flow");

struct table {
    struct block *blocks;
    size_t mask, used;
};

struct item {
    uint64_t key[KEY_WORDS];
    uint64_t hash;
    uint32_t bytes;
    uint8_t side;
};

static struct block *table_find(const struct table *table, const uint64_t *key, uint64_t hash)
{
    size_t at = hash & table->mask;
    while (table->blocks[at].key[KEY_WORDS - 1] &&
           memcmp(table->blocks[at].key, key, sizeof(table->blocks[at].key)) != 0)
        at = (at + 1) & table->mask;
    return &table->blocks[at];
}

static void table_double(struct table *table)
{
    struct table larger = {.mask = table->mask * 2 + 1, .used = table->used};
    larger.blocks = mem_try_map((larger.mask + 1) * sizeof(struct block));
    if (!larger.blocks) {
        message("no memory for %zu flows", larger.mask + 1);
        exit(1);
    }
    for (size_t i = 0; table->blocks && i <= table->mask; i++) {
        const struct block *old = &table->blocks[i];
        if (old->key[KEY_WORDS - 1])
            *table_find(&larger, old->key, hash_words(0, old->key, KEY_WORDS)) = *old;
    }
    if (table->blocks)
        mem_unmap(table->blocks, (table->mask + 1) * sizeof(struct block));
    *table = larger;
}

/* Puts the lower end first; the last word also says that the block is in use. */
static void make_key(struct item *item, const uint8_t *addresses, size_t length, uint8_t protocol,
                     uint32_t ports)
{
    uint16_t source = (uint16_t)(ports >> 16), target = (uint16_t)ports;
    int order = memcmp(addresses, addresses + length, length);
    bool turned = order > 0 || (order == 0 && source > target);
    memset(item->key, 0, sizeof(item->key));
    memcpy((uint8_t *)item->key + (turned ? length : 0), addresses, length);
    memcpy((uint8_t *)item->key + (turned ? 0 : length), addresses + length, length);
    if (turned)
        ports = (uint32_t)target << 16 | source;
    item->key[KEY_WORDS - 1] = UINT64_C(1) << 63 | (uint64_t)protocol << 32 | ports;
    item->hash = hash_words(0, item->key, KEY_WORDS);
    item->side = turned;
}

static bool find_tuple(const uint8_t *frame, uint32_t captured, struct item *item)
{
    uint32_t at = 14, header;
    if (captured < 14)
        return false;
    uint16_t type = load_be16(frame + 12);
    while (type == ETHER_VLAN && captured >= at + 4) {
        type = load_be16(frame + at + 2);
        at += 4;
    }
    bool is_ip6 = type == ETHER_IP6;
    if ((!is_ip6 && type != ETHER_IP4) || captured < at + (is_ip6 ? 40 : 20))
        return false;
    header = is_ip6 ? 40 : (frame[at] & 15u) * 4;
    uint8_t protocol = frame[at + (is_ip6 ? 6 : 9)];
    uint32_t ports = 0;
    if ((protocol == 6 || protocol == 17) && captured >= at + header + 4)
        ports = load_be32(frame + at + header);
    make_key(item, frame + at + (is_ip6 ? 8 : 12), is_ip6 ? 16 : 4, protocol, ports);
    return true;
}

static void update(struct table *table, const struct item *items, unsigned count)
{
    for (unsigned i = 0; i < count; i++) {
        const struct item *item = &items[i];
        struct block *block = table_find(table, item->key, item->hash);
        if (!block->key[KEY_WORDS - 1]) {
            memcpy(block->key, item->key, sizeof(block->key));
            table->used++;
        }
        block->packets[item->side]++;
        block->bytes[item->side] += item->bytes;
    }
}

static uint64_t run(struct table *table, struct view capture)
{
    struct item items[BATCH];
    uint64_t packets = 0;
    unsigned count = 0;
    size_t at = 24;
    while (at + 16 <= capture.size) {
        const uint8_t *head = capture.data + at;
        uint32_t captured = load_le32(head + 8);
        if (captured > capture.size - at - 16)
            break;
        at += 16 + captured;
        packets++;
        items[count].bytes = load_le32(head + 12);
        if (find_tuple(head + 16, captured, &items[count])) {
            __builtin_prefetch(&table->blocks[items[count].hash & table->mask], 1);
            count++;
        }
        if (count < BATCH && at + 16 <= capture.size)
            continue;
        if (table->used + BATCH > table->mask / 2)
            table_double(table);
        update(table, items, count);
        count = 0;
    }
    update(table, items, count);
    return packets;
}

int main(int argc, char **argv)
{
    struct table table = {.mask = (1 << 16) - 1};
    struct stat info;
    message_init("floor");
    int file = argc == 2 ? open(argv[1], O_RDONLY) : -1;
    if (file < 0 || fstat(file, &info) != 0) {
        message("usage: floor CAPTURE (a pcap file)");
        return 2;
    }
    size_t size = (size_t)info.st_size;
    const uint8_t *data = mmap(NULL, size, PROT_READ, MAP_PRIVATE, file, 0);
    uint32_t magic = data == MAP_FAILED || size < 24 ? 0 : load_le32(data);
    if (magic != 0xa1b2c3d4 && magic != 0xa1b23c4d) {
        message("%s: not a little-endian pcap file", argv[1]);
        return 1;
    }
    table_double(&table);
    uint64_t packets = run(&table, (struct view){data, size});
    printf("%" PRIu64 " packets, %zu flows\n", packets, table.used);
    return 0;
}
