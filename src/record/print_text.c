/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "record/field_get.h"
#include "record/print_form.h"

/* Lines of columns, as ra has always printed them: fixed width or delimited. */
enum { TIME_WIDTH = 12, TIME_DIGITS = 6, PAYLOAD_MARGIN = 3, FLAGS_DELIMITED = 10 };

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
    print_blanks(p, width - size);
    if (left)
        return;
    memmove(p->line + begin + width - size, p->line + begin, size);
    memset(p->line + begin, ' ', width - size);
}

static void add_fixed_line(struct printer *p, const struct record *r)
{
    bool is_flow = r->type != RECORD_MAR;
    for (size_t i = 0; i < p->columns.count; i++) {
        const struct column *column = &p->columns.list[i];
        if (i)
            print_char(p, ' ');
        size_t begin = p->size;
        print_cell(p, column, r);
        if (is_flow && p->size > begin && is_joined(p, i))
            p->line[begin - 1] = '.';
        fit(p, column, begin,
            column->role == ROLE_PAYLOAD || (is_flow && column->field->align == ALIGN_LEFT));
    }
    print_trim(p, 0);
}

static void add_delimited_line(struct printer *p, const struct record *r)
{
    for (size_t i = 0; i < p->columns.count; i++) {
        const struct column *column = &p->columns.list[i];
        if (i)
            print_char(p, p->options.delimiter);
        size_t begin = p->size;
        print_cell(p, column, r);
        /* Flags keep their width, as scripts expect of them. */
        if (column->role != ROLE_FLAGS)
            print_trim(p, begin);
        else if (p->size - begin < FLAGS_DELIMITED)
            print_blanks(p, FLAGS_DELIMITED - (p->size - begin));
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
    print_blanks(p, before);
    print_bytes(p, title, size);
    print_blanks(p, width - size - before);
}

static void add_header(struct printer *p)
{
    for (size_t i = 0; i < p->columns.count; i++) {
        const struct column *column = &p->columns.list[i];
        if (p->options.delimiter) {
            if (i)
                print_char(p, p->options.delimiter);
            print_bytes(p, column->field->title, strlen(column->field->title));
        } else {
            add_title(p, column);
            print_blanks(p, 1);
        }
    }
    print_char(p, '\n');
}

static bool header_is_due(const struct printer *p)
{
    int every = p->options.header_every;
    if (every < 0)
        return false;
    return every == 0 ? p->lines == 0 : p->lines % (unsigned)every == 0;
}

static void print_record(struct printer *p, const struct record *r)
{
    if (header_is_due(p))
        add_header(p);
    p->lines++;
    if (p->options.delimiter)
        add_delimited_line(p, r);
    else
        add_fixed_line(p, r);
    print_char(p, '\n');
}

const struct print_form text_form = {.record = print_record};
