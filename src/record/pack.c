/* SPDX-License-Identifier: Apache-2.0 */
#include "record/pack.h"

#include <string.h>

#include "base/attr.h"
#include "base/check.h"
#include "record/wire.h"

struct head {
    uint8_t type, version, cause, option;
    uint32_t blocks;
    uint64_t offset;
};

#define MEMBER(member) offsetof(struct record, member), sizeof(((struct record *)0)->member)

static const struct part {
    uint32_t block;
    size_t offset, size;
} parts[] = {
    {BLOCK_FLOW, MEMBER(key)},          {BLOCK_TIME, MEMBER(time)},
    {BLOCK_METRIC, MEMBER(metric)},     {BLOCK_TRANSPORT, MEMBER(transport)},
    {BLOCK_ENCAPS, MEMBER(encaps)},     {BLOCK_IPATTR, MEMBER(ipattr)},
    {BLOCK_NET, MEMBER(net)},           {BLOCK_AGR, MEMBER(agr)},
    {BLOCK_VLAN, MEMBER(vlan)},         {BLOCK_MPLS, MEMBER(mpls)},
    {BLOCK_JITTER, MEMBER(jitter)},     {BLOCK_PSIZE, MEMBER(psize)},
    {BLOCK_SUSER, MEMBER(user[SRC])},   {BLOCK_DUSER, MEMBER(user[DST])},
    {BLOCK_MAC, MEMBER(mac)},           {BLOCK_ICMP, MEMBER(icmp)},
    {BLOCK_BEHAVIOR, MEMBER(behavior)}, {BLOCK_ASN, MEMBER(asn)},
    {BLOCK_COCODE, MEMBER(country)},    {BLOCK_LABEL, MEMBER(label)},
    {BLOCK_COR, MEMBER(cor)},           {BLOCK_UNKNOWN, MEMBER(unknown)},
};

/* Views among these members; their bytes follow all parts, in this order. */
static const struct part views[] = {
    {BLOCK_SUSER, MEMBER(user[SRC].bytes)}, {BLOCK_DUSER, MEMBER(user[DST].bytes)},
    {BLOCK_LABEL, MEMBER(label)},           {BLOCK_COR, MEMBER(cor)},
    {BLOCK_UNKNOWN, MEMBER(unknown)},
};

static const void *member_of(const struct record *r, const struct part *part)
{
    return (const uint8_t *)r + part->offset;
}

size_t pack_size(const struct record *r)
{
    size_t size = sizeof(struct head);
    for (size_t i = 0; i < ARRAY_SIZE(parts); i++) {
        if (r->blocks & parts[i].block)
            size += parts[i].size;
    }
    for (size_t i = 0; i < ARRAY_SIZE(views); i++) {
        if (r->blocks & views[i].block)
            size += ((const struct view *)member_of(r, &views[i]))->size;
    }
    return size;
}

void pack_write(const struct record *r, uint8_t *to)
{
    const struct head head = {r->type, r->version, r->cause, r->option, r->blocks, r->offset};
    to = (uint8_t *)memcpy(to, &head, sizeof(head)) + sizeof(head);
    for (size_t i = 0; i < ARRAY_SIZE(parts); i++) {
        if (r->blocks & parts[i].block)
            to = (uint8_t *)memcpy(to, member_of(r, &parts[i]), parts[i].size) + parts[i].size;
    }
    for (size_t i = 0; i < ARRAY_SIZE(views); i++) {
        const struct view *view = member_of(r, &views[i]);
        if ((r->blocks & views[i].block) && view->size > 0)
            to = (uint8_t *)memcpy(to, view->data, view->size) + view->size;
    }
}

void pack_read(const uint8_t *packed, struct record *ret)
{
    struct head head;
    memcpy(&head, packed, sizeof(head));
    packed += sizeof(head);
    ret->type = head.type;
    ret->version = head.version;
    ret->cause = head.cause;
    ret->option = head.option;
    ret->blocks = head.blocks;
    ret->offset = head.offset;
    ret->wire = (struct view){NULL, 0};
    for (size_t i = 0; i < ARRAY_SIZE(parts); i++) {
        if (!(head.blocks & parts[i].block))
            continue;
        memcpy((uint8_t *)ret + parts[i].offset, packed, parts[i].size);
        packed += parts[i].size;
    }
    for (size_t i = 0; i < ARRAY_SIZE(views); i++) {
        if (!(head.blocks & views[i].block))
            continue;
        struct view *view = (void *)((uint8_t *)ret + views[i].offset);
        view->data = packed;
        packed += view->size;
    }
}

size_t pack_kept_size(const struct record *r, enum pack_form *ret)
{
    *ret = r->wire.size ? PACK_WIRE : PACK_BLOCKS;
    return r->wire.size ? r->wire.size : pack_size(r);
}

void pack_keep(const struct record *r, enum pack_form form, uint8_t *to)
{
    if (form == PACK_BLOCKS)
        pack_write(r, to);
    else
        memcpy(to, r->wire.data, r->wire.size);
}

void pack_read_kept(struct view kept, enum pack_form form, struct record *ret)
{
    if (form == PACK_BLOCKS) {
        pack_read(kept.data, ret);
        return;
    }
    /* Damaged blocks gave a condition when the record was read, and was reported, then. */
    check(wire_decode(kept, ret, NULL) >= 0);
    record_normalise(ret);
}
