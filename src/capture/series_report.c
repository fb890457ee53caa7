/* SPDX-License-Identifier: Apache-2.0 */
#include "capture/series_report.h"

#include <stdarg.h>
#include <stdio.h>
#include <time.h>

static const nsec_t GAP = NSEC_PER_SEC; /* is not worth a word if it is not longer */

struct time_text {
    char text[64];
};

static struct time_text text_of_time(nsec_t t)
{
    struct time_text ret;
    struct tm parts;
    const time_t seconds = nsec_seconds(t);
    gmtime_r(&seconds, &parts);
    size_t length = strftime(ret.text, sizeof(ret.text), "%Y-%m-%d %H:%M:%S", &parts);
    snprintf(ret.text + length, sizeof(ret.text) - length, ".%09u UTC", nsec_fraction(t));
    return ret;
}

static double seconds_of(nsec_t duration)
{
    return (double)duration / (double)NSEC_PER_SEC;
}

typedef void say_function(void *arg, const char *text);

static void say(const struct series_report *report, say_function *to, const char *format, ...)
    PRINTF_LIKE(3, 4);

static void say(const struct series_report *report, say_function *to, const char *format, ...)
{
    struct error text; /* for its size */
    if (!to)
        return;
    va_list args;
    va_start(args, format);
    vsnprintf(text.text, sizeof(text.text), format, args);
    va_end(args);
    to(report->options.arg, text.text);
}

void series_report_trouble(struct series_report *report, const struct error *err)
{
    report->troubles++;
    report->options.trouble(report->options.arg, err->text);
}

void series_report_done(const struct series_report *report, unsigned input)
{
    if (report->options.done)
        report->options.done(report->options.arg, input);
}

void series_report_place(const struct series_report *report, unsigned place, unsigned count,
                         const char *name, const nsec_t *first)
{
    if (first)
        say(report, report->options.note, "file %u of %u: %s begins %s", place, count, name,
            text_of_time(*first).text);
    else
        say(report, report->options.note, "file %u of %u: %s has no packets", place, count, name);
}

static int disorder(const struct series_report *report, const struct series_point *before,
                    const char *verb, const struct series_point *begin, struct error *err)
{
    static const char *const orders[] = {[SERIES_BY_NAME] = "name", [SERIES_AS_GIVEN] = "given"};
    return error_set(err,
                     "%s begins %s, but %s, which comes before it, %s %s; the order of the files "
                     "is '%s': take --file-order time, or --merge",
                     begin->name, text_of_time(begin->time).text, before->name, verb,
                     text_of_time(before->time).text, orders[report->options.order]);
}

int series_report_disorder(const struct series_report *report, const struct series_point *before,
                           const struct series_point *begin, struct error *err)
{
    return disorder(report, before, "begins", begin, err);
}

int series_report_follow(struct series_report *report, const struct series_point *end,
                         const struct series_point *begin, struct error *err)
{
    const nsec_t gap = begin->time - end->time;
    if (gap > GAP)
        say(report, report->options.note, "gap of %.3f s: %s ends %s, %s begins %s",
            seconds_of(gap), end->name, text_of_time(end->time).text, begin->name,
            text_of_time(begin->time).text);
    if (gap >= 0)
        return 0;
    if (report->options.order != SERIES_BY_TIME)
        return disorder(report, end, "ends", begin, err);
    /* The first one is for everybody; if all files overlap, the rest is for those who ask. */
    say(report, report->overlaps++ ? report->options.note : report->options.warning,
        "files overlap by %.6f s: %s begins %s, but %s, which comes before it, ends %s; each is "
        "read to its end (--merge takes their packets by time)",
        seconds_of(-gap), begin->name, text_of_time(begin->time).text, end->name,
        text_of_time(end->time).text);
    return 0;
}

void series_report_merge(const struct series_report *report, const char *open,
                         const struct series_point *begin)
{
    say(report, report->options.note, "%s begins %s and is merged with %s", begin->name,
        text_of_time(begin->time).text, open);
}

void series_report_end(struct series_report *report)
{
    if (report->overlaps > 1)
        say(report, report->options.warning, "%u files begin before the file before them ends",
            report->overlaps);
    report->overlaps = 0;
}
