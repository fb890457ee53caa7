/* SPDX-License-Identifier: Apache-2.0 */
#include "record/head.h"

void head_make(struct record *ret, const struct record *first)
{
    ret->type = RECORD_MAR;
    ret->cause = CAUSE_START;
    ret->mar = (struct record_mar){.cookie = 0xe5712dcb, .major = 3};
    ret->mar.start = ret->mar.now = record_start(first);
}
