/* SPDX-License-Identifier: Apache-2.0 */
#include "record/number_format.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "base/bytes.h"

enum { WIDTH_MOST = 64 };

static const char whole[] = "diuoxX", reals[] = "eEfFgG";

/* --- parsing ---------------------------------------------------------------------------------- */

struct parser {
    const char *at;
    struct number_format *ret;
    size_t size;
    bool is_good;
};

static void put(struct parser *p, char c)
{
    if (p->size + 1 < sizeof(p->ret->text))
        p->ret->text[p->size++] = c;
    else
        p->is_good = false;
}

/* Text up to the next conversion, or to the end. */
static void copy_text(struct parser *p)
{
    while (*p->at && (*p->at != '%' || p->at[1] == '%')) {
        if (*p->at == '%') {
            put(p, '%');
            p->at++;
        }
        put(p, *p->at++);
    }
}

/* A width or precision. */
static void copy_number(struct parser *p)
{
    unsigned number = 0;
    for (; isdigit((unsigned char)*p->at) && number <= WIDTH_MOST; p->at++) {
        number = 10 * number + (unsigned)(*p->at - '0');
        put(p, *p->at);
    }
    if (number > WIDTH_MOST)
        p->is_good = false;
}

static void copy_conversion(struct parser *p)
{
    put(p, *p->at++);
    while (*p->at && strchr("-+ #0", *p->at))
        put(p, *p->at++);
    copy_number(p);
    if (*p->at == '.') {
        put(p, *p->at++);
        copy_number(p);
    }
    p->at += strspn(p->at, "hlLqjzt"); /* sizes are ours to say */
    if (!*p->at || !(strchr(whole, *p->at) || strchr(reals, *p->at))) {
        p->is_good = false;
        return;
    }
    p->ret->conversion = *p->at++;
    if (strchr(whole, p->ret->conversion))
        put(p, 'j');
    put(p, p->ret->conversion);
}

int number_format_parse(struct number_format *ret, const char *format, struct error *err)
{
    struct parser p = {.at = format, .ret = ret, .is_good = true};
    *ret = (struct number_format){0};
    copy_text(&p);
    if (*p.at)
        copy_conversion(&p);
    if (p.is_good)
        copy_text(&p);
    if (!p.is_good || *p.at || !ret->conversion)
        return error_set(err,
                         "format '%s' is not one short conversion of a number (%%d %%u %%o %%x "
                         "%%X %%e %%f %%g)",
                         format);
    ret->text[p.size] = '\0';
    return 0;
}

/* --- printing --------------------------------------------------------------------------------- */

bool number_format_fits(enum value_kind kind)
{
    switch (kind) {
    case VALUE_UINT:
    case VALUE_INT:
    case VALUE_REAL:
    case VALUE_TIME:
    case VALUE_SPAN:
    case VALUE_IP4:
    case VALUE_IP6: /* its column has IPv4 addresses, too */
    case VALUE_PORT:
    case VALUE_PROTO:
    case VALUE_NONE: /* made by the printer */
        return true;
    default:
        return false;
    }
}

static bool get_real(const struct value *v, double *ret)
{
    switch (v->kind) {
    case VALUE_REAL:
        *ret = v->u.real;
        return true;
    case VALUE_TIME:
    case VALUE_SPAN:
        *ret = (double)v->u.time / (double)NSEC_PER_SEC;
        return true;
    case VALUE_INT:
        *ret = (double)v->u.integer;
        return true;
    case VALUE_IP4:
        *ret = load_be32(v->u.addr);
        return true;
    case VALUE_UINT:
    case VALUE_PORT:
    case VALUE_PROTO:
        *ret = (double)v->u.uint;
        return true;
    default:
        return false;
    }
}

/* Addresses are numbers of 32 bits, with a sign where the conversion has one. */
static bool get_whole(const struct value *v, bool has_sign, uintmax_t *ret)
{
    const double limit = 9.2e18;
    double real;
    if (v->kind == VALUE_UINT || v->kind == VALUE_PORT || v->kind == VALUE_PROTO) {
        *ret = v->u.uint;
    } else if (v->kind == VALUE_INT) {
        *ret = (uintmax_t)v->u.integer;
    } else if (v->kind == VALUE_IP4) {
        uint32_t address = load_be32(v->u.addr);
        *ret = has_sign ? (uintmax_t)(intmax_t)(int32_t)address : address;
    } else {
        if (!get_real(v, &real) || !(real < limit && real > -limit))
            return false;
        *ret = (uintmax_t)(intmax_t)real;
    }
    return true;
}

char *number_format_put(const struct number_format *format, char *to, int most,
                        const struct value *v)
{
    bool has_sign = format->conversion == 'd' || format->conversion == 'i';
    uintmax_t number;
    double real;
    int size;
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral" /* made by number_format_parse */
    if (strchr(reals, format->conversion)) {
        if (!get_real(v, &real))
            return NULL;
        size = snprintf(to, (size_t)most, format->text, real);
    } else {
        if (!get_whole(v, has_sign, &number))
            return NULL;
        size = has_sign ? snprintf(to, (size_t)most, format->text, (intmax_t)number)
                        : snprintf(to, (size_t)most, format->text, number);
    }
#pragma GCC diagnostic pop
    return to + (size < most ? size : most - 1);
}
