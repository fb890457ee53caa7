/* SPDX-License-Identifier: Apache-2.0 */
#include "cmd/collector_metrics.h"

#include "cmd/client_metrics.h"
#include "cmd/metrics.h"

void collector_metrics_write(void *arg, FILE *text)
{
    const struct collector_view *view = arg;
    metrics_single(text, "radium_records_total",
                   "Records taken: those that passed the filter, and radium's own.",
                   atomic_load_explicit(&view->records, memory_order_relaxed));
    source_metrics_write(view->sources, text, "radium");
    if (view->server)
        client_metrics_write(text, "radium", view->server);
    if (view->journal)
        client_metrics_spool(text, "radium", view->journal);
    metrics_process(text);
}
