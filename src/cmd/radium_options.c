/* SPDX-License-Identifier: Apache-2.0 */
#include "cmd/radium_options.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/quantity.h"
#include "cmd/answer.h"

static void set_defaults(struct radium_options *options)
{
    *options = (struct radium_options){
        .management_interval = 300 * NSEC_PER_SEC,
        .serving = serving_defaults,
        .log = log_defaults,
    };
}

void radium_options_release(struct radium_options *options)
{
    output_list_release(&options->outputs);
    paths_release(&options->inputs);
    free(options->sources);
    free(options->filter);
    free(options->labels);
    free(options->metrics);
    process_options_release(&options->process);
    serving_release(&options->serving);
    log_release(&options->log);
    said_release(&options->said);
    *options = (struct radium_options){0};
}

/* --- one option ------------------------------------------------------------------------------- */

static void set_text(char **text, const char *value)
{
    free(*text);
    *text = mem_strdup(value);
}

static int add_source(struct radium_options *options, const char *word, struct error *err)
{
    options->sources = mem_grow(options->sources, &options->source_capacity,
                                options->source_count + 1, sizeof(*options->sources));
    if (endpoint_parse(&options->sources[options->source_count], word, ENDPOINT_PORT, err))
        return -1;
    options->source_count++;
    return 0;
}

static int set_interval(struct radium_options *options, const char *word, struct error *err)
{
    if (quantity_duration(word, &options->management_interval, err))
        return -1;
    if (options->management_interval < NSEC_PER_SEC ||
        options->management_interval > UINT16_MAX / 2 * NSEC_PER_SEC)
        return error_set(err, "'%s' is not between 1 second and 9 hours", word);
    return 0;
}

static int set_conf(struct radium_options *options, const char *word, struct error *err)
{
    options->conf_given = true;
    return radium_conf_read(options, word, err);
}

/* Options whose value has a form of its own. */
static int take_value(struct radium_options *options, int event, const struct option_arg *arg,
                      struct error *err)
{
    int result;
    switch (event) {
    case OPT_SOURCE:
        return add_source(options, arg->word, err);
    case OPT_WAIT_CLIENTS:
        return quantity_count(arg->word, UINT16_MAX, &options->wait_clients, err);
    case OPT_MANAGEMENT:
        return set_interval(options, arg->word, err);
    case OPT_SOURCE_ID:
        return source_id_parse(&options->id, arg->word, false, err);
    case OPT_CONFIGURATION:
        return set_conf(options, arg->word, err);
    default:
        result = serving_take(&options->serving, event, arg, err);
        return result == SERVING_UNKNOWN ? log_take(&options->log, event, arg, err) : result;
    }
}

static char **text_of(struct radium_options *options, int event)
{
    switch (event) {
    case OPT_METRICS:
        return &options->metrics;
    case OPT_USER_ID:
        return &options->process.user;
    case OPT_GROUP_ID:
        return &options->process.group;
    case OPT_ROOT_FOLDER:
        return &options->process.root_folder;
    case OPT_LABELS:
        return &options->labels;
    case OPTIONS_FILTER:
        return &options->filter;
    default:
        return NULL;
    }
}

int radium_options_take(struct radium_options *options, int event, const struct option_arg *arg,
                        struct error *err)
{
    char **text = text_of(options, event);
    if (event != OPT_CONFIGURATION) /* what it says is said by its lines */
        said_option(&options->said, &radium_options_table, event, arg);
    if (text) {
        set_text(text, arg->word);
        return 0;
    }
    switch (event) {
    case OPT_READ:
        paths_add(&options->inputs, arg->word);
        return 0;
    case OPT_WRITE:
        output_list_add(&options->outputs, arg->word, arg->second);
        return 0;
    case OPT_NO_RECONNECT:
        options->no_reconnect = true;
        return 0;
    case OPT_DAEMON:
        options->process.is_daemon = !options->process.is_daemon;
        return 0;
    case OPT_CLEAR:
        radium_options_release(options);
        set_defaults(options);
        options->cleared = true;
        return 0;
    case OPT_NOTHING:
        return 0;
    default:
        return take_value(options, event, arg, err);
    }
}

/* --- all of them ------------------------------------------------------------------------------ */

static int take_words(struct radium_options *ret, int argc, char **argv, struct error *err)
{
    struct options options;
    struct option_arg arg;
    int event, result = RADIUM_OPTIONS_RUN;
    options_init(&options, &radium_options_table, argc, argv);
    while (!result && (event = options_next(&options, &arg, err)) != OPTIONS_END) {
        if (event == OPTIONS_ERROR)
            result = -1;
        else if ((result = answer(&radium_options_table, event, err)) != 0)
            result = result == ANSWERED ? RADIUM_OPTIONS_DONE : -1;
        else if ((result = radium_options_take(ret, event, &arg, err)) != 0)
            error_prefix(err, "%s", event == OPTIONS_FILTER ? "filter" : arg.given);
    }
    options_release(&options);
    return result;
}

/* The system's file goes before the command line, which says whether it is to be read. */
static int take_all(struct radium_options *ret, int argc, char **argv, struct error *err)
{
    const char *path = getenv("PANOPTES_RADIUM_CONF");
    set_defaults(ret);
    int result = take_words(ret, argc, argv, err);
    if (result || ret->conf_given || ret->cleared)
        return result;
    if (!path)
        path = "/etc/radium.conf";
    if (!*path || access(path, R_OK))
        return 0;
    radium_options_release(ret);
    set_defaults(ret);
    if (radium_conf_read(ret, path, err))
        return -1;
    return take_words(ret, argc, argv, err);
}

int radium_options_parse(struct radium_options *ret, int argc, char **argv, struct error *err)
{
    int result = take_all(ret, argc, argv, err);
    if (result)
        return result;
    ret->argc = argc;
    ret->argv = argv;
    if (!ret->source_count && !ret->inputs.count)
        return error_set(err, "nothing to read: name servers with -S or files with -r (see "
                              "--help)");
    if (!ret->serving.port && !ret->outputs.count)
        return error_set(err, "nothing to do: serve clients with -P or write files with -w");
    for (size_t i = 0; i < ret->source_count; i++)
        if (ret->sources[i].is_secure && !ret->serving.certificate)
            return error_set(err, "-S %s: TLS needs --tls-cert, --tls-key and --tls-ca",
                             ret->sources[i].name);
    for (size_t i = 0; i < ret->outputs.count; i++)
        if (!strcmp(ret->outputs.specs[i].path, "-"))
            ret->process.uses_stdout = true;
    return RADIUM_OPTIONS_RUN;
}
