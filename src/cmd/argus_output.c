/* SPDX-License-Identifier: Apache-2.0 */
#include "cmd/argus_output.h"

#include <stdlib.h>

#include "base/mem.h"
#include "filter/filter.h"
#include "record/sink.h"

struct target {
    struct sink *sink;
    struct filter *filter; /* NULL: every record */
};

struct argus_output {
    const struct argus_options *options;
    struct target *targets;
    size_t count;
    struct record *mar;
};

enum { MAR_SECONDS = 60, INTERFACE_ETHERNET = 1 };

static void make_mar(struct argus_output *output, enum record_cause cause)
{
    const struct meter_options *meter = &output->options->meter;
    nsec_t interval = meter->status_interval / NSEC_PER_SEC;
    struct record *r = output->mar;
    r->type = RECORD_MAR;
    r->version = 3;
    r->cause = (uint8_t)cause;
    r->option = 0;
    r->blocks = 0;
    r->mar.major = 3;
    r->mar.report_interval = interval > UINT16_MAX ? UINT16_MAX : (uint16_t)interval;
    r->mar.mar_interval = MAR_SECONDS;
}

int argus_output_new(struct argus_output **ret, const struct argus_options *options,
                     struct error *err)
{
    struct argus_output *output = mem_zalloc(sizeof(*output));
    output->options = options;
    output->mar = mem_zalloc(sizeof(*output->mar));
    output->targets = mem_zalloc(options->output_count * sizeof(*output->targets));
    static const struct filter_names names = {.reads_files = true};
    for (size_t i = 0; i < options->output_count; i++) {
        const struct argus_output_spec *spec = &options->outputs[i];
        struct target *target = &output->targets[output->count++];
        target->sink = sink_new(spec->path);
        if (spec->filter && filter_compile(&target->filter, spec->filter, &names, err)) {
            *ret = output; /* the caller frees it */
            return error_prefix(err, "-w %s", spec->path);
        }
    }
    *ret = output;
    return 0;
}

int argus_output_free(struct argus_output *output, struct error *err)
{
    int result = 0;
    if (!output)
        return 0;
    for (size_t i = 0; i < output->count; i++) {
        struct error each;
        int freed = sink_free(output->targets[i].sink, &each);
        if (freed && !result) {
            result = freed;
            *err = each;
        }
        filter_free(output->targets[i].filter);
    }
    free(output->targets);
    free(output->mar);
    free(output);
    return result;
}

void argus_output_begin(struct argus_output *output, nsec_t first)
{
    make_mar(output, CAUSE_START);
    output->mar->mar.cookie = 0xe5712dcb;
    output->mar->mar.start = output->mar->mar.now = first;
    for (size_t i = 0; i < output->count; i++)
        sink_set_head(output->targets[i].sink, output->mar);
}

int argus_output_record(void *arg, const struct record *r, struct error *err)
{
    struct argus_output *output = arg;
    for (size_t i = 0; i < output->count; i++) {
        const struct target *target = &output->targets[i];
        if (target->filter && !filter_match(target->filter, r))
            continue;
        int result = sink_write(target->sink, r, err);
        if (result)
            return result;
    }
    return 0;
}

/* A counter of the format that is too narrow for what was counted says its largest value. */
static uint32_t narrow(uint64_t count)
{
    return count > UINT32_MAX ? UINT32_MAX : (uint32_t)count;
}

int argus_output_end(struct argus_output *output, const struct argus_totals *totals,
                     struct error *err)
{
    make_mar(output, CAUSE_STOP);
    struct record_mar *mar = &output->mar->mar;
    mar->cookie = 0;
    mar->start = totals->first;
    mar->now = totals->last;
    mar->interface_type = INTERFACE_ETHERNET;
    mar->packets = totals->packets;
    mar->bytes = totals->bytes;
    mar->records = narrow(totals->records);
    mar->flows = narrow(totals->flows);
    mar->dropped = narrow(totals->lost);
    mar->outputs = narrow(output->count);
    for (size_t i = 0; i < output->count; i++) {
        int result = sink_write(output->targets[i].sink, output->mar, err);
        if (result)
            return result;
    }
    return 0;
}
