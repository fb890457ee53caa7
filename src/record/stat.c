/* SPDX-License-Identifier: Apache-2.0 */
#include <math.h>

#include "record/record.h"

/*
 * Exact statistics: sums of integers, so that the order and grouping of values never matters. Only
 * a sum that 64 bits cannot hold stays at the most that they can.
 */
static int64_t add(int64_t a, int64_t b)
{
    int64_t sum;
    if (!__builtin_add_overflow(a, b, &sum))
        return sum;
    return a > 0 ? INT64_MAX : INT64_MIN;
}

void stat_add(struct record_stat *stat, int64_t value)
{
    if (!stat->count || value < stat->min)
        stat->min = value;
    if (!stat->count || value > stat->max)
        stat->max = value;
    uint64_t size = value < 0 ? (uint64_t)-value : (uint64_t)value;
    stat->count++;
    stat->sum = add(stat->sum, value);
    stat->sum_squares += (unsigned __int128)size * size;
}

void stat_merge(struct record_stat *into, const struct record_stat *from)
{
    if (!from->count)
        return;
    if (!into->count || from->min < into->min)
        into->min = from->min;
    if (!into->count || from->max > into->max)
        into->max = from->max;
    into->count += from->count;
    into->sum = add(into->sum, from->sum);
    into->sum_squares += from->sum_squares;
}

double stat_mean(const struct record_stat *stat)
{
    return stat->count ? (double)stat->sum / (double)stat->count : 0;
}

double stat_deviation(const struct record_stat *stat)
{
    if (stat->count < 2)
        return 0;
    /* n * sum of squares - square of the sum: exact, and never negative but by rounding on read. */
    unsigned __int128 n = stat->count;
    uint64_t size = stat->sum < 0 ? (uint64_t)-stat->sum : (uint64_t)stat->sum;
    unsigned __int128 square = (unsigned __int128)size * size, scaled = n * stat->sum_squares;
    if (n && scaled / n != stat->sum_squares) { /* too large to be exact */
        double mean = stat_mean(stat);
        double variance = (double)stat->sum_squares / (double)stat->count - mean * mean;
        return variance > 0 ? sqrt(variance) : 0;
    }
    return scaled > square ? sqrt((double)(scaled - square)) / (double)stat->count : 0;
}

void stat_from_moments(struct record_stat *ret, uint64_t count, double min, double max, double mean,
                       double deviation)
{
    const double most = 9e18, most_squares = 1e38;
    double sum = mean * (double)count;
    double variances = deviation * deviation * (double)count;
    ret->count = count;
    ret->min = isfinite(min) && fabs(min) < most ? llround(min) : 0;
    ret->max = isfinite(max) && fabs(max) < most ? llround(max) : 0;
    ret->sum = isfinite(sum) && fabs(sum) < most ? llround(sum) : 0;
    ret->sum_squares = 0;
    if (!count || !isfinite(variances) || variances >= most_squares)
        return;
    /* Of the rounded sum, so that the deviation comes back. */
    uint64_t size = ret->sum < 0 ? (uint64_t)-ret->sum : (uint64_t)ret->sum;
    unsigned __int128 square = (unsigned __int128)size * size;
    double rest = (double)(uint64_t)(square % count) / (double)count;
    ret->sum_squares = square / count + (unsigned __int128)(variances + rest + 0.5);
}
