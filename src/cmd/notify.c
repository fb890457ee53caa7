/* SPDX-License-Identifier: Apache-2.0 */
#include "cmd/notify.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/quantity.h"
#include "cmd/now.h"

static const nsec_t STATUS_EVERY = 10 * NSEC_PER_SEC;

static struct {
    int socket;      /* -1: nobody asks */
    nsec_t watchdog; /* what it wants to be told within; 0: there is none */
    nsec_t sign_due, status_due;
} manager = {.socket = -1};

/* --- the environment -------------------------------------------------------------------------- */

/* "/path", or "@name" of the abstract name space. */
static bool connect_to(int descriptor, const char *name)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    const size_t size = strlen(name);
    if ((*name != '/' && *name != '@') || size < 2 || size >= sizeof(address.sun_path))
        return false;
    memcpy(address.sun_path, name, size);
    if (*name == '@')
        address.sun_path[0] = '\0';
    const socklen_t used = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + size);
    return !connect(descriptor, (const struct sockaddr *)&address, used);
}

static void open_socket(const char *name)
{
    /* What must arrive waits so long for a manager that has much to do. */
    const struct timeval patience = {.tv_sec = 2};
    int descriptor = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (descriptor < 0)
        return;
    (void)setsockopt(descriptor, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof(patience));
    if (connect_to(descriptor, name))
        manager.socket = descriptor;
    else
        close(descriptor);
}

/* The watchdog may be about another process. */
static nsec_t read_watchdog(void)
{
    const char *usec = getenv("WATCHDOG_USEC"), *pid = getenv("WATCHDOG_PID");
    uint64_t time, process;
    if (!usec || quantity_count(usec, INT64_MAX / NSEC_PER_USEC, &time, NULL))
        return 0;
    if (pid && (quantity_count(pid, INT32_MAX, &process, NULL) || (pid_t)process != getpid()))
        return 0;
    return (nsec_t)time * NSEC_PER_USEC;
}

void notify_begin(void)
{
    const char *name = getenv("NOTIFY_SOCKET");
    if (name)
        open_socket(name);
    if (manager.socket >= 0)
        manager.watchdog = read_watchdog();
    unsetenv("NOTIFY_SOCKET");
    unsetenv("WATCHDOG_USEC");
    unsetenv("WATCHDOG_PID");
}

/* --- what is said ----------------------------------------------------------------------------- */

static void tell(const char *text, int flags)
{
    if (manager.socket >= 0)
        (void)!send(manager.socket, text, strlen(text), flags | MSG_NOSIGNAL);
}

void notify_ready(void)
{
    tell("READY=1", 0);
}

void notify_reloading(void)
{
    char text[64];
    snprintf(text, sizeof(text), "RELOADING=1\nMONOTONIC_USEC=%" PRId64,
             monotonic_now() / NSEC_PER_USEC);
    tell(text, 0);
}

void notify_stopping(void)
{
    tell("STOPPING=1", 0);
}

nsec_t notify_patience(void)
{
    const nsec_t half = manager.watchdog / 2;
    return half && half < NSEC_PER_SEC ? half : NSEC_PER_SEC;
}

bool notify_wants_sign(nsec_t now)
{
    return manager.watchdog && now >= manager.sign_due;
}

/* Early, so that it is not late. */
void notify_alive(nsec_t now)
{
    manager.sign_due = now + manager.watchdog / 2;
    tell("WATCHDOG=1", MSG_DONTWAIT);
}

bool notify_wants_status(nsec_t now)
{
    return manager.socket >= 0 && now >= manager.status_due;
}

void notify_status(nsec_t now, const char *format, ...)
{
    char text[256] = "STATUS=";
    const size_t size = strlen(text);
    va_list args;
    va_start(args, format);
    vsnprintf(text + size, sizeof(text) - size, format, args);
    va_end(args);
    manager.status_due = now + STATUS_EVERY;
    tell(text, MSG_DONTWAIT);
}
