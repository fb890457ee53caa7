/* SPDX-License-Identifier: Apache-2.0 */
#include "cmd/argus_conf.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/mem.h"
#include "base/message.h"
#include "base/quantity.h"
#include "cmd/argus_table.h"
#include "cmd/rc_file.h"
#include "packet/packet.h"

/* A file that is being read. */
struct conf {
    struct argus_options *options;
    const char *path;
    bool has_output, has_interface; /* the first of a file takes the place of those before */
};

/* --- variables that stand for an option ------------------------------------------------------- */

static const struct like_option {
    const char *name;
    int event;
    bool is_switch; /* as the option if it says yes */
} like_options[] = {
    {"ARGUS_FLOW_STATUS_INTERVAL", OPT_STATUS, false},
    {"ARGUS_MAR_STATUS_INTERVAL", OPT_MANAGEMENT, false},
    {"ARGUS_FLOW_KEY", OPT_FLOW_KEY, false},
    {"ARGUS_FLOW_TYPE", OPT_FLOW_TYPE, false},
    {"ARGUS_IP_TIMEOUT", OPT_IDLE_IP, false},
    {"ARGUS_TCP_TIMEOUT", OPT_IDLE_TCP, false},
    {"ARGUS_ICMP_TIMEOUT", OPT_IDLE_ICMP, false},
    {"ARGUS_FRAG_TIMEOUT", OPT_IDLE_FRAGMENT, false},
    {"ARGUS_ARP_TIMEOUT", OPT_IDLE_ARP, false},
    {"ARGUS_OTHER_TIMEOUT", OPT_IDLE_OTHER, false},
    {"ARGUS_DEBUG_LEVEL", OPT_DEBUG, false},
    {"ARGUS_CAPTURE_DATA_LEN", OPT_USER, false},
    {"ARGUS_FILTER", OPTIONS_FILTER, false},
    {"ARGUS_CHROOT_DIR", OPT_ROOT_FOLDER, false},
    {"ARGUS_SETUSER_ID", OPT_USER_ID, false},
    {"ARGUS_SETGROUP_ID", OPT_GROUP_ID, false},
    {"ARGUS_PCAP_BUF_SIZE", OPT_BUFFER, false},
    {"ARGUS_ACCESS_PORT", SERVING_PORT, false},
    {"ARGUS_BIND_IP", SERVING_ADDRESS, false},
    {"ARGUS_LOG", LOG_TARGET, false},
    {"ARGUS_LOG_FORMAT", LOG_FORMAT, false},
    {"ARGUS_LOG_LEVEL", LOG_LEVEL, false},
    {"ARGUS_QUEUE_SIZE", SERVING_QUEUE, false},
    {"ARGUS_MOST_CLIENTS", SERVING_CLIENTS, false},
    {"ARGUS_CONNECTION_RATE", SERVING_RATE, false},
    {"ARGUS_ALLOW", SERVING_ALLOW, false},
    {"ARGUS_ACCESS", SERVING_ACCESS, false},
    {"ARGUS_TLS_CERT", SERVING_CERTIFICATE, false},
    {"ARGUS_TLS_KEY", SERVING_KEY, false},
    {"ARGUS_TLS_CA", SERVING_AUTHORITIES, false},
    {"ARGUS_SPOOL", SERVING_SPOOL, false},
    {"ARGUS_SPOOL_LIMIT", SERVING_SPOOL_LIMIT, false},
    {"ARGUS_CAPTURE_FULL_CONTROL_DATA", OPT_WHOLE_PACKETS, true},
    {"ARGUS_PACKET_CAPTURE_FILE", OPT_COPY, false},
    {"ARGUS_PACKET_CAPTURE_ON_ERROR", OPT_COPY_LOSSES, true},
    {"ARGUS_TRACK_DUPLICATES", OPT_TRACK_DUPLICATES, true},
    {"ARGUS_EVENT_DATA", OPT_EVENT, false},
    {"ARGUS_KEYSTROKE", OPT_KEYSTROKES, false},
    {"ARGUS_KEYSTROKE_CONF", OPT_KEYSTROKE_LIMITS, false},
    {"ARGUS_GENERATE_START_RECORDS", OPT_START_RECORDS, true},
    {"ARGUS_GENERATE_PACKET_SIZE", OPT_SIZES, true},
    {"ARGUS_GENERATE_JITTER_DATA", OPT_JITTER, true},
    {"ARGUS_GENERATE_MAC_DATA", OPT_MAC, true},
    {"ARGUS_GENERATE_APPBYTE_METRIC", OPT_APP_BYTES, true},
    {"ARGUS_GENERATE_BIDIRECTIONAL_TIMESTAMPS", OPT_TIMES, true},
};

/* --- variables of a form of their own --------------------------------------------------------- */

static int take_id(struct conf *conf, const struct rc_variable *v, struct error *err)
{
    return source_id_parse(&conf->options->id, v->value, v->is_quoted, err);
}

static int take_output(struct conf *conf, const struct rc_variable *v, struct error *err)
{
    (void)err;
    if (!conf->has_output)
        output_list_release(&conf->options->outputs);
    conf->has_output = true;
    output_list_add_text(&conf->options->outputs, v->value);
    return 0;
}

static int take_stream(struct conf *conf, const struct rc_variable *v, struct error *err)
{
    return output_list_add_stream(&conf->options->outputs, v->value, err);
}

static int take_interface(struct conf *conf, const struct rc_variable *v, struct error *err)
{
    struct interfaces *interfaces = &conf->options->interfaces;
    if (!conf->has_interface)
        interfaces_release(interfaces);
    conf->has_interface = true;
    return interfaces_add(interfaces, v->value, false, err);
}

static int take_promiscuous(struct conf *conf, const struct rc_variable *v, struct error *err)
{
    (void)err;
    conf->options->not_promiscuous = !rc_is_yes(v->value);
    return 0;
}

static int take_optimizer(struct conf *conf, const struct rc_variable *v, struct error *err)
{
    (void)err;
    conf->options->plain_filter = !rc_is_yes(v->value);
    return 0;
}

static int take_discovery(struct conf *conf, const struct rc_variable *v, struct error *err)
{
    (void)err;
    if (rc_is_yes(v->value))
        conf->options->decode.tunnels |= TUNNEL_TEREDO;
    else
        conf->options->decode.tunnels &= ~(uint32_t)TUNNEL_TEREDO;
    return 0;
}

/* "NAME=value" */
static int take_environment(struct conf *conf, const struct rc_variable *v, struct error *err)
{
    char *name = mem_strdup(v->value), *value = strchr(name, '=');
    (void)conf;
    int result = 0;
    if (!value || value == name) {
        result = error_set(err, "NAME=value is expected, not '%s'", v->value);
    } else {
        *value++ = '\0';
        if (setenv(name, value, true))
            result = error_errno(err, "the environment variable %s", name);
    }
    free(name);
    return result;
}

static const struct own_form {
    const char *name;
    int (*take)(struct conf *conf, const struct rc_variable *v, struct error *err);
} own_forms[] = {
    {"ARGUS_MONITOR_ID", take_id},
    {"ARGUS_OUTPUT_FILE", take_output},
    {"ARGUS_OUTPUT_STREAM", take_stream},
    {"ARGUS_INTERFACE", take_interface},
    {"ARGUS_GO_PROMISCUOUS", take_promiscuous},
    {"ARGUS_FILTER_OPTIMIZER", take_optimizer},
    {"ARGUS_TUNNEL_DISCOVERY", take_discovery},
    {"ARGUS_ENV", take_environment},
};

/* --- variables that change nothing, and those that cannot be had ------------------------------ */

/* Without effect in argus 3.0.8, too. */
static const char *const idle[] = {
    "ARGUS_IGMP_TIMEOUT",     "ARGUS_GENERATE_RESPONSE_TIME_DATA",
    "ARGUS_JITTER_HISTOGRAM", "ARGUS_GENERATE_TCP_PERF_METRIC",
    "ARGUS_SELF_SYNCHRONIZE", "ARGUS_COLLECTOR",
};

/* What this version does not do; a value that asks for nothing is fine. */
static const struct refused {
    const char *name, *nothing;
} refused[] = {
    {"ARGUS_MIN_SSF", "0"},
    {"ARGUS_MAX_SSF", "0"},
};

static bool is_idle(const char *name)
{
    for (size_t i = 0; i < ARRAY_SIZE(idle); i++)
        if (!strcmp(idle[i], name))
            return true;
    return false;
}

static const struct refused *find_refused(const char *name)
{
    for (size_t i = 0; i < ARRAY_SIZE(refused); i++)
        if (!strcmp(refused[i].name, name))
            return &refused[i];
    return NULL;
}

/* --- files ------------------------------------------------------------------------------------ */

static int take_option(struct conf *conf, const struct like_option *like, const char *value,
                       struct error *err)
{
    const struct option_arg arg = {.word = value};
    if (like->is_switch) {
        argus_options_switch(conf->options, like->event, rc_is_yes(value));
        return 0;
    }
    return argus_options_take(conf->options, like->event, &arg, err);
}

static int dispatch(struct conf *conf, const struct rc_variable *v, struct error *err)
{
    for (size_t i = 0; i < ARRAY_SIZE(like_options); i++)
        if (!strcmp(v->name, like_options[i].name))
            return take_option(conf, &like_options[i], v->value, err);
    if (process_options_take(&conf->options->process, "ARGUS_", v)) {
        said_variable(&conf->options->said, v->name, v->value);
        return 0;
    }
    for (size_t i = 0; i < ARRAY_SIZE(own_forms); i++)
        if (!strcmp(v->name, own_forms[i].name)) {
            said_variable(&conf->options->said, v->name, v->value);
            return own_forms[i].take(conf, v, err);
        }
    const struct refused *row = find_refused(v->name);
    if (row && !(row->nothing && !strcasecmp(row->nothing, v->value)))
        return error_set(err, "'%s' is not supported by this version", v->value);
    if (!row && !is_idle(v->name))
        message_event(
            &(struct event){EVENT_WARNING,
                            "variable-unknown",
                            "{file}: the variable {variable} is not known",
                            {event_text("file", conf->path), event_text("variable", v->name)}});
    return 0;
}

/* A comment may follow a value that is not quoted. */
static void cut_comment(char *value)
{
    for (char *at = value; (at = strstr(at, "//")) != NULL; at += 2)
        if (at > value && (at[-1] == ' ' || at[-1] == '\t')) {
            while (at > value && (at[-1] == ' ' || at[-1] == '\t'))
                at--;
            *at = '\0';
            return;
        }
}

static int take_variable(void *arg, const struct rc_variable *variable, struct error *err)
{
    struct rc_variable v = *variable;
    if (v.is_open)
        return error_set(err, "%s: the second quote is missing", v.name);
    char *value = mem_strdup(v.value);
    if (!v.is_quoted)
        cut_comment(value);
    v.value = value;
    int result = dispatch(arg, &v, err);
    if (result)
        error_prefix(err, "%s", v.name);
    free(value);
    return result;
}

int argus_conf_read(struct argus_options *options, const char *path, struct error *err)
{
    struct conf conf = {.options = options, .path = path};
    return rc_file_read(path, take_variable, &conf, err);
}
