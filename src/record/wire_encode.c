/* SPDX-License-Identifier: Apache-2.0 */
#include "base/attr.h"
#include "base/check.h"
#include "record/wire.h"
#include "record/wire_block.h"

typedef void block_encoder(const struct record *r, struct wire_writer *w);

static void put_unknown(const struct record *r, struct wire_writer *w)
{
    put_bytes(w, r->unknown.data, r->unknown.size);
}

/* Index of a block's bit. Records have had their blocks in this order for twenty years. */
#define BIT(block) __builtin_ctz(block)

static block_encoder *const encoders[] = {
    [BIT(BLOCK_TRANSPORT)] = wire_put_transport,
    [BIT(BLOCK_FLOW)] = wire_put_flow,
    [BIT(BLOCK_TIME)] = wire_put_time,
    [BIT(BLOCK_METRIC)] = wire_put_metric,
    [BIT(BLOCK_AGR)] = wire_put_agr,
    [BIT(BLOCK_NET)] = wire_put_net,
    [BIT(BLOCK_VLAN)] = wire_put_vlan,
    [BIT(BLOCK_MPLS)] = wire_put_mpls,
    [BIT(BLOCK_JITTER)] = wire_put_jitter,
    [BIT(BLOCK_IPATTR)] = wire_put_ipattr,
    [BIT(BLOCK_PSIZE)] = wire_put_psize,
    [BIT(BLOCK_SUSER)] = wire_put_suser,
    [BIT(BLOCK_DUSER)] = wire_put_duser,
    [BIT(BLOCK_MAC)] = wire_put_mac,
    [BIT(BLOCK_ICMP)] = wire_put_icmp,
    [BIT(BLOCK_ENCAPS)] = wire_put_encaps,
    [BIT(BLOCK_BEHAVIOR)] = wire_put_behavior,
    [BIT(BLOCK_COR)] = wire_put_cor,
    [BIT(BLOCK_COCODE)] = wire_put_cocode,
    [BIT(BLOCK_LABEL)] = wire_put_label,
    [BIT(BLOCK_ASN)] = wire_put_asn,
    [BIT(BLOCK_UNKNOWN)] = put_unknown,
};

size_t wire_encode(const struct record *r, uint8_t *buffer)
{
    enum { VERSION = 3 };
    if (r->type == RECORD_MAR) {
        wire_put_mar(r, buffer);
        return WIRE_MAR_SIZE;
    }
    struct wire_writer w = {.at = buffer + 4};
    for (uint32_t blocks = r->blocks; blocks; blocks &= blocks - 1)
        encoders[BIT(blocks)](r, &w);
    size_t size = (size_t)(w.at - buffer);
    check(size % 4 == 0 && size <= WIRE_RECORD_MAX);
    buffer[0] = (uint8_t)(r->type | VERSION);
    buffer[1] = r->cause | r->option;
    store_be16(buffer + 2, (uint16_t)(size / 4));
    return size;
}
