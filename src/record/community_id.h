/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdint.h>

#include "record/field.h"

/*
 * Community ID, version 1: a name of a flow that many programs agree on, whoever is its source
 * (Corelight, github.com/corelight/community-id-spec). Gives VALUE_NONE for what is not IP, and for
 * SCTP, whose ports are not in flow records.
 */
void community_id(const struct record *r, uint16_t seed, struct value *ret);
