/* SPDX-License-Identifier: Apache-2.0 */
#include "record/field_get.h"
#include "record/merge.h"

/* --- times ------------------------------------------------------------------------------------ */

GETTER(get_start)
{
    ret->kind = VALUE_TIME;
    ret->u.time = arg == BOTH ? record_start(r) : r->time.has_start[arg] ? r->time.start[arg] : 0;
}

GETTER(get_last)
{
    const struct record_time *t = &r->time;
    ret->kind = VALUE_TIME;
    if (arg == BOTH)
        ret->u.time = record_last(r);
    else
        ret->u.time = t->has_last[arg] ? t->last[arg] : t->has_start[arg] ? t->start[arg] : 0;
}

GETTER(get_duration)
{
    const struct record_time *t = &r->time;
    if (arg == BOTH)
        value_span(ret, record_duration(r));
    else
        value_span(ret, t->has_start[arg] && t->has_last[arg] ? t->last[arg] - t->start[arg] : 0);
}

/* --- aggregation: statistics are kept in millionths ------------------------------------------- */

GETTER(get_agr)
{
    const double millionth = 1e-6;
    struct record_agr agr;
    record_agr(r, &agr);
    const struct record_stat *stat = &agr.active;
    switch (arg) {
    case AGR_MEAN:
        value_real(ret, stat_mean(stat) * millionth);
        return;
    case AGR_DEVIATION:
        value_real(ret, stat_deviation(stat) * millionth);
        return;
    case AGR_SUM:
        value_real(ret, (double)stat->sum * millionth);
        return;
    case AGR_MIN:
        value_real(ret, (double)stat->min * millionth);
        return;
    default:
        value_real(ret, (double)stat->max * millionth);
        return;
    }
}

GETTER(get_transactions)
{
    struct record_agr agr;
    (void)arg;
    if (!record_is_flow(r))
        return;
    record_agr(r, &agr);
    value_uint(ret, agr.count);
}

/* --- inter-packet times: nanoseconds in the sums, milliseconds in print ----------------------- */

GETTER(get_jitter)
{
    const double millisecond = 1e-6;
    unsigned side = arg & 1, phase = arg >> 1 & 3, what = arg >> 3;
    struct record_stat stat = {0};
    for (unsigned i = 0; i < 2; i++)
        if ((phase == JITTER_ALL || phase == i) && r->jitter.has[side][i])
            stat_merge(&stat, &r->jitter.stat[side][i]);
    /* What nothing was measured of is 0, but for two columns that have always been empty then. */
    bool is_mean_of_all = phase == JITTER_ALL && what == JITTER_MEAN;
    if (!stat.count && (what == JITTER_DEVIATION || (side == DST && is_mean_of_all)))
        return;
    switch (what) {
    case JITTER_MEAN:
        value_real(ret, stat_mean(&stat) * millisecond);
        return;
    case JITTER_DEVIATION:
        value_real(ret, stat_deviation(&stat) * millisecond);
        return;
    case JITTER_LEAST:
        value_real(ret, (double)stat.min * millisecond);
        return;
    default:
        value_real(ret, (double)stat.max * millisecond);
        return;
    }
}

GETTER(get_jitter_shape)
{
    unsigned side = arg & 1, phase = arg >> 1 & 3;
    if (r->jitter.has_histogram && r->jitter.has[side][phase])
        value_text(ret, "%08x", r->jitter.histogram[side][phase]);
}
