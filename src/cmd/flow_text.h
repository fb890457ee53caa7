/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "base/error.h"
#include "index/want.h"

/* Flows as text, on the command line and in lists: "tcp 10.0.0.1:1234 10.0.0.2:25". */
enum { FLOW_TEXT_SIZE = 160 };
void flow_text(char ret[FLOW_TEXT_SIZE], const struct flow_key *identity);

/*
 * The other way round: a protocol by name or number, and two ends, ADDRESS:PORT, IPv6 addresses in
 * brackets if there is a port; ICMP and others have no ports. Without ports any will do.
 */
int flow_parse(const char *text, struct want *ret, struct error *err) MUST_USE;
