/* SPDX-License-Identifier: Apache-2.0 */
#include "cmd/argus_metrics.h"

#include "cmd/client_metrics.h"
#include "cmd/metrics.h"
#include "cmd/sensor.h"

static void write_packets(const struct sensor_counts *counts, FILE *text)
{
    static const char losses[] = "argus_packets_unrecorded_total";
    metrics_single(text, "argus_packets_total", "Packets read.", counts->packets);
    metrics_single(text, "argus_packet_bytes_total", "Bytes of the packets read, as on the wire.",
                   counts->bytes);
    metrics_single(text, "argus_packets_dropped_total",
                   "Packets that the kernel dropped before they were read.", counts->dropped);
    metrics_single(text, "argus_packets_dropped_by_interfaces_total",
                   "Packets that interfaces and their drivers dropped, whether they pass the "
                   "filter or not.",
                   counts->interface_dropped);
    metrics_family(text, losses, "Packets read that are in no flow, by reason.");
    for (unsigned loss = PACKET_OK + 1; loss < LOSS_COUNT; loss++)
        metrics_value(text, losses, "reason", packet_loss_name(loss), counts->losses[loss]);
}

static void write_flows(const struct meter_counts *counts, FILE *text)
{
    metrics_single(text, "argus_flow_packets_total", "Packets in flows, reported or open.",
                   counts->packets);
    metrics_single(text, "argus_flows_created_total", "Flows seen.", counts->flows);
    metrics_single(text, "argus_flows_evicted_total",
                   "Flows written out early, at the limit of memory.", counts->evicted);
    metrics_single(text, "argus_flows_active", "Flows in the table.", counts->flows_live);
    metrics_single(text, "argus_flow_table_bytes", "Memory of the table of flows.",
                   counts->memory_bytes);
    metrics_single(text, "argus_records_total", "Flow records made.", counts->records);
}

void argus_metrics_write(void *arg, FILE *text)
{
    struct sensor *s = arg;
    struct sensor_counts counts;
    struct meter_counts meters;
    sensor_look(s, &counts, &meters);
    write_packets(&counts, text);
    write_flows(&meters, text);
    if (argus_output_server(s->output))
        client_metrics_write(text, "argus", argus_output_server(s->output));
    if (argus_output_journal(s->output)) {
        client_metrics_spool(text, "argus", argus_output_journal(s->output));
        client_metrics_spooler(text, "argus", argus_output_server(s->output));
    }
    metrics_process(text);
}
