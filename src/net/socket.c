/* SPDX-License-Identifier: Apache-2.0 */
#include "net/socket.h"

#include <errno.h>
#include <net/if.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

int socket_take_error(int descriptor)
{
    int trouble = 0;
    socklen_t size = sizeof(trouble);
    if (getsockopt(descriptor, SOL_SOCKET, SO_ERROR, &trouble, &size))
        return errno;
    return trouble;
}

static void set(int descriptor, int level, int name, int value)
{
    (void)setsockopt(descriptor, level, name, &value, sizeof(value));
}

void socket_tune(int descriptor, int unheard_msec)
{
    enum { PROBE_AFTER = 10, PROBE_EVERY = 5, PROBES = 4 };
    set(descriptor, IPPROTO_TCP, TCP_NODELAY, 1);
    set(descriptor, SOL_SOCKET, SO_KEEPALIVE, 1);
    set(descriptor, IPPROTO_TCP, TCP_KEEPIDLE, PROBE_AFTER);
    set(descriptor, IPPROTO_TCP, TCP_KEEPINTVL, PROBE_EVERY);
    set(descriptor, IPPROTO_TCP, TCP_KEEPCNT, PROBES);
    set(descriptor, IPPROTO_TCP, TCP_USER_TIMEOUT, unheard_msec);
}

static ssize_t waits_or_fails(void)
{
    return errno == EAGAIN || errno == EWOULDBLOCK ? SOCKET_WAIT : -1;
}

ssize_t socket_read(int descriptor, void *to, size_t size)
{
    ssize_t got;
    do {
        got = recv(descriptor, to, size, 0);
    } while (got < 0 && errno == EINTR);
    if (got == 0)
        return SOCKET_END;
    return got < 0 ? waits_or_fails() : got;
}

ssize_t socket_write(int descriptor, const void *from, size_t size)
{
    ssize_t put;
    do {
        put = send(descriptor, from, size, MSG_NOSIGNAL);
    } while (put < 0 && errno == EINTR);
    return put < 0 ? waits_or_fails() : put;
}

static int listen_on(const struct addrinfo *address)
{
    int descriptor =
        socket(address->ai_family, address->ai_socktype | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (descriptor < 0)
        return -1;
    set(descriptor, SOL_SOCKET, SO_REUSEADDR, 1);
    if (address->ai_family == AF_INET6)
        set(descriptor, IPPROTO_IPV6, IPV6_V6ONLY, 1);
    if (!bind(descriptor, address->ai_addr, address->ai_addrlen) && !listen(descriptor, SOMAXCONN))
        return descriptor;
    int saved = errno;
    close(descriptor);
    errno = saved;
    return -1;
}

int socket_listen(int *ret, const char *address, uint16_t port, struct error *err)
{
    char service[8];
    struct addrinfo *list;
    struct addrinfo wanted = {.ai_socktype = SOCK_STREAM,
                              .ai_family = address ? AF_UNSPEC : AF_INET,
                              .ai_flags = AI_NUMERICSERV};
    snprintf(service, sizeof(service), "%u", port);
    int result = getaddrinfo(address ? address : "127.0.0.1", service, &wanted, &list);
    if (result)
        return error_set(err, "%s: %s", address, gai_strerror(result));
    *ret = listen_on(list);
    freeaddrinfo(list);
    if (*ret < 0)
        return error_errno(err, "listening on %s port %u", address ? address : "127.0.0.1", port);
    return 0;
}

static void describe(const struct sockaddr *address, socklen_t size, char *text)
{
    char host[INET6_ADDRSTRLEN + IF_NAMESIZE] = "?", port[8] = "?"; /* fe80::1%eth0 */
    (void)getnameinfo(address, size, host, sizeof(host), port, sizeof(port),
                      NI_NUMERICHOST | NI_NUMERICSERV);
    snprintf(text, SOCKET_NAME_SIZE, strchr(host, ':') ? "[%s]:%s" : "%s:%s", host, port);
}

void socket_name(int descriptor, char *text)
{
    struct sockaddr_storage address = {0};
    socklen_t size = sizeof(address);
    (void)getsockname(descriptor, (struct sockaddr *)&address, &size);
    describe((struct sockaddr *)&address, size, text);
}

void socket_peer_name(int descriptor, char *text)
{
    struct sockaddr_storage address = {0};
    socklen_t size = sizeof(address);
    (void)getpeername(descriptor, (struct sockaddr *)&address, &size);
    describe((struct sockaddr *)&address, size, text);
}

bool socket_peer_address(int descriptor, struct address *ret)
{
    struct sockaddr_storage storage = {0};
    socklen_t size = sizeof(storage);
    if (getpeername(descriptor, (struct sockaddr *)&storage, &size))
        return false;
    if (storage.ss_family == AF_INET) {
        const struct sockaddr_in *ip4 = (const struct sockaddr_in *)&storage;
        *ret = (struct address){.size = ADDRESS_IP4};
        memcpy(ret->bytes, &ip4->sin_addr, ADDRESS_IP4);
        return true;
    }
    const struct sockaddr_in6 *ip6 = (const struct sockaddr_in6 *)&storage;
    bool is_mapped = IN6_IS_ADDR_V4MAPPED(&ip6->sin6_addr);
    *ret = (struct address){.size = is_mapped ? ADDRESS_IP4 : ADDRESS_IP6};
    memcpy(ret->bytes, ip6->sin6_addr.s6_addr + (is_mapped ? 12 : 0), ret->size);
    return storage.ss_family == AF_INET6;
}
