/* SPDX-License-Identifier: Apache-2.0 */
#include "split/parts.h"

static nsec_t time_of(const struct record *r)
{
    return r->type == RECORD_MAR ? r->mar.now : record_start(r);
}

void parts_begin(struct parts *parts, struct bins *bins, struct record *r, bool cuts)
{
    parts->bins = bins;
    parts->whole = r;
    parts->count = 0;
    parts->is_cut = cuts && cut_reaches(r, bins_find(bins, time_of(r)).end);
    if (parts->is_cut)
        cut_begin(&parts->cut, r);
}

struct record *parts_next(struct parts *parts, struct bin *ret)
{
    struct record *whole = parts->whole;
    if (parts->is_cut) {
        *ret = bins_find(parts->bins, cut_start(&parts->cut));
        const nsec_t end = ++parts->count < PARTS_MOST ? ret->end : INT64_MAX;
        return cut_next(&parts->cut, end, &parts->part) ? &parts->part : NULL;
    }
    if (whole)
        *ret = bins_find(parts->bins, time_of(whole));
    parts->whole = NULL;
    return whole;
}
