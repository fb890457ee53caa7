/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stddef.h>

#include "base/error.h"

/*
 * Adds two lines to what err says: the text, cut around the place `at` where it is long, and a
 * caret under that place. Returns -1, as error_set.
 */
int error_point(struct error *err, const char *text, size_t at);
