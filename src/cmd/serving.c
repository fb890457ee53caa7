/* SPDX-License-Identifier: Apache-2.0 */
#include "cmd/serving.h"

#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>

#include "base/mem.h"
#include "base/message.h"
#include "base/quantity.h"
#include "cmd/notify.h"
#include "cmd/now.h"
#include "net/access.h"
#include "net/backlog.h"
#include "net/journal.h"
#include "net/peers.h"

static const struct option_spec specs[] = {
    {SERVING_PORT, 'P', "port", OPTION_WORD, "port",
     "Serve the records to clients (ra -S) on this TCP port; 0: to nobody (the default). The usual "
     "one is 561."},
    {SERVING_ADDRESS, 'B', "bind", OPTION_WORD, "address[,address]",
     "Listen on these addresses, or names of this machine; 'any' is all of them. Without the "
     "option only programs on this machine are served. Who else can reach an address that is "
     "listened on can read all records. The option may be repeated."},
    {SERVING_QUEUE, 0, "queue", OPTION_WORD, "size",
     "Keep so many bytes of the last records for clients that read slowly: 32M if not given, at "
     "least 1M. What a client is too slow for is lost for it alone, and it is told so."},
    {SERVING_SPOOL, 0, "spool", OPTION_WORD, "directory",
     "Keep the records in files of this directory, too, which reach back further than --queue: for "
     "clients that go on after a lost connection, also when this program was started again."},
    {SERVING_SPOOL_LIMIT, 0, "spool-limit", OPTION_WORD, "size",
     "How much the spool may take: 1G if not given, at least 16M. What is oldest goes first."},
    {SERVING_CLIENTS, 0, "most-clients", OPTION_WORD, "n",
     "Serve so many clients at most, and refuse others: 128 if not given."},
    {SERVING_RATE, 0, "connection-rate", OPTION_WORD, "n",
     "Take so many connections a second from each address, and ten times as many from all of them "
     "together: 50 if not given; 0: any number. What ten seconds allow may come at once."},
    {SERVING_ALLOW, 0, "allow", OPTION_WORD, "network[,network]",
     "Serve only clients in these networks: 192.0.2.0/24, 2001:db8::/32, or single addresses. The "
     "option may be repeated."},
    {SERVING_ACCESS, 0, "access", OPTION_WORD, "file",
     "Serve only clients that the rules of this file allow, by address or by the name of their "
     "certificate, and let each see no more than they say. See ACCESS RULES."},
    {SERVING_CERTIFICATE, 0, "tls-cert", OPTION_WORD, "file",
     "Speak TLS 1.3, and nothing else, and show this certificate (PEM, with those between it and "
     "the authority)."},
    {SERVING_KEY, 0, "tls-key", OPTION_WORD, "file", "The key of this certificate."},
    {SERVING_AUTHORITIES, 0, "tls-ca", OPTION_WORD, "file",
     "Believe certificates that these authorities have signed. Who has none is not served."},
    {0},
};

const struct option_group serving_options = {"Clients", specs};

const struct serving_settings serving_defaults = {
    .queue_bytes = UINT64_C(32) << 20,
    .spool_limit = UINT64_C(1) << 30,
    .most_clients = 128,
    .connection_rate = 50,
};

/* Commas, blanks and tabs stand between addresses, as in Argus. */
static void add_addresses(struct serving_settings *settings, const char *list)
{
    char *copy = mem_strdup(list), *rest = copy, *address;
    while ((address = strsep(&rest, ", \t"))) {
        if (!*address)
            continue;
        settings->addresses = mem_grow(settings->addresses, &settings->address_capacity,
                                       settings->address_count + 2, sizeof(*settings->addresses));
        bool is_any = !strcmp(address, "any");
        settings->addresses[settings->address_count++] = mem_strdup(is_any ? "0.0.0.0" : address);
        if (is_any)
            settings->addresses[settings->address_count++] = mem_strdup("::");
    }
    free(copy);
}

static int add_allowed(struct serving_settings *settings, const char *list, struct error *err)
{
    static const char between[] = ", \t";
    const char *at = list + strspn(list, between);
    if (!*at) /* an empty list must not let everybody in */
        return error_set(err, "no network is named");
    while (*at) {
        size_t size = strcspn(at, between);
        settings->allowed = mem_grow(settings->allowed, &settings->allowed_capacity,
                                     settings->allowed_count + 1, sizeof(*settings->allowed));
        if (!prefix_parse(at, size, &settings->allowed[settings->allowed_count]))
            return error_set(err, "'%.*s' is no network", (int)size, at);
        settings->allowed_count++;
        at += size;
        at += strspn(at, between);
    }
    return 0;
}

static int set_queue(struct serving_settings *settings, const char *word, struct error *err)
{
    if (quantity_size(word, &settings->queue_bytes, err))
        return -1;
    if (settings->queue_bytes < BACKLOG_LEAST)
        return error_set(err, "at least 1M is needed, not %s", word);
    return 0;
}

static int set_spool_limit(struct serving_settings *settings, const char *word, struct error *err)
{
    if (quantity_size(word, &settings->spool_limit, err))
        return -1;
    if (settings->spool_limit < JOURNAL_LEAST)
        return error_set(err, "at least 16M is needed, not %s", word);
    return 0;
}

static char **file_of(struct serving_settings *settings, int event)
{
    switch (event) {
    case SERVING_SPOOL:
        return &settings->spool;
    case SERVING_CERTIFICATE:
        return &settings->certificate;
    case SERVING_KEY:
        return &settings->key;
    case SERVING_AUTHORITIES:
        return &settings->authorities;
    default: /* SERVING_ACCESS */
        return &settings->access;
    }
}

static void set_file(char **file, const char *path)
{
    free(*file);
    *file = mem_strdup(path);
}

int serving_tls(struct tls **ret, const struct serving_settings *settings, struct error *err)
{
    const struct tls_files files = {settings->certificate, settings->key, settings->authorities};
    *ret = NULL;
    return tls_files_given(&files) ? tls_new(ret, &files, err) : 0;
}

int serving_take(struct serving_settings *settings, int event, const struct option_arg *arg,
                 struct error *err)
{
    uint64_t port;
    switch (event) {
    case SERVING_PORT:
        if (quantity_count(arg->word, UINT16_MAX, &port, err))
            return -1;
        settings->port = (uint16_t)port;
        return 0;
    case SERVING_ADDRESS:
        add_addresses(settings, arg->word);
        return 0;
    case SERVING_QUEUE:
        return set_queue(settings, arg->word, err);
    case SERVING_SPOOL_LIMIT:
        return set_spool_limit(settings, arg->word, err);
    case SERVING_CLIENTS:
        return quantity_count(arg->word, 10000, &settings->most_clients, err);
    case SERVING_RATE:
        return quantity_count(arg->word, PEERS_RATE_MOST, &settings->connection_rate, err);
    case SERVING_ALLOW:
        return add_allowed(settings, arg->word, err);
    case SERVING_SPOOL:
    case SERVING_CERTIFICATE:
    case SERVING_KEY:
    case SERVING_AUTHORITIES:
    case SERVING_ACCESS:
        set_file(file_of(settings, event), arg->word);
        return 0;
    default:
        return SERVING_UNKNOWN;
    }
}

void serving_release(struct serving_settings *settings)
{
    for (size_t i = 0; i < settings->address_count; i++)
        free(settings->addresses[i]);
    free(settings->addresses);
    free(settings->allowed);
    free(settings->access);
    free(settings->spool);
    free(settings->certificate);
    free(settings->key);
    free(settings->authorities);
    *settings = serving_defaults;
}

static void note(void *arg, const struct event *event)
{
    (void)arg;
    message_event(event);
}

int serving_open_spool(struct journal **ret, const struct serving_settings *settings,
                       const char *boot, struct error *err)
{
    const struct journal_options options = {
        .folder = settings->spool,
        .limit_bytes = settings->spool_limit,
        .stream = serving_choose_stream(),
        .boot = boot,
        .note = note,
    };
    return journal_open(ret, &options, err) ? error_prefix(err, "--spool") : 0;
}

uint64_t serving_choose_stream(void)
{
    uint64_t stream;
    if (getrandom(&stream, sizeof(stream), 0) != sizeof(stream))
        stream = (uint64_t)wall_now();
    return stream;
}

static void say_where(const struct server *server, const struct serving_settings *settings)
{
    const bool has_rules = settings->access || settings->allowed_count;
    const char *name, *sentence = settings->certificate ? "serving on {address} by TLS"
                                  : has_rules
                                      ? "serving on {address} whom the access rules allow"
                                      : "serving on {address}: who can reach this address can read "
                                        "all records";
    for (size_t i = 0; (name = server_listener(server, i)) != NULL; i++)
        if (strncmp(name, "127.", 4) != 0 && strncmp(name, "[::1]", 5) != 0)
            message_event(&(struct event){
                EVENT_NOTICE, "serving-widely", sentence, {event_text("address", name)}});
}

/* NULL: everybody is served, and may see everything. */
static int make_access(struct access **ret, const struct serving_settings *settings,
                       struct error *err)
{
    static const struct filter_names names = {.reads_files = true};
    *ret = NULL;
    if (!settings->allowed_count && !settings->access)
        return 0;
    struct access *access = access_new();
    int result = 0;
    if (settings->allowed_count)
        result = access_limit(access, settings->allowed, settings->allowed_count, err);
    if (!result && settings->access)
        result = access_read(access, settings->access, &names, err);
    if (!result && access_names_certificates(access) && !settings->certificate)
        result = error_set(err,
                           "%s: rules about certificates need --tls-cert, --tls-key and "
                           "--tls-ca",
                           settings->access);
    if (result)
        access_free(access);
    else
        *ret = access;
    return result;
}

static int make_rules(struct server_rules *ret, const struct serving_settings *settings,
                      struct error *err)
{
    *ret = (struct server_rules){
        .most_clients = settings->most_clients,
        .connection_rate = (unsigned)settings->connection_rate,
    };
    if (make_access(&ret->access, settings, err))
        return -1;
    if (!serving_tls(&ret->tls, settings, err))
        return 0;
    access_free(ret->access);
    return -1;
}

int serving_open(struct server **ret, const struct serving_settings *settings, bool waits,
                 nsec_t mar_interval, struct error *err)
{
    static const struct filter_names names = {0};
    struct server_rules rules;
    if (make_rules(&rules, settings, err))
        return -1;
    const struct server_options options = {
        .addresses = (const char *const *)settings->addresses,
        .address_count = settings->address_count,
        .port = settings->port,
        .backlog_bytes = settings->queue_bytes,
        .rules = rules,
        .seed = serving_choose_stream(),
        .mar_interval = mar_interval,
        .names = &names,
        .waits = waits,
        .now = monotonic_now,
        .wall = wall_now,
        .note = note,
    };
    if (server_new(ret, &options, err))
        return -1;
    say_where(*ret, settings);
    return 0;
}

int serving_change(struct server *server, const struct serving_settings *settings,
                   struct error *err)
{
    struct server_rules rules;
    if (make_rules(&rules, settings, err))
        return -1;
    server_change(server, &rules);
    say_where(server, settings);
    return 0;
}

void serving_tell_alive(struct server *server, nsec_t now)
{
    if (notify_wants_sign(now) && (!server || server_is_alive(server)))
        notify_alive(now);
}

void serving_await(struct server *server, size_t clients, int (*stop)(void))
{
    const struct timespec pause = {.tv_nsec = 10 * NSEC_PER_MSEC};
    struct server_counts counts;
    for (;;) {
        server_get_counts(server, &counts);
        if (counts.served >= clients || stop())
            return;
        serving_tell_alive(server, monotonic_now());
        nanosleep(&pause, NULL);
    }
}
