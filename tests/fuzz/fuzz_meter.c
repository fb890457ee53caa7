/* SPDX-License-Identifier: Apache-2.0 */
/* Frames with arbitrary bytes and times, decoded and metered: every packet must be accounted for.
 */
#include "base/bytes.h"
#include "base/check.h"
#include "flow/identity.h"
#include "flow/shards.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_identity(const struct flow_key *key)
{
    struct flow_key identity;
    flow_identity_of_key(&identity, key);
    check(!flow_identity_is_key(key) || flow_key_equal(&identity, key));
}

static int count_record(void *arg, const struct record *r, struct error *err)
{
    (void)err;
    *(uint64_t *)arg += r->metric.packets[SRC] + r->metric.packets[DST];
    return 0;
}

/* What a flow is, of the bits that are left of the options. */
static struct flow_keying keying_of(uint8_t bits)
{
    return (struct flow_keying){
        .basis = (bits >> 1 & 3) % (FLOW_BASIS_MAC_PAIR + 1),
        .parts = bits >> 3 & 15,
        .one_way = bits >> 7,
    };
}

/* Input: one byte of options, then frames of [link, size, time step in 0.1 s] and bytes. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct meter_options options = meter_defaults;
    struct decode_options decode = {.tunnels = TUNNEL_ALL};
    struct shards *meter;
    uint64_t recorded = 0, metered = 0;
    nsec_t time = 0;
    options.memory_limit = 1 << 20;
    options.jitter = options.app_bytes = options.packet_sizes = options.mac_addresses = true;
    options.user_bytes = 8;
    options.keying = keying_of(size ? data[0] : 0);
    options.quirks = decode.quirks = size && data[0] & 1 ? QUIRKS_ALL_308 : 0;
    check(!shards_new(&meter, &options, count_record, &recorded, NULL));
    for (size_t at = 1, length; at + 3 <= size; at += 3 + length) {
        struct keyed_packet keyed;
        length = data[at + 1] < size - at - 3 ? data[at + 1] : size - at - 3;
        time += (int8_t)data[at + 2] * NSEC_PER_SEC / 10;
        struct frame frame = {
            data + at + 3, time, (uint32_t)length, (uint32_t)length, data[at], 0, 0, 0, 0};
        if (packet_decode(&frame, &decode, &keyed.packet))
            continue;
        metered++;
        keyed_packet_complete(&keyed, options.quirks);
        check_identity(&keyed.key);
        keyed_packet_rekey(&keyed, &options.keying, options.quirks);
        check(!shards_packets(meter, &keyed, 1, NULL));
    }
    check(!shards_flush(meter, NULL));
    check(recorded == metered);
    shards_free(meter);
    return 0;
}
