/* SPDX-License-Identifier: Apache-2.0 */
#include "cmd/stop.h"

#include <errno.h>
#include <signal.h>
#include <stdint.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "cmd/catch.h"

static int stop_descriptor = -1;
static volatile sig_atomic_t stop_signal;

static void on_stop(int number)
{
    stop_signal = number;
    int saved = errno;
    const uint64_t one = 1;
    (void)!write(stop_descriptor, &one, sizeof(one));
    errno = saved;
}

int stop_catch(int *ret_descriptor, struct error *err)
{
    struct sigaction action = {.sa_handler = on_stop, .sa_flags = (int)SA_RESETHAND};
    *ret_descriptor = stop_descriptor;
    if (stop_descriptor >= 0)
        return 0;
    stop_descriptor = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (stop_descriptor < 0)
        return error_errno(err, "eventfd");
    sigemptyset(&action.sa_mask);
    catch_unless_ignored(SIGINT, &action);
    catch_unless_ignored(SIGTERM, &action);
    *ret_descriptor = stop_descriptor;
    return 0;
}

int stop_is_wanted(void)
{
    return stop_signal;
}

/* Its handler went when it was called. */
void stop_end(void)
{
    if (stop_signal)
        raise(stop_signal);
}
