/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/clock.h"
#include "base/error.h"
#include "base/options.h"
#include "base/paths.h"
#include "cmd/log.h"
#include "cmd/output_list.h"
#include "cmd/process.h"
#include "cmd/said.h"
#include "cmd/serving.h"
#include "cmd/source_id.h"
#include "net/endpoint.h"

/* What the command line and the files of variables of radium say. */
enum radium_option {
    OPT_READ = 1,
    OPT_SOURCE,
    OPT_NO_RECONNECT,
    OPT_WAIT_CLIENTS,
    OPT_WRITE,
    OPT_METRICS,
    OPT_LABELS,
    OPT_SOURCE_ID,
    OPT_MANAGEMENT,
    OPT_CONFIGURATION,
    OPT_DAEMON,
    OPT_USER_ID,
    OPT_GROUP_ID,
    OPT_ROOT_FOLDER,
    OPT_NOTHING,
    OPT_CLEAR,
};

struct radium_options {
    struct paths inputs;
    struct endpoint *sources;
    size_t source_count, source_capacity;
    bool no_reconnect, conf_given, cleared;
    uint64_t wait_clients;
    char *filter; /* NULL: every record */
    char *labels; /* file of variables, see cmd/label_conf.h; NULL: none */
    struct output_list outputs;
    char *metrics; /* where they are served; NULL: nowhere */
    struct source_id id;
    nsec_t management_interval;
    struct process_options process;
    struct serving_settings serving;
    struct log_settings log;
    struct said said; /* all of it */
    int argc;         /* to be read again */
    char **argv;
};

extern const struct option_table radium_options_table;

enum { RADIUM_OPTIONS_RUN, RADIUM_OPTIONS_DONE };

/* RADIUM_OPTIONS_DONE when help or version were printed; -1 for wrong usage. */
int radium_options_parse(struct radium_options *ret, int argc, char **argv,
                         struct error *err) MUST_USE;
void radium_options_release(struct radium_options *options);

/* Does what an option, or a variable that is like it, says. */
int radium_options_take(struct radium_options *options, int event, const struct option_arg *arg,
                        struct error *err) MUST_USE;

/* radium_conf.c: reads a file of variables. */
int radium_conf_read(struct radium_options *options, const char *path, struct error *err) MUST_USE;
