/* SPDX-License-Identifier: Apache-2.0 */
#include "record/field_mar.h"

#include <stddef.h>
#include <string.h>

#include "base/attr.h"
#include "record/field_get.h"

#define COUNT32(field, member)                                                                     \
    {                                                                                              \
        field, offsetof(struct record_mar, member), 4                                              \
    }
#define COUNT64(field, member)                                                                     \
    {                                                                                              \
        field, offsetof(struct record_mar, member), 8                                              \
    }

static const struct {
    const char *field;
    size_t offset;
    unsigned size; /* of the member, bytes */
} counters[] = {
    COUNT64("spkts", packets), COUNT64("pkts", packets),      COUNT32("dpkts", records),
    COUNT64("sbytes", bytes),  COUNT32("dbytes", dropped),    COUNT32("loss", dropped),
    COUNT32("bytes", memory),  COUNT32("appbytes", memory),   COUNT32("seq", sequence),
    COUNT32("saddr", queue),   COUNT32("sport", dropped),     COUNT32("daddr", buffers),
    COUNT32("dport", clients), COUNT32("sappbytes", buffers), COUNT32("dappbytes", queue),
};

static bool get_counter(const char *name, const struct record_mar *mar, struct value *ret)
{
    for (size_t i = 0; i < ARRAY_SIZE(counters); i++) {
        if (strcmp(counters[i].field, name))
            continue;
        uint64_t whole = 0;
        uint32_t half;
        const uint8_t *at = (const uint8_t *)mar + counters[i].offset;
        if (counters[i].size == 8) {
            memcpy(&whole, at, 8);
        } else {
            memcpy(&half, at, 4);
            whole = half;
        }
        value_uint(ret, whole);
        return true;
    }
    return false;
}

void field_get_mar(const struct field *field, const struct record *r, struct value *ret)
{
    static const char *const shared[] = {"proto", "state", "cause", "flgs", "offset"};
    const struct record_mar *mar = &r->mar;
    ret->kind = VALUE_NONE;
    if (get_counter(field->name, mar, ret))
        return;
    for (size_t i = 0; i < ARRAY_SIZE(shared); i++)
        if (!strcmp(shared[i], field->name))
            field->get(r, field->arg, ret);
    if (!strcmp(field->name, "stime") || !strcmp(field->name, "ltime")) {
        ret->kind = VALUE_TIME;
        ret->u.time = field->name[0] == 's' ? mar->now : mar->start;
    } else if (!strcmp(field->name, "dur")) {
        value_span(ret, mar->now - mar->start);
    } else if (!strcmp(field->name, "srcid")) {
        uint32_t id = r->cause == CAUSE_START ? mar->source_id : mar->cookie;
        value_text(ret, "%u.%u.%u.%u", id >> 24, id >> 16 & 255, id >> 8 & 255, id & 255);
    }
}
