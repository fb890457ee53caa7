/* SPDX-License-Identifier: Apache-2.0 */
#include "net/dial.h"

#include <errno.h>
#include <netdb.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "net/lookup.h"
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

static int begin_addresses(struct dial *dial, const struct endpoint *to, int result,
                           struct error *err)
{
    if (result == LOOKUP_WAIT)
        return DIAL_WAIT;
    lookup_free(dial->lookup);
    dial->lookup = NULL;
    if (result)
        return error_prefix(err, "%s", to->name);
    dial->next = dial->list;
    return try_next(dial, to, err);
}

static int take_addresses(struct dial *dial, const struct endpoint *to, struct error *err)
{
    return begin_addresses(dial, to, lookup_take(dial->lookup, &dial->list, err), err);
}

int dial_begin(struct dial *dial, const struct endpoint *to, struct error *err)
{
    dial_give_up(dial);
    if (dial->lookup)
        return take_addresses(dial, to, err);
    int result = lookup_begin(&dial->lookup, &dial->list, to->host, to->port, err);
    return begin_addresses(dial, to, result, err);
}

int dial_go_on(struct dial *dial, const struct endpoint *to, struct error *err)
{
    if (dial->lookup)
        return take_addresses(dial, to, err);
    int trouble = socket_take_error(dial->descriptor);
    if (!trouble)
        return 0;
    errno = trouble;
    error_errno(err, "%s", to->name);
    close(dial->descriptor);
    dial->descriptor = -1;
    return try_next(dial, to, err);
}

int dial_descriptor(const struct dial *dial)
{
    return dial->lookup ? lookup_descriptor(dial->lookup) : dial->descriptor;
}

short dial_events(const struct dial *dial)
{
    return dial->lookup ? POLLIN : POLLOUT;
}

bool dial_awaits_name(const struct dial *dial)
{
    return dial->lookup != NULL;
}

int dial_take(struct dial *dial)
{
    int descriptor = dial->descriptor;
    dial->descriptor = -1;
    dial_release(dial);
    return descriptor;
}

void dial_give_up(struct dial *dial)
{
    if (dial->descriptor >= 0)
        close(dial->descriptor);
    if (dial->list)
        freeaddrinfo(dial->list);
    *dial = (struct dial){.lookup = dial->lookup, .descriptor = -1};
}

void dial_release(struct dial *dial)
{
    dial_give_up(dial);
    lookup_free(dial->lookup);
    dial->lookup = NULL;
}
