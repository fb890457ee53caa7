/* SPDX-License-Identifier: Apache-2.0 */
#include "cmd/tool_settings.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/mem.h"
#include "base/message.h"
#include "base/quantity.h"
#include "cmd/host_names.h"
#include "cmd/now.h"
#include "cmd/time_zone.h"
#include "cmd/tool_options.h"
#include "record/block_names.h"
#include "record/services.h"

/* --- life ------------------------------------------------------------------------------------- */

static const struct tool_limit no_limit = {1, UINT64_MAX};

void tool_settings_init(struct tool_settings *settings)
{
    *settings = (struct tool_settings){
        .print = print_defaults,
        .input_limit = no_limit,
        .output_limit = no_limit,
        .blocks = TOOL_ALL_BLOCKS,
        .remote_port = ENDPOINT_PORT,
    };
}

void tool_settings_release(struct tool_settings *settings)
{
    output_list_release(&settings->outputs);
    for (size_t i = 0; i < settings->column_count; i++)
        free(settings->columns[i]);
    paths_release(&settings->inputs);
    free(settings->remotes);
    free(settings->certificate);
    free(settings->key);
    free(settings->authorities);
    free(settings->filter);
    free(settings->default_filter);
    free(settings->label_pattern);
    free(settings->payload_pattern);
    free(settings->rejected_path);
    free(settings->columns);
    free(settings->zone);
    free(settings->local);
    free(settings->vendors_path);
    free(settings->time_range_text);
    service_names_free(settings->services);
    *settings = (struct tool_settings){0};
}

struct filter_names tool_settings_names(const struct tool_settings *settings)
{
    return (struct filter_names){
        .services = settings->services,
        .find_host = host_names_find,
        .find_ether = host_names_find_ether,
        .reads_files = true,
    };
}

int tool_settings_filter(const struct tool_settings *settings, struct filter **ret,
                         const char *text, struct error *err)
{
    const struct filter_names names = tool_settings_names(settings);
    if (filter_compile(ret, text, &names, err))
        return -1;
    if (settings->verbose && filter_warning(*ret))
        message("filter: %s", filter_warning(*ret));
    return 0;
}

static void clear(struct tool_settings *settings)
{
    bool cleared =
        settings->inputs_cleared || settings->inputs.count > 0 || settings->remote_count > 0;
    tool_settings_release(settings);
    tool_settings_init(settings);
    settings->inputs_cleared = cleared;
}

void tool_settings_end_defaults(struct tool_settings *settings)
{
    settings->column_default = settings->column_count;
    settings->remote_default = settings->remote_count;
}

/* --- one option ------------------------------------------------------------------------------- */

static int add_remote(struct tool_settings *settings, const char *word, struct error *err)
{
    settings->remotes = mem_grow(settings->remotes, &settings->remote_capacity,
                                 settings->remote_count + 1, sizeof(*settings->remotes));
    if (endpoint_parse(&settings->remotes[settings->remote_count], word, settings->remote_port,
                       err))
        return error_prefix(err, "-S");
    settings->remote_count++;
    return 0;
}

static void add_column(struct tool_settings *settings, const char *word)
{
    settings->columns = mem_grow(settings->columns, &settings->column_capacity,
                                 settings->column_count + 1, sizeof(*settings->columns));
    settings->columns[settings->column_count++] = mem_strdup(word);
}

void tool_settings_set_text(char **text, const char *value)
{
    free(*text);
    *text = mem_strdup(value);
}

static int set_filter(struct tool_settings *settings, const char *text, struct error *err)
{
    if (settings->filter)
        return error_set(err, "two filters are given: '%s' and '%s'", settings->filter, text);
    settings->filter = mem_strdup(text);
    return 0;
}

/* "[i|o]n", "[i|o]a-b", "[i|o]a+n". */
static int set_limit(struct tool_settings *settings, const char *text, struct error *err)
{
    const char *at = text;
    struct tool_limit *limit = &settings->input_limit;
    if (*at == 'o')
        limit = &settings->output_limit;
    if (*at == 'i' || *at == 'o')
        at++;

    char first[32];
    size_t size = strcspn(at, "-+");
    uint64_t from, number;
    if (size >= sizeof(first))
        return error_set(err, "-N: '%s' is too long", text);
    memcpy(first, at, size);
    first[size] = '\0';
    const char *second = at[size] ? at + size + 1 : first;
    if (quantity_count(first, UINT64_MAX / 2, &from, err) ||
        quantity_count(second, UINT64_MAX / 2, &number, err))
        return error_prefix(err, "-N '%s'", text);
    *limit = at[size] == '+'   ? (struct tool_limit){from, from + number}
             : at[size] == '-' ? (struct tool_limit){from, number}
                               : (struct tool_limit){1, number};
    return 0;
}

static int set_delimiter(struct tool_settings *settings, const char *text)
{
    settings->print.delimiter = !strcmp(text, "\\t") ? '\t' : text[0];
    settings->print.variable_width = true;
    return 0;
}

static int set_header(struct tool_settings *settings, const char *text, struct error *err)
{
    uint64_t lines;
    if (!strcmp(text, "-1")) {
        settings->print.header_every = -1;
        return 0;
    }
    if (quantity_count(text, INT_MAX, &lines, err))
        return error_prefix(err, "-L");
    settings->print.header_every = (int)lines;
    return 0;
}

static int set_precision(struct tool_settings *settings, const char *text, struct error *err)
{
    uint64_t digits;
    if (quantity_count(text, 15, &digits, err))
        return error_prefix(err, "-p");
    settings->print.precision = (int)digits;
    return 0;
}

static int set_seed(struct tool_settings *settings, const char *text, struct error *err)
{
    uint64_t seed;
    if (quantity_count(text, UINT16_MAX, &seed, err))
        return error_prefix(err, "--community-id-seed");
    settings->print.community_seed = (uint16_t)seed;
    return 0;
}

static int set_flags(struct tool_settings *settings, const char *text, struct error *err)
{
    if (strlen(text) != 1 || !strchr("sdb", text[0]))
        return error_set(err, "-Z: '%s' is none of s, d, b", text);
    settings->print.tcp_state = text[0];
    return 0;
}

int tool_settings_use_zone(struct tool_settings *settings, struct error *err)
{
    if (settings->zone && time_zone_use(settings->zone, err))
        return -1;
    tzset();
    if (!settings->time_range_text)
        return 0;
    settings->has_time_range = true;
    return time_range_parse(&settings->time_range, settings->time_range_text, wall_now(), err);
}

static int set_payload_form(struct tool_settings *settings, const char *word, struct error *err)
{
    if (!print_set(&settings->print, "RA_USERDATA_ENCODE", word, NULL))
        return 0;
    return error_set(err, "-M printer=: '%s' is none of ascii, obfuscate, hex, encode32, encode64",
                     word);
}

/* "name=value": the value, or NULL if the word is another one. */
static const char *value_of(const char *word, const char *name)
{
    size_t size = strlen(name);
    return !strncmp(word, name, size) && word[size] == '=' ? word + size + 1 : NULL;
}

/* Modes that have a value. */
static int set_valued_mode(struct tool_settings *settings, const char *word, struct error *err)
{
    const char *value;
    if ((value = value_of(word, "TZ")))
        tool_settings_set_text(&settings->zone, value);
    else if ((value = value_of(word, "label")))
        tool_settings_set_text(&settings->label_pattern, value);
    else if ((value = value_of(word, "dsrs")))
        return blocks_parse(value, &settings->blocks, err) ? error_prefix(err, "-M dsrs") : 0;
    else if ((value = value_of(word, "printer")))
        return set_payload_form(settings, value, err);
    else
        return TOOL_UNKNOWN;
    return 0;
}

static int set_mode(struct tool_settings *settings, const char *word, struct error *err)
{
    if (!strcmp(word, "man") || !strcmp(word, "noman")) {
        settings->print_man = word[0] == 'm';
    } else if (!strcmp(word, "events") || !strcmp(word, "noevents")) {
        settings->print_events = word[0] == 'e';
    } else if (!strcmp(word, "uni")) {
        settings->one_way = true;
    } else if (!strcmp(word, "rmon")) {
        settings->both_ends = settings->print.of_hosts = true;
    } else if (!strcmp(word, "oui")) {
        settings->print.vendor_macs = true;
    } else if (!strcmp(word, "disa")) {
        settings->print.disa = true;
    } else if (!strcmp(word, "xml")) {
        settings->print.form = PRINT_XML;
    } else if (!strcmp(word, "json")) {
        settings->print.form = PRINT_JSON;
    } else if (!strcmp(word, "poll")) {
        settings->only_polls = true;
    } else {
        return set_valued_mode(settings, word, err);
    }
    return 0;
}

/* Options that need a function of their own; the flags are in tool_settings_take. */
static int take_value(struct tool_settings *settings, int event, const struct option_arg *arg,
                      struct error *err)
{
    switch (event) {
    case TOOL_READ_DIRECTORY:
        return paths_collect(&settings->inputs, arg->word, err);
    case OPTIONS_FILTER:
    case TOOL_FILTER:
        return set_filter(settings, arg->word, err);
    case TOOL_NUMBER:
        return set_limit(settings, arg->word, err);
    case TOOL_REMOTE:
        return add_remote(settings, arg->word, err);
    case TOOL_RUN_TIME:
        return quantity_duration(arg->word, &settings->run_time, err) ? error_prefix(err, "-T") : 0;
    case TOOL_CERTIFICATE:
        tool_settings_set_text(&settings->certificate, arg->word);
        return 0;
    case TOOL_KEY_FILE:
        tool_settings_set_text(&settings->key, arg->word);
        return 0;
    case TOOL_AUTHORITIES:
        tool_settings_set_text(&settings->authorities, arg->word);
        return 0;
    case TOOL_RECONNECT:
        settings->reconnects = true;
        return 0;
    case TOOL_PRECISION:
        return set_precision(settings, arg->word, err);
    case TOOL_DELIMITER:
        return set_delimiter(settings, arg->word);
    case TOOL_HEADER:
        return set_header(settings, arg->word, err);
    case TOOL_FLAGS:
        return set_flags(settings, arg->word, err);
    case TOOL_MODE:
        return set_mode(settings, arg->word, err);
    case TOOL_TIME_RANGE:
        tool_settings_set_text(&settings->time_range_text, arg->word);
        return 0;
    case TOOL_PAYLOAD:
        tool_settings_set_text(&settings->payload_pattern, arg->word);
        return 0;
    case TOOL_COMMUNITY_SEED:
        return set_seed(settings, arg->word, err);
    case TOOL_TIME_FORMAT:
        return print_set_time_format(&settings->print, arg->word, err);
    case TOOL_COMMUNITY_ID:
        settings->community_id = true;
        return 0;
    case TOOL_VENDORS:
        tool_settings_set_text(&settings->vendors_path, arg->word);
        return 0;
    case TOOL_VENDOR_MACS:
        settings->print.vendor_macs = true;
        return 0;
    case TOOL_ZONE:
        tool_settings_set_text(&settings->zone, arg->word);
        return 0;
    default:
        return TOOL_UNKNOWN;
    }
}

int tool_settings_take(struct tool_settings *settings, int event, const struct option_arg *arg,
                       struct error *err)
{
    switch (event) {
    case TOOL_READ:
        paths_add_part(&settings->inputs, arg->word);
        return 0;
    case TOOL_CLEAR:
        clear(settings);
        return 0;
    case TOOL_COMPILE:
        settings->only_compile = true;
        return 0;
    case TOOL_NOTHING:
        return 0;
    case TOOL_VERBOSE:
        settings->verbose = true;
        return 0;
    case TOOL_FIELDS:
        add_column(settings, arg->word);
        return 0;
    case TOOL_NUMERIC:
        settings->print.numeric = (settings->print.numeric + 1) % PRINT_NAME_LEVELS;
        return 0;
    case TOOL_UNIX_TIME:
        settings->print.unix_time = true;
        return 0;
    case TOOL_STATES:
        settings->print.tcp_state = 'z';
        return 0;
    case TOOL_BRIEF:
        settings->print.brief_counters = true;
        return 0;
    case TOOL_QUIET:
        settings->quiet = true;
        return 0;
    case TOOL_CSV:
        settings->print.form = PRINT_CSV;
        return 0;
    case TOOL_JSON:
        settings->print.form = PRINT_JSON;
        return 0;
    case TOOL_HELP_FIELDS:
        settings->only_fields = true;
        return 0;
    case TOOL_JSON_SCHEMA:
        settings->only_schema = true;
        return 0;
    case TOOL_TOTALS:
        settings->totals = true;
        return 0;
    case TOOL_WRITE:
        output_list_add(&settings->outputs, arg->word, arg->second);
        return 0;
    case TOOL_REJECTED:
        tool_settings_set_text(&settings->rejected_path, arg->word);
        return 0;
    default:
        return take_value(settings, event, arg, err);
    }
}
