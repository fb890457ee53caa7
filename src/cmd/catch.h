/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <signal.h>
#include <stddef.h>

/*
 * Catches a signal that asks for an end, unless who started us wants it ignored: a shell does so
 * with SIGINT for what a script runs in the background, and nohup with SIGHUP.
 */
static inline void catch_unless_ignored(int number, const struct sigaction *action)
{
    struct sigaction was;
    if (!sigaction(number, NULL, &was) && was.sa_handler == SIG_IGN)
        return;
    sigaction(number, action, NULL);
}
