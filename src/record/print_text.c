/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "record/field_get.h"
#include "record/print_form.h"

/* Lines of columns, as ra has always printed them: fixed width or delimited. */
enum { FLAGS_DELIMITED = 10, FLAGS_UNALIGNED = 9, DISA_WIDTH = 8 };

/* --- cells in columns ------------------------------------------------------------------------- */

static size_t width_of(const struct printer *p, const struct column *column)
{
    size_t width = column->width ? column->width : column->field->width;
    if (column->role == ROLE_PAYLOAD)
        return print_payload_width(p, column);
    if (column->role == ROLE_CODE_POINT && p->options.disa && !column->width)
        return DISA_WIDTH;
    if (column->field->kind != VALUE_TIME)
        return width;
    return column->width ? width + p->time_digits : p->time_width;
}

/* A port stands behind its address, joined with a point. */
static bool is_joined(const struct printer *p, size_t i)
{
    const struct column *column = &p->columns.list[i];
    return i && !p->options.ports_apart && column->role == ROLE_PORT &&
           column[-1].role == ROLE_ADDRESS && column[-1].field->arg == column->field->arg;
}

/* Takes blanks in front of a value that is too wide, as directions are; the size that it has. */
static size_t narrow(struct printer *p, size_t begin, size_t width)
{
    size_t size = p->size - begin, blanks = 0;
    while (size - blanks > width && p->line[begin + blanks] == ' ')
        blanks++;
    memmove(p->line + begin, p->line + begin + blanks, size - blanks);
    p->size -= blanks;
    return size - blanks;
}

/* Makes a cell of what stands behind `begin`: as wide as its column. */
static void fit(struct printer *p, const struct column *column, size_t begin, bool left)
{
    size_t width = width_of(p, column), size = p->size - begin;
    if (size > width && column->role != ROLE_FLAGS)
        size = narrow(p, begin, width);
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
    bool is_flow = r->type != RECORD_MAR && r->type != RECORD_EVENT;
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

static char separator(const struct printer *p)
{
    return p->options.delimiter ? p->options.delimiter : ' ';
}

/* Puts quotes around what stands behind `begin` if the columns could not be told apart. */
static void quote_cell(struct printer *p, size_t begin)
{
    char quote = p->options.quote;
    const char *at = p->line + begin;
    size_t size = p->size - begin;
    if (quote && (memchr(at, quote, size) || memchr(at, separator(p), size)))
        print_quote(p, begin, quote);
}

static void add_unaligned_line(struct printer *p, const struct record *r)
{
    char delimiter = p->options.delimiter;
    const size_t flags = separator(p) == ' ' ? FLAGS_UNALIGNED : FLAGS_DELIMITED;
    for (size_t i = 0; i < p->columns.count; i++) {
        const struct column *column = &p->columns.list[i];
        if (i)
            print_char(p, separator(p));
        size_t begin = p->size;
        print_cell(p, column, r);
        if (!delimiter && p->size > begin && is_joined(p, i))
            p->line[begin - 1] = '.';
        /* Flags keep their width, as scripts expect of them. */
        if (column->role != ROLE_FLAGS)
            print_trim(p, begin);
        else if (p->size - begin < flags)
            print_blanks(p, flags - (p->size - begin));
        if (delimiter)
            quote_cell(p, begin);
    }
}

/* --- headers ---------------------------------------------------------------------------------- */

/* Where each record comes from both of its ends, they are hosts with what they sent and got. */
static const char *title_of(const struct printer *p, const struct column *column)
{
    static const struct {
        const char *field, *title;
    } hosts[] = {
        {"saddr", "Host"},
        {"snet", "Net"},
        {"laddr", "Host"},
        {"lnet", "Net"},
        {"smac", "Mac"},
        {"soui", "Oui"},
        {"spkts", "OutPkts"},
        {"dpkts", "InPkts"},
        {"sbytes", "OutBytes"},
        {"dbytes", "InBytes"},
        {"sappbytes", "OAppBytes"},
        {"dappbytes", "IAppBytes"},
    };
    for (size_t i = 0; p->options.of_hosts && i < sizeof(hosts) / sizeof(*hosts); i++) {
        if (!strcmp(column->field->name, hosts[i].field))
            return hosts[i].title;
    }
    return column->field->title;
}

static void add_title(struct printer *p, const struct column *column)
{
    const char *title = title_of(p, column);
    size_t width = width_of(p, column), size = strlen(title);
    if (size > width)
        size = width;
    size_t before = column->field->centred ? (width - size) / 2 : width - size;
    print_blanks(p, before);
    print_bytes(p, title, size);
    print_blanks(p, width - size - before);
}

static bool is_aligned(const struct printer *p)
{
    return !p->options.delimiter && !p->options.variable_width;
}

/* A title as it is, in quotes if they are wanted. */
static void add_bare_title(struct printer *p, const struct column *column)
{
    size_t begin = p->size;
    print_text(p, title_of(p, column));
    if (p->options.quote && p->options.delimiter)
        print_quote(p, begin, p->options.quote);
}

static void add_header(struct printer *p)
{
    for (size_t i = 0; i < p->columns.count; i++) {
        bool is_last = i + 1 == p->columns.count;
        if (is_aligned(p))
            add_title(p, &p->columns.list[i]);
        else
            add_bare_title(p, &p->columns.list[i]);
        if (!is_last || separator(p) == ' ')
            print_char(p, separator(p));
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
    if (is_aligned(p))
        add_fixed_line(p, r);
    else
        add_unaligned_line(p, r);
    print_char(p, '\n');
    if (p->options.payload == PAYLOAD_HEX)
        print_dumps(p, r);
}

const struct print_form text_form = {.record = print_record};
