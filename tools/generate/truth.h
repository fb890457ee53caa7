/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "base/attr.h"
#include "base/error.h"
#include "session.h"

/*
 * Truth: a CSV file of what is in the generated capture, one line a conversation, for tests that
 * hold a sensor against it. Columns: kind, proto (number; arp), saddr, sport, daddr, dport, spkts,
 * sbytes, dpkts, dbytes, start, end (seconds). For ICMP, sport is the type and dport the echo id
 * or the code. Conversations may share addresses and ports; whoever compares adds them up.
 */
struct truth;

int truth_new(struct truth **ret, const char *path, struct error *err) MUST_USE;
void truth_add(struct truth *truth, const struct session *s);
int truth_close(struct truth *truth, struct error *err) MUST_USE;
