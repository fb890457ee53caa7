/* SPDX-License-Identifier: Apache-2.0 */
#include "record/print.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "record/community_id.h"
#include "record/field_event.h"
#include "record/field_get.h"
#include "record/field_mar.h"
#include "record/labels.h"
#include "record/print_form.h"
#include "record/state.h"
#include "record/vendors.h"

enum { LINE_FIRST = 512 };

const struct print_options print_defaults = {.precision = 6};

/* A fraction, where there is one, has its digits on top of a width that a column is given. */
static void set_time_widths(struct printer *p)
{
    enum { TIME_WIDTH = 12 };
    p->time_digits = (unsigned)p->options.precision;
    p->time_width = TIME_WIDTH + p->time_digits;
    if (p->options.unix_time || !p->options.time_format[0])
        return;
    p->time_width = value_text_time_width(&p->text, p->options.now);
    if (!p->text.clock.has_fraction)
        p->time_digits = 0;
}

struct printer *printer_new(const struct print_options *options)
{
    static const struct print_form *const forms[] = {[PRINT_TEXT] = &text_form,
                                                     [PRINT_CSV] = &csv_form,
                                                     [PRINT_JSON] = &json_form,
                                                     [PRINT_XML] = &xml_form};
    static const char full_time[] = "%Y-%m-%dT%H:%M:%S.%f";
    struct printer *p = mem_zalloc(sizeof(*p));
    p->options = *options;
    p->line = mem_grow(NULL, &p->capacity, LINE_FIRST, 1);
    p->form = forms[options->form];
    if (options->form == PRINT_JSON) { /* addresses are for programs */
        p->options.host_name = NULL;
        p->options.vendor_macs = false;
    }
    /* A time of day alone is for eyes that know the day. */
    if (options->form != PRINT_TEXT && !options->time_format[0])
        memcpy(p->options.time_format, full_time, sizeof(full_time));
    p->text.options = &p->options;
    set_time_widths(p);
    columns_init(&p->columns);
    return p;
}

void printer_free(struct printer *p)
{
    if (!p)
        return;
    columns_release(&p->columns);
    free(p->line);
    free(p->spare);
    free(p->event_text);
    free(p);
}

int printer_select(struct printer *p, const char *words, struct error *err)
{
    return columns_select(&p->columns, words, err);
}

void printer_end_defaults(struct printer *p)
{
    p->columns.chosen = false;
}

/* --- the line --------------------------------------------------------------------------------- */

char *print_room(struct printer *p, size_t size)
{
    if (p->capacity - p->size < size)
        p->line = mem_grow(p->line, &p->capacity, p->size + size, 1);
    return p->line + p->size;
}

void print_bytes(struct printer *p, const char *bytes, size_t size)
{
    memcpy(print_room(p, size), bytes, size);
    p->size += size;
}

void print_text(struct printer *p, const char *text)
{
    print_bytes(p, text, strlen(text));
}

void print_blanks(struct printer *p, size_t count)
{
    memset(print_room(p, count), ' ', count);
    p->size += count;
}

void print_trim(struct printer *p, size_t begin)
{
    while (p->size > begin && p->line[p->size - 1] == ' ')
        p->size--;
}

void print_strip(struct printer *p, const struct column *column, size_t begin)
{
    size_t blanks = 0;
    print_trim(p, begin);
    while (column->role != ROLE_FLAGS && begin + blanks < p->size && p->line[begin + blanks] == ' ')
        blanks++;
    p->size -= blanks;
    memmove(p->line + begin, p->line + begin + blanks, p->size - begin);
}

void print_quote(struct printer *p, size_t begin, char quote)
{
    size_t size = p->size - begin, quotes = 0;
    for (size_t i = begin; i < p->size; i++)
        quotes += p->line[i] == quote;
    print_room(p, quotes + 2);
    char *from = p->line + p->size, *to = from + quotes + 2;
    p->size += quotes + 2;
    *--to = quote;
    while (size--) { /* from the back, because it becomes longer */
        *--to = *--from;
        if (*to == quote)
            *--to = quote;
    }
    *--to = quote;
}

bool print_is_again(const struct printer *p, size_t at)
{
    for (size_t i = 0; i < at; i++)
        if (p->columns.list[i].field == p->columns.list[at].field)
            return true;
    return false;
}

/* --- what is in a cell ------------------------------------------------------------------------ */

/* The printer makes some values itself; true if this is one of them. */
static bool make_value(struct printer *p, const struct column *column, const struct record *r,
                       struct value *ret)
{
    nsec_t start = record_start(r);
    bool is_timed = record_has(r, BLOCK_TIME);
    const char *vendor = NULL;
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
    case ROLE_RANGE:
        if (column->field->arg == SRC ? p->options.range_start : p->options.range_end)
            value_time(ret,
                       column->field->arg == SRC ? p->options.range_start : p->options.range_end);
        return true;
    case ROLE_VENDOR:
        if (record_has(r, BLOCK_MAC))
            vendor = vendor_name(p->options.vendors, r->mac.addr[column->field->arg]);
        if (vendor)
            value_text(ret, "%s", vendor);
        return true;
    case ROLE_COMMUNITY_ID:
        community_id(r, p->options.community_seed, ret);
        return true;
    default:
        return false;
    }
}

/* The letters of -z and -Z in place of the state. */
static void get_tcp_letters(const struct printer *p, const struct record *r, struct value *ret)
{
    char which = p->options.tcp_state;
    ret->kind = VALUE_TEXT;
    if (which == 'z')
        tcp_state_letters(r, ret->text);
    else
        tcp_flag_letters(r, which == 'b' ? BOTH : which == 'd' ? DST : SRC, ret->text);
}

/* The chosen entries of a label stack, from its top, joined with colons. */
static void get_labels(const struct column *column, const struct record *r, struct value *ret)
{
    const unsigned side = column->field->arg, count = r->mpls.count[side];
    char *to = ret->text;
    ret->kind = VALUE_NONE;
    if (!record_has(r, BLOCK_MPLS))
        return;
    for (unsigned i = 0; i < count; i++) {
        if (!(column->labels & 1u << i))
            continue;
        if (to > ret->text)
            *to++ = ':';
        to = value_text_uint(to, r->mpls.label[side][i] >> 12);
    }
    *to = '\0';
    if (to > ret->text)
        ret->kind = VALUE_TEXT;
}

static void get_event(struct printer *p, const struct field *field, const struct record *r,
                      struct value *ret)
{
    if (!p->event_text)
        p->event_text = mem_alloc(EVENT_TEXT_MOST);
    field_get_event(field, r, p->event_text, ret);
}

void print_value(struct printer *p, const struct column *column, const struct record *r,
                 struct value *ret)
{
    if (make_value(p, column, r, ret))
        return;
    if (r->type == RECORD_MAR)
        field_get_mar(column->field, r, ret);
    else if (r->type == RECORD_EVENT)
        get_event(p, column->field, r, ret);
    else if (column->role == ROLE_STATE && p->options.tcp_state && record_is_tcp(r))
        get_tcp_letters(p, r, ret);
    else if (column->role == ROLE_MPLS && column->labels)
        get_labels(column, r, ret);
    else
        field_get(column->field, r, ret);
}

static bool is_broadcast(const struct value *v)
{
    static const uint8_t broadcast[6] = {0xff, 0xff, 0xff, 0xff, 0xff, 0xff};
    return v->kind == VALUE_MAC && !memcmp(v->u.mac, broadcast, sizeof(broadcast));
}

/* Code points without a name there are numbers. */
static void use_disa_name(struct value *v)
{
    if (v->kind != VALUE_UINT && v->kind != VALUE_PROTO)
        return;
    v->name = label_disa((uint8_t)v->u.uint);
    v->kind = v->name ? VALUE_PROTO : VALUE_UINT;
}

void print_cell(struct printer *p, const struct column *column, const struct record *r)
{
    struct value value;
    print_value(p, column, r, &value);
    if (column->role == ROLE_CODE_POINT && p->options.disa)
        use_disa_name(&value);
    if (column->role == ROLE_MAC && p->options.numeric != 2 && is_broadcast(&value))
        value_text(&value, "Broadcast");
    if (value.kind == VALUE_BYTES) {
        print_payload(p, column, &value);
        return;
    }
    char *to = print_room(p, VALUE_TEXT_MOST), *end = NULL;
    if (column->format.conversion)
        end = number_format_put(&column->format, to, VALUE_TEXT_MOST, &value);
    else if (column->role == ROLE_COUNTER && p->options.brief_counters)
        end = value_text_brief(&p->options, to, &value);
    else if (column->role == ROLE_AS)
        end = value_text_as(&p->options, to, &value);
    if (!end)
        end = value_text_put(&p->text, to, &value);
    p->size += (size_t)(end - to);
}

/* --- records ---------------------------------------------------------------------------------- */

static void begin(struct printer *p)
{
    if (!p->has_begun && p->form->begin)
        p->form->begin(p);
    p->has_begun = true;
}

int printer_print(struct printer *p, const struct record *r, struct output *out, struct error *err)
{
    p->size = 0;
    begin(p);
    p->form->record(p, r);
    return output_write(out, p->line, p->size, err);
}

struct view printer_value(struct printer *p, size_t column, const struct record *r)
{
    const struct column *of = &p->columns.list[column];
    p->size = 0;
    print_cell(p, of, r);
    print_strip(p, of, 0);
    return (struct view){(const uint8_t *)p->line, p->size};
}

int printer_end(struct printer *p, struct output *out, struct error *err)
{
    p->size = 0;
    if (!p->form->end)
        return 0;
    begin(p);
    p->form->end(p);
    return output_write(out, p->line, p->size, err);
}
