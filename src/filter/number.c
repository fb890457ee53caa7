/* SPDX-License-Identifier: Apache-2.0 */
#include "filter/number.h"

#include <ctype.h>
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/attr.h"
#include "base/quantity.h"
#include "record/labels.h"

static bool is_time(const struct field *field)
{
    return field->kind == VALUE_TIME || field->kind == VALUE_SPAN;
}

bool number_fits(const struct field *field)
{
    switch (field->kind) {
    case VALUE_UINT:
    case VALUE_INT:
    case VALUE_REAL:
    case VALUE_TIME:
    case VALUE_SPAN:
    case VALUE_PORT:
    case VALUE_PROTO:
        return true;
    default:
        return false;
    }
}

/* --- from text -------------------------------------------------------------------------------- */

/* What a unit multiplies with; 0 if it is none. */
static uint64_t unit_factor(const char *unit)
{
    static const struct {
        const char *name;
        uint64_t factor;
    } units[] = {
        {"", 1},        {"k", 1000},       {"K", 1000},
        {"M", 1000000}, {"G", 1000000000}, {"T", UINT64_C(1000000000000)},
    };
    for (size_t i = 0; i < ARRAY_SIZE(units); i++)
        if (!strcmp(unit, units[i].name))
            return units[i].factor;
    return 0;
}

static bool parse_whole(struct number *ret, const char *text)
{
    char *end;
    errno = 0;
    ret->whole = strtoull(text, &end, 0);
    uint64_t factor = unit_factor(end);
    if (errno || !factor || __builtin_mul_overflow(ret->whole, factor, &ret->whole))
        return false;
    ret->real = (double)ret->whole;
    return true;
}

static bool parse_real(struct number *ret, const char *text)
{
    const double above_all = 0x1p64;
    char *end;
    ret->real = strtod(text, &end);
    uint64_t factor = unit_factor(end);
    if (end == text || !factor)
        return false;
    ret->real *= (double)factor;
    if (ret->real >= above_all) {
        ret->whole = UINT64_MAX;
        ret->is_more = true;
    } else {
        ret->whole = (uint64_t)ret->real;
        ret->is_more = (double)ret->whole < ret->real;
    }
    return isfinite(ret->real);
}

static bool parse_span(struct number *ret, const char *text)
{
    if (quantity_duration(text, &ret->span, NULL))
        return false;
    if (ret->is_negative)
        ret->span = -ret->span;
    return true;
}

bool number_parse(struct number *ret, const char *text, const struct field *field)
{
    uint8_t code;
    *ret = (struct number){.is_negative = *text == '-'};
    if (field->kind == VALUE_PROTO && label_find_dscp(text, &code)) {
        ret->whole = code;
        return true;
    }
    text += ret->is_negative;
    if (!isdigit((unsigned char)*text) && *text != '.')
        return false;
    if (is_time(field))
        return parse_span(ret, text);
    if (!parse_whole(ret, text) && !parse_real(ret, text))
        return false;
    if (ret->is_negative)
        ret->real = -ret->real;
    return true;
}

/* --- comparison ------------------------------------------------------------------------------- */

static int order_whole(uint64_t value, const struct number *number)
{
    if (number->is_negative || value > number->whole)
        return 1;
    return value < number->whole || number->is_more ? -1 : 0;
}

static int order_span(nsec_t value, const struct number *number)
{
    const nsec_t tolerance = NSEC_PER_USEC / 2;
    nsec_t above;
    if (__builtin_sub_overflow(value, number->span, &above))
        return value < number->span ? -1 : 1;
    return above > tolerance ? 1 : above < -tolerance ? -1 : 0;
}

static int order_real(double value, const struct number *number)
{
    const double tolerance = 5e-7;
    double above = value - number->real;
    return above > tolerance ? 1 : above < -tolerance ? -1 : 0;
}

int number_order(const struct value *value, const struct number *number)
{
    switch (value->kind) {
    case VALUE_TIME:
    case VALUE_SPAN:
        return order_span(value->u.time, number);
    case VALUE_REAL:
        return order_real(value->u.real, number);
    case VALUE_INT:
        return order_real((double)value->u.integer, number);
    default:
        return order_whole(value->u.uint, number);
    }
}
