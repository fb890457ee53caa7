/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "record/record.h"

/* Heads: the management record that a file of records begins with. */

/* True if the record can itself stand at the head of a file. */
static inline bool head_is(const struct record *r)
{
    return r->type == RECORD_MAR && r->cause == CAUSE_START;
}

/* A head for records that come from nowhere: the least that it says is when they begin. */
void head_make(struct record *ret, const struct record *first);
