/* SPDX-License-Identifier: Apache-2.0 */
#include "net/dial.h"

#include <errno.h>
#include <netdb.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

#include "net/socket.h"

/* Starts the next address that can be started. `err` has the trouble of the one before. */
static int try_next(struct dial *dial, const struct endpoint *to, struct error *err)
{
    while (dial->next) {
        const struct addrinfo *address = dial->next;
        dial->next = address->ai_next;
        dial->descriptor =
            socket(address->ai_family, address->ai_socktype | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
        if (dial->descriptor < 0) {
            error_errno(err, "%s", to->name);
            continue;
        }
        if (!connect(dial->descriptor, address->ai_addr, address->ai_addrlen))
            return 0;
        if (errno == EINPROGRESS)
            return DIAL_WAIT;
        error_errno(err, "%s", to->name);
        close(dial->descriptor);
        dial->descriptor = -1;
    }
    return -1;
}

int dial_begin(struct dial *dial, const struct endpoint *to, struct error *err)
{
    char port[8];
    struct addrinfo wanted = {.ai_socktype = SOCK_STREAM, .ai_flags = AI_NUMERICSERV};
    *dial = (struct dial){.descriptor = -1};
    snprintf(port, sizeof(port), "%u", to->port);
    int result = getaddrinfo(to->host, port, &wanted, &dial->list);
    if (result) {
        dial->list = NULL;
        return error_set(err, "%s: %s", to->name, gai_strerror(result));
    }
    dial->next = dial->list;
    return try_next(dial, to, err);
}

int dial_go_on(struct dial *dial, const struct endpoint *to, struct error *err)
{
    int trouble = socket_take_error(dial->descriptor);
    if (!trouble)
        return 0;
    errno = trouble;
    error_errno(err, "%s", to->name);
    close(dial->descriptor);
    dial->descriptor = -1;
    return try_next(dial, to, err);
}

int dial_take(struct dial *dial)
{
    int descriptor = dial->descriptor;
    dial->descriptor = -1;
    dial_release(dial);
    return descriptor;
}

void dial_release(struct dial *dial)
{
    if (dial->descriptor >= 0)
        close(dial->descriptor);
    if (dial->list)
        freeaddrinfo(dial->list);
    *dial = (struct dial){.descriptor = -1};
}
