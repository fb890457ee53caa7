/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "packet/packet.h"

/*
 * What the decoder found, in one line: the flow's kind and ends; bytes, application bytes and
 * captured data; what was around it; tags and link addresses (unless they are those of SRC and
 * DST). A frame without a flow is "lost: why".
 */
enum { DESCRIPTION_SIZE = 512 };

void packet_describe(enum packet_loss loss, const struct packet *p, char ret[DESCRIPTION_SIZE]);
