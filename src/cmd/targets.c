/* SPDX-License-Identifier: Apache-2.0 */
#include "cmd/targets.h"

#include <stdlib.h>

#include "base/mem.h"
#include "filter/filter.h"
#include "record/sink.h"

struct target {
    struct sink *sink;
    struct filter *filter; /* NULL: every record */
};

int targets_new(struct targets *ret, const struct output_list *outputs, struct error *err)
{
    static const struct filter_names names = {.reads_files = true};
    *ret = (struct targets){.list = mem_zalloc((outputs->count + 1) * sizeof(*ret->list))};
    for (size_t i = 0; i < outputs->count; i++) {
        const struct output_spec *spec = &outputs->specs[i];
        struct target *target = &ret->list[ret->count++];
        target->sink = sink_new(spec->path);
        if (spec->filter && filter_compile(&target->filter, spec->filter, &names, err))
            return error_prefix(err, "-w %s", spec->path);
    }
    return 0;
}

void targets_set_head(const struct targets *targets, const struct record *mar)
{
    for (size_t i = 0; i < targets->count; i++)
        sink_set_head(targets->list[i].sink, mar);
}

int targets_write(const struct targets *targets, const struct record *r, struct error *err)
{
    for (size_t i = 0; i < targets->count; i++) {
        const struct target *target = &targets->list[i];
        if (target->filter && !filter_match(target->filter, r))
            continue;
        int result = sink_write(target->sink, r, err);
        if (result)
            return result;
    }
    return 0;
}

static int each(const struct targets *targets, int (*act)(struct sink *sink, struct error *err),
                struct error *err)
{
    for (size_t i = 0; i < targets->count; i++) {
        int result = act(targets->list[i].sink, err);
        if (result)
            return result;
    }
    return 0;
}

int targets_flush(const struct targets *targets, struct error *err)
{
    return each(targets, sink_flush, err);
}

int targets_end(const struct targets *targets, struct error *err)
{
    return each(targets, sink_end, err);
}

int targets_free(struct targets *targets, struct error *err)
{
    int result = 0;
    for (size_t i = 0; i < targets->count; i++) {
        struct error why;
        int freed = sink_free(targets->list[i].sink, &why);
        if (freed && !result) {
            result = freed;
            *err = why;
        }
        filter_free(targets->list[i].filter);
    }
    free(targets->list);
    *targets = (struct targets){0};
    return result;
}
