/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "index/finder.h"

/* The list of packets: for each one its record, flow, file, number, offset and time. */
enum rapcap_list { LIST_NONE, LIST_TEXT, LIST_CSV, LIST_JSON };

void rapcap_list_head(enum rapcap_list form);
void rapcap_list_line(enum rapcap_list form, const struct finder *finder, const struct found *found,
                      const struct want *want);
