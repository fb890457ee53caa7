/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "base/options.h"
#include "base/paths.h"
#include "base/time_range.h"
#include "cmd/output_list.h"
#include "filter/filter.h"
#include "net/endpoint.h"
#include "record/orient.h"
#include "record/print.h"

/* What the options common to all record tools say. */

struct tool_limit { /* -N: records by number, both ends included */
    uint64_t first, last;
};

struct tool_direction { /* by what half-seen connections are turned round */
    bool services, well_known, registered;
};

#define TOOL_ALL_BLOCKS UINT32_MAX

struct tool_settings {
    struct paths inputs;
    bool inputs_cleared;      /* by an -X behind them */
    struct endpoint *remotes; /* -S */
    size_t remote_count, remote_capacity;
    size_t remote_default; /* how many of them are of start-up files */
    uint16_t remote_port;  /* of those that name none */
    nsec_t run_time;       /* of remote sources; 0: any */
    bool reconnects, only_polls;
    char *certificate, *key, *authorities; /* for remote sources by TLS; NULL: not given */
    char *filter, *default_filter;   /* of the command line, and of start-up files; NULL: none */
    char *time_range_text;           /* -t; NULL: all times */
    struct time_range time_range;    /* made of it when the zone is known, with has_time_range */
    char *label_pattern;             /* -M label=; NULL: none */
    char *payload_pattern;           /* -e; NULL: none */
    uint32_t blocks;                 /* that are kept */
    struct tool_direction direction; /* as start-up files want it */
    struct orientation orientation;  /* made of it */
    bool has_time_range, one_way, both_ends;
    struct output_list outputs; /* of -w */
    char *rejected_path;        /* -E */
    char **columns;             /* words of -s */
    size_t column_count, column_capacity;
    size_t column_default; /* how many of them are of start-up files */
    char *zone;
    char *local;        /* networks inside, as the start-up files name them; NULL: not named */
    char *vendors_path; /* --ethernet-vendors; NULL: vendors have no names */
    struct service_names *services; /* of this machine; NULL: ports have no names */
    struct print_options print;
    struct tool_limit input_limit, output_limit;
    bool bin_marks; /* rabins puts management records around its bins */
    bool writes;    /* the tool itself writes to the outputs */
    bool replace;   /* -M replace, of tools that can */
    bool print_man, print_events, quiet, totals, only_compile, only_schema, only_fields,
        community_id, verbose;
};

/* Replaces a text; for those who take variables. */
void tool_settings_set_text(char **text, const char *value);

/* What comes now is of the command line, and goes before what start-up files say. */
void tool_settings_end_defaults(struct tool_settings *settings);

void tool_settings_init(struct tool_settings *settings);
void tool_settings_release(struct tool_settings *settings);

/* Makes the zone that is wanted the local one, and the range of -t one of its times. */
int tool_settings_use_zone(struct tool_settings *settings, struct error *err) MUST_USE;

/* What names mean on this machine. */
struct filter_names tool_settings_names(const struct tool_settings *settings);

/* Compiles a filter, with the names of this machine's services and of hosts. */
int tool_settings_filter(const struct tool_settings *settings, struct filter **ret,
                         const char *text, struct error *err) MUST_USE;

/* Applies one option: 0; TOOL_UNKNOWN if it is the tool's own (or a mode that is not common). */
enum { TOOL_UNKNOWN = 1 };
int tool_settings_take(struct tool_settings *settings, int event, const struct option_arg *arg,
                       struct error *err) MUST_USE;
