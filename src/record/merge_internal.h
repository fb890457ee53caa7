/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "record/merge.h"

/* The blocks of record_merge, by what they are about. Both records have been told apart before. */
void merge_key(struct record_key *into, const struct record_key *from);
void merge_net(struct record *into, const struct record *from);
void merge_attributes(struct record *into, const struct record *from);
void merge_texts(struct record *into, const struct record *from, struct record_arena *arena);
