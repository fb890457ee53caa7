/* SPDX-License-Identifier: Apache-2.0 */
#include "cmd/source_metrics.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "cmd/metrics.h"

enum { NAME_MOST = 64 };

struct source_metrics {
    pthread_mutex_t lock; /* for all below */
    struct reader_source *list;
    size_t count, capacity;
};

struct source_metrics *source_metrics_new(void)
{
    struct source_metrics *m = mem_zalloc(sizeof(*m));
    pthread_mutex_init(&m->lock, NULL);
    return m;
}

void source_metrics_free(struct source_metrics *m)
{
    if (!m)
        return;
    pthread_mutex_destroy(&m->lock);
    free(m->list);
    free(m);
}

/* --- what is shown ---------------------------------------------------------------------------- */

/* One that is read twice has one name, and a name stands in metrics once. */
static struct reader_source *find(struct source_metrics *m, const char *name)
{
    for (size_t i = 0; i < m->count; i++)
        if (!strcmp(m->list[i].name, name))
            return &m->list[i];
    return NULL;
}

static void add(struct reader_source *to, const struct reader_source *source)
{
    to->is_connected &= source->is_connected;
    to->connections += source->connections;
    to->records += source->records;
    to->bytes += source->bytes;
    to->damaged += source->damaged;
    to->missing += source->missing;
    to->gaps += source->gaps;
    to->newest = source->newest > to->newest ? source->newest : to->newest;
}

void source_metrics_show(struct source_metrics *m, const struct reader *reader)
{
    pthread_mutex_lock(&m->lock);
    m->count = 0;
    for (size_t i = 0; i < reader_count(reader); i++) {
        struct reader_source source;
        reader_get_source(reader, i, &source);
        struct reader_source *same = find(m, source.name);
        if (same) {
            add(same, &source);
            continue;
        }
        m->list = mem_grow(m->list, &m->capacity, m->count + 1, sizeof(*m->list));
        m->list[m->count++] = source;
    }
    pthread_mutex_unlock(&m->lock);
}

/* --- text ------------------------------------------------------------------------------------- */

static uint64_t get_up(const struct reader_source *source)
{
    return source->is_connected;
}

static uint64_t get_connections(const struct reader_source *source)
{
    return source->connections;
}

static uint64_t get_records(const struct reader_source *source)
{
    return source->records;
}

static uint64_t get_bytes(const struct reader_source *source)
{
    return source->bytes;
}

static uint64_t get_damaged(const struct reader_source *source)
{
    return source->damaged;
}

static uint64_t get_missing(const struct reader_source *source)
{
    return source->missing;
}

static uint64_t get_gaps(const struct reader_source *source)
{
    return source->gaps;
}

static uint64_t get_newest(const struct reader_source *source)
{
    return source->newest > 0 ? (uint64_t)nsec_seconds(source->newest) : 0;
}

static const struct family {
    const char *name, *help;
    uint64_t (*get)(const struct reader_source *source);
} families[] = {
    {"source_up", "1 if the connection to a server is there, and has given something.", get_up},
    {"source_connections_total", "Connections to a server that gave something.", get_connections},
    {"source_records_total", "Records read from a server.", get_records},
    {"source_bytes_total", "Bytes of the records read from a server.", get_bytes},
    {"source_records_damaged_total", "Of these, records with a block that is damaged.",
     get_damaged},
    {"source_records_missing_total", "Records that a server no longer had.", get_missing},
    {"source_gaps_total", "Times that records are missing, how many of them is known or not.",
     get_gaps},
    {"source_last_record_timestamp_seconds", "The latest time in any record of a server.",
     get_newest},
};

void source_metrics_write(struct source_metrics *m, FILE *text, const char *program)
{
    pthread_mutex_lock(&m->lock);
    for (size_t i = 0; m->count && i < ARRAY_SIZE(families); i++) {
        char name[NAME_MOST];
        snprintf(name, sizeof(name), "%s_%s", program, families[i].name);
        metrics_family(text, name, families[i].help);
        for (size_t j = 0; j < m->count; j++)
            metrics_value(text, name, "source", m->list[j].name, families[i].get(&m->list[j]));
    }
    pthread_mutex_unlock(&m->lock);
}
