/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "base/error.h"
#include "label/labeler.h"

/*
 * Reads a file of variables that says which labels records get, and from which files: that of
 * ralabel of Argus, ralabel.conf.
 */
int label_conf_read(struct labeler **ret, const char *path, struct error *err) MUST_USE;
