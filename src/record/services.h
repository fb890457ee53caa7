/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"

/* Service names: a table in the form of services(5). The program says where it is. */
struct service_names;

int service_names_load(struct service_names **ret, const char *path, struct error *err) MUST_USE;
void service_names_free(struct service_names *names); /* NULL is fine */

/* The name of a port, protocol "tcp" or "udp"; NULL if it has none. */
const char *service_name(const struct service_names *names, const char *protocol, uint16_t port);

/* The port of a name, and the protocol that alone has it: "tcp", "udp", or NULL for both. */
bool service_port(const struct service_names *names, const char *name, uint16_t *ret_port,
                  const char **ret_protocol);
