/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdbool.h>

#include "base/error.h"
#include "packet/frame.h"

/*
 * Packet filter: a libpcap expression (pcap-filter(7)) applied to frames. It is compiled for each
 * link type when the first frame of that type comes, since a capture may mix them.
 */
struct packet_filter;

/*
 * Compiles for Ethernet at once, so that a wrong expression is found before work begins.
 * `optimize`: as well as libpcap can.
 */
int packet_filter_new(struct packet_filter **ret, const char *expression, bool optimize,
                      struct error *err) MUST_USE;
void packet_filter_free(struct packet_filter *filter); /* NULL is fine */

/* Instruction `number` of the program for Ethernet, as text that lives until the next call; NULL
 * after the last. */
const char *packet_filter_instruction(const struct packet_filter *filter, unsigned number);

/* *ret: the frame passes. -1 when the expression makes no sense for the frame's link type. */
int packet_filter_match(struct packet_filter *filter, const struct frame *frame, bool *ret,
                        struct error *err) MUST_USE;
