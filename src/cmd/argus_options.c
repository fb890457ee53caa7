/* SPDX-License-Identifier: Apache-2.0 */
#include "cmd/argus_options.h"

#include <stdlib.h>

#include "cmd/answer.h"
#include "cmd/argus_table.h"

/*
 * An eighth of the memory is for the index. One file's segment is written while the next is read.
 * Files that are merged can be open together: it is not known how many, so each gets a small part.
 * What does not fit goes to the disk.
 */
static void share_memory(struct argus_options *options)
{
    const uint64_t most = UINT64_C(128) << 20;
    uint64_t share = options->memory_bytes / 8;
    options->index_bytes = share < most ? share : most;
    options->memory_bytes -= options->index_bytes;
    if (options->merge)
        options->index_bytes /= 8;
    else if (options->inputs.count > 1)
        options->index_bytes /= 2;
}

int argus_options_parse(struct argus_options *ret, int argc, char **argv, struct error *err)
{
    struct options options;
    struct option_arg arg;
    int event, result = ARGUS_OPTIONS_RUN;
    argus_options_default(ret);
    options_init(&options, &argus_options_table, argc, argv);
    while (!result && (event = options_next(&options, &arg, err)) != OPTIONS_END) {
        if (event == OPTIONS_ERROR)
            result = -1;
        else if ((result = answer(&argus_options_table, event, err)) != 0)
            result = result == ANSWERED ? ARGUS_OPTIONS_DONE : -1;
        else if ((result = argus_options_take(ret, event, &arg, err)) != 0)
            error_prefix(err, "%s", arg.given);
    }
    options_release(&options);
    if (result)
        return result;
    if (ret->print_filter)
        return ARGUS_OPTIONS_RUN;
    if (!ret->inputs.count)
        return error_set(err, "nothing to read: name capture files with -r (see --help)");
    if (ret->index)
        share_memory(ret);
    if (quirk_is(ret->meter.quirks, QUIRK_TABLE_PER_FILE) && !ret->order_given)
        ret->order = SERIES_BY_NAME;
    return ARGUS_OPTIONS_RUN;
}

void argus_options_release(struct argus_options *options)
{
    argus_options_clear_outputs(options);
    paths_release(&options->inputs);
    free(options->outputs);
    free(options->packet_filter);
    free(options->index);
    *options = (struct argus_options){0};
}
