/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "base/error.h"
#include "flow/keystroke.h"

/* Which connections: no, tcp (or yes) or ssh. */
int keystroke_words_mode(struct keystroke_options *options, const char *word,
                         struct error *err) MUST_USE;

/* "DC_MIN=20;IC_MIN=30000": limits that are others than the usual. */
int keystroke_words_limits(struct keystroke_options *options, const char *words,
                           struct error *err) MUST_USE;
