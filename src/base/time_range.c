/* SPDX-License-Identifier: Apache-2.0 */
#include "base/time_range.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/attr.h"

/* Fields of a point in time, from the largest. */
enum field { YEAR, MONTH, DAY, HOUR, MINUTE, SECOND, FIELDS };

enum { NOT_GIVEN = -1, WILD = -2, PART_MOST = 64 };

/* What stands for any value of a field: a leap year that begins like every other. */
static const int fixed[FIELDS] = {2000, 1, 1, 0, 0, 0};

struct point {
    int value[FIELDS];
    nsec_t unix_time; /* with is_unix */
    bool is_unix;
    enum field unit; /* the smallest field that is given */
};

static int wrong(const char *text, const char *why, struct error *err)
{
    return error_set(err, "-t: '%s' is no time: %s", text, why);
}

/* --- the calendar ----------------------------------------------------------------------------- */

static struct tm tm_of(const int value[FIELDS])
{
    return (struct tm){
        .tm_year = value[YEAR] - 1900,
        .tm_mon = value[MONTH] - 1,
        .tm_mday = value[DAY],
        .tm_hour = value[HOUR],
        .tm_min = value[MINUTE],
        .tm_sec = value[SECOND],
        .tm_isdst = -1,
    };
}

static nsec_t time_of(const int value[FIELDS])
{
    struct tm tm = tm_of(value);
    return (nsec_t)mktime(&tm) * NSEC_PER_SEC;
}

static void fields_of(nsec_t time, int ret[FIELDS])
{
    struct tm tm;
    time_t clock = (time_t)nsec_seconds(time);
    localtime_r(&clock, &tm);
    ret[YEAR] = tm.tm_year + 1900;
    ret[MONTH] = tm.tm_mon + 1;
    ret[DAY] = tm.tm_mday;
    ret[HOUR] = tm.tm_hour;
    ret[MINUTE] = tm.tm_min;
    ret[SECOND] = tm.tm_sec;
}

/* Adds to one field; the calendar carries. */
static nsec_t add_to_field(nsec_t time, enum field field, long count)
{
    int value[FIELDS];
    fields_of(time, value);
    value[field] += (int)count;
    return time_of(value) + nsec_fraction(time);
}

/* --- points ----------------------------------------------------------------------------------- */

static bool is_digits(const char *text)
{
    return *text && text[strspn(text, "0123456789")] == '\0';
}

/* One field: `digits` of them, or asterisks. */
static int parse_field(const char *text, size_t digits, int low, int high, int *ret)
{
    if (*text && text[strspn(text, "*")] == '\0') {
        *ret = WILD;
        return 0;
    }
    if (!is_digits(text) || strlen(text) != digits)
        return -1;
    *ret = (int)strtol(text, NULL, 10);
    return *ret < low || *ret > high ? -1 : 0;
}

/* Divides at each `separator`; returns how many parts there are, at most `most`, or 0. */
static unsigned divide(char *text, char separator, char *ret[], unsigned most)
{
    unsigned count = 0;
    for (char *at = text; at; count++) {
        if (count == most)
            return 0;
        ret[count] = at;
        at = strchr(at, separator);
        if (at)
            *at++ = '\0';
    }
    return count;
}

static void set_unit(struct point *point, enum field unit)
{
    if (unit > point->unit)
        point->unit = unit;
}

/* yyyy/mm/dd, yyyy/mm, mm/dd, dd */
static int parse_date(char *text, struct point *ret)
{
    char *parts[3];
    unsigned count = divide(text, '/', parts, 3);
    bool has_year = count == 3 || (count == 2 && strlen(parts[0]) == 4);
    enum field field = has_year ? YEAR : count == 2 ? MONTH : DAY;
    static const int low[] = {1902, 1, 1}, high[] = {9999, 12, 31};
    if (!count)
        return -1;
    for (unsigned i = 0; i < count; i++, field++) {
        if (parse_field(parts[i], field == YEAR ? 4 : 2, low[field], high[field],
                        &ret->value[field]))
            return -1;
        set_unit(ret, field);
    }
    return 0;
}

/* HH, HH:MM, HH:MM:SS; an hour that is left out is this one's. */
static int parse_clock(char *text, struct point *ret)
{
    char *parts[3];
    unsigned count = divide(text, ':', parts, 3);
    static const int high[] = {23, 59, 60};
    if (!count)
        return -1;
    for (unsigned i = 0; i < count; i++) {
        enum field field = (enum field)(HOUR + i);
        if (!i && count > 1 && !*parts[0])
            continue;
        if (parse_field(parts[i], 2, 0, high[i], &ret->value[field]))
            return -1;
        set_unit(ret, field);
    }
    return 0;
}

static bool is_unix_time(const char *text)
{
    return is_digits(text) && strtoll(text, NULL, 10) > 10000000;
}

/* A date, and after a point the time of day; or one of them. */
static int parse_parts(char *text, struct point *ret)
{
    char *point = strchr(text, '.');
    if (point) {
        *point = '\0';
        if (*text && parse_date(text, ret))
            return -1;
        return parse_clock(point + 1, ret);
    }
    if (strchr(text, '/'))
        return parse_date(text, ret);
    if (strlen(text) == 4 && !strchr(text, ':')) {
        set_unit(ret, YEAR);
        return parse_field(text, 4, 1902, 9999, &ret->value[YEAR]);
    }
    return parse_clock(text, ret);
}

static int parse_point(const char *text, struct point *ret, struct error *err)
{
    char copy[PART_MOST];
    *ret = (struct point){.unit = YEAR};
    for (unsigned i = 0; i < FIELDS; i++)
        ret->value[i] = NOT_GIVEN;
    if (strlen(text) >= sizeof(copy))
        return wrong(text, "it is too long", err);
    if (is_unix_time(text)) {
        ret->is_unix = true;
        ret->unix_time = strtoll(text, NULL, 10) * NSEC_PER_SEC;
        return 0;
    }
    memcpy(copy, text, strlen(text) + 1);
    if (parse_parts(copy, ret))
        return wrong(
            text, "yyyy/mm/dd.HH:MM:SS is expected, or a part of it, or seconds since 1970", err);
    return 0;
}

/* Fills in what a point leaves out: above its unit from `from`, below it the first of each. */
static void complete(struct point *point, const int from[FIELDS])
{
    for (unsigned i = 0; i < FIELDS; i++) {
        if (point->value[i] != NOT_GIVEN)
            continue;
        point->value[i] = i < (unsigned)point->unit ? from[i] : fixed[i];
    }
}

/* The time of a point, with the fields that may be anything at their fixed values. */
static nsec_t point_time(const struct point *point, unsigned wild)
{
    int value[FIELDS];
    if (point->is_unix)
        return point->unix_time;
    for (unsigned i = 0; i < FIELDS; i++)
        value[i] = wild >> i & 1 ? fixed[i] : point->value[i];
    return time_of(value);
}

static unsigned wild_fields(const struct point *point)
{
    unsigned wild = 0;
    for (unsigned i = 0; i < FIELDS; i++)
        wild |= (unsigned)(point->value[i] == WILD) << i;
    return point->is_unix ? 0 : wild;
}

/* --- deltas ----------------------------------------------------------------------------------- */

/* "12h": so many of a field. */
struct term {
    enum field field;
    long count;
};

/* Reads the term that *at points to, and moves *at behind it. */
static int parse_term(const char *text, const char **at, struct term *ret, struct error *err)
{
    static const struct {
        char unit;
        enum field field;
        int count;
    } units[] = {{'y', YEAR, 1}, {'M', MONTH, 1},  {'w', DAY, 7},   {'d', DAY, 1},
                 {'h', HOUR, 1}, {'m', MINUTE, 1}, {'s', SECOND, 1}};
    char *end;
    size_t i = 0;
    long number = isdigit((unsigned char)**at) ? strtol(*at, &end, 10) : -1;
    if (number < 0 || number > 100000000)
        return wrong(text, "a number is expected", err);
    while (i < ARRAY_SIZE(units) && units[i].unit != *end)
        i++;
    if (i == ARRAY_SIZE(units))
        return wrong(text, "after the number a unit is expected: y M w d h m s", err);
    *ret = (struct term){units[i].field, units[i].count * number};
    *at = end + 1;
    return 0;
}

/* Adds "1d12h" or the like, `sign` times. */
static int add_delta(const char *text, int sign, nsec_t *time, struct error *err)
{
    const char *at = text;
    struct term term;
    do {
        if (parse_term(text, &at, &term, err))
            return -1;
        *time = add_to_field(*time, term.field, sign * term.count);
    } while (*at);
    return 0;
}

/* --- ranges ----------------------------------------------------------------------------------- */

/* A text of deltas ends in a unit, a point in a digit or an asterisk. */
static bool is_delta(const char *text)
{
    size_t size = strlen(text);
    return size && isalpha((unsigned char)text[size - 1]);
}

static int sign_of(char c)
{
    return c == '-' ? -1 : 1;
}

/*
 * Where a range begins that has a length: "-4y" of "-4y+1y" is the beginning of a year, and this
 * year is the first of the four. Of several units it is the time so long ago.
 */
static int begin_ago(const char *text, nsec_t now, nsec_t *ret, struct error *err)
{
    const char *at = text;
    struct term term;
    int value[FIELDS];
    *ret = now;
    if (parse_term(text, &at, &term, err))
        return -1;
    if (*at)
        return add_delta(text, -1, ret, err);
    fields_of(now, value);
    for (unsigned i = term.field + 1; i < FIELDS; i++)
        value[i] = fixed[i];
    *ret = add_to_field(time_of(value), term.field, term.count ? 1 - term.count : 0);
    return 0;
}

/* "-1h", "-4y+1y": from then to now, or as long as the second delta says. */
static int parse_relative(const char *text, nsec_t now, struct time_range *ret, struct error *err)
{
    char first[PART_MOST];
    size_t size = 1 + strcspn(text + 1, "+-");
    if (size > sizeof(first))
        return wrong(text, "it is too long", err);
    memcpy(first, text + 1, size - 1);
    first[size - 1] = '\0';
    nsec_t start = now, end = now;
    const bool has_length = text[size];
    if (has_length && *text == '-' ? begin_ago(first, now, &start, err)
                                   : add_delta(first, sign_of(*text), &start, err))
        return -1;
    if (has_length) {
        end = start;
        if (add_delta(text + size + 1, sign_of(text[size]), &end, err))
            return -1;
    }
    ret->first = start < end ? start : end;
    ret->last = start < end ? end : start;
    return 0;
}

/* The end of what a point alone covers. A bare Unix time covers a year, as it always has. */
static nsec_t end_of_unit(const struct point *point, nsec_t start)
{
    return add_to_field(start, point->is_unix ? YEAR : point->unit, 1);
}

/* What follows on the first point: nothing, a second point, or a delta. */
static int parse_rest(const char *rest, char sign, const struct point *first, unsigned wild,
                      struct time_range *ret, struct error *err)
{
    struct point second;
    nsec_t end = ret->first;
    if (is_delta(rest)) {
        if (add_delta(rest, sign_of(sign), &end, err))
            return -1;
        ret->last = end > ret->first ? end : ret->first;
        ret->first = end < ret->first ? end : ret->first;
        return 0;
    }
    if (sign == '+')
        return wrong(rest, "after + a duration is expected, with its unit", err);
    if (parse_point(rest, &second, err))
        return -1;
    complete(&second, first->value);
    ret->last = point_time(&second, wild);
    return 0;
}

static int parse_absolute(const char *text, nsec_t now, struct time_range *ret, struct error *err)
{
    char part[PART_MOST];
    struct point first;
    int today[FIELDS];
    size_t size = strcspn(text, "+-");
    if (size >= sizeof(part))
        return wrong(text, "it is too long", err);
    memcpy(part, text, size);
    part[size] = '\0';
    if (is_delta(part))
        return wrong(part, "for the time until now say -1h, not 1h", err);
    if (parse_point(part, &first, err))
        return -1;
    fields_of(now, today);
    complete(&first, today);
    ret->wild = wild_fields(&first);
    ret->first = point_time(&first, ret->wild);
    if (!text[size]) {
        ret->last = end_of_unit(&first, ret->first);
        return 0;
    }
    return parse_rest(text + size + 1, text[size], &first, ret->wild, ret, err);
}

int time_range_parse(struct time_range *ret, const char *text, nsec_t now, struct error *err)
{
    char spec[2 * PART_MOST];
    size_t filled = 0;
    *ret = (struct time_range){0};
    for (const char *at = text; *at && filled + 1 < sizeof(spec); at++)
        if (*at != ' ')
            spec[filled++] = *at;
    spec[filled] = '\0';
    const char *at = spec;
    ret->negated = *at == 'x';
    at += ret->negated;
    if (*at && strchr("icn", *at)) {
        ret->relation = *at == 'c' ? TIME_WITHIN : *at == 'n' ? TIME_AROUND : TIME_INTERSECTS;
        at++;
    }
    int result = *at == '-' || *at == '+' ? parse_relative(at, now, ret, err)
                                          : parse_absolute(at, now, ret, err);
    if (!result && ret->first > ret->last)
        return error_set(err, "-t: '%s' ends before it begins", text);
    return result;
}

/* --- records ---------------------------------------------------------------------------------- */

static nsec_t without_wild(const struct time_range *range, nsec_t time)
{
    int value[FIELDS];
    if (!range->wild)
        return time;
    fields_of(time, value);
    for (unsigned i = 0; i < FIELDS; i++)
        if (range->wild >> i & 1)
            value[i] = fixed[i];
    return time_of(value) + nsec_fraction(time);
}

bool time_range_has(const struct time_range *range, nsec_t first, nsec_t last)
{
    bool has = false;
    first = without_wild(range, first);
    last = without_wild(range, last);
    switch (range->relation) {
    case TIME_INTERSECTS:
        has = first <= range->last && last >= range->first;
        break;
    case TIME_WITHIN:
        has = first >= range->first && last <= range->last;
        break;
    case TIME_AROUND:
        has = first < range->first && last > range->last;
        break;
    }
    return has != range->negated;
}
