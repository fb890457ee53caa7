/* SPDX-License-Identifier: Apache-2.0 */
#include "cmd/tool_rc.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/attr.h"
#include "base/mem.h"
#include "base/quantity.h"
#include "cmd/rc_file.h"
#include "cmd/tool_options.h"

/* --- values ----------------------------------------------------------------------------------- */

static int not_one_of(const char *value, const char *what, struct error *err)
{
    return error_set(err, "'%s' is none of %s", value, what);
}

static int parse_yes(const char *value, bool *ret, struct error *err)
{
    *ret = !strcmp(value, "yes");
    return *ret || !strcmp(value, "no") ? 0 : not_one_of(value, "yes, no", err);
}

/* An option with a value, or without one. */
static int take_option(struct tool_settings *settings, int event, const char *value,
                       struct error *err)
{
    const struct option_arg arg = {.word = value};
    return tool_settings_take(settings, event, &arg, err);
}

/* An option that is given when the variable says yes. */
static int take_switch(struct tool_settings *settings, int event, const char *value,
                       struct error *err)
{
    bool is_set;
    if (parse_yes(value, &is_set, err))
        return -1;
    return is_set ? take_option(settings, event, NULL, err) : 0;
}

/* --- variables that are not just an option ---------------------------------------------------- */

/* "file filter" */
static int take_output(struct tool_settings *settings, const char *value, struct error *err)
{
    char *copy = mem_strdup(value), *blank = strchr(copy, ' ');
    if (blank)
        *blank++ = '\0';
    struct option_arg arg = {.word = copy, .second = blank};
    int result = tool_settings_take(settings, TOOL_WRITE, &arg, err);
    free(copy);
    return result;
}

static int take_man(struct tool_settings *settings, const char *value, struct error *err)
{
    return parse_yes(value, &settings->print_man, err);
}

static int take_events(struct tool_settings *settings, const char *value, struct error *err)
{
    return parse_yes(value, &settings->print_events, err);
}

static int take_bin_marks(struct tool_settings *settings, const char *value, struct error *err)
{
    return parse_yes(value, &settings->bin_marks, err);
}

static int take_filter(struct tool_settings *settings, const char *value, struct error *err)
{
    (void)err;
    tool_settings_set_text(&settings->default_filter, value);
    return 0;
}

static int take_port(struct tool_settings *settings, const char *value, struct error *err)
{
    uint64_t port;
    if (quantity_count(value, UINT16_MAX, &port, err))
        return -1;
    settings->remote_port = (uint16_t)port;
    return 0;
}

static int take_local(struct tool_settings *settings, const char *value, struct error *err)
{
    (void)err;
    tool_settings_set_text(&settings->local, value);
    return 0;
}

/* "services,wellknown,registered" */
static int take_port_direction(struct tool_settings *settings, const char *value, struct error *err)
{
    struct tool_direction direction = {0};
    for (const char *at = value; *at;) {
        size_t size = strcspn(at, ",");
        if (size == 8 && !memcmp(at, "services", size))
            direction.services = true;
        else if (size == 9 && !memcmp(at, "wellknown", size))
            direction.well_known = true;
        else if (size == 10 && !memcmp(at, "registered", size))
            direction.registered = true;
        else
            return not_one_of(value, "services, wellknown, registered", err);
        at += size + (at[size] == ',');
    }
    settings->direction = direction;
    return 0;
}

/* --- the table -------------------------------------------------------------------------------- */

/* Variables that are an option: its event, and whether the value is yes or no. */
static const struct {
    const char *name;
    int event;
    bool is_switch;
} options[] = {
    {"RA_INPUT_FILE", TOOL_READ, false},
    {"RA_EXCEPTION_OUTPUT_FILE", TOOL_REJECTED, false},
    {"RA_NO_OUTPUT", TOOL_QUIET, true},
    {"RA_ARGUS_SERVER", TOOL_REMOTE, false},
    {"RA_RUN_TIME", TOOL_RUN_TIME, false},
    {"RA_RELIABLE_CONNECT", TOOL_RECONNECT, true},
    {"RA_TIMERANGE", TOOL_TIME_RANGE, false},
    {"RA_NUMBER", TOOL_NUMBER, false},
    {"RA_FIELD_SPECIFIER", TOOL_FIELDS, false},
    {"RA_TZ", TOOL_ZONE, false},
    {"RA_ETHERNET_VENDORS", TOOL_VENDORS, false},
    {"RA_PRINT_ETHERNET_VENDORS", TOOL_VENDOR_MACS, true},
    {"RA_PRINT_SUMMARY", TOOL_TOTALS, true},
};

static const struct {
    const char *name;
    int (*take)(struct tool_settings *settings, const char *value, struct error *err);
} others[] = {
    {"RA_OUTPUT_FILE", take_output},
    {"RA_PRINT_MAN_RECORDS", take_man},
    {"RA_PRINT_EVENT_RECORDS", take_events},
    {"RA_GENERATE_BIN_MAR_RECORDS", take_bin_marks},
    {"RA_FILTER", take_filter},
    {"RA_LOCAL", take_local},
    {"RA_SOURCE_PORT", take_port},
    {"RA_ARGUS_SERVERPORT", take_port},
    {"RA_PORT_DIRECTION", take_port_direction},
};

/* Of other programs, or of what these programs do in any case: known, and of no effect here. */
static const char *const elsewhere[] = {
    "RA_FILTER_TIMEOUT",
    "RA_PRINT_RESPONSE_DATA",
    "RA_SORT_ALGORITHMS",
    "RA_FLOW_MODEL",
    "RA_UPDATE_INTERVAL",
    "RA_TIMEOUT_INTERVAL",
    "RA_COLOR_SUPPORT",
    "RA_COLOR_CONFIG",
    "RA_CORRELATE_EVENTS",
    "RA_DEBUG_LEVEL",
    "RA_DATABASE",
    "RA_DB_TABLE",
    "RA_DB_USER",
    "RA_DB_PASS",
    "RA_DB_HOST",
    "RA_DB_PORT",
    "MYSQL_DB_ENGINE",
    "RA_AIS_CACHE",
    "ARGUS_ARCHIVE",
    "RAMON_MODE",
    "RA_SERVICES_SIGNATURES",
    "RA_DELEGATED_IP",
    "RA_CONNECT_TIME",
};

static int take_variable(void *arg, const struct rc_variable *variable, struct error *err)
{
    const char *name = variable->name, *value = variable->value;
    struct tool_settings *settings = arg;
    for (size_t i = 0; i < ARRAY_SIZE(options); i++)
        if (!strcmp(name, options[i].name))
            return options[i].is_switch ? take_switch(settings, options[i].event, value, err)
                                        : take_option(settings, options[i].event, value, err);
    for (size_t i = 0; i < ARRAY_SIZE(others); i++)
        if (!strcmp(name, others[i].name))
            return others[i].take(settings, value, err);
    int result = print_set(&settings->print, name, value, err);
    if (result != PRINT_NO_SETTING)
        return result;
    for (size_t i = 0; i < ARRAY_SIZE(elsewhere); i++)
        if (!strcmp(name, elsewhere[i]))
            return 0;
    return error_set(err, "the variable %s is not known, or not supported by this version", name);
}

/* --- files ------------------------------------------------------------------------------------ */

int tool_rc_read(struct tool_settings *settings, const char *path, struct error *err)
{
    return rc_file_read(path, take_variable, settings, err);
}

/* A path in a folder of an environment variable, if there is such a file; NULL: none. */
static char *personal_file(const char *folder)
{
    char *path = folder && *folder ? mem_printf("%s/.rarc", folder) : NULL;
    if (path && !access(path, R_OK))
        return path;
    free(path);
    return NULL;
}

/* The first folder of ARGUSPATH that has one; without ARGUSPATH, HOME, then ARGUSHOME. */
static char *find_personal_file(void)
{
    const char *list = getenv("ARGUSPATH");
    if (!list || !*list) {
        char *path = personal_file(getenv("HOME"));
        return path ? path : personal_file(getenv("ARGUSHOME"));
    }
    char *copy = mem_strdup(list), *path = NULL, *rest = copy, *folder;
    while (!path && (folder = strsep(&rest, ":")))
        path = personal_file(folder);
    free(copy);
    return path;
}

static bool is_suppressed(int argc, char **argv)
{
    for (int i = 1; i < argc; i++)
        if (strstr(argv[i], "-X"))
            return true;
    return false;
}

int tool_rc_read_default(struct tool_settings *settings, int argc, char **argv, struct error *err)
{
    const char *system_file = getenv("PANOPTES_RC");
    if (is_suppressed(argc, argv))
        return 0;
    if (!system_file)
        system_file = "/etc/ra.conf";
    if (*system_file && !access(system_file, R_OK) && tool_rc_read(settings, system_file, err))
        return -1;
    char *path = find_personal_file();
    int result = path ? tool_rc_read(settings, path, err) : 0;
    free(path);
    return result;
}
