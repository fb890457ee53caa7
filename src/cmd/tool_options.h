/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "base/options.h"

/*
 * Ids of the common options. A tool's own begin at TOOL_OWN. TOOL_MODE and TOOL_KEY are the words
 * of -M and -m: the tool gets those that are not common.
 */
enum tool_option {
    TOOL_READ = 1,
    TOOL_READ_DIRECTORY,
    TOOL_FILTER,
    TOOL_NUMBER,
    TOOL_CLEAR,
    TOOL_COMPILE,
    TOOL_NOTHING,
    TOOL_VERBOSE,
    TOOL_FIELDS,
    TOOL_NUMERIC,
    TOOL_PRECISION,
    TOOL_UNIX_TIME,
    TOOL_DELIMITER,
    TOOL_HEADER,
    TOOL_STATES,
    TOOL_FLAGS,
    TOOL_BRIEF,
    TOOL_QUIET,
    TOOL_CSV,
    TOOL_JSON,
    TOOL_JSON_SCHEMA,
    TOOL_HELP_FIELDS,
    TOOL_COMMUNITY_ID,
    TOOL_COMMUNITY_SEED,
    TOOL_ZONE,
    TOOL_TIME_FORMAT,
    TOOL_VENDORS,
    TOOL_VENDOR_MACS,
    TOOL_TIME_RANGE,
    TOOL_PAYLOAD,
    TOOL_RC_FILE,
    TOOL_TOTALS,
    TOOL_MODE,
    TOOL_REMOTE,
    TOOL_RUN_TIME,
    TOOL_RECONNECT,
    TOOL_CERTIFICATE,
    TOOL_KEY_FILE,
    TOOL_AUTHORITIES,
    TOOL_WRITE,
    TOOL_REJECTED,
    TOOL_MEMORY,
    TOOL_TEMP_DIR,
    TOOL_THREADS,
    TOOL_OWN = 100,
};

/* For the tools' option tables. */
extern const struct option_group tool_input_options;
extern const struct option_group tool_verbose_options; /* -v, where it means this */
extern const struct option_group tool_memory_options;  /* see cmd/tool_limits.h */
extern const struct option_group tool_thread_options;
extern const struct option_group tool_print_options;
extern const struct option_group tool_write_options;
extern const struct option_group tool_unsupported_options;
