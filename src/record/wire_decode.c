/* SPDX-License-Identifier: Apache-2.0 */
#include "record/wire.h"

#include "base/attr.h"
#include "record/wire_block.h"

static bool get_padding(const struct wire_block *b, struct record *r)
{
    (void)b;
    (void)r;
    return true;
}

static bool (*const decoders[256])(const struct wire_block *b, struct record *r) = {
    [TYPE_PADDING] = get_padding,        [TYPE_TRANSPORT] = wire_get_transport,
    [TYPE_FLOW] = wire_get_flow,         [TYPE_TIME] = wire_get_time,
    [TYPE_METRIC] = wire_get_metric,     [TYPE_PSIZE] = wire_get_psize,
    [TYPE_ENCAPS] = wire_get_encaps,     [TYPE_NET] = wire_get_net,
    [TYPE_ASN] = wire_get_asn,           [TYPE_ICMP] = wire_get_icmp,
    [TYPE_VLAN] = wire_get_vlan,         [TYPE_MAC] = wire_get_mac,
    [TYPE_MPLS] = wire_get_mpls,         [TYPE_JITTER] = wire_get_jitter,
    [TYPE_IPATTR] = wire_get_ipattr,     [TYPE_USER] = wire_get_user,
    [TYPE_BEHAVIOR] = wire_get_behavior, [TYPE_AGR] = wire_get_agr,
    [TYPE_COR] = wire_get_cor,           [TYPE_COCODE] = wire_get_cocode,
    [TYPE_LABEL] = wire_get_label,
};

/* Length of the block at the front of `rest` in bytes, by the three rules of the format. */
static size_t block_size(struct view rest, struct wire_block *ret)
{
    const uint8_t *at = rest.data;
    *ret = (struct wire_block){.type = at[0], .subtype = at[1], .qualifier = at[2]};
    if (at[0] & 0x80) /* immediate: the header is all there is */
        return 4;
    if (at[1] & 0x80) { /* long: 16 bits of length in the place of qualifier and length */
        ret->qualifier = 0;
        return (size_t)load_be16(at + 2) * 4;
    }
    return (size_t)at[3] * 4;
}

/*
 * Blocks of unknown type are kept as one range of bytes, so that a record that is written anew
 * still has them. They come together in practice; where they do not, the range is the last run.
 */
static void keep_unknown(struct record *r, struct view block)
{
    if (record_has(r, BLOCK_UNKNOWN) && r->unknown.data + r->unknown.size == block.data) {
        r->unknown.size += block.size;
        return;
    }
    r->unknown = block;
    r->blocks |= BLOCK_UNKNOWN;
}

static int decode_blocks(struct view rest, struct record *r, struct error *err)
{
    const uint8_t *start = rest.data - 4;
    while (rest.size >= 4) {
        struct wire_block block;
        size_t size = block_size(rest, &block);
        if (size < 4 || size > rest.size) {
            error_set(err, "block of type 0x%02x at byte %zu of the record: length %zu of %zu",
                      block.type, (size_t)(rest.data - start), size, rest.size);
            return WIRE_DAMAGED;
        }
        block.body = (struct view){rest.data + 4, size - 4};
        if (!decoders[block.type]) {
            keep_unknown(r, (struct view){rest.data, size});
        } else if (!decoders[block.type](&block, r)) {
            error_set(err, "block of type 0x%02x at byte %zu of the record: too short (%zu bytes)",
                      block.type, (size_t)(rest.data - start), size);
            return WIRE_DAMAGED;
        }
        rest.data += size;
        rest.size -= size;
    }
    return 0;
}

int wire_decode(struct view bytes, struct record *r, struct error *err)
{
    r->blocks = 0;
    r->wire = bytes;
    if (bytes.size < 4) {
        error_set(err, "a record of %zu bytes", bytes.size);
        return WIRE_DAMAGED;
    }
    r->type = bytes.data[0] & 0xf0;
    r->version = bytes.data[0] & 0x0f;
    r->cause = bytes.data[1] & 0xf0;
    r->option = bytes.data[1] & 0x0f;
    switch (r->type) {
    case RECORD_MAR:
        if (bytes.size < WIRE_MAR_SIZE) {
            error_set(err, "a management record of %zu bytes", bytes.size);
            return WIRE_DAMAGED;
        }
        wire_get_mar(bytes.data, &r->mar);
        return 0;
    case RECORD_FAR:
    case RECORD_NETFLOW:
    case RECORD_EVENT:
        return decode_blocks((struct view){bytes.data + 4, bytes.size - 4}, r, err);
    default:
        return 0; /* passed on as bytes */
    }
}
