/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "record/record.h"

/* Records for the tests: IPv4 flows of one packet of 100 bytes from SRC, a second long. */
struct record flow_make(uint8_t protocol, const char *source, uint16_t source_port,
                        const char *target, uint16_t target_port);

/* As if it began at this second, with so many packets of either side. */
struct record flow_at(struct record r, int64_t second, uint64_t source_packets,
                      uint64_t target_packets);

/* TCP state: enum tcp_status. */
struct record flow_tcp(struct record r, uint32_t status);
