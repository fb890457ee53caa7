/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "record/field.h"

/* No text of an event is longer: its size has two bytes. */
enum { EVENT_TEXT_MOST = UINT16_MAX };

/*
 * What an event record prints: "evt" for its protocol, who saw it as the source, and its text as
 * user data. A text that is compressed is unpacked to `room`, of EVENT_TEXT_MOST bytes; one that is
 * damaged stays as it is. Other columns are as those of flows.
 */
void field_get_event(const struct field *field, const struct record *r, uint8_t *room,
                     struct value *ret);
