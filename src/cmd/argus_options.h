/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"
#include "base/paths.h"
#include "capture/series.h"
#include "flow/meter.h"
#include "packet/packet.h"

/* What the command line of argus says. */
struct argus_output_spec {
    char *path, *filter; /* filter: NULL for every record */
};

struct argus_options {
    struct paths inputs; /* files of -r and -R */
    struct argus_output_spec *outputs;
    size_t output_count, output_capacity;
    char *packet_filter; /* NULL: none */
    char *index;         /* folder; NULL: no index is made */
    enum series_order order;
    uint64_t skip_packets, most_packets; /* of those that pass the filter: -N */
    bool order_given, print_filter, merge, verbose, quiet;
    uint64_t memory_bytes;
    uint64_t index_bytes; /* of these, for the index of each file that is open */
    struct meter_options meter;
    struct decode_options decode;
};

enum { ARGUS_OPTIONS_RUN, ARGUS_OPTIONS_DONE };

/*
 * ARGUS_OPTIONS_RUN, or ARGUS_OPTIONS_DONE when the command line only asked for help or version,
 * which is printed; -1 for wrong usage.
 */
int argus_options_parse(struct argus_options *ret, int argc, char **argv,
                        struct error *err) MUST_USE;
void argus_options_release(struct argus_options *options);
