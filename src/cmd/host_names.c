/* SPDX-License-Identifier: Apache-2.0 */
#include "cmd/host_names.h"

#include <netdb.h>
#include <netinet/ether.h>
#include <netinet/in.h>
#include <string.h>

static bool take_address(const struct sockaddr *from, struct host_address *ret)
{
    *ret = (struct host_address){0};
    if (from->sa_family == AF_INET) {
        struct sockaddr_in in;
        memcpy(&in, from, sizeof(in));
        ret->family = FAMILY_IP4;
        memcpy(ret->bytes, &in.sin_addr, 4);
    } else if (from->sa_family == AF_INET6) {
        struct sockaddr_in6 in;
        memcpy(&in, from, sizeof(in));
        ret->family = FAMILY_IP6;
        memcpy(ret->bytes, &in.sin6_addr, 16);
    }
    return ret->family;
}

unsigned host_names_find(const char *name, struct host_address *ret, unsigned most)
{
    const struct addrinfo hints = {.ai_socktype = SOCK_STREAM};
    struct addrinfo *found;
    unsigned count = 0;
    if (getaddrinfo(name, NULL, &hints, &found))
        return 0;
    for (const struct addrinfo *at = found; at && count < most; at = at->ai_next)
        count += take_address(at->ai_addr, &ret[count]);
    freeaddrinfo(found);
    return count;
}

bool host_names_find_ether(const char *name, uint8_t ret[6])
{
    struct ether_addr found;
    if (ether_hostton(name, &found))
        return false;
    memcpy(ret, &found, sizeof(found));
    return true;
}
