/* SPDX-License-Identifier: Apache-2.0 */
#include "record/print.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "record/columns.h"
#include "record/field_get.h"
#include "record/field_mar.h"
#include "record/state.h"
#include "record/value_text.h"

enum { TIME_WIDTH = 12, TIME_DIGITS = 6, PAYLOAD_MARGIN = 3, FLAGS_DELIMITED = 10 };

const struct print_options print_defaults = {.precision = 6};

struct printer {
    struct print_options options;
    struct columns columns;
    struct value_text text;
    uint64_t lines;
    nsec_t first; /* start of the first record */
    bool has_first;
    char *line; /* the one being made */
    size_t size, capacity;
};

struct printer *printer_new(const struct print_options *options)
{
    struct printer *p = mem_zalloc(sizeof(*p));
    p->options = *options;
    p->text.options = &p->options;
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

/* Room for `size` bytes behind the line. */
static char *make_room(struct printer *p, size_t size)
{
    p->line = mem_grow(p->line, &p->capacity, p->size + size, 1);
    return p->line + p->size;
}

static void add_bytes(struct printer *p, const char *bytes, size_t size)
{
    memcpy(make_room(p, size), bytes, size);
    p->size += size;
}

static void add_char(struct printer *p, char c)
{
    add_bytes(p, &c, 1);
}

static void add_blanks(struct printer *p, size_t count)
{
    memset(make_room(p, count), ' ', count);
    p->size += count;
}

/* --- what is in a cell ------------------------------------------------------------------------ */

/* The printer makes some values itself; true if this is one of them. */
static bool make_value(struct printer *p, const struct column *column, const struct record *r,
                       struct value *ret)
{
    nsec_t start = record_start(r);
    bool is_timed = record_has(r, BLOCK_TIME);
    ret->kind = VALUE_NONE;
    switch (column->role) {
    case ROLE_RANK:
        value_uint(ret, p->lines);
        return true;
    case ROLE_RELATIVE_TIME:
        if (is_timed && !p->has_first) {
            p->first = start;
            p->has_first = true;
        }
        if (is_timed)
            value_span(ret, start - p->first);
        return true;
    case ROLE_IDLE:
        if (is_timed && p->options.now)
            value_span(ret, p->options.now - record_last(r));
        return true;
    default:
        return false;
    }
}

static void get_value(struct printer *p, const struct column *column, const struct record *r,
                      struct value *ret)
{
    static const uint8_t broadcast[6] = {0xff, 0xff, 0xff, 0xff, 0xff, 0xff};
    if (make_value(p, column, r, ret))
        return;
    if (r->type == RECORD_MAR)
        field_get_mar(column->field, r, ret);
    else
        field_get(column->field, r, ret);
    if (column->role == ROLE_MAC && ret->kind == VALUE_MAC && !memcmp(ret->u.mac, broadcast, 6))
        value_text(ret, "Broadcast");
}

static size_t add_tcp_letters(struct printer *p, const struct record *r)
{
    char *to = make_room(p, STATE_TEXT);
    char which = p->options.tcp_state;
    if (which == 'z')
        tcp_state_letters(r, to);
    else
        tcp_flag_letters(r, which == 'b' ? BOTH : which == 'd' ? DST : SRC, to);
    return strlen(to);
}

/* Bytes, those that can't be printed as points; payload has "s[size]=" in front. */
static void add_payload(struct printer *p, const struct column *column, const struct value *v)
{
    size_t size = v->u.bytes.size, width = column->width ? column->width : column->field->width;
    if (column->role == ROLE_PAYLOAD) {
        size = size < width ? size : width;
        if (!size)
            return;
        char *to = make_room(p, VALUE_TEXT_MOST), *begin = to;
        *to++ = column->field->name[0];
        *to++ = '[';
        to = value_text_uint(to, size);
        *to++ = ']';
        *to++ = '=';
        p->size += (size_t)(to - begin);
    }
    char *to = make_room(p, size);
    for (size_t i = 0; i < size; i++) {
        uint8_t c = v->u.bytes.data[i];
        to[i] = c >= 0x20 && c < 0x7f ? (char)c : '.';
    }
    p->size += size;
}

static void add_value(struct printer *p, const struct column *column, const struct record *r)
{
    struct value value;
    if (column->role == ROLE_STATE && p->options.tcp_state && record_is_tcp(r)) {
        p->size += add_tcp_letters(p, r);
        return;
    }
    get_value(p, column, r, &value);
    if (value.kind == VALUE_BYTES) {
        add_payload(p, column, &value);
        return;
    }
    char *to = make_room(p, VALUE_TEXT_MOST), *end = NULL;
    if (column->conversion)
        end = value_text_formatted(to, &value, column);
    if (!end)
        end = value_text_put(&p->text, to, &value);
    p->size += (size_t)(end - to);
}

/* --- cells in columns ------------------------------------------------------------------------- */

static size_t width_of(const struct printer *p, const struct column *column)
{
    size_t width = column->width ? column->width : column->field->width;
    int precision = p->options.precision;
    if (column->role == ROLE_PAYLOAD) {
        char digits[24];
        size_t shown = (size_t)(value_text_uint(digits, width) - digits);
        return width + strlen("s[]=") + shown + PAYLOAD_MARGIN;
    }
    if (column->field->kind != VALUE_TIME)
        return width;
    /* The digits of the fraction come in addition. */
    return (column->width ? width : TIME_WIDTH) +
           (size_t)(precision < TIME_DIGITS ? precision : TIME_DIGITS);
}

/* A port stands behind its address, joined with a point. */
static bool is_joined(const struct printer *p, size_t i)
{
    const struct column *column = &p->columns.list[i];
    return i && column->role == ROLE_PORT && column[-1].role == ROLE_ADDRESS &&
           column[-1].field->arg == column->field->arg;
}

/* Makes a cell of what stands behind `begin`: as wide as its column. */
static void fit(struct printer *p, const struct column *column, size_t begin, bool left)
{
    size_t width = width_of(p, column), size = p->size - begin;
    if (size > width) {
        p->size = begin + width;
        p->line[p->size - 1] = '*';
        return;
    }
    add_blanks(p, width - size);
    if (left)
        return;
    memmove(p->line + begin + width - size, p->line + begin, size);
    memset(p->line + begin, ' ', width - size);
}

static void trim(struct printer *p, size_t begin)
{
    while (p->size > begin && p->line[p->size - 1] == ' ')
        p->size--;
}

static void add_fixed_line(struct printer *p, const struct record *r)
{
    bool is_flow = r->type != RECORD_MAR;
    for (size_t i = 0; i < p->columns.count; i++) {
        const struct column *column = &p->columns.list[i];
        if (i)
            add_char(p, ' ');
        size_t begin = p->size;
        add_value(p, column, r);
        if (is_flow && p->size > begin && is_joined(p, i))
            p->line[begin - 1] = '.';
        fit(p, column, begin,
            column->role == ROLE_PAYLOAD || (is_flow && column->field->align == ALIGN_LEFT));
    }
    trim(p, 0);
}

static void add_delimited_line(struct printer *p, const struct record *r)
{
    for (size_t i = 0; i < p->columns.count; i++) {
        const struct column *column = &p->columns.list[i];
        if (i)
            add_char(p, p->options.delimiter);
        size_t begin = p->size;
        add_value(p, column, r);
        /* Flags keep their width, as scripts expect of them. */
        if (column->role != ROLE_FLAGS)
            trim(p, begin);
        else if (p->size - begin < FLAGS_DELIMITED)
            add_blanks(p, FLAGS_DELIMITED - (p->size - begin));
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
                add_char(p, p->options.delimiter);
            add_bytes(p, column->field->title, strlen(column->field->title));
        } else {
            add_title(p, column);
            add_blanks(p, 1);
        }
    }
    add_char(p, '\n');
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
    add_char(p, '\n');
    return output_write(out, p->line, p->size, err);
}
