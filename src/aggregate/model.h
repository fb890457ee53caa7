/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdbool.h>

#include "aggregate/key.h"
#include "base/clock.h"
#include "filter/filter.h"

/*
 * One way to merge records: a rule of a rule file, or what the command line says.
 *
 * status, idle and flush make a cluster go out before the end, and the next record of its key
 * begin a new one. They look at that cluster's own records, in the order in which they come, and
 * at the time in them:
 *
 *     status_ns   a record that would make the cluster last so long or longer begins the new one
 *     idle_ns     and so does one with a gap so long or longer between it and the cluster
 *     flush       a cluster that matches, once a record has come to it, goes out at once
 */
struct cluster_model {
    const struct key_model *key;
    nsec_t status_ns, idle_ns;  /* 0: never */
    const struct filter *flush; /* NULL: never */
    bool correct;               /* a record may match reversed; needs both addresses in the key */
};

/* True if clusters of this model may go out before the end. */
static inline bool cluster_model_is_early(const struct cluster_model *model)
{
    return model->status_ns > 0 || model->idle_ns > 0 || model->flush;
}
