/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "record/columns.h"
#include "record/print.h"
#include "record/value_text.h"

/*
 * The printer's inside, for the forms of output: print_text.c, print_csv.c, print_json.c and
 * print_xml.c. A form adds to the line; print.c writes it out.
 */
struct print_form {
    void (*begin)(struct printer *p); /* before the first record; NULL: nothing */
    void (*record)(struct printer *p, const struct record *r);
    void (*end)(struct printer *p); /* NULL: nothing */
};

extern const struct print_form text_form, csv_form, json_form, xml_form;

struct printer {
    struct print_options options;
    const struct print_form *form;
    struct columns columns;
    struct value_text text;
    bool has_begun;
    uint64_t lines; /* records printed, the one at hand included */
    nsec_t first;   /* start of the first record */
    bool has_first;
    unsigned time_width;  /* of columns of times that have no width of their own */
    unsigned time_digits; /* of the fraction, which come in addition to a width */
    char *line;           /* the one being made */
    size_t size, capacity;
    char *spare; /* for parts of it that are being changed */
    size_t spare_capacity;
    uint8_t *event_text; /* room for one that is unpacked */
};

/* Room for `size` bytes behind the line. */
char *print_room(struct printer *p, size_t size);
void print_bytes(struct printer *p, const char *bytes, size_t size);
void print_text(struct printer *p, const char *text);
void print_blanks(struct printer *p, size_t count);

static inline void print_char(struct printer *p, char c)
{
    *print_room(p, 1) = c;
    p->size++;
}

/* Takes blanks off the end, but for what stands in front of `begin`. */
void print_trim(struct printer *p, size_t begin);

/*
 * Takes the blanks around what stands behind `begin`, which are no part of a value. Flags keep
 * those in front: what a flag says is told by its place.
 */
void print_strip(struct printer *p, const struct column *column, size_t begin);

/* Puts quotes around what stands behind `begin`, with those inside doubled. */
void print_quote(struct printer *p, size_t begin, char quote);

/* True if the column's field stands in front of it, too: names of members must not repeat. */
bool print_is_again(const struct printer *p, size_t at);

/* The value of a column, those included that the printer makes itself. */
void print_value(struct printer *p, const struct column *column, const struct record *r,
                 struct value *ret);

/* The value as text of any length, as it stands in columns. */
void print_cell(struct printer *p, const struct column *column, const struct record *r);

/* User data as -M printer= wants it, or labels, as they stand in columns. */
void print_payload(struct printer *p, const struct column *column, const struct value *v);
size_t print_payload_width(const struct printer *p, const struct column *column);
void print_base64(struct printer *p, struct view bytes);

/* The lines of hexadecimal that stand behind a record's line. */
void print_dumps(struct printer *p, const struct record *r);
