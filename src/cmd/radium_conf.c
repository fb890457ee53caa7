/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/mem.h"
#include "base/message.h"
#include "cmd/radium_options.h"
#include "cmd/rc_file.h"

struct conf {
    struct radium_options *options;
    const char *path;
};

/* Variables that are as an option. */
static const struct like_option {
    const char *name;
    int event;
} like_options[] = {
    {"RADIUM_ARGUS_SERVER", OPT_SOURCE},
    {"RADIUM_INPUT_FILE", OPT_READ},
    {"RADIUM_ACCESS_PORT", SERVING_PORT},
    {"RADIUM_BIND_IP", SERVING_ADDRESS},
    {"RADIUM_QUEUE_SIZE", SERVING_QUEUE},
    {"RADIUM_MOST_CLIENTS", SERVING_CLIENTS},
    {"RADIUM_CONNECTION_RATE", SERVING_RATE},
    {"RADIUM_MAR_STATUS_INTERVAL", OPT_MANAGEMENT},
    {"RADIUM_FILTER", OPTIONS_FILTER},
    {"RADIUM_ALLOW", SERVING_ALLOW},
    {"RADIUM_ACCESS", SERVING_ACCESS},
    {"RADIUM_TLS_CERT", SERVING_CERTIFICATE},
    {"RADIUM_TLS_KEY", SERVING_KEY},
    {"RADIUM_TLS_CA", SERVING_AUTHORITIES},
    {"RADIUM_SPOOL", SERVING_SPOOL},
    {"RADIUM_SPOOL_LIMIT", SERVING_SPOOL_LIMIT},
    {"RADIUM_CLASSIFIER_FILE", OPT_LABELS},
    {"RADIUM_METRICS", OPT_METRICS},
    {"RADIUM_CHROOT_DIR", OPT_ROOT_FOLDER},
    {"RADIUM_SETUSER_ID", OPT_USER_ID},
    {"RADIUM_LOG", LOG_TARGET},
    {"RADIUM_LOG_FORMAT", LOG_FORMAT},
    {"RADIUM_LOG_LEVEL", LOG_LEVEL},
    {"RADIUM_SETGROUP_ID", OPT_GROUP_ID},
};

static int take_id(struct conf *conf, const struct rc_variable *v, struct error *err)
{
    said_variable(&conf->options->said, v->name, v->value);
    return source_id_parse(&conf->options->id, v->value, v->is_quoted, err);
}

static int take_output(struct conf *conf, const struct rc_variable *v, struct error *err)
{
    (void)err;
    output_list_add_text(&conf->options->outputs, v->value);
    return 0;
}

static int take_stream(struct conf *conf, const struct rc_variable *v, struct error *err)
{
    return output_list_add_stream(&conf->options->outputs, v->value, err);
}

static const struct own_form {
    const char *name;
    int (*take)(struct conf *conf, const struct rc_variable *v, struct error *err);
} own_forms[] = {
    {"RADIUM_MONITOR_ID", take_id},
    {"RADIUM_OUTPUT_FILE", take_output},
    {"RADIUM_OUTPUT_STREAM", take_stream},
};

/* What this version does not do; a value that asks for nothing is fine. */
static const struct refused {
    const char *name, *nothing;
} refused[] = {
    {"RADIUM_CISCONETFLOW_PORT", "0"}, {"RADIUM_ADJUST_TIME", "no"}, {"RADIUM_USER_AUTH", NULL},
    {"RADIUM_AUTH_PASS", NULL},        {"RADIUM_MIN_SSF", "0"},      {"RADIUM_MAX_SSF", "0"},
    {"RADIUM_CORRELATE", "no"},
};

static const char *const idle[] = {"RADIUM_DEBUG_LEVEL", "RADIUM_FILTER_OPTIMIZER"};

static int take_rest(struct conf *conf, const struct rc_variable *v, struct error *err)
{
    for (size_t i = 0; i < ARRAY_SIZE(refused); i++)
        if (!strcmp(v->name, refused[i].name))
            return refused[i].nothing && !strcasecmp(refused[i].nothing, v->value)
                       ? 0
                       : error_set(err, "'%s' is not supported by this version", v->value);
    for (size_t i = 0; i < ARRAY_SIZE(idle); i++)
        if (!strcmp(v->name, idle[i]))
            return 0;
    message_event(
        &(struct event){EVENT_WARNING,
                        "variable-unknown",
                        "{file}: the variable {variable} is not known",
                        {event_text("file", conf->path), event_text("variable", v->name)}});
    return 0;
}

static int dispatch(struct conf *conf, const struct rc_variable *v, struct error *err)
{
    for (size_t i = 0; i < ARRAY_SIZE(like_options); i++)
        if (!strcmp(v->name, like_options[i].name)) {
            const struct option_arg arg = {.word = v->value};
            return radium_options_take(conf->options, like_options[i].event, &arg, err);
        }
    if (process_options_take(&conf->options->process, "RADIUM_", v)) {
        said_variable(&conf->options->said, v->name, v->value);
        return 0;
    }
    for (size_t i = 0; i < ARRAY_SIZE(own_forms); i++)
        if (!strcmp(v->name, own_forms[i].name))
            return own_forms[i].take(conf, v, err);
    return take_rest(conf, v, err);
}

static int take_variable(void *arg, const struct rc_variable *v, struct error *err)
{
    if (v->is_open)
        return error_set(err, "%s: the second quote is missing", v->name);
    return dispatch(arg, v, err) ? error_prefix(err, "%s", v->name) : 0;
}

int radium_conf_read(struct radium_options *options, const char *path, struct error *err)
{
    struct conf conf = {.options = options, .path = path};
    return rc_file_read(path, take_variable, &conf, err);
}
