/* SPDX-License-Identifier: Apache-2.0 */
#include "record/print.h"

#include <arpa/inet.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/mem.h"
#include "record/columns.h"
#include "record/field_mar.h"
#include "record/services.h"
#include "record/state.h"

enum { CELL_MOST = 512, TIME_WIDTH = 12, USER_MARGIN = 3, FLAGS_DELIMITED = 10 };

const struct print_options print_defaults = {.precision = 6};

struct printer {
    struct print_options options;
    struct columns columns;
    uint64_t lines;
    char *line; /* the one being made */
    size_t size, capacity;
    struct {
        int64_t second; /* the one whose text is kept */
        bool valid;
        char text[16];
    } clock;
};

struct printer *printer_new(const struct print_options *options)
{
    struct printer *p = mem_zalloc(sizeof(*p));
    p->options = *options;
    columns_init(&p->columns);
    return p;
}

void printer_free(struct printer *p)
{
    if (!p)
        return;
    columns_release(&p->columns);
    free(p->line);
    free(p);
}

int printer_select(struct printer *p, const char *words, struct error *err)
{
    return columns_select(&p->columns, words, err);
}

/* --- the line --------------------------------------------------------------------------------- */

static void add_bytes(struct printer *p, const char *bytes, size_t size)
{
    p->line = mem_grow(p->line, &p->capacity, p->size + size, 1);
    memcpy(p->line + p->size, bytes, size);
    p->size += size;
}

static void add_blanks(struct printer *p, size_t count)
{
    p->line = mem_grow(p->line, &p->capacity, p->size + count, 1);
    memset(p->line + p->size, ' ', count);
    p->size += count;
}

/* --- values as text --------------------------------------------------------------------------- */

static size_t put_uint(char *to, uint64_t value)
{
    char digits[20];
    size_t count = 0;
    do {
        digits[count++] = (char)('0' + value % 10);
        value /= 10;
    } while (value);
    for (size_t i = 0; i < count; i++)
        to[i] = digits[count - 1 - i];
    to[count] = '\0';
    return count;
}

/* "0x" and at least four digits. */
static void put_hex(char *to, uint32_t value)
{
    static const char digits[] = "0123456789abcdef";
    *to++ = '0';
    *to++ = 'x';
    for (int shift = 28; shift >= 0; shift -= 4)
        if (shift < 16 || value >> shift)
            *to++ = digits[value >> shift & 15];
    *to = '\0';
}

/* Digits of the fraction of a second; times have microseconds at most. */
static void put_fraction(const struct printer *p, char *to, nsec_t time)
{
    int digits = p->options.precision > 6 ? 6 : p->options.precision;
    snprintf(to, 16, "%06u", nsec_fraction(time) / 1000);
    to[digits] = '\0';
}

static char *put_two(char *to, int value)
{
    *to++ = (char)('0' + value / 10 % 10);
    *to++ = (char)('0' + value % 10);
    return to;
}

/* Records come in bunches of the same second: its text is kept. */
static void format_second(struct printer *p, nsec_t time)
{
    struct tm broken;
    time_t second = (time_t)nsec_seconds(time);
    localtime_r(&second, &broken);
    char *to = put_two(p->clock.text, broken.tm_hour);
    *to++ = ':';
    to = put_two(to, broken.tm_min);
    *to++ = ':';
    to = put_two(to, broken.tm_sec);
    *to = '\0';
    p->clock.second = nsec_seconds(time);
    p->clock.valid = true;
}

static void put_time(struct printer *p, char *to, nsec_t time)
{
    if (p->options.unix_time) {
        to += put_uint(to, (uint32_t)nsec_seconds(time));
    } else {
        if (!p->clock.valid || p->clock.second != nsec_seconds(time))
            format_second(p, time);
        to = stpcpy(to, p->clock.text);
    }
    if (p->options.precision > 0)
        *to++ = '.';
    put_fraction(p, to, time);
}

/* Thousands as letters, three digits after the point. */
static void put_brief(const struct printer *p, char *to, double value)
{
    static const char letters[] = " KMGTPEZY";
    unsigned letter = 0;
    while (value >= 1000 && letters[letter + 1]) {
        value /= 1000;
        letter++;
    }
    int digits = p->options.precision < 3 ? p->options.precision : 3;
    int size = snprintf(to, 64, "%.3f", value) - (digits ? 3 - digits : 4); /* cut, not rounded */
    if (letter)
        snprintf(to + size, 4, "%c", letters[letter]);
}

static void put_number(const struct printer *p, char *to, double value, bool is_whole,
                       uint64_t whole)
{
    if (p->options.brief_counters)
        put_brief(p, to, is_whole ? (double)whole : value);
    else if (is_whole)
        put_uint(to, whole);
    else
        snprintf(to, 64, "%.*f", p->options.precision, value);
}

static void put_port(const struct printer *p, char *to, const struct value *v)
{
    to[0] = '\0';
    if (!strcmp(v->text, "hex")) {
        if (p->options.numeric)
            put_uint(to, v->u.uint);
        else
            put_hex(to, (uint32_t)v->u.uint);
        return;
    }
    bool names = !p->options.numeric;
    if (names && !v->u.uint)
        return; /* no port is shown as none */
    if (names && !strcmp(v->text, "sap")) {
        snprintf(to, 8, "0x%02x", (unsigned)v->u.uint);
        return;
    }
    const char *name =
        names ? service_name(p->options.services, v->text, (uint16_t)v->u.uint) : NULL;
    if (name)
        snprintf(to, CELL_MOST, "%s", name);
    else
        put_uint(to, v->u.uint);
}

static void put_mac(char *to, const uint8_t *mac)
{
    static const char hex[] = "0123456789abcdef";
    for (unsigned i = 0; i < 6; i++) {
        *to++ = hex[mac[i] >> 4];
        *to++ = hex[mac[i] & 15];
        *to++ = i < 5 ? ':' : '\0';
    }
}

static void put_ip4(char *to, const uint8_t *addr)
{
    for (unsigned i = 0; i < 4; i++) {
        to += put_uint(to, addr[i]);
        if (i < 3)
            *to++ = '.';
    }
}

/* Payload: s[size]= and the bytes, those that can't be printed as points. Labels: the text. */
static void put_payload(char *to, const struct value *v, size_t most)
{
    size_t size = v->u.bytes.size < most ? v->u.bytes.size : most;
    if (v->text[0])
        to += snprintf(to, 32, "%s[%zu]=", v->text, size);
    size = size < CELL_MOST - 64 ? size : CELL_MOST - 64;
    for (size_t i = 0; i < size; i++) {
        uint8_t c = v->u.bytes.data[i];
        *to++ = c >= 0x20 && c < 0x7f ? (char)c : '.';
    }
    *to = '\0';
}

static void put_value(struct printer *p, const struct column *column, const struct value *v,
                      char *to)
{
    switch (v->kind) {
    case VALUE_NONE:
        to[0] = '\0';
        return;
    case VALUE_UINT:
        if (v->hex)
            put_hex(to, (uint32_t)v->u.uint);
        else
            put_number(p, to, 0, true, v->u.uint);
        return;
    case VALUE_INT:
        snprintf(to, 24, "%" PRId64, v->u.integer);
        return;
    case VALUE_REAL:
        put_number(p, to, v->u.real, false, 0);
        return;
    case VALUE_SPAN:
        snprintf(to, 64, "%.*f", p->options.precision, (double)v->u.time / (double)NSEC_PER_SEC);
        return;
    case VALUE_TIME:
        put_time(p, to, v->u.time);
        return;
    case VALUE_IP4:
        put_ip4(to, v->u.addr);
        return;
    case VALUE_IP6:
        inet_ntop(AF_INET6, v->u.addr, to, CELL_MOST);
        return;
    case VALUE_MAC:
        put_mac(to, v->u.mac);
        return;
    case VALUE_PORT:
        put_port(p, to, v);
        return;
    case VALUE_PROTO:
        if (p->options.numeric >= 2)
            put_uint(to, v->u.uint);
        else if (v->prefix && !p->options.numeric)
            snprintf(to, CELL_MOST, "unknown");
        else
            snprintf(to, CELL_MOST, "%s", v->text);
        return;
    case VALUE_BYTES:
        put_payload(to, v, column->width ? column->width : column->field->width);
        return;
    case VALUE_TEXT:
        snprintf(to, CELL_MOST, "%s", v->text);
        return;
    }
}

/* With -s name:width:%x and the like, the 32-bit number behind the value. False if there is none.
 */
static bool put_formatted(const struct column *column, const struct value *v, char *to)
{
    uint32_t number;
    if (v->kind == VALUE_IP4)
        number = load_be32(v->u.addr);
    else if (v->kind == VALUE_UINT || v->kind == VALUE_PORT || v->kind == VALUE_PROTO)
        number = (uint32_t)v->u.uint;
    else
        return false;
    const int width = column->format_width;
    switch (column->conversion) {
    case 'x':
        snprintf(to, 64, "%*x", width, number);
        break;
    case 'X':
        snprintf(to, 64, "%*X", width, number);
        break;
    case 'o':
        snprintf(to, 64, "%*o", width, number);
        break;
    case 'd':
        snprintf(to, 64, "%*d", width, (int32_t)number);
        break;
    default:
        snprintf(to, 64, "%*u", width, number);
        break;
    }
    return true;
}

static void cell_text(struct printer *p, const struct column *column, const struct record *r,
                      char *to)
{
    struct value value;
    if (r->type == RECORD_MAR)
        field_get_mar(column->field, r, &value);
    else
        field_get(column->field, r, &value);
    if (!strcmp(column->field->name, "rank")) {
        put_uint(to, p->lines);
        return;
    }
    if (p->options.tcp_state && !strcmp(column->field->name, "state") && record_is_tcp(r)) {
        if (p->options.tcp_state == 'z')
            tcp_state_letters(r, to);
        else
            tcp_flag_letters(r, p->options.tcp_state == 'b' ? BOTH : p->options.tcp_state == 'd',
                             to);
        return;
    }
    if (!column->conversion || !put_formatted(column, &value, to))
        put_value(p, column, &value, to);
}

/* --- cells in columns ------------------------------------------------------------------------- */

static bool is_field(const struct column *column, const char *name)
{
    return !strcmp(column->field->name, name);
}

static bool is_payload(const struct column *column)
{
    return is_field(column, "suser") || is_field(column, "duser");
}

static size_t width_of(const struct printer *p, const struct column *column)
{
    size_t width = column->width ? column->width : column->field->width;
    if (is_payload(column)) {
        char digits[24];
        return width + 3 + put_uint(digits, width) + 1 + USER_MARGIN;
    }
    if (column->field->width == 18 && !column->width && column->field->blocks == BLOCK_TIME) {
        int digits = p->options.precision > 6 ? 6 : p->options.precision;
        return TIME_WIDTH + (size_t)digits;
    }
    return width;
}

/* A port stands behind its address, joined with a point. */
static bool joins_next(const struct printer *p, size_t i)
{
    const struct column *column = &p->columns.list[i];
    if (i + 1 >= p->columns.count)
        return false;
    const struct column *next = &p->columns.list[i + 1];
    return (is_field(column, "saddr") && is_field(next, "sport")) ||
           (is_field(column, "daddr") && is_field(next, "dport"));
}

static void add_fixed(struct printer *p, const struct column *column, const char *text, bool flow)
{
    size_t width = width_of(p, column), size = strlen(text);
    bool left = (column->field->align == ALIGN_LEFT && flow) || is_payload(column) ||
                is_field(column, "flgs");
    if (size > width) {
        add_bytes(p, text, width - 1);
        add_bytes(p, "*", 1);
        return;
    }
    if (!left)
        add_blanks(p, width - size);
    add_bytes(p, text, size);
    if (left)
        add_blanks(p, width - size);
}

static void add_fixed_line(struct printer *p, const struct record *r)
{
    char text[2][CELL_MOST];
    unsigned now = 0;
    if (p->columns.count)
        cell_text(p, &p->columns.list[0], r, text[now]);
    for (size_t i = 0; i < p->columns.count; i++, now = !now) {
        bool more = i + 1 < p->columns.count;
        if (more)
            cell_text(p, &p->columns.list[i + 1], r, text[!now]);
        add_fixed(p, &p->columns.list[i], text[now], r->type != RECORD_MAR);
        bool joined = joins_next(p, i) && text[!now][0] && r->type != RECORD_MAR;
        if (more)
            add_bytes(p, joined ? "." : " ", 1);
    }
    while (p->size && p->line[p->size - 1] == ' ')
        p->size--;
}

static void add_delimited_line(struct printer *p, const struct record *r)
{
    char text[CELL_MOST];
    for (size_t i = 0; i < p->columns.count; i++) {
        const struct column *column = &p->columns.list[i];
        if (i)
            add_bytes(p, &p->options.delimiter, 1);
        cell_text(p, column, r, text);
        /* Two columns keep their width, as scripts expect of them. */
        size_t size = strlen(text);
        while (size && text[size - 1] == ' ' && !is_field(column, "flgs"))
            size--;
        add_bytes(p, text, size);
        if (is_field(column, "flgs") && size < FLAGS_DELIMITED)
            add_blanks(p, FLAGS_DELIMITED - size);
    }
}

/* --- headers ---------------------------------------------------------------------------------- */

static void add_title(struct printer *p, const struct column *column)
{
    const char *title = column->field->title;
    size_t width = width_of(p, column), size = strlen(title);
    if (size > width)
        size = width;
    size_t before = column->field->centred ? (width - size) / 2 : width - size;
    add_blanks(p, before);
    add_bytes(p, title, size);
    add_blanks(p, width - size - before);
}

static void add_header(struct printer *p)
{
    for (size_t i = 0; i < p->columns.count; i++) {
        const struct column *column = &p->columns.list[i];
        if (p->options.delimiter) {
            if (i)
                add_bytes(p, &p->options.delimiter, 1);
            add_bytes(p, column->field->title, strlen(column->field->title));
        } else {
            add_title(p, column);
            add_blanks(p, 1);
        }
    }
    add_bytes(p, "\n", 1);
}

static bool header_is_due(const struct printer *p)
{
    int every = p->options.header_every;
    if (every < 0)
        return false;
    return every == 0 ? p->lines == 0 : p->lines % (unsigned)every == 0;
}

int printer_print(struct printer *p, const struct record *r, struct output *out, struct error *err)
{
    p->size = 0;
    if (header_is_due(p))
        add_header(p);
    p->lines++;
    if (p->options.delimiter)
        add_delimited_line(p, r);
    else
        add_fixed_line(p, r);
    add_bytes(p, "\n", 1);
    return output_write(out, p->line, p->size, err);
}
