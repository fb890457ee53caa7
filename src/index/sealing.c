/* SPDX-License-Identifier: Apache-2.0 */
#include "index/sealing.h"

#include <stddef.h>

#include "base/check.h"
#include "base/thread.h"

static void *work(void *arg)
{
    struct sealing *sealing = arg;
    sealing->result = index_builder_finish(sealing->builder, &sealing->error);
    index_builder_free(sealing->builder); /* its memory is large: giving it back takes time, too */
    return NULL;
}

void sealing_start(struct sealing *sealing, struct index_builder *builder)
{
    check(!sealing->builder);
    sealing->builder = builder;
    sealing->has_thread = !thread_begin(&sealing->thread, work, sealing);
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
