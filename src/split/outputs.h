/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "record/record.h"

/*
 * Outputs: any number of files of records that are written to in any order. A few of them are open
 * at once; the one that was not written to for the longest time is closed when another one is to
 * be opened, and opened again when a record comes for it. So what they take does not grow with the
 * number of files: open_most descriptors, and OUTPUTS_BUFFER bytes for each.
 *
 * Files are appended to, and their folders made. One that is new begins with a management record.
 */
enum { OUTPUTS_BUFFER = 16 << 10 };

struct outputs;

struct outputs *outputs_new(unsigned open_most, uint64_t seed) MUST_USE;

/* The management record that new files begin with. */
void outputs_set_head(struct outputs *outputs, const struct record *mar);

/* This file is read, and never written: writing to it is an error. */
void outputs_refuse(struct outputs *outputs, const char *path);

/*
 * Appends a record to a file ("-": standard output): 0, OUTPUT_CLOSED (see base/output.h) or -1.
 * ret_size, if it is not NULL, gets the file's size.
 */
int outputs_write(struct outputs *outputs, const char *path, const struct record *r,
                  uint64_t *ret_size, struct error *err) MUST_USE;

/* Nothing more comes for this file, for now: it is written and closed, if it is open. */
int outputs_finish(struct outputs *outputs, const char *path, struct error *err) MUST_USE;

/* Hands what is in buffers to the system. */
int outputs_flush(struct outputs *outputs, struct error *err) MUST_USE;

/* Writes what is left and frees everything, whatever happens; the first error is returned. */
int outputs_close(struct outputs *outputs, struct error *err) MUST_USE;
