/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "record/field.h"

/*
 * What a management record prints in the columns of flows: the sensor's counters, in places that
 * readers of the format have always used. Other columns are empty.
 */
void field_get_mar(const struct field *field, const struct record *r, struct value *ret);
