/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "cmd/argus_options.h"
#include "net/server.h"

/*
 * Reads the command line and its files of variables again. Rules about clients and certificates are
 * then as they say; one line says so, and what else is different, which takes a new start. After an
 * error in them, which is said, all stays as it was. `server` NULL: nobody is served.
 */
void argus_reload(const struct argus_options *running, struct server *server);
