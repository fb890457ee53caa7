/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdbool.h>

#include "base/error.h"
#include "index/builder.h"
#include "index/segment.h"

/*
 * Reads a capture file and makes its segment. 0, BUILD_DAMAGED or -1. A capture that is damaged
 * gets a segment of its good packets, and err says where the damage is.
 */
enum { BUILD_DAMAGED = 1 };
int index_build(const struct index_options *options, const char *path, struct error *err) MUST_USE;

/*
 * Reads the capture of a segment and looks whether the segment tells of every frame, and of every
 * packet in its chunk. -1 and the first thing that is not as it should be.
 */
int index_verify(struct segment *segment, const char *path, struct error *err) MUST_USE;
