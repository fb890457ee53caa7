/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "base/error.h"
#include "capture/series.h"
#include "cmd/argus_options.h"
#include "flow/key.h"

/*
 * The index that the sensor makes on its way through the captures, a segment for each file. Files
 * that the index has already are passed over. Trouble with the index is no reason to lose records:
 * it is reported once for each file, which then has no segment.
 */
struct argus_index;

/* The folder is made if it is not there. *ret is to be freed even when -1 is returned. */
int argus_index_new(struct argus_index **ret, const struct argus_options *options,
                    struct error *err) MUST_USE;
void argus_index_free(struct argus_index *index); /* NULL is fine */

/* The files that are going to be read; before the first frame. */
void argus_index_begin(struct argus_index *index, const struct series *series);

/* The next frames, of any files, and the complete packet of each; NULL: it is none of a flow. */
void argus_index_frames(struct argus_index *index, const struct frame *frames,
                        const struct keyed_packet *const *packets, unsigned count);

/* This file has given all its frames. Its segment is written while the next one is read. */
void argus_index_file_done(struct argus_index *index, unsigned input);

/* Waits for the last segment. Returns how many files have none although they should. */
unsigned argus_index_finish(struct argus_index *index);
