/* SPDX-License-Identifier: Apache-2.0 */
#include "cmd/signals.h"

#include <fcntl.h>
#include <signal.h>
#include <stddef.h>
#include <unistd.h>

#include "cmd/catch.h"

static volatile sig_atomic_t stop, reopen, report;
static int null_descriptor = -1;

/*
 * Reading a pipe may wait for long. Standard input becomes an end of file, so that this read, or
 * the next, is the last.
 */
static void on_stop(int number)
{
    stop = number;
    if (null_descriptor >= 0)
        (void)dup2(null_descriptor, STDIN_FILENO);
}

static void on_reopen(int number)
{
    (void)number;
    reopen = 1;
}

static void on_report(int number)
{
    (void)number;
    report = 1;
}

static void catch_signal(int number, void (*handler)(int), unsigned flags)
{
    struct sigaction action = {.sa_handler = handler, .sa_flags = (int)flags};
    sigemptyset(&action.sa_mask);
    catch_unless_ignored(number, &action);
}

void signals_catch(bool is_listening)
{
    null_descriptor = open("/dev/null", O_RDONLY | O_CLOEXEC);
    signal(SIGPIPE, SIG_IGN);
    catch_signal(SIGINT, on_stop, SA_RESETHAND);
    catch_signal(SIGTERM, on_stop, SA_RESETHAND);
    catch_signal(SIGUSR1, on_report, SA_RESTART);
    catch_signal(SIGHUP, is_listening ? on_reopen : on_stop, is_listening ? 0 : SA_RESETHAND);
}

int signals_stop(void)
{
    return stop;
}

static bool take(volatile sig_atomic_t *flag)
{
    bool was_set = *flag;
    *flag = 0;
    return was_set;
}

bool signals_take_reopen(void)
{
    return take(&reopen);
}

bool signals_take_report(void)
{
    return take(&report);
}
