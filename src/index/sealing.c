/* SPDX-License-Identifier: Apache-2.0 */
#include "index/sealing.h"

#include <signal.h>
#include <stddef.h>

#include "base/check.h"

static void *work(void *arg)
{
    struct sealing *sealing = arg;
    sealing->result = index_builder_finish(sealing->builder, &sealing->error);
    index_builder_free(sealing->builder); /* its memory is large: giving it back takes time, too */
    return NULL;
}

/* Signals are for the caller's thread: they are to interrupt its reading. */
static bool start_thread(struct sealing *sealing)
{
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    bool is_there = !pthread_create(&sealing->thread, NULL, work, sealing);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return is_there;
}

void sealing_start(struct sealing *sealing, struct index_builder *builder)
{
    check(!sealing->builder);
    sealing->builder = builder;
    sealing->has_thread = start_thread(sealing);
    if (!sealing->has_thread)
        work(sealing);
}

int sealing_wait(struct sealing *sealing, struct error *err)
{
    if (!sealing->builder)
        return 0;
    if (sealing->has_thread)
        pthread_join(sealing->thread, NULL);
    sealing->builder = NULL;
    if (sealing->result)
        *err = sealing->error;
    return sealing->result;
}
