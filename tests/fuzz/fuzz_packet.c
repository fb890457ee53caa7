/* SPDX-License-Identifier: Apache-2.0 */
#include <stddef.h>
#include <stdint.h>

#include "base/check.h"
#include "packet/packet.h"

/*
 * One frame. The first two bytes say the link type, the third which side of every choice is taken;
 * all the rest is the frame. Its views must lie within it.
 */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool is_within(struct view view, const uint8_t *data, size_t size)
{
    return !view.size || (view.data >= data && view.data + view.size <= data + size);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < 3)
        return 0;
    struct decode_options options = {data[2] & 1 ? QUIRKS_ALL_308 : 0, TUNNEL_ALL};
    struct frame frame = {
        .data = data + 3,
        .captured = (uint32_t)size - 3,
        .wire = (uint32_t)size + (data[2] & 2 ? 1000 : 0),
        .link = load_be16(data) & 0x1FF,
    };
    struct packet p, quoted;
    if (packet_decode(&frame, &options, &p) != PACKET_OK)
        return 0;
    check(is_within(p.payload, frame.data, frame.captured));
    if (p.has_upper && p.kind == PACKET_IP4 && p.protocol == 1) {
        check(is_within(p.u.icmp.inner, frame.data, frame.captured));
        packet_decode_inner(p.u.icmp.inner, &options, &quoted);
    }
    return 0;
}
