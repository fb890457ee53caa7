/* SPDX-License-Identifier: Apache-2.0 */
#include "record/field.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/attr.h"
#include "base/spelling.h"
#include "record/field_get.h"

#define ROW(name, title, width, align, centred, kind, get, arg, blocks, json, help)                \
    {name, title, json, help, width, align, centred, VALUE_##kind, arg, blocks, get},
#define FIELD(name, title, width, kind, get, arg, blocks, json, help)                              \
    ROW(name, title, width, ALIGN_RIGHT, false, kind, get, arg, blocks, json, help)
#define LEFT(name, title, width, kind, get, arg, blocks, json, help)                               \
    ROW(name, title, width, ALIGN_LEFT, false, kind, get, arg, blocks, json, help)
#define CENTRED(name, title, width, kind, get, arg, blocks, json, help)                            \
    ROW(name, title, width, ALIGN_RIGHT, true, kind, get, arg, blocks, json, help)

#define NOTHING(name, title, width, kind, get)                                                     \
    ROW(name, title, width, ALIGN_RIGHT, false, kind, get, 0, 0, NULL, NULL)

const struct field field_table[] = {
#include "record/field.def"
};

const size_t field_count = ARRAY_SIZE(field_table);

const struct field *field_find(const char *name)
{
    for (size_t i = 0; i < field_count; i++)
        if (!strcmp(field_table[i].name, name))
            return &field_table[i];
    return NULL;
}

bool field_find_sides(const char *name, const struct field *ret[2])
{
    char text[32];
    snprintf(text, sizeof(text), "s%.30s", name);
    const struct field *src = field_find(text);
    text[0] = 'd';
    const struct field *dst = field_find(text);
    if (!src || !dst || src->get != dst->get)
        return false;
    ret[SRC] = src;
    ret[DST] = dst;
    return true;
}

void field_get(const struct field *field, const struct record *r, struct value *ret)
{
    ret->kind = VALUE_NONE;
    if (record_has(r, field->blocks))
        field->get(r, field->arg, ret);
}

const char *field_type(const struct field *field)
{
    switch (field->kind) {
    case VALUE_UINT:
    case VALUE_INT:
        return "integer";
    case VALUE_REAL:
        return "real";
    case VALUE_SPAN:
        return "seconds";
    case VALUE_TIME:
        return "time";
    case VALUE_IP4:
    case VALUE_IP6:
    case VALUE_MAC:
        return "address";
    case VALUE_PORT:
        return "port";
    case VALUE_PROTO:
        return "name";
    case VALUE_BYTES:
        return "bytes";
    case VALUE_TEXT:
        return "text";
    case VALUE_NONE: /* the printer makes it */
        break;
    }
    return strcmp(field->name, "rank") ? "seconds" : "integer";
}

bool field_number(const struct field *field, const struct record *r, double *ret)
{
    struct value value;
    field_get(field, r, &value);
    switch (value.kind) {
    case VALUE_UINT:
    case VALUE_PORT:
    case VALUE_PROTO:
        *ret = (double)value.u.uint;
        return true;
    case VALUE_INT:
        *ret = (double)value.u.integer;
        return true;
    case VALUE_REAL:
        *ret = value.u.real;
        return true;
    case VALUE_TIME:
    case VALUE_SPAN:
        *ret = (double)value.u.time / (double)NSEC_PER_SEC;
        return true;
    default:
        return false;
    }
}

unsigned field_suggest(const char *name, const struct field **ret, unsigned most)
{
    unsigned count = 0;
    for (unsigned distance = 1; distance <= 3; distance++)
        for (size_t i = 0; i < field_count && count < most; i++)
            if (spelling_distance(name, field_table[i].name) == distance &&
                spelling_is_near(name, field_table[i].name))
                ret[count++] = &field_table[i];
    return count;
}

void value_text(struct value *ret, const char *format, ...)
{
    va_list args;
    ret->kind = VALUE_TEXT;
    va_start(args, format);
    vsnprintf(ret->text, sizeof(ret->text), format, args);
    va_end(args);
}
