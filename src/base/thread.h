/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <pthread.h>

#include "base/attr.h"

/* A thread that gets no signals: those are for the program's own. 0, or -1, see errno. */
int thread_begin(pthread_t *ret, void *(*run)(void *arg), void *arg) MUST_USE;
