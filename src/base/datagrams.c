/* SPDX-License-Identifier: Apache-2.0 */
#include "base/datagrams.h"

#include <errno.h>
#include <netdb.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/mem.h"

struct datagrams {
    char *name;
    int descriptor;
    struct sockaddr_storage to;
    socklen_t to_size;
    uint64_t lost;
    int why; /* the first was */
};

/* What stands behind the scheme; NULL if it is none of ours. */
static const char *behind_scheme(const char *name)
{
    static const char *const schemes[] = {"argus-udp://", "udp://"};
    for (size_t i = 0; i < ARRAY_SIZE(schemes); i++)
        if (!strncmp(name, schemes[i], strlen(schemes[i])))
            return name + strlen(schemes[i]);
    return NULL;
}

bool datagrams_are_named(const char *name)
{
    return behind_scheme(name);
}

static bool is_port(const char *text)
{
    size_t digits = strspn(text, "0123456789");
    return digits && digits <= 5 && !text[digits] && strtoul(text, NULL, 10) <= UINT16_MAX;
}

/* Divides "host", "host:port" and "[address]:port". NULL: it is nothing of that kind. */
static const char *divide(char *text, const char **ret_port)
{
    char *host = text, *end = strchr(text, ':');
    if (*text == '[') {
        host = text + 1;
        end = strchr(host, ']');
        if (!end || (end[1] && end[1] != ':'))
            return NULL;
        *end++ = '\0';
    }
    *ret_port = "561";
    if (end && *end) {
        *end = '\0';
        *ret_port = end + 1;
    }
    return *host && is_port(*ret_port) ? host : NULL;
}

static int open_socket(struct datagrams *d, const char *host, const char *port, struct error *err)
{
    const struct addrinfo wanted = {.ai_socktype = SOCK_DGRAM, .ai_flags = AI_NUMERICSERV};
    struct addrinfo *found;
    int result = getaddrinfo(host, port, &wanted, &found);
    if (result)
        return error_set(err, "%s: %s", d->name, gai_strerror(result));
    memcpy(&d->to, found->ai_addr, found->ai_addrlen);
    d->to_size = found->ai_addrlen;
    d->descriptor = socket(found->ai_family, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    freeaddrinfo(found);
    if (d->descriptor < 0)
        return error_errno(err, "%s: no socket", d->name);
    (void)setsockopt(d->descriptor, SOL_SOCKET, SO_BROADCAST, &(int){1}, sizeof(int));
    return 0;
}

void datagrams_close(struct datagrams *d)
{
    if (!d)
        return;
    if (d->descriptor >= 0)
        close(d->descriptor);
    free(d->name);
    free(d);
}

int datagrams_open(struct datagrams **ret, const char *name, struct error *err)
{
    struct datagrams *d = mem_zalloc(sizeof(*d));
    char *text = mem_strdup(behind_scheme(name));
    const char *port;
    d->descriptor = -1;
    d->name = mem_strdup(name);
    const char *host = divide(text, &port);
    int result = host ? open_socket(d, host, port, err)
                      : error_set(err, "%s: host, host:port or [address]:port is expected", name);
    free(text);
    if (result)
        datagrams_close(d);
    else
        *ret = d;
    return result;
}

/* Not connected, so that nothing comes back that would be taken for a failure of the next one. */
void datagrams_send(struct datagrams *d, const void *bytes, size_t size)
{
    ssize_t done;
    do {
        done = sendto(d->descriptor, bytes, size, 0, (struct sockaddr *)&d->to, d->to_size);
    } while (done < 0 && errno == EINTR);
    if (done >= 0)
        return;
    if (!d->lost++)
        d->why = errno;
}

int datagrams_check(const struct datagrams *d, struct error *err)
{
    if (!d->lost)
        return 0;
    return error_set(err, "%s: %llu could not be sent, the first one: %s", d->name,
                     (unsigned long long)d->lost, strerror(d->why));
}
