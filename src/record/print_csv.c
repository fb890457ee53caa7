/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "record/print_form.h"

/*
 * Comma separated values (RFC 4180): a header with the names of the fields, lines that end with CR
 * and LF, quotes around what has a comma, a quote or an end of line in it.
 */

static void quote_cell(struct printer *p, size_t begin)
{
    for (size_t i = begin; i < p->size; i++) {
        if (strchr("\",\r\n", p->line[i])) {
            print_quote(p, begin, '"');
            return;
        }
    }
}

static void print_header(struct printer *p)
{
    if (p->options.header_every < 0)
        return;
    for (size_t i = 0; i < p->columns.count; i++) {
        if (i)
            print_char(p, ',');
        print_text(p, p->columns.list[i].field->name);
    }
    print_text(p, "\r\n");
}

static void print_record(struct printer *p, const struct record *r)
{
    p->lines++;
    for (size_t i = 0; i < p->columns.count; i++) {
        if (i)
            print_char(p, ',');
        size_t begin = p->size;
        print_cell(p, &p->columns.list[i], r);
        print_strip(p, &p->columns.list[i], begin);
        quote_cell(p, begin);
    }
    print_text(p, "\r\n");
}

const struct print_form csv_form = {.begin = print_header, .record = print_record};
