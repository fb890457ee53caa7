/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "base/options.h"

/* The options of argus, as data. */
enum argus_option {
    OPT_READ = 1,
    OPT_READ_DIRECTORY,
    OPT_WRITE,
    OPT_FILE_ORDER,
    OPT_MERGE,
    OPT_STATUS,
    OPT_APP_BYTES,
    OPT_JITTER,
    OPT_MAC,
    OPT_USER,
    OPT_SIZES,
    OPT_TIMES,
    OPT_MEMORY,
    OPT_THREADS,
    OPT_TUNNELS,
    OPT_COUNT,
    OPT_PRINT_FILTER,
    OPT_COMPAT,
    OPT_CLEAR,
    OPT_INDEX,
    OPT_VERBOSE,
    OPT_QUIET,
    OPT_SOURCE_ID,
    OPT_CONFIGURATION,
    OPT_MANAGEMENT,
    OPT_NO_OPTIMIZER,
    OPT_DEBUG,
    OPT_REPLAY,
    OPT_WAIT_CLIENTS,
    OPT_INTERFACE,
    OPT_NOT_PROMISCUOUS,
    OPT_SNAPLEN,
    OPT_BUFFER,
    OPT_WHOLE_PACKETS,
    OPT_DAEMON,
    OPT_USER_ID,
    OPT_GROUP_ID,
    OPT_ROOT_FOLDER,
    OPT_IDLE_IP,
    OPT_IDLE_TCP,
    OPT_IDLE_ICMP,
    OPT_IDLE_FRAGMENT,
    OPT_IDLE_ARP,
    OPT_IDLE_OTHER,
};

extern const struct option_table argus_options_table;
