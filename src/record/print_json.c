/* SPDX-License-Identifier: Apache-2.0 */
#include <arpa/inet.h>
#include <math.h>
#include <string.h>

#include "base/utf8.h"
#include "record/print_form.h"

/*
 * JSON (RFC 8259), an object a line. Names are those of the field table; what a record does not
 * have is left out. Numbers are numbers, durations in seconds; times are text in UTC (RFC 3339);
 * addresses, names and states are text. User data, which can be any bytes, are base64 (RFC 4648).
 */

/* --- text ------------------------------------------------------------------------------------- */

static void put_escaped(struct printer *p, uint8_t c)
{
    static const char digits[] = "0123456789abcdef";
    char *to = print_room(p, 6);
    if (c == '"' || c == '\\') {
        to[0] = '\\';
        to[1] = (char)c;
        p->size += 2;
        return;
    }
    memcpy(to, "\\u00", 4);
    to[4] = digits[c >> 4];
    to[5] = digits[c & 15];
    p->size += 6;
}

/* Bytes that are no UTF-8 become U+FFFD, one for each. */
static void put_string(struct printer *p, const uint8_t *bytes, size_t size)
{
    print_char(p, '"');
    for (size_t i = 0; i < size;) {
        uint8_t c = bytes[i];
        unsigned length = utf8_length(bytes + i, size - i);
        if (!length)
            print_text(p, "\xef\xbf\xbd");
        else if (c < 0x20 || c == '"' || c == '\\' || c == 0x7f)
            put_escaped(p, c);
        else
            print_bytes(p, (const char *)bytes + i, length);
        i += length ? length : 1;
    }
    print_char(p, '"');
}

static void put_quoted_base64(struct printer *p, struct view bytes)
{
    print_char(p, '"');
    print_base64(p, bytes);
    print_char(p, '"');
}

/* --- values ----------------------------------------------------------------------------------- */

/* The date and time of a second, kept because records come in bunches of the same one. */
static void put_time(struct printer *p, nsec_t time)
{
    char *to = print_room(p, 40);
    *to++ = '"';
    to = value_text_utc(&p->text, to, time);
    *to++ = '"';
    p->size = (size_t)(to - p->line);
}

static void put_number(struct printer *p, const struct value *v)
{
    char *to = print_room(p, VALUE_TEXT_MOST);
    p->size = (size_t)(value_text_number(&p->text, to, v) - p->line);
}

static void put_quoted_number(struct printer *p, const struct value *v)
{
    print_char(p, '"');
    put_number(p, v);
    print_char(p, '"');
}

static void put_name(struct printer *p, const struct value *v)
{
    if (v->name)
        put_string(p, (const uint8_t *)v->name, strlen(v->name));
    else
        put_quoted_number(p, v);
}

/* Addresses and the like, which need no escapes. */
static void put_plain(struct printer *p, const struct value *v)
{
    print_char(p, '"');
    char *to = print_room(p, VALUE_TEXT_MOST);
    p->size = (size_t)(value_text_put(&p->text, to, v) - p->line);
    print_char(p, '"');
}

static void put_value(struct printer *p, const struct column *column, const struct value *v)
{
    /* A name that is not known is its number, but still text. */
    if (column->field->kind == VALUE_PROTO && v->kind == VALUE_UINT) {
        put_quoted_number(p, v);
        return;
    }
    switch (v->kind) {
    case VALUE_NONE:
        return;
    case VALUE_UINT:
    case VALUE_INT:
    case VALUE_REAL:
    case VALUE_SPAN:
    case VALUE_PORT:
        put_number(p, v);
        return;
    case VALUE_TIME:
        put_time(p, v->u.time);
        return;
    case VALUE_IP4:
    case VALUE_IP6:
    case VALUE_MAC:
        put_plain(p, v);
        return;
    case VALUE_PROTO:
        put_name(p, v);
        return;
    case VALUE_TEXT:
        put_string(p, (const uint8_t *)v->text, strlen(v->text));
        return;
    case VALUE_BYTES:
        if (column->role == ROLE_PAYLOAD)
            put_quoted_base64(p, v->u.bytes);
        else
            put_string(p, v->u.bytes.data, v->u.bytes.size);
        return;
    }
}

/* --- records ---------------------------------------------------------------------------------- */

/* What is no number, and what is empty, is left out. */
static bool is_there(const struct value *v)
{
    switch (v->kind) {
    case VALUE_NONE:
        return false;
    case VALUE_REAL:
        return isfinite(v->u.real);
    case VALUE_TEXT:
        return v->text[0];
    case VALUE_BYTES:
        return v->u.bytes.size;
    default:
        return true;
    }
}

static void get(struct printer *p, const struct column *column, const struct record *r,
                struct value *ret)
{
    print_value(p, column, r, ret);
    /* Columns show counters of the sensor under titles that mean something else. */
    if (r->type == RECORD_MAR && column->field->blocks & BLOCK_FLOW)
        ret->kind = VALUE_NONE;
    if (ret->kind != VALUE_TEXT)
        return;
    size_t size = strlen(ret->text), begin = strspn(ret->text, " ");
    while (size > begin && ret->text[size - 1] == ' ')
        size--;
    if (column->role == ROLE_FLAGS && size > begin)
        begin = 0; /* what a flag says is told by its place */
    memmove(ret->text, ret->text + begin, size - begin);
    ret->text[size - begin] = '\0';
}

static void print_record(struct printer *p, const struct record *r)
{
    struct value value;
    bool is_first = true;
    p->lines++;
    print_char(p, '{');
    for (size_t i = 0; i < p->columns.count; i++) {
        const struct column *column = &p->columns.list[i];
        if (!column->field->json || print_is_again(p, i))
            continue;
        get(p, column, r, &value);
        if (!is_there(&value))
            continue;
        print_text(p, is_first ? "\"" : ",\"");
        print_text(p, column->field->json);
        print_text(p, "\":");
        put_value(p, column, &value);
        is_first = false;
    }
    print_text(p, "}\n");
}

const struct print_form json_form = {.record = print_record};
