/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/check.h"
#include "base/mem.h"
#include "base/quantity.h"
#include "cmd/argus_conf.h"
#include "cmd/argus_options.h"
#include "cmd/argus_table.h"
#include "cmd/keystroke_words.h"
#include "cmd/memory_default.h"
#include "packet/tunnel.h"

/* What each option does, wherever it is said. */

static const uint64_t BUFFER_USUAL = UINT64_C(16) << 20;

void argus_options_default(struct argus_options *options)
{
    const long processors = sysconf(_SC_NPROCESSORS_ONLN);
    *options = (struct argus_options){
        .order = SERIES_BY_TIME,
        .most_packets = UINT64_MAX,
        .threads = processors > 0 ? (unsigned)processors : 1,
        .memory_bytes = memory_default(),
        .buffer_bytes = BUFFER_USUAL,
        .meter = meter_defaults,
        .serving = serving_defaults,
        .log = log_defaults,
        .decode = {.tunnels = TUNNEL_DEFAULT},
    };
    options->meter.keystrokes = keystroke_defaults;
}

static void set_text(char **text, const char *value)
{
    free(*text);
    *text = mem_strdup(value);
}

static int set_order(struct argus_options *options, const char *word, struct error *err)
{
    static const char *const names[] = {
        [SERIES_BY_TIME] = "time", [SERIES_BY_NAME] = "name", [SERIES_AS_GIVEN] = "given"};
    options->order_given = true;
    for (unsigned i = 0; i < ARRAY_SIZE(names); i++)
        if (!strcmp(word, names[i])) {
            options->order = (enum series_order)i;
            return 0;
        }
    return error_set(err, "'%s' is none of time, name, given", word);
}

static int set_compat(struct argus_options *options, const char *word, struct error *err)
{
    if (strcmp(word, "3.0.8"))
        return error_set(err, "only 3.0.8 is known, not '%s'", word);
    options->meter.quirks = options->decode.quirks = QUIRKS_ALL_308;
    options->decode.tunnels = TUNNEL_308;
    return 0;
}

static int set_user_bytes(struct argus_options *options, const char *word, struct error *err)
{
    uint64_t bytes;
    if (quantity_count(word, UINT16_MAX, &bytes, err))
        return -1;
    options->meter.user_bytes = (uint16_t)bytes;
    return 0;
}

/* "5", or "2-5": the first two are skipped. */
static int set_packets(struct argus_options *options, const char *word, struct error *err)
{
    const char *dash = strchr(word, '-');
    char skip[24] = "0";
    if (dash && (size_t)(dash - word) >= sizeof(skip))
        return error_set(err, "'%s' is no range of packets", word);
    if (dash)
        snprintf(skip, sizeof(skip), "%.*s", (int)(dash - word), word);
    if (quantity_count(skip, UINT64_MAX, &options->skip_packets, err) ||
        quantity_count(dash ? dash + 1 : word, UINT64_MAX, &options->most_packets, err))
        return -1;
    if (options->most_packets < options->skip_packets)
        return error_set(err, "'%s' ends before it begins", word);
    return 0;
}

static int set_memory(struct argus_options *options, const char *word, struct error *err)
{
    const uint64_t least = UINT64_C(64) << 20;
    if (quantity_size(word, &options->memory_bytes, err))
        return -1;
    if (options->memory_bytes < least)
        return error_set(err, "at least 64M is needed, not %s", word);
    return 0;
}

static int set_threads(struct argus_options *options, const char *word, struct error *err)
{
    uint64_t count;
    if (quantity_count(word, 1024, &count, err))
        return -1;
    if (!count)
        return error_set(err, "at least one is needed");
    options->threads = (unsigned)count;
    return 0;
}

static int set_half_open(struct argus_options *options, const char *word, struct error *err)
{
    options->meter.half_flows = !strcmp(word, "compact");
    if (!options->meter.half_flows && strcmp(word, "whole"))
        return error_set(err, "'%s' is none of compact, whole", word);
    return 0;
}

static int set_flow_key(struct argus_options *options, const char *word, struct error *err)
{
    return flow_keying_parse_key(word, &options->meter.keying, err);
}

static int set_flow_type(struct argus_options *options, const char *word, struct error *err)
{
    return flow_keying_parse_type(word, &options->meter.keying, err);
}

static int set_replay(struct argus_options *options, const char *word, struct error *err)
{
    const double most = 1e6;
    char *end;
    options->replay = strtod(word, &end);
    if (end == word || *end || !(options->replay > 0 && options->replay <= most))
        return error_set(err, "'%s' is no factor between 0 and %.0f", word, most);
    return 0;
}

static int set_source_id(struct argus_options *options, const char *word, struct error *err)
{
    return source_id_parse(&options->id, word, false, err);
}

static int set_keystrokes(struct argus_options *options, const char *word, struct error *err)
{
    return keystroke_words_mode(&options->meter.keystrokes, word, err);
}

static int set_keystroke_limits(struct argus_options *options, const char *words, struct error *err)
{
    return keystroke_words_limits(&options->meter.keystrokes, words, err);
}

static int set_configuration(struct argus_options *options, const char *word, struct error *err)
{
    options->conf_given = true;
    return argus_conf_read(options, word, err);
}

static int set_wait_clients(struct argus_options *options, const char *word, struct error *err)
{
    return quantity_count(word, UINT16_MAX, &options->wait_clients, err);
}

/* Any level but 0 is to be told more. */
static int set_debug(struct argus_options *options, const char *word, struct error *err)
{
    uint64_t level;
    if (quantity_count(word, UINT32_MAX, &level, err))
        return -1;
    options->verbose = level > 0;
    return 0;
}

static int set_tunnels(struct argus_options *options, const char *word, struct error *err)
{
    return tunnels_parse(word, &options->decode.tunnels, err);
}

static int set_directory(struct argus_options *options, const char *word, struct error *err)
{
    return word ? paths_collect(&options->inputs, word, err) : 0;
}

static int set_snaplen(struct argus_options *options, const char *word, struct error *err)
{
    const uint64_t most = 262144;
    uint64_t bytes;
    if (quantity_count(word, most, &bytes, err))
        return -1;
    options->snaplen = (uint32_t)bytes;
    return 0;
}

static int set_buffer(struct argus_options *options, const char *word, struct error *err)
{
    const uint64_t least = UINT64_C(1) << 20, most = UINT64_C(1) << 30;
    if (quantity_size(word, &options->buffer_bytes, err))
        return -1;
    if (options->buffer_bytes < least || options->buffer_bytes > most)
        return error_set(err, "between 1M and 1G are possible, not %s", word);
    return 0;
}

/* The time that an option sets, NULL if it is none of these. */
static nsec_t *duration_of(struct argus_options *options, int event)
{
    switch (event) {
    case OPT_STATUS:
        return &options->meter.status_interval;
    case OPT_MANAGEMENT:
        return &options->management_interval;
    case OPT_IDLE_IP:
        return &options->meter.ip_timeout;
    case OPT_IDLE_TCP:
        return &options->meter.tcp_timeout;
    case OPT_IDLE_ICMP:
        return &options->meter.icmp_timeout;
    case OPT_IDLE_FRAGMENT:
        return &options->meter.frag_timeout;
    case OPT_IDLE_ARP:
        return &options->meter.arp_timeout;
    case OPT_IDLE_OTHER:
        return &options->meter.other_timeout;
    default:
        return NULL;
    }
}

/* The switch that an option turns on, NULL if it is none of these. */
static bool *switch_of(struct argus_options *options, int event)
{
    switch (event) {
    case OPT_MERGE:
        return &options->merge;
    case OPT_PRINT_FILTER:
        return &options->print_filter;
    case OPT_NO_OPTIMIZER:
        return &options->plain_filter;
    case OPT_APP_BYTES:
        return &options->meter.app_bytes;
    case OPT_JITTER:
        return &options->meter.jitter;
    case OPT_MAC:
        return &options->meter.mac_addresses;
    case OPT_SIZES:
        return &options->meter.packet_sizes;
    case OPT_TIMES:
        return &options->meter.bidirectional_times;
    case OPT_VERBOSE:
        return &options->verbose;
    case OPT_QUIET:
        return &options->quiet;
    case OPT_NOT_PROMISCUOUS:
        return &options->not_promiscuous;
    case OPT_TSH:
        return &options->tsh;
    case OPT_FOLLOW:
        return &options->follow;
    case OPT_TRACK_DUPLICATES:
        return &options->meter.track_duplicates;
    case OPT_START_RECORDS:
        return &options->meter.start_records;
    case OPT_COPY_LOSSES:
        return &options->copy_losses;
    case OPT_WHOLE_PACKETS:
        return &options->whole_packets;
    default:
        return NULL;
    }
}

/* The text that an option sets. */
static char **text_of(struct argus_options *options, int event)
{
    switch (event) {
    case OPT_INDEX:
        return &options->index;
    case OPT_COPY:
        return &options->copy;
    case OPT_METRICS:
        return &options->metrics;
    case OPT_USER_ID:
        return &options->process.user;
    case OPT_GROUP_ID:
        return &options->process.group;
    case OPT_ROOT_FOLDER:
        return &options->process.root_folder;
    default: /* OPTIONS_FILTER */
        return &options->packet_filter;
    }
}

/* Options whose value has a form of its own. */
static const struct setter {
    int event;
    int (*set)(struct argus_options *options, const char *word, struct error *err);
} setters[] = {
    {OPT_READ_DIRECTORY, set_directory},
    {OPT_FILE_ORDER, set_order},
    {OPT_USER, set_user_bytes},
    {OPT_COUNT, set_packets},
    {OPT_MEMORY, set_memory},
    {OPT_THREADS, set_threads},
    {OPT_HALF_OPEN, set_half_open},
    {OPT_FLOW_KEY, set_flow_key},
    {OPT_FLOW_TYPE, set_flow_type},
    {OPT_TUNNELS, set_tunnels},
    {OPT_COMPAT, set_compat},
    {OPT_REPLAY, set_replay},
    {OPT_SOURCE_ID, set_source_id},
    {OPT_SNAPLEN, set_snaplen},
    {OPT_BUFFER, set_buffer},
    {OPT_DEBUG, set_debug},
    {OPT_CONFIGURATION, set_configuration},
    {OPT_WAIT_CLIENTS, set_wait_clients},
    {OPT_KEYSTROKES, set_keystrokes},
    {OPT_KEYSTROKE_LIMITS, set_keystroke_limits},
};

static int take_word(struct argus_options *options, int event, const struct option_arg *arg,
                     struct error *err)
{
    nsec_t *duration = duration_of(options, event);
    int result = serving_take(&options->serving, event, arg, err);
    if (result == SERVING_UNKNOWN)
        result = log_take(&options->log, event, arg, err);
    if (result != LOG_UNKNOWN)
        return result;
    if (duration)
        return quantity_duration(arg->word, duration, err);
    for (size_t i = 0; i < ARRAY_SIZE(setters); i++)
        if (setters[i].event == event)
            return setters[i].set(options, arg->word, err);
    switch (event) {
    case OPT_READ:
        paths_add(&options->inputs, arg->word);
        return 0;
    case OPT_WRITE:
        output_list_add(&options->outputs, arg->word, arg->second);
        return 0;
    case OPT_EVENT:
        return probe_sources_add(&options->probes, arg->word, err);
    case OPT_INTERFACE:
        return interfaces_add(&options->interfaces, arg->word, arg->place > 0, err);
    default:
        set_text(text_of(options, event), arg->word);
        return 0;
    }
}

void argus_options_switch(struct argus_options *options, int event, bool is_on)
{
    bool *is_set = switch_of(options, event);
    const struct option_arg arg = {.word = is_on ? "yes" : "no"};
    check(is_set);
    said_option(&options->said, &argus_options_table, event, &arg);
    *is_set = is_on;
}

int argus_options_take(struct argus_options *options, int event, const struct option_arg *arg,
                       struct error *err)
{
    bool *is_set = switch_of(options, event);
    if (event != OPT_CONFIGURATION) /* what it says is said by its lines */
        said_option(&options->said, &argus_options_table, event, arg);
    if (event == OPT_CLEAR) {
        argus_options_release(options);
        argus_options_default(options);
        options->conf_given = true;
    } else if (event == OPT_DAEMON) {
        options->process.is_daemon = !options->process.is_daemon;
    } else if (is_set) {
        *is_set = true;
    } else {
        return take_word(options, event, arg, err);
    }
    return 0;
}
