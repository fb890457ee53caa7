/* SPDX-License-Identifier: Apache-2.0 */
#include "net/peers.h"

#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "base/mem.h"

/*
 * The rate is kept by the generic cell rate algorithm (ITU-T I.371): of each address one time is
 * known, at which it will have all of its allowance again. A connection moves that time on by one
 * interval; it comes too fast if the time would lie further in the future than the allowance goes.
 */
enum { SETS = 512, WAYS = 4, NETWORK_SIZE = 8 };

struct peer {
    uint8_t bytes[16];
    uint8_t size; /* 0: nobody */
    nsec_t rested_at;
    nsec_t quiet_until; /* refusals are not said before */
    uint64_t untold;
};

struct peers {
    uint64_t seed;
    nsec_t rested_at; /* of all together */
    struct peer list[SETS][WAYS];
};

struct peers *peers_new(uint64_t seed)
{
    struct peers *peers = mem_zalloc(sizeof(*peers));
    peers->seed = seed;
    return peers;
}

void peers_free(struct peers *peers)
{
    free(peers);
}

/* From then on a peer is as good as one that nothing is known of. */
static nsec_t forgotten_at(const struct peer *peer)
{
    return peer->rested_at > peer->quiet_until ? peer->rested_at : peer->quiet_until;
}

static struct peer *find(struct peers *peers, const struct address *address)
{
    struct peer wanted = {.size = address->size};
    memcpy(wanted.bytes, address->bytes,
           address->size == ADDRESS_IP6 ? NETWORK_SIZE : address->size);
    uint64_t hash = hash_words(peers->seed, wanted.bytes, sizeof(wanted.bytes) / 8);
    struct peer *set = peers->list[hash % SETS], *oldest = set;
    for (unsigned i = 0; i < WAYS; i++) {
        if (set[i].size == wanted.size && !memcmp(set[i].bytes, wanted.bytes, sizeof(wanted.bytes)))
            return &set[i];
        if (!set[i].size || forgotten_at(&set[i]) < forgotten_at(oldest))
            oldest = &set[i];
        if (!oldest->size)
            break;
    }
    *oldest = wanted;
    return oldest;
}

static bool take(nsec_t *rested_at, nsec_t interval, nsec_t allowance, nsec_t now)
{
    nsec_t next = (*rested_at > now ? *rested_at : now) + interval;
    if (next > now + allowance)
        return false;
    *rested_at = next;
    return true;
}

bool peers_admit(struct peers *peers, const struct address *address, unsigned rate, nsec_t now)
{
    const nsec_t allowance = PEERS_BURST_SECONDS * NSEC_PER_SEC;
    if (!rate)
        return true;
    const nsec_t interval = NSEC_PER_SEC / rate;
    return take(&find(peers, address)->rested_at, interval, allowance, now) &&
           take(&peers->rested_at, interval / PEERS_TOGETHER, allowance, now);
}

bool peers_refuse(struct peers *peers, const struct address *address, nsec_t now,
                  uint64_t *ret_before)
{
    struct peer *peer = find(peers, address);
    if (now < peer->quiet_until) {
        peer->untold++;
        return false;
    }
    *ret_before = peer->untold;
    peer->untold = 0;
    peer->quiet_until = now + PEERS_QUIET;
    return true;
}
