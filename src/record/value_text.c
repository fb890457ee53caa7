/* SPDX-License-Identifier: Apache-2.0 */
#include "record/value_text.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "record/services.h"
#include "record/vendors.h"

enum { REAL_MOST = 64, NAME_MOST = 100, DIGITS_MOST = 9 };

static const char hex_digits[] = "0123456789abcdef";

/* snprintf for a place that has room for `most` bytes. */
static char *put_printed(char *to, int size, int most)
{
    return to + (size < most ? size : most - 1);
}

static char *put_text(char *to, const char *text)
{
    size_t size = strlen(text);
    size = size < NAME_MOST ? size : NAME_MOST;
    memcpy(to, text, size);
    return to + size;
}

/* --- whole numbers ---------------------------------------------------------------------------- */

char *value_text_uint(char *to, uint64_t value)
{
    char digits[20];
    size_t at = sizeof(digits);
    do {
        digits[--at] = (char)('0' + value % 10);
        value /= 10;
    } while (value);
    memcpy(to, digits + at, sizeof(digits) - at);
    return to + sizeof(digits) - at;
}

/* "0x" and at least so many digits. */
static char *put_hex(char *to, uint32_t value, int digits)
{
    *to++ = '0';
    *to++ = 'x';
    for (int shift = 28; shift >= 0; shift -= 4)
        if (shift < 4 * digits || value >> shift)
            *to++ = hex_digits[value >> shift & 15];
    return to;
}

/* The `count` digits of a number below 10^count. */
static char *put_digits(char *to, uint64_t value, int count)
{
    for (int i = count - 1; i >= 0; i--) {
        to[i] = (char)('0' + value % 10);
        value /= 10;
    }
    return to + count;
}

/* --- real numbers and durations --------------------------------------------------------------- */

/* Thousands as letters; three digits after the point, cut and not rounded. */
static char *put_brief(const struct print_options *options, char *to, double value)
{
    static const char letters[] = " KMGTPEZY";
    unsigned letter = 0;
    while (value >= 1000 && letters[letter + 1]) {
        value /= 1000;
        letter++;
    }
    int digits = options->precision < 3 ? options->precision : 3;
    char *end = put_printed(to, snprintf(to, REAL_MOST, "%.3f", value), REAL_MOST);
    end -= digits ? 3 - digits : 4;
    *end++ = letters[letter];
    return end;
}

char *value_text_brief(const struct print_options *options, char *to, const struct value *v)
{
    if (v->kind == VALUE_UINT)
        return put_brief(options, to, (double)v->u.uint);
    return v->kind == VALUE_REAL ? put_brief(options, to, v->u.real) : NULL;
}

static char *put_real(const struct print_options *options, char *to, double value)
{
    return put_printed(to, snprintf(to, REAL_MOST, "%.*f", options->precision, value), REAL_MOST);
}

static char *put_whole(char *to, const struct value *v)
{
    if (v->hex_digits)
        return put_hex(to, (uint32_t)v->u.uint, v->hex_digits);
    return value_text_uint(to, v->u.uint);
}

static char *put_signed(char *to, int64_t value)
{
    if (value < 0)
        *to++ = '-';
    return value_text_uint(to, value < 0 ? -(uint64_t)value : (uint64_t)value);
}

static char *put_span(const struct print_options *options, char *to, nsec_t span)
{
    static const uint32_t units[DIGITS_MOST + 1] = {
        1000000000, 100000000, 10000000, 1000000, 100000, 10000, 1000, 100, 10, 1};
    int digits = options->precision < DIGITS_MOST ? options->precision : DIGITS_MOST;
    uint64_t size = span < 0 ? -(uint64_t)span : (uint64_t)span, unit = units[digits];
    uint64_t rounded = size / unit + (size % unit >= unit - unit / 2), one = 1000000000 / unit;
    if (span < 0)
        *to++ = '-';
    to = value_text_uint(to, rounded / one);
    if (digits) {
        *to++ = '.';
        to = put_digits(to, rounded % one, digits);
    }
    for (int i = digits; i < options->precision && i < REAL_MOST - 30; i++)
        *to++ = '0';
    return to;
}

/* --- times ------------------------------------------------------------------------------------ */

static void format_part(char *ret, size_t size, const char *format, size_t format_size,
                        const struct tm *broken)
{
    char copy[TIME_FORMAT_MOST];
    if (format_size >= sizeof(copy))
        format_size = sizeof(copy) - 1;
    memcpy(copy, format, format_size);
    copy[format_size] = '\0';
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral" /* the user's own format */
    if (!strftime(ret, size, copy, broken))
        ret[0] = '\0';
#pragma GCC diagnostic pop
}

/* The place of %f in a format; "%%f" is none. */
static const char *find_fraction(const char *format)
{
    for (const char *at = format; (at = strchr(at, '%')) && at[1]; at += 2)
        if (at[1] == 'f')
            return at;
    return NULL;
}

/* The text around the fraction; the point before it goes when it has no digits. */
static void format_second(struct value_text *text, int64_t seconds)
{
    const struct print_options *options = text->options;
    const char *format = options->time_format[0] ? options->time_format : "%T.%f";
    const char *fraction = find_fraction(format);
    size_t before = fraction ? (size_t)(fraction - format) : strlen(format);
    time_t second = (time_t)seconds;
    struct tm broken;
    localtime_r(&second, &broken);
    if (fraction && !options->precision && before && format[before - 1] == '.')
        before--;
    format_part(text->clock.before, sizeof(text->clock.before), format, before, &broken);
    text->clock.after[0] = '\0';
    if (fraction)
        format_part(text->clock.after, sizeof(text->clock.after), fraction + 2,
                    strlen(fraction + 2), &broken);
    text->clock.has_fraction = fraction != NULL;
    text->clock.second = seconds;
    text->clock.valid = true;
}

/* Times have microseconds at most. */
static char *put_fraction(const struct print_options *options, char *to, nsec_t time)
{
    put_digits(to, nsec_fraction(time) / 1000, 6);
    return to + (options->precision < 6 ? options->precision : 6);
}

static char *put_time(struct value_text *text, char *to, nsec_t time)
{
    const struct print_options *options = text->options;
    int64_t seconds = nsec_seconds(time);
    if (options->unix_time) {
        to = value_text_uint(to, (uint32_t)seconds);
        if (!options->precision)
            return to;
        *to++ = '.';
        return put_fraction(options, to, time);
    }
    if (!text->clock.valid || text->clock.second != seconds)
        format_second(text, seconds);
    to = put_text(to, text->clock.before);
    if (text->clock.has_fraction)
        to = put_fraction(options, to, time);
    return put_text(to, text->clock.after);
}

/* As many digits as -p wants have room, though times have no more than six. */
unsigned value_text_time_width(struct value_text *text, nsec_t now)
{
    const unsigned precision = (unsigned)text->options->precision;
    format_second(text, nsec_seconds(now));
    text->clock.valid = false;
    size_t width = strlen(text->clock.before) + strlen(text->clock.after);
    if (text->clock.has_fraction) /* with the point before it, which may be gone */
        width += precision ? precision : 1;
    return (unsigned)width;
}

char *value_text_utc(struct value_text *text, char *to, nsec_t time)
{
    int64_t seconds = nsec_seconds(time);
    if (!text->utc.valid || text->utc.second != seconds) {
        time_t second = (time_t)seconds;
        struct tm broken;
        gmtime_r(&second, &broken);
        strftime(text->utc.text, sizeof(text->utc.text), "%Y-%m-%dT%H:%M:%S.", &broken);
        text->utc.second = seconds;
        text->utc.valid = true;
    }
    to = put_text(to, text->utc.text);
    to = put_digits(to, nsec_fraction(time) / 1000, 6);
    *to++ = 'Z';
    return to;
}

/* --- addresses, ports and protocols ----------------------------------------------------------- */

/* The levels of -n: 0 names, 1 no ports, 2 no protocols either, 3 all names and hosts, too. */
static bool has_port_names(const struct print_options *options)
{
    return options->numeric == 0 || options->numeric == 3;
}

static char *put_mac(const struct print_options *options, char *to, const uint8_t *mac)
{
    enum { OUI_BYTES = 3 };
    const char *vendor = options->vendor_macs ? vendor_name(options->vendors, mac) : NULL;
    if (vendor) {
        to = put_text(to, vendor);
        *to++ = '_';
    }
    for (unsigned i = vendor ? OUI_BYTES : 0; i < 6; i++) {
        *to++ = hex_digits[mac[i] >> 4];
        *to++ = hex_digits[mac[i] & 15];
        *to++ = ':';
    }
    return to - 1;
}

/* A name without a point has no domain, and is put whole. */
static char *put_host(const struct print_options *options, char *to, const char *name)
{
    const char *point = strchr(name, '.');
    if (options->host_form == HOST_DOMAIN && point && point[1])
        return put_text(to, point + 1);
    char *end = put_text(to, name);
    if (options->host_form == HOST_LOCAL && point && point - name < end - to)
        end = to + (point - name);
    return end;
}

static char *put_prefix(const struct print_options *options, char *to, const struct value *v)
{
    unsigned whole = v->kind == VALUE_IP4 ? 32 : 128;
    if (options->prefix == PREFIX_NEVER || (options->prefix == PREFIX_NETS && v->prefix >= whole))
        return to;
    *to++ = '/';
    return value_text_uint(to, v->prefix);
}

static char *put_ip(const struct print_options *options, char *to, const struct value *v)
{
    bool is_ip4 = v->kind == VALUE_IP4;
    const char *name = NULL;
    if (options->numeric == 3 && options->host_name)
        name = options->host_name(options->host_name_arg, v->u.addr, is_ip4 ? 4 : 16);
    if (name)
        return put_host(options, to, name);
    if (!is_ip4) {
        inet_ntop(AF_INET6, v->u.addr, to, INET6_ADDRSTRLEN);
        return put_prefix(options, to + strlen(to), v);
    }
    for (unsigned i = 0; i < 4; i++) {
        to = value_text_uint(to, v->u.addr[i]);
        *to++ = '.';
    }
    return put_prefix(options, to - 1, v);
}

char *value_text_as(const struct print_options *options, char *to, const struct value *v)
{
    if (v->kind != VALUE_UINT)
        return NULL;
    if (options->as_form == AS_DOT_PLUS || (options->as_form == AS_DOT && v->u.uint > UINT16_MAX)) {
        to = value_text_uint(to, v->u.uint >> 16);
        *to++ = '.';
    } else {
        return value_text_uint(to, v->u.uint);
    }
    return value_text_uint(to, v->u.uint & UINT16_MAX);
}

/* The numbers that stand for ports elsewhere are never missing, ports are: 0 is none. */
static char *put_port(const struct print_options *options, char *to, const struct value *v)
{
    enum { ICMP6_DIGITS = 4 };
    if (!has_port_names(options))
        return value_text_uint(to, v->u.uint);
    if (!v->u.uint && v->hex_digits < ICMP6_DIGITS)
        return to;
    const char *name = v->name;
    if (!v->hex_digits)
        name = service_name(options->services, v->name, (uint16_t)v->u.uint);
    if (name)
        return put_text(to, name);
    return v->hex_digits ? put_hex(to, (uint32_t)v->u.uint, v->hex_digits)
                         : value_text_uint(to, v->u.uint);
}

static char *put_protocol(const struct print_options *options, char *to, const struct value *v)
{
    if (v->name && options->numeric != 2)
        return put_text(to, v->name);
    return has_port_names(options) ? put_text(to, "unknown") : value_text_uint(to, v->u.uint);
}

/* --- all of them ------------------------------------------------------------------------------ */

char *value_text_put(struct value_text *text, char *to, const struct value *v)
{
    const struct print_options *options = text->options;
    switch (v->kind) {
    case VALUE_NONE:
    case VALUE_BYTES:
        return to;
    case VALUE_UINT:
        return put_whole(to, v);
    case VALUE_INT:
        return put_signed(to, v->u.integer);
    case VALUE_REAL:
        return put_real(options, to, v->u.real);
    case VALUE_SPAN:
        return put_span(options, to, v->u.time);
    case VALUE_TIME:
        return put_time(text, to, v->u.time);
    case VALUE_IP4:
    case VALUE_IP6:
        return put_ip(options, to, v);
    case VALUE_MAC:
        return put_mac(options, to, v->u.mac);
    case VALUE_PORT:
        return put_port(options, to, v);
    case VALUE_PROTO:
        return put_protocol(options, to, v);
    case VALUE_TEXT:
        return put_text(to, v->text);
    }
    return to;
}

/*
 * A real number as a whole one of units of 10^-digits, which is exact enough for numbers that were
 * measured; the others are left to the C library.
 */
static char *put_json_real(const struct print_options *options, char *to, double value)
{
    static const double units[] = {1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9};
    int digits = options->precision < DIGITS_MOST ? options->precision : DIGITS_MOST;
    double scaled = value * units[digits];
    if (!(scaled < 9e15 && scaled > -9e15))
        return put_printed(to, snprintf(to, REAL_MOST, "%.15e", value), REAL_MOST);
    uint64_t unit = (uint64_t)units[digits], whole;
    if (scaled < 0) {
        scaled = -scaled;
        *to++ = '-';
    }
    whole = (uint64_t)(scaled + 0.5);
    to = value_text_uint(to, whole / unit);
    if (digits) {
        *to++ = '.';
        to = put_digits(to, whole % unit, digits);
    }
    return to;
}

char *value_text_number(struct value_text *text, char *to, const struct value *v)
{
    switch (v->kind) {
    case VALUE_INT:
        return put_signed(to, v->u.integer);
    case VALUE_REAL:
        return put_json_real(text->options, to, v->u.real);
    case VALUE_SPAN:
        return put_span(text->options, to, v->u.time);
    default:
        return value_text_uint(to, v->u.uint);
    }
}
