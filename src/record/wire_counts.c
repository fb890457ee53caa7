/* SPDX-License-Identifier: Apache-2.0 */
#include "base/attr.h"
#include "record/wire_block.h"

/* Counters, packet sizes, inter-packet times and aggregation statistics. */

/* --- metric ----------------------------------------------------------------------------------- */

enum { METRIC_PLAIN = 1, METRIC_APP = 4 };
enum { SIDES_BOTH, SIDES_SRC, SIDES_DST };

static uint64_t load_width(const uint8_t *at, unsigned width)
{
    switch (width) {
    case 1:
        return *at;
    case 2:
        return load_be16(at);
    case 4:
        return load_be32(at);
    default:
        return load_be64(at);
    }
}

/* Qualifiers 1 to 12: four widths for both sides, then four for the source, four for the other. */
bool wire_get_metric(const struct wire_block *b, struct record *r)
{
    struct record_metric *m = &r->metric;
    unsigned form = b->qualifier & 0x0f;
    if (form < 1 || form > 12)
        return false;
    unsigned sides = (form - 1) / 4, width = 1u << (form - 1) % 4;
    unsigned values = b->subtype == METRIC_APP ? 3 : 2;
    if (b->body.size < (size_t)width * values * (sides == SIDES_BOTH ? 2 : 1))
        return false;
    *m = (struct record_metric){.has_app_bytes = values == 3};
    const uint8_t *at = b->body.data;
    for (unsigned side = SRC; side <= DST; side++) {
        if ((sides == SIDES_SRC && side == DST) || (sides == SIDES_DST && side == SRC))
            continue;
        m->packets[side] = load_width(at, width);
        m->bytes[side] = load_width(at + width, width);
        if (values == 3)
            m->app_bytes[side] = load_width(at + 2 * (size_t)width, width);
        at += (size_t)width * values;
    }
    r->blocks |= BLOCK_METRIC;
    return true;
}

static void put_width(struct wire_writer *w, uint64_t v, unsigned log_width)
{
    if (log_width == 0)
        put8(w, (uint8_t)v);
    else if (log_width == 1)
        put16(w, (uint16_t)v);
    else if (log_width == 2)
        put32(w, (uint32_t)v);
    else
        put64(w, v);
}

/* The smallest width that holds every value. One side alone never has eight bits, by custom. */
static unsigned log_width_for(uint64_t all, unsigned sides)
{
    if (all <= UINT8_MAX && sides == SIDES_BOTH)
        return 0;
    return all <= UINT16_MAX ? 1 : all <= UINT32_MAX ? 2 : 3;
}

void wire_put_metric(const struct record *r, struct wire_writer *w)
{
    const struct record_metric *m = &r->metric;
    uint64_t all = 0;
    bool used[2];
    for (unsigned side = SRC; side <= DST; side++) {
        uint64_t app = m->has_app_bytes ? m->app_bytes[side] : 0;
        all |= m->packets[side] | m->bytes[side] | app;
        used[side] = m->packets[side] | m->bytes[side] | app;
    }
    unsigned sides = used[SRC] == used[DST] ? SIDES_BOTH : used[SRC] ? SIDES_SRC : SIDES_DST;
    unsigned log_width = log_width_for(all, sides);
    wire_open(w, TYPE_METRIC, m->has_app_bytes ? METRIC_APP : METRIC_PLAIN,
              (uint8_t)(1 + 4 * sides + log_width));
    for (unsigned side = SRC; side <= DST; side++) {
        if ((sides == SIDES_SRC && side == DST) || (sides == SIDES_DST && side == SRC))
            continue;
        put_width(w, m->packets[side], log_width);
        put_width(w, m->bytes[side], log_width);
        if (m->has_app_bytes)
            put_width(w, m->app_bytes[side], log_width);
    }
    wire_close(w);
}

/* --- packet size ------------------------------------------------------------------------------ */

enum { PSIZE_BOTH = 0x02, PSIZE_SRC = 0x06, PSIZE_DST = 0x0a, PSIZE_HISTOGRAMS = 4 };

bool wire_get_psize(const struct wire_block *b, struct record *r)
{
    struct record_psize *p = &r->psize;
    const uint8_t *at = b->body.data, *end = at + b->body.size;
    unsigned form = b->qualifier & 0x0f;
    *p = (struct record_psize){
        .has = {form == PSIZE_BOTH || form == PSIZE_SRC, form == PSIZE_BOTH || form == PSIZE_DST},
        .subtype = b->subtype & 7,
    };
    for (unsigned side = SRC; side <= DST; side++) {
        if (!p->has[side])
            continue;
        if (end - at < 4)
            return false;
        p->min[side] = load_be16(at);
        p->max[side] = load_be16(at + 2);
        at += 4;
    }
    for (unsigned side = SRC; side <= DST; side++) {
        if (!(p->subtype & 1 << side))
            continue;
        if (end - at < 4)
            return false;
        p->histogram[side] = load_be32(at);
        at += 4;
    }
    r->blocks |= BLOCK_PSIZE;
    return true;
}

void wire_put_psize(const struct record *r, struct wire_writer *w)
{
    const struct record_psize *p = &r->psize;
    bool both = p->has[SRC] && p->has[DST];
    wire_open(w, TYPE_PSIZE, p->subtype, both ? PSIZE_BOTH : p->has[SRC] ? PSIZE_SRC : PSIZE_DST);
    for (unsigned side = SRC; side <= DST; side++)
        if (p->has[side]) {
            put16(w, p->min[side]);
            put16(w, p->max[side]);
        }
    for (unsigned side = SRC; side <= DST; side++)
        if (p->subtype & 1 << side)
            put32(w, p->histogram[side]);
    wire_close(w);
}

/* --- floats ----------------------------------------------------------------------------------- */

static double load_float(uint32_t bits)
{
    float value;
    memcpy(&value, &bits, sizeof(value));
    return value;
}

static uint32_t float_bits(double value)
{
    float narrow = (float)value;
    uint32_t bits;
    memcpy(&bits, &narrow, sizeof(bits));
    return bits;
}

/* --- jitter: microseconds on the wire, nanoseconds in the sums -------------------------------- */

/* Order of the blocks: source active, source idle, destination active, destination idle. */
bool wire_get_jitter(const struct wire_block *b, struct record *r)
{
    enum { STAT_BYTES = 20 };
    const double scale = 1e3;
    struct record_jitter *j = &r->jitter;
    unsigned present = b->qualifier & 0x0f, count = (unsigned)__builtin_popcount(present);
    size_t each = count ? b->body.size / count / 4 * 4 : 0;
    memset(j->has, 0, sizeof(j->has));
    j->has_histogram = each >= STAT_BYTES + 4;
    if (count && each < STAT_BYTES)
        return false;
    const uint8_t *at = b->body.data;
    for (unsigned i = 0; i < 4; i++) {
        if (!(present & 1u << i))
            continue;
        j->has[i / 2][i % 2] = true;
        stat_from_moments(
            &j->stat[i / 2][i % 2], load_be32(at), load_float(load_be32(at + 4)) * scale,
            load_float(load_be32(at + 16)) * scale, load_float(load_be32(at + 8)) * scale,
            load_float(load_be32(at + 12)) * scale);
        j->histogram[i / 2][i % 2] = j->has_histogram ? load_be32(at + STAT_BYTES) : 0;
        at += each;
    }
    r->blocks |= BLOCK_JITTER;
    return true;
}

void wire_put_jitter(const struct record *r, struct wire_writer *w)
{
    const double scale = 1e-3;
    const struct record_jitter *j = &r->jitter;
    uint8_t present = 0;
    wire_open(w, TYPE_JITTER, j->has_histogram ? 1 : 0, 0);
    for (unsigned i = 0; i < 4; i++) {
        const struct record_stat *stat = &j->stat[i / 2][i % 2];
        if (!j->has[i / 2][i % 2])
            continue;
        present |= (uint8_t)(1u << i);
        put32(w, stat->count > INT32_MAX ? INT32_MAX : (uint32_t)stat->count);
        put32(w, float_bits((double)stat->min * scale));
        put32(w, float_bits(stat_mean(stat) * scale));
        put32(w, float_bits(stat_deviation(stat) * scale));
        put32(w, float_bits((double)stat->max * scale));
        if (j->has_histogram)
            put32(w, j->histogram[i / 2][i % 2]);
    }
    w->block[2] = present;
    wire_close(w);
}

/* --- aggregation: all but the record count is in the byte order of x86 ------------------------ */

enum { AGR_STAT_BYTES = 28, AGR_BODY = 76 };

/* Statistics are in units of the metric on the wire, in millionths in the sums. */
static void get_stat(const uint8_t *at, struct record_stat *ret)
{
    const double scale = 1e6;
    stat_from_moments(ret, load_le32(at), load_float(load_le32(at + 4)) * scale,
                      load_float(load_le32(at + 16)) * scale, load_float(load_le32(at + 8)) * scale,
                      load_float(load_le32(at + 12)) * scale);
}

static void put_stat(const struct record_stat *stat, struct wire_writer *w)
{
    const double scale = 1e-6;
    put32_le(w, stat->count > INT32_MAX ? INT32_MAX : (uint32_t)stat->count);
    put32_le(w, float_bits((double)stat->min * scale));
    put32_le(w, float_bits(stat_mean(stat) * scale));
    put32_le(w, float_bits(stat_deviation(stat) * scale));
    put32_le(w, float_bits((double)stat->max * scale));
    put_zeros(w, 8); /* histogram */
}

bool wire_get_agr(const struct wire_block *b, struct record *r)
{
    const uint8_t *at = b->body.data;
    if (b->body.size < AGR_BODY)
        return false;
    r->agr.metric = b->subtype;
    r->agr.count = load_be32(at);
    r->agr.last_start =
        (nsec_t)load_le32(at + 4) * NSEC_PER_SEC + load_le32(at + 8) * NSEC_PER_USEC;
    r->agr.last_time =
        (nsec_t)load_le32(at + 12) * NSEC_PER_SEC + load_le32(at + 16) * NSEC_PER_USEC;
    get_stat(at + 20, &r->agr.active);
    get_stat(at + 20 + AGR_STAT_BYTES, &r->agr.idle);
    r->blocks |= BLOCK_AGR;
    return true;
}

static void put_time_le(struct wire_writer *w, nsec_t time)
{
    put32_le(w, (uint32_t)nsec_seconds(time));
    put32_le(w, nsec_fraction(time) / (uint32_t)NSEC_PER_USEC);
}

void wire_put_agr(const struct record *r, struct wire_writer *w)
{
    wire_open(w, TYPE_AGR, r->agr.metric, 1);
    put32(w, r->agr.count);
    put_time_le(w, r->agr.last_start);
    put_time_le(w, r->agr.last_time);
    put_stat(&r->agr.active, w);
    put_stat(&r->agr.idle, w);
    wire_close(w);
}
