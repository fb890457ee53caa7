/* SPDX-License-Identifier: Apache-2.0 */
#include "base/attr.h"
#include "base/check.h"
#include "record/wire.h"
#include "record/wire_block.h"

/* In the order in which records have had them for twenty years. */
static const struct {
    uint32_t block;
    void (*put)(const struct record *r, struct wire_writer *w);
} encoders[] = {
    {BLOCK_TRANSPORT, wire_put_transport},
    {BLOCK_FLOW, wire_put_flow},
    {BLOCK_TIME, wire_put_time},
    {BLOCK_METRIC, wire_put_metric},
    {BLOCK_AGR, wire_put_agr},
    {BLOCK_NET, wire_put_net},
    {BLOCK_VLAN, wire_put_vlan},
    {BLOCK_MPLS, wire_put_mpls},
    {BLOCK_JITTER, wire_put_jitter},
    {BLOCK_IPATTR, wire_put_ipattr},
    {BLOCK_PSIZE, wire_put_psize},
    {BLOCK_SUSER, wire_put_suser},
    {BLOCK_DUSER, wire_put_duser},
    {BLOCK_MAC, wire_put_mac},
    {BLOCK_ICMP, wire_put_icmp},
    {BLOCK_ENCAPS, wire_put_encaps},
    {BLOCK_BEHAVIOR, wire_put_behavior},
    {BLOCK_COR, wire_put_cor},
    {BLOCK_COCODE, wire_put_cocode},
    {BLOCK_LABEL, wire_put_label},
    {BLOCK_ASN, wire_put_asn},
};

size_t wire_encode(const struct record *r, uint8_t *buffer)
{
    enum { VERSION = 3 };
    if (r->type == RECORD_MAR) {
        wire_put_mar(r, buffer);
        return WIRE_MAR_SIZE;
    }
    struct wire_writer w = {.at = buffer + 4};
    for (size_t i = 0; i < ARRAY_SIZE(encoders); i++)
        if (record_has(r, encoders[i].block))
            encoders[i].put(r, &w);
    if (record_has(r, BLOCK_UNKNOWN))
        put_bytes(&w, r->unknown.data, r->unknown.size);
    size_t size = (size_t)(w.at - buffer);
    check(size % 4 == 0 && size <= WIRE_RECORD_MAX);
    buffer[0] = (uint8_t)(r->type | VERSION);
    buffer[1] = r->cause | r->option;
    store_be16(buffer + 2, (uint16_t)(size / 4));
    return size;
}
