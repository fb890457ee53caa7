/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdint.h>

#include "base/attr.h"
#include "base/clock.h"
#include "base/error.h"
#include "wire.h"

/*
 * Files: the frames written as one or several consecutive capture files.
 */
enum file_format { FILE_PCAP, FILE_PCAP_NSEC, FILE_PCAPNG };

struct files_options {
    enum file_format format;
    const char *path;       /* the file, - for standard output; of several, the folder */
    uint32_t count;         /* of files */
    uint64_t frames_in_all; /* to be cut into `count` equal parts; unused for one file */
    uint64_t shuffle_seed;  /* 0: names sort by time; else they do not */
    uint32_t snap;
};

struct files;

int files_new(struct files **ret, const struct files_options *options, struct error *err) MUST_USE;
int files_put(struct files *files, const struct frame_writer *w, nsec_t time,
              struct error *err) MUST_USE;
int files_close(struct files *files, struct error *err) MUST_USE;
