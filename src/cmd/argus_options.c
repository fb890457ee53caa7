/* SPDX-License-Identifier: Apache-2.0 */
#include "cmd/argus_options.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "capture/live.h"
#include "cmd/answer.h"
#include "cmd/argus_conf.h"
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

/* What is kept for clients counts as memory. */
static int share_queue(struct argus_options *options, struct error *err)
{
    if (options->serving.queue_bytes > options->memory_bytes / 2)
        return error_set(err, "--queue: more than half of --memory, which is for the flows");
    options->memory_bytes -= options->serving.queue_bytes;
    return 0;
}

/* What a sensor needs that listens. Without files and interfaces, but with an output, it does. */
static int prepare_live(struct argus_options *options, struct error *err)
{
    const nsec_t management_interval = 60 * NSEC_PER_SEC;
    if (!options->interfaces.count) {
        if (!options->outputs.count && !options->serving.port)
            return error_set(err, "nothing to read: name capture files with -r, or interfaces with "
                                  "-i (see --help)");
        char *device = live_default_device(err);
        int result = device ? interfaces_add(&options->interfaces, device, false, err) : -1;
        free(device);
        if (result)
            return -1;
    }
    for (size_t i = 0; i < options->outputs.count; i++)
        if (!strcmp(options->outputs.specs[i].path, "-"))
            options->process.uses_stdout = true;
    for (size_t i = 0; i < options->probes.count; i++)
        if (options->probes.list[i].is_program)
            options->process.runs_programs = true;
    if (options->index)
        return error_set(err, "--index: live packets are in no file that could be indexed");
    if (!options->management_interval)
        options->management_interval = management_interval;
    return 0;
}

/* What the words of the command line say, one after the other. */
static int take_words(struct argus_options *ret, int argc, char **argv, struct error *err)
{
    struct options options;
    struct option_arg arg;
    int event, result = ARGUS_OPTIONS_RUN;
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
    return result;
}

/* The file of this machine's sensor, if there is one, and the command line is about no other. */
static const char *system_file(const struct argus_options *options)
{
    const char *path = getenv("PANOPTES_CONF");
    if (!path)
        path = "/etc/argus.conf";
    bool is_wanted = !options->conf_given && !options->inputs.count && !options->print_filter;
    return is_wanted && *path && !access(path, R_OK) ? path : NULL;
}

/* The system's file goes before the command line, which says whether it is to be read. */
static int take_all(struct argus_options *ret, int argc, char **argv, struct error *err)
{
    argus_options_default(ret);
    int result = take_words(ret, argc, argv, err);
    const char *path = result ? NULL : system_file(ret);
    if (!path)
        return result;
    argus_options_release(ret);
    argus_options_default(ret);
    if (argus_conf_read(ret, path, err))
        return -1;
    return take_words(ret, argc, argv, err);
}

int argus_options_parse(struct argus_options *ret, int argc, char **argv, struct error *err)
{
    int result = take_all(ret, argc, argv, err);
    if (result || ret->print_filter)
        return result;
    ret->argc = argc;
    ret->argv = argv;
    if (ret->follow && ret->inputs.count != 1)
        return error_set(err, "-f: there must be one file to wait for, not %zu", ret->inputs.count);
    if (ret->index && (ret->follow || ret->tsh))
        return error_set(err, "--index: with -f or -t there is none");
    if (ret->inputs.count && ret->process.root_folder)
        return error_set(err, "-c: is for interfaces; files could not be found any more");
    if (ret->serving.spool && !ret->serving.port)
        return error_set(err, "--spool: is for clients, and -P is not given");
    if (ret->inputs.count) {
        interfaces_release(&ret->interfaces);
        probe_sources_release(&ret->probes);
        ret->process.is_daemon = false;
        if (!ret->replay && !ret->wait_clients)
            ret->serving.port = 0;
    } else if (prepare_live(ret, err)) {
        return -1;
    }
    if (ret->index)
        share_memory(ret);
    if (ret->serving.port && share_queue(ret, err))
        return -1;
    if (quirk_is(ret->meter.quirks, QUIRK_TABLE_PER_FILE) && !ret->order_given)
        ret->order = SERIES_BY_NAME;
    return ARGUS_OPTIONS_RUN;
}

void argus_options_release(struct argus_options *options)
{
    output_list_release(&options->outputs);
    paths_release(&options->inputs);
    free(options->packet_filter);
    free(options->index);
    free(options->copy);
    free(options->metrics);
    serving_release(&options->serving);
    log_release(&options->log);
    said_release(&options->said);
    process_options_release(&options->process);
    interfaces_release(&options->interfaces);
    probe_sources_release(&options->probes);
    *options = (struct argus_options){0};
}
