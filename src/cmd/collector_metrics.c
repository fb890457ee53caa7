/* SPDX-License-Identifier: Apache-2.0 */
#include "cmd/collector_metrics.h"

#include "cmd/client_metrics.h"
#include "cmd/metrics.h"

static void write_spool(FILE *text, struct journal *journal)
{
    struct journal_counts counts;
    journal_get_counts(journal, &counts);
    metrics_single(text, "radium_spool_bytes", "What the spool has on disk.", counts.bytes);
    metrics_single(text, "radium_spool_segments", "Files of the spool.", counts.segments);
    metrics_single(text, "radium_spool_records_dropped_total",
                   "Records that the spool had no room for any more.", counts.dropped);
}

void collector_metrics_write(void *arg, FILE *text)
{
    const struct collector_view *view = arg;
    metrics_single(text, "radium_records_total",
                   "Records taken: those that passed the filter, and radium's own.",
                   atomic_load_explicit(&view->records, memory_order_relaxed));
    if (view->server)
        client_metrics_write(text, "radium", view->server);
    if (view->journal)
        write_spool(text, view->journal);
    metrics_process(text);
}
