/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdbool.h>

#include "base/error.h"
#include "capture/pcap_writer.h"
#include "index/finder.h"

/* The two things that rapcap makes of packets: a capture, and a list of where they are. */

enum rapcap_list { LIST_NONE, LIST_TEXT, LIST_CSV, LIST_JSON };

void rapcap_list_head(enum rapcap_list form);
void rapcap_list_line(enum rapcap_list form, const struct finder *finder, const struct found *found,
                      const struct want *want);

/* "tcp 10.0.0.1:1234 10.0.0.2:25" */
enum { FLOW_TEXT_SIZE = 160 };
void flow_text(char ret[FLOW_TEXT_SIZE], const struct flow_key *identity);

/*
 * The other way round: a protocol by name or number, and two ends, ADDRESS:PORT, IPv6 addresses in
 * brackets if there is a port; ICMP and others have no ports. Without ports any will do.
 */
int flow_parse(const char *text, struct want *ret, struct error *err) MUST_USE;
