/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/address.h"
#include "base/clock.h"
#include "base/options.h"
#include "net/server.h"
#include "net/tls.h"

/* Serving: what argus and radium have in common where they serve records to clients. */

/* Ids of the common options; the programs' own are below. */
enum serving_option {
    SERVING_PORT = 200,
    SERVING_ADDRESS,
    SERVING_QUEUE,
    SERVING_SPOOL,
    SERVING_SPOOL_LIMIT,
    SERVING_CLIENTS,
    SERVING_RATE,
    SERVING_ALLOW,
    SERVING_ACCESS,
    SERVING_CERTIFICATE,
    SERVING_KEY,
    SERVING_AUTHORITIES,
};

extern const struct option_group serving_options;

struct serving_settings {
    uint16_t port; /* 0: nobody is served */
    char **addresses;
    size_t address_count, address_capacity;
    uint64_t queue_bytes;
    char *spool; /* folder; NULL: none */
    uint64_t spool_limit;
    uint64_t most_clients;
    uint64_t connection_rate; /* see net/peers.h; 0: any */
    struct prefix *allowed;   /* none: everybody */
    size_t allowed_count, allowed_capacity;
    char *access;                          /* file of rules, see net/access.h; NULL: none */
    char *certificate, *key, *authorities; /* of TLS; all NULL: in the clear */
};

extern const struct serving_settings serving_defaults;

/* Takes an option: 0, -1, or SERVING_UNKNOWN if it is none of these. */
enum { SERVING_UNKNOWN = 1 };
int serving_take(struct serving_settings *settings, int event, const struct option_arg *arg,
                 struct error *err) MUST_USE;
void serving_release(struct serving_settings *settings);

/*
 * Listens, and says where if others than this machine's own programs can come. Clients are served
 * when server_start is called. `waits`, `mar_interval`: see net/server.h.
 */
int serving_open(struct server **ret, const struct serving_settings *settings, bool waits,
                 nsec_t mar_interval, struct error *err) MUST_USE;

/*
 * Who is served, and how many, is from now on as these settings say, whose files are read again;
 * all else stays as it was. After an error all does.
 */
int serving_change(struct server *server, const struct serving_settings *settings,
                   struct error *err) MUST_USE;
/* Opens the journal in the spool's folder. `boot`: see net/journal.h. */
int serving_open_spool(struct journal **ret, const struct serving_settings *settings,
                       const char *boot, struct error *err) MUST_USE;

/* *ret is NULL if none of the files of TLS is given. */
int serving_tls(struct tls **ret, const struct serving_settings *settings,
                struct error *err) MUST_USE;

/* A number that no stream had before. */
uint64_t serving_choose_stream(void);

/*
 * A service manager that wants to know is told that the work goes on, unless the thread that serves
 * clients stands still. For the loop that does the work, when it has come round; NULL: no clients.
 */
void serving_tell_alive(struct server *server, nsec_t now);

/* Waits until so many clients have said START, or until stop() is not 0; that is the work then. */
void serving_await(struct server *server, size_t clients, int (*stop)(void));
