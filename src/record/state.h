/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stddef.h>

#include "record/record.h"

/* What a record says of a flow in a few letters, as ra prints it. `ret` has at least 16 bytes. */

enum { STATE_TEXT = 16 };

void state_text(const struct record *r, char *ret);     /* state: CON, FIN, URP ... */
void direction_text(const struct record *r, char *ret); /* dir: "  <->" */
void flags_text(const struct record *r, char *ret);     /* flgs: nine characters */
void tcp_options_text(uint32_t options, char *ret);     /* tcpopt: twelve characters */

/* -z: s S E f F C R of the status. */
void tcp_state_letters(const struct record *r, char *ret);
/* -Z: FSRPAUEC of one side, or of both joined by '_' (side BOTH, see field.h). */
void tcp_flag_letters(const struct record *r, unsigned side, char *ret);

/* Bytes of a side's sequence that were not seen (of NET_TCP_PERF); 0 where it can't be known. */
uint32_t tcp_gap(const struct record_tcp_side *side);
