/* SPDX-License-Identifier: Apache-2.0 */
#include "cmd/client_metrics.h"

#include "cmd/metrics.h"

enum { NAME_MOST = 64 };

/* So many clients are seen by name, the others together: what asks must be able to keep it. */
enum { CLIENTS_MOST = 128 };

static void write_single(FILE *text, const char *program, const char *what, const char *help,
                         uint64_t value)
{
    char name[NAME_MOST];
    snprintf(name, sizeof(name), "%s_%s", program, what);
    metrics_single(text, name, help, value);
}

static void write_refusals(FILE *text, const char *program, const struct server_counts *counts)
{
    static const char *const reasons[SERVER_REFUSALS] = {
        [SERVER_REFUSED_ACCESS] = "access",
        [SERVER_REFUSED_RATE] = "rate",
        [SERVER_REFUSED_CLIENTS] = "clients",
        [SERVER_REFUSED_SPEECH] = "speech",
    };
    char name[NAME_MOST];
    snprintf(name, sizeof(name), "%s_connections_refused_total", program);
    metrics_family(text, name, "Connections that came to nothing, by reason.");
    for (size_t i = 0; i < SERVER_REFUSALS; i++)
        metrics_value(text, name, "reason", reasons[i], counts->refused[i]);
}

static void write_totals(FILE *text, const char *program, const struct server_counts *counts)
{
    write_single(text, program, "clients", "Clients that are connected.", counts->clients);
    write_single(text, program, "connections_total", "Connections taken.", counts->accepted);
    write_refusals(text, program, counts);
    write_single(text, program, "served_records_total",
                 "Records sent to all clients together, also to those that are gone.",
                 counts->sent_records);
    write_single(text, program, "served_bytes_total",
                 "Bytes sent to all clients together, also to those that are gone.",
                 counts->sent_bytes);
    write_single(text, program, "served_records_lost_total",
                 "Records that clients were too slow for, also those that are gone.",
                 counts->lost_records);
}

/* One family of metrics, with a value for each client. */
struct family {
    FILE *text;
    char name[NAME_MOST];
    uint64_t (*get)(const struct server_client *client);
    unsigned count;
    uint64_t others; /* those behind CLIENTS_MOST, added up */
};

static uint64_t get_queue(const struct server_client *client)
{
    return client->queue_records;
}

static uint64_t get_sent(const struct server_client *client)
{
    return client->sent_records;
}

static uint64_t get_lost(const struct server_client *client)
{
    return client->lost_records;
}

static void write_client(void *arg, const struct server_client *client)
{
    struct family *family = arg;
    if (family->count++ < CLIENTS_MOST)
        metrics_value(family->text, family->name, "client", client->name, family->get(client));
    else
        family->others += family->get(client);
}

static void write_each(FILE *text, const char *program, struct server *server)
{
    static const struct {
        const char *name, *help;
        uint64_t (*get)(const struct server_client *client);
    } families[] = {
        {"client_queue_records", "Records that a client is still to get.", get_queue},
        {"client_records_total", "Records sent to a client.", get_sent},
        {"client_records_lost_total", "Records that a client was too slow for.", get_lost},
    };
    for (size_t i = 0; i < ARRAY_SIZE(families); i++) {
        struct family family = {.text = text, .get = families[i].get};
        snprintf(family.name, sizeof(family.name), "%s_%s", program, families[i].name);
        metrics_family(text, family.name, families[i].help);
        server_each_client(server, write_client, &family);
        if (family.count > CLIENTS_MOST)
            metrics_value(text, family.name, "client", "others", family.others);
    }
}

void client_metrics_write(FILE *text, const char *program, struct server *server)
{
    struct server_counts counts;
    server_get_counts(server, &counts);
    write_totals(text, program, &counts);
    write_each(text, program, server);
}

void client_metrics_spool(FILE *text, const char *program, struct journal *journal)
{
    struct journal_counts counts;
    journal_get_counts(journal, &counts);
    write_single(text, program, "spool_bytes", "What the spool has on disk.", counts.bytes);
    write_single(text, program, "spool_segments", "Files of the spool.", counts.segments);
    write_single(text, program, "spool_records_dropped_total",
                 "Records that the spool had no room for any more.", counts.dropped);
}

void client_metrics_spooler(FILE *text, const char *program, struct server *server)
{
    struct server_counts counts;
    server_get_counts(server, &counts);
    write_single(text, program, "spool_queue_records", "Records that are still to be spooled.",
                 counts.spool_queue);
    write_single(text, program, "spool_records_missed_total",
                 "Records that the disk was too slow for, or had no room for.",
                 counts.spool_missed);
}
