/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdint.h>

#include "base/error.h"

/*
 * The kinds of tunnels to look into, as a user says them: "none", "all", or a list of names with
 * commas between ("gre,ipip,vxlan,geneve,gtp,teredo"). Gives a set of enum packet_tunnel.
 */
int tunnels_parse(const char *list, uint32_t *ret, struct error *err) MUST_USE;
