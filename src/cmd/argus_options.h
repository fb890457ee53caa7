/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"
#include "base/options.h"
#include "base/paths.h"
#include "capture/series.h"
#include "cmd/interfaces.h"
#include "cmd/log.h"
#include "cmd/output_list.h"
#include "cmd/probe_sources.h"
#include "cmd/process.h"
#include "cmd/said.h"
#include "cmd/serving.h"
#include "cmd/source_id.h"
#include "flow/meter.h"
#include "packet/packet.h"

/* What the command line and the files of variables of argus say. */
struct argus_options {
    struct paths inputs; /* files of -r and -R */
    struct output_list outputs;
    char *packet_filter; /* NULL: none */
    char *index;         /* folder; NULL: no index is made */
    enum series_order order;
    uint64_t skip_packets, most_packets; /* of those that pass the filter: -N */
    nsec_t management_interval;          /* 0: no management records but the first and last */
    double replay;                       /* times real time; 0: as fast as can be */
    bool conf_given;                     /* -F or -X: the file of the system is not read */
    bool order_given, print_filter, plain_filter, merge, verbose, quiet;
    char *metrics;    /* where they are served; NULL: nowhere */
    char *copy;       /* capture file that packets are copied to, NULL: none */
    bool copy_losses; /* only those that are in no record */
    bool tsh, follow;
    bool whole_packets, not_promiscuous; /* of live packets: -C, -p */
    uint32_t snaplen;                    /* of live packets; 0: as much as is needed */
    uint64_t buffer_bytes;               /* of the kernel, for each interface */
    struct probe_sources probes;         /* of a sensor that listens */
    struct interfaces interfaces;        /* none: files are read */
    struct process_options process;
    struct serving_settings serving;
    struct log_settings log;
    uint64_t wait_clients; /* before files are read; 0: none */
    unsigned threads;
    uint64_t memory_bytes;
    uint64_t index_bytes; /* of these, for the index of each file that is open */
    struct source_id id;
    struct meter_options meter;
    struct decode_options decode;
    struct said said; /* all of it */
    int argc;         /* to be read again */
    char **argv;
};

enum { ARGUS_OPTIONS_RUN, ARGUS_OPTIONS_DONE };

/*
 * ARGUS_OPTIONS_RUN, or ARGUS_OPTIONS_DONE when the command line only asked for help or version,
 * which is printed; -1 for wrong usage.
 */
int argus_options_parse(struct argus_options *ret, int argc, char **argv,
                        struct error *err) MUST_USE;
void argus_options_release(struct argus_options *options);

/* What is so when nothing is said. */
void argus_options_default(struct argus_options *options);

/* Does what an option of the command line (argus_table.h), or a variable that is like it, says. */
int argus_options_take(struct argus_options *options, int event, const struct option_arg *arg,
                       struct error *err) MUST_USE;

/* Turns an option without a value on or off. */
void argus_options_switch(struct argus_options *options, int event, bool is_on);
