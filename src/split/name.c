/* SPDX-License-Identifier: Apache-2.0 */
#include "split/name.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/attr.h"
#include "base/mem.h"
#include "record/field.h"

enum { TIME_TEXT_MOST = 1024 };

struct name_part {
    char *text; /* NULL: a field */
    bool is_time;
    size_t column; /* of the printer */
};

struct name {
    struct name_part *parts;
    size_t count, capacity;
    size_t fields;
    struct printer *printer;
    char *made;
    size_t size, made_capacity;
    int64_t second; /* that `made` is of */
    bool is_made;
};

/* --- the pattern ------------------------------------------------------------------------------ */

static struct name_part *add_part(struct name *name)
{
    name->parts = mem_grow(name->parts, &name->capacity, name->count + 1, sizeof(*name->parts));
    struct name_part *part = &name->parts[name->count++];
    *part = (struct name_part){0};
    return part;
}

/* `to` has room for TIME_TEXT_MOST. */
static size_t format_time(char *to, const char *format, int64_t second)
{
    time_t time = (time_t)second;
    struct tm broken;
    localtime_r(&time, &broken);
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral" /* the user's own format */
    return strftime(to, TIME_TEXT_MOST, format, &broken);
#pragma GCC diagnostic pop
}

/* True if each text of a time has room: what has none is nothing, as what is empty. */
static bool has_room(const char *format)
{
    static const int64_t seconds[] = {0,
                                      1727265599}; /* days and months with short names and long */
    char text[TIME_TEXT_MOST], *marked = mem_printf("x%s", format);
    bool fits = true;
    for (size_t i = 0; i < ARRAY_SIZE(seconds); i++)
        fits = fits && format_time(text, marked, seconds[i]);
    free(marked);
    return fits;
}

static int add_text(struct name *name, const char *text, size_t size, struct error *err)
{
    if (!size)
        return 0;
    if (size >= TIME_TEXT_MOST / 4)
        return error_set(err, "the name of a file is too long");
    struct name_part *part = add_part(name);
    part->text = mem_strdup(text);
    part->text[size] = '\0';
    part->is_time = strchr(part->text, '%') != NULL;
    if (part->is_time && !has_room(part->text))
        return error_set(err, "'%s' makes the name of a file too long", part->text);
    return 0;
}

static const struct field *longest_field(const char *text)
{
    const struct field *found = NULL;
    for (size_t i = 0; i < field_count; i++) {
        const struct field *field = &field_table[i];
        size_t size = strlen(field->name);
        if (!strncmp(text, field->name, size) && (!found || size > strlen(found->name)))
            found = field;
    }
    return found;
}

static int add_field(struct name *name, const char *text, size_t *ret_size, struct error *err)
{
    const struct field *field = longest_field(text);
    if (!field)
        return error_set(err, "'$%.*s' in the name of a file is no field",
                         (int)strspn(text, "abcdefghijklmnopqrstuvwxyz"), text);
    add_part(name)->column = name->fields++;
    *ret_size = strlen(field->name);
    return printer_select(name->printer, field->name, err);
}

static int parse(struct name *name, const char *pattern, struct error *err)
{
    while (*pattern) {
        size_t size = strcspn(pattern, "$");
        if (add_text(name, pattern, size, err))
            return -1;
        pattern += size;
        if (!*pattern)
            return 0;
        if (add_field(name, pattern + 1, &size, err))
            return -1;
        pattern += 1 + size;
    }
    return 0;
}

/* A folder gets files that are not hidden. */
static char *with_time(const char *pattern)
{
    size_t size = strlen(pattern);
    bool needs_point = !size || !strchr("./", pattern[size - 1]);
    return mem_printf("%s%s%%Y.%%m.%%d.%%H.%%M.%%S", pattern, needs_point ? "." : "");
}

int name_new(struct name **ret, const char *pattern, bool adds_time,
             const struct print_options *options, struct error *err)
{
    struct name *name = mem_zalloc(sizeof(*name));
    char *whole = adds_time && !strchr(pattern, '%') ? with_time(pattern) : mem_strdup(pattern);
    name->printer = printer_new(options);
    int result = parse(name, whole, err);
    free(whole);
    if (result) {
        name_free(name);
        return -1;
    }
    *ret = name;
    return 0;
}

void name_free(struct name *name)
{
    if (!name)
        return;
    for (size_t i = 0; i < name->count; i++)
        free(name->parts[i].text);
    free(name->parts);
    free(name->made);
    printer_free(name->printer);
    free(name);
}

/* --- one name --------------------------------------------------------------------------------- */

static char *make_room(struct name *name, size_t size)
{
    name->made = mem_grow(name->made, &name->made_capacity, name->size + size + 1, 1);
    return name->made + name->size;
}

static void put_text(struct name *name, const char *text)
{
    const size_t size = strlen(text);
    memcpy(make_room(name, size), text, size);
    name->size += size;
}

static void put_time(struct name *name, const char *format, int64_t second)
{
    char *to = make_room(name, TIME_TEXT_MOST);
    name->size += format_time(to, format, second);
}

static bool is_points(struct view text)
{
    for (size_t i = 0; i < text.size; i++)
        if (text.data[i] != '.')
            return false;
    return true;
}

static void put_value(struct name *name, struct view text)
{
    const bool is_unfit = is_points(text); /* nothing, too */
    size_t size = !text.size ? 1 : text.size < NAME_VALUE_MOST ? text.size : NAME_VALUE_MOST;
    char *to = make_room(name, size);
    for (size_t i = 0; i < size; i++) {
        uint8_t c = is_unfit ? '_' : text.data[i];
        to[i] = c < ' ' || c == '/' || c == 0x7f ? '_' : (char)c;
    }
    name->size += size;
}

const char *name_make(struct name *name, const struct record *r, nsec_t time)
{
    const int64_t second = nsec_seconds(time);
    if (name->is_made && !name->fields && name->second == second)
        return name->made;
    name->size = 0;
    for (size_t i = 0; i < name->count; i++) {
        const struct name_part *part = &name->parts[i];
        if (!part->text)
            put_value(name, printer_value(name->printer, part->column, r));
        else if (part->is_time)
            put_time(name, part->text, second);
        else
            put_text(name, part->text);
    }
    *make_room(name, 0) = '\0';
    name->second = second;
    name->is_made = true;
    return name->made;
}

bool name_is_same(const struct name *name, nsec_t one, nsec_t other)
{
    char texts[2][TIME_TEXT_MOST];
    for (size_t i = 0; i < name->count; i++) {
        const struct name_part *part = &name->parts[i];
        if (!part->is_time)
            continue;
        size_t size = format_time(texts[0], part->text, nsec_seconds(one));
        if (format_time(texts[1], part->text, nsec_seconds(other)) != size ||
            memcmp(texts[0], texts[1], size) != 0)
            return false;
    }
    return true;
}
