/* SPDX-License-Identifier: Apache-2.0 */
#include "cmd/host_cache.h"

#include <netdb.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/hash.h"
#include "base/mem.h"
#include "base/message.h"

/* Half of the places of the table are used at most: a free one is soon found. */
enum { PLACES = 1 << 16, NAMES_MOST = PLACES / 2, WAITS_MOST = 2, WAIT_SECONDS = 2 };

struct host {
    uint8_t address[16];
    unsigned size; /* 4 or 16; 0: a free place */
    char *name;    /* NULL: it has none */
};

struct host_cache {
    struct host *places;
    unsigned count;
    unsigned waits; /* in vain, for the resolver */
};

struct host_cache *host_cache_new(void)
{
    struct host_cache *cache = mem_zalloc(sizeof(*cache));
    cache->places = mem_zalloc(PLACES * sizeof(*cache->places));
    return cache;
}

static void forget(struct host_cache *cache)
{
    for (size_t i = 0; i < PLACES; i++)
        free(cache->places[i].name);
    memset(cache->places, 0, PLACES * sizeof(*cache->places));
    cache->count = 0;
}

void host_cache_free(struct host_cache *cache)
{
    if (!cache)
        return;
    forget(cache);
    free(cache->places);
    free(cache);
}

static int ask(const uint8_t *address, unsigned size, char *ret, socklen_t most)
{
    struct sockaddr_in ip4 = {.sin_family = AF_INET};
    struct sockaddr_in6 ip6 = {.sin6_family = AF_INET6};
    if (size == sizeof(ip4.sin_addr)) {
        memcpy(&ip4.sin_addr, address, size);
        return getnameinfo((const struct sockaddr *)&ip4, sizeof(ip4), ret, most, NULL, 0,
                           NI_NAMEREQD);
    }
    memcpy(&ip6.sin6_addr, address, size);
    return getnameinfo((const struct sockaddr *)&ip6, sizeof(ip6), ret, most, NULL, 0, NI_NAMEREQD);
}

/* The name of a host that is not known yet; the caller frees it. */
static char *find(struct host_cache *cache, const uint8_t *address, unsigned size)
{
    char name[NI_MAXHOST];
    if (cache->waits == WAITS_MOST)
        return NULL;
    time_t begin = time(NULL);
    int result = ask(address, size, name, sizeof(name));
    if (!result)
        return mem_strdup(name);
    /* A zone out of order fails at once: that says nothing of the next one. */
    if (result == EAI_AGAIN && time(NULL) - begin >= WAIT_SECONDS && ++cache->waits == WAITS_MOST)
        message("names of hosts: the resolver does not answer (%s); the other addresses are "
                "printed as they are",
                gai_strerror(result));
    return NULL;
}

/* The place of an address: its own, or the free one where it belongs. */
static struct host *place_of(const struct host_cache *cache, const struct host *host)
{
    size_t at = hash_words(host->size, host->address, 2) % PLACES;
    while (cache->places[at].size &&
           (cache->places[at].size != host->size ||
            memcmp(cache->places[at].address, host->address, sizeof(host->address)) != 0))
        at = (at + 1) % PLACES;
    return &cache->places[at];
}

const char *host_cache_name(void *arg, const uint8_t *address, unsigned size)
{
    struct host_cache *cache = arg;
    struct host host = {.size = size};
    memcpy(host.address, address, size);
    struct host *place = place_of(cache, &host);
    if (place->size)
        return place->name;
    if (cache->count == NAMES_MOST) {
        forget(cache);
        place = place_of(cache, &host);
    }
    *place = host;
    place->name = find(cache, address, size);
    cache->count++;
    return place->name;
}
