/* SPDX-License-Identifier: Apache-2.0 */
#include "record/wire.h"
#include "record/wire_block.h"

nsec_t wire_load_time(const uint8_t *at, bool ns)
{
    nsec_t fraction = load_be32(at + 4);
    if (!ns)
        fraction = (fraction > 999999 ? 999999 : fraction) * NSEC_PER_USEC;
    return (nsec_t)load_be32(at) * NSEC_PER_SEC + fraction;
}

void put_time(struct wire_writer *w, nsec_t time)
{
    put32(w, (uint32_t)nsec_seconds(time));
    put32(w, nsec_fraction(time) / (uint32_t)NSEC_PER_USEC);
}

void wire_get_mar(const uint8_t *b, struct record_mar *ret)
{
    *ret = (struct record_mar){
        .status = load_be32(b + 4),
        .cookie = load_be32(b + 8),
        .local_net = load_be32(b + 12),
        .net_mask = load_be32(b + 16),
        .sequence = load_be32(b + 20),
        .start = wire_load_time(b + 24, false),
        .now = wire_load_time(b + 32, false),
        .major = b[40],
        .minor = b[41],
        .interface_type = b[42],
        .interface_status = b[43],
        .report_interval = load_be16(b + 44),
        .mar_interval = load_be16(b + 46),
        .packets = load_be64(b + 48),
        .bytes = load_be64(b + 56),
        .drift = (int64_t)load_be64(b + 64),
        .records = load_be32(b + 72),
        .flows = load_be32(b + 76),
        .dropped = load_be32(b + 80),
        .queue = load_be32(b + 84),
        .outputs = load_be32(b + 88),
        .clients = load_be32(b + 92),
        .buffers = load_be32(b + 96),
        .memory = load_be32(b + 100),
        .user_data_limit = {load_le16(b + 104), load_le16(b + 106)},
        .source_id = load_be32(b + 120),
    };
}

void wire_put_mar(const struct record *r, uint8_t *buffer)
{
    const struct record_mar *mar = &r->mar;
    struct wire_writer w = {.at = buffer};
    put8(&w, RECORD_MAR | 3);
    put8(&w, r->cause | r->option);
    put16(&w, WIRE_MAR_SIZE / 4);
    put32(&w, mar->status);
    put32(&w, mar->cookie);
    put32(&w, mar->local_net);
    put32(&w, mar->net_mask);
    put32(&w, mar->sequence);
    put_time(&w, mar->start);
    put_time(&w, mar->now);
    put8(&w, mar->major);
    put8(&w, mar->minor);
    put8(&w, mar->interface_type);
    put8(&w, mar->interface_status);
    put16(&w, mar->report_interval);
    put16(&w, mar->mar_interval);
    put64(&w, mar->packets);
    put64(&w, mar->bytes);
    put64(&w, (uint64_t)mar->drift);
    put32(&w, mar->records);
    put32(&w, mar->flows);
    put32(&w, mar->dropped);
    put32(&w, mar->queue);
    put32(&w, mar->outputs);
    put32(&w, mar->clients);
    put32(&w, mar->buffers);
    put32(&w, mar->memory);
    put16_le(&w, mar->user_data_limit[SRC]);
    put16_le(&w, mar->user_data_limit[DST]);
    put_zeros(&w, 12);
    put32(&w, mar->source_id);
    put32(&w, UINT32_MAX);
}
