/* SPDX-License-Identifier: Apache-2.0 */
#include "split/bins.h"

#include <ctype.h>
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { DAY_SECONDS = 86400, WEEK_DAYS = 7, FIRST_SUNDAY = 3, YEAR_MONTHS = 12 };

static const nsec_t time_least = INT64_MIN / 2, time_most = INT64_MAX / 2;

/* --- parsing ---------------------------------------------------------------------------------- */

static int not_bins(const char *text, struct error *err)
{
    return error_set(err, "'%s' is no length of time: a number and one of s m h d w M y", text);
}

static int set_time(struct bins *ret, const char *text, double seconds, struct error *err)
{
    double usec = round(seconds * 1e6);
    if (usec < 1)
        return error_set(err, "'%s' is too short: the least is a microsecond", text);
    if (usec > 1e15)
        return error_set(err, "'%s' is too long", text);
    *ret = (struct bins){.unit = BIN_TIME, .count = (int64_t)usec * NSEC_PER_USEC};
    return 0;
}

static int set_calendar(struct bins *ret, const char *text, double number, struct bins unit,
                        struct error *err)
{
    if (number != floor(number) || number < 1 || number > 10000)
        return error_set(err, "'%s': of weeks, months and years there are whole ones only", text);
    *ret = unit;
    ret->count *= (int64_t)number;
    return 0;
}

int bins_parse(struct bins *ret, const char *text, struct error *err)
{
    static const struct bins days = {.unit = BIN_DAYS, .count = 1};
    static const struct bins weeks = {.unit = BIN_DAYS, .count = WEEK_DAYS, .origin = FIRST_SUNDAY};
    static const struct bins months = {.unit = BIN_MONTHS, .count = 1};
    static const struct bins years = {.unit = BIN_MONTHS, .count = YEAR_MONTHS};
    char *unit;
    if (!isdigit((unsigned char)*text) && *text != '.')
        return not_bins(text, err);
    double number = strtod(text, &unit);
    if (unit == text || !isfinite(number) || (*unit && unit[1]))
        return not_bins(text, err);
    switch (*unit) {
    case '\0':
    case 's':
        return set_time(ret, text, number, err);
    case 'm':
        return set_time(ret, text, number * 60, err);
    case 'h':
        return set_time(ret, text, number * 3600, err);
    case 'd': /* parts of a day are so many hours */
        return number == floor(number) ? set_calendar(ret, text, number, days, err)
                                       : set_time(ret, text, number * DAY_SECONDS, err);
    case 'w':
        return set_calendar(ret, text, number, weeks, err);
    case 'M':
        return set_calendar(ret, text, number, months, err);
    case 'y':
        return set_calendar(ret, text, number, years, err);
    default:
        return not_bins(text, err);
    }
}

void bins_all(struct bins *ret)
{
    *ret = (struct bins){.last = {INT64_MIN, INT64_MAX}};
}

/* --- local time ------------------------------------------------------------------------------- */

static int64_t floor_div(int64_t a, int64_t b)
{
    return a / b - (a % b < 0);
}

/* Days since 1970-01-01 of a date of the Gregorian calendar; after Howard Hinnant,
 * "chrono-Compatible Low-Level Date Algorithms". */
static int64_t days_of(int64_t year, int64_t month, int64_t day)
{
    const int64_t days_of_400_years = 146097, days_to_1970 = 719468;
    year -= month <= 2;
    int64_t era = floor_div(year, 400), of_era = year - era * 400;
    int64_t of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
    return era * days_of_400_years + of_era * 365 + of_era / 4 - of_era / 100 + of_year -
           days_to_1970;
}

static struct tm local_time(int64_t second)
{
    time_t time = (time_t)second;
    struct tm broken;
    localtime_r(&time, &broken);
    return broken;
}

static int64_t offset_at(int64_t second)
{
    return local_time(second).tm_gmtoff;
}

static int64_t local_day(int64_t second)
{
    return floor_div(second + offset_at(second), DAY_SECONDS);
}

/* The first instant of a local day, which is not always one of 0 o'clock. */
static nsec_t day_start(int64_t day)
{
    const int64_t most_offset = 26 * 3600, most_seconds = INT64_MAX / NSEC_PER_SEC;
    int64_t before = day * DAY_SECONDS - most_offset, after = day * DAY_SECONDS + most_offset;
    while (after - before > 1) {
        int64_t middle = before + (after - before) / 2;
        if (local_day(middle) < day)
            before = middle;
        else
            after = middle;
    }
    after = after < -most_seconds ? -most_seconds : after > most_seconds ? most_seconds : after;
    return after * NSEC_PER_SEC;
}

/* --- bins ------------------------------------------------------------------------------------- */

/* The second at which the clock changes, between two that have different offsets. */
static int64_t change_between(int64_t before, int64_t after)
{
    const int64_t offset = offset_at(before);
    while (after - before > 1) {
        int64_t middle = before + (after - before) / 2;
        if (offset_at(middle) == offset)
            before = middle;
        else
            after = middle;
    }
    return after;
}

/*
 * As offset_at, and asks the C library once for each day: clocks are not changed to and fro within
 * one.
 */
static int64_t known_offset(struct bins *bins, int64_t second)
{
    if (second >= bins->zone.first && second < bins->zone.last)
        return bins->zone.offset;
    const int64_t first = floor_div(second, DAY_SECONDS) * DAY_SECONDS, last = first + DAY_SECONDS;
    const int64_t offset = offset_at(first);
    if (offset != offset_at(last))
        return offset_at(second);
    bins->zone.first = first;
    bins->zone.last = last;
    bins->zone.offset = offset;
    return offset;
}

static struct bin find_time(struct bins *bins, nsec_t time)
{
    const int64_t length = bins->count, second = nsec_seconds(time);
    const bool is_local = length <= DAY_SECONDS * NSEC_PER_SEC;
    const int64_t offset = is_local ? known_offset(bins, second) : 0, shift = offset * NSEC_PER_SEC;
    struct bin bin = {.start = floor_div(time + shift, length) * length - shift};
    bin.end = bin.start + length;
    if (!is_local)
        return bin;
    const int64_t first = nsec_seconds(bin.start), last = nsec_seconds(bin.end - 1);
    if (known_offset(bins, first) != offset)
        bin.start = change_between(first, second) * NSEC_PER_SEC;
    if (known_offset(bins, last) != offset)
        bin.end = change_between(second, last) * NSEC_PER_SEC;
    return bin;
}

static struct bin find_days(const struct bins *bins, nsec_t time)
{
    int64_t day = local_day(nsec_seconds(time)) - bins->origin;
    day = floor_div(day, bins->count) * bins->count + bins->origin;
    return (struct bin){day_start(day), day_start(day + bins->count)};
}

static nsec_t month_start(int64_t month)
{
    int64_t year = floor_div(month, YEAR_MONTHS);
    return day_start(days_of(year, month - year * YEAR_MONTHS + 1, 1));
}

static struct bin find_months(const struct bins *bins, nsec_t time)
{
    const int64_t epoch_year = 1900;
    const struct tm broken = local_time(nsec_seconds(time));
    int64_t month = (broken.tm_year + epoch_year) * YEAR_MONTHS + broken.tm_mon;
    month = floor_div(month, bins->count) * bins->count;
    return (struct bin){month_start(month), month_start(month + bins->count)};
}

struct bin bins_find(struct bins *bins, nsec_t time)
{
    time = time < time_least ? time_least : time > time_most ? time_most : time;
    if (time >= bins->last.start && time < bins->last.end)
        return bins->last;
    bins->last = bins->unit == BIN_TIME   ? find_time(bins, time)
                 : bins->unit == BIN_DAYS ? find_days(bins, time)
                                          : find_months(bins, time);
    return bins->last;
}
