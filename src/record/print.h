/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdbool.h>
#include <stdio.h>

#include "base/bytes.h"
#include "base/error.h"
#include "base/output.h"
#include "record/field.h"

/*
 * Printer: records as lines of columns, as ra has always printed them: fixed width or delimited,
 * header lines, names or numbers, times in the local time zone; or as CSV, JSON or XML.
 */
struct service_names;
struct vendor_names;

enum print_form_name { PRINT_TEXT, PRINT_CSV, PRINT_JSON, PRINT_XML };

/* User data: bytes that can't be printed as points, the same without passwords, or encoded. */
enum print_payload {
    PAYLOAD_ASCII,
    PAYLOAD_OBFUSCATE,
    PAYLOAD_HEX,
    PAYLOAD_BASE16,
    PAYLOAD_BASE64
};

/* The length of an address's mask behind it: never, if it is no host's, or always. */
enum print_prefix { PREFIX_NEVER, PREFIX_NETS, PREFIX_ALWAYS };

/* AS numbers as RFC 5396 writes them: 65546, 1.10 (and 64512), 1.10 (and 0.64512). */
enum print_as { AS_PLAIN, AS_DOT, AS_DOT_PLUS };

/* Of a host's name: all of it, up to its first point, or what stands behind that. */
enum print_host { HOST_WHOLE, HOST_LOCAL, HOST_DOMAIN };

enum { TIME_FORMAT_MOST = 64, PRINT_HOST_NAMES = 3, PRINT_NAME_LEVELS = 4 };

struct print_options {
    enum print_form_name form;
    int precision;       /* -p: digits after the decimal point; default 6 */
    unsigned numeric;    /* -n: 0 names; 1 ports numeric; 2 protocols too; */
                         /* 3 names, and those of hosts */
    bool unix_time;      /* -u */
    char delimiter;      /* -c; 0: none */
    bool variable_width; /* without a delimiter: columns are not aligned */
    bool of_hosts;       /* titles of the source's columns are those of a host */
    char quote;          /* around titles behind -c, and where needed; 0: none */
    bool ports_apart;    /* from their addresses, even in fixed width */
    enum print_prefix prefix;
    enum print_as as_form;
    enum print_host host_form;
    bool disa; /* DiffServ code points by their names in networks of the DISA */
    enum print_payload payload;
    int header_every;                     /* -L: -1 never, 0 once, n before each n-th line */
    char time_format[TIME_FORMAT_MOST];   /* strftime plus %f for the fraction; "": "%T.%f" */
    char tcp_state;                       /* 0, 'z' for -z, or 's', 'd', 'b' for -Z */
    bool brief_counters;                  /* -H */
    const struct service_names *services; /* NULL: ports are numbers */
    const struct vendor_names *vendors;   /* for soui and doui; NULL: they are empty */
    bool vendor_macs;                     /* link addresses begin with their vendor */
    uint16_t community_seed;              /* of the field cid */
    const char *program;                  /* that XML names as its maker; NULL: none */
    nsec_t now;                           /* for idle times; 0: they are empty */
    nsec_t range_start, range_end;        /* of -t, for srng and erng; 0: none */
    /* The name of an address of 4 or 16 bytes, or NULL; itself NULL: hosts have no names. */
    const char *(*host_name)(void *arg, const uint8_t *address, unsigned size);
    void *host_name_arg;
};

extern const struct print_options print_defaults;

/* How times look: an error if the format has no end of its own or is too long. */
int print_set_time_format(struct print_options *options, const char *format,
                          struct error *err) MUST_USE;

/*
 * Applies a variable of ra's start-up files that is about printing, RA_TIME_FORMAT and the like:
 * 0, PRINT_NO_SETTING if it is none of them, or -1.
 */
enum { PRINT_NO_SETTING = 1 };
int print_set(struct print_options *options, const char *name, const char *value,
              struct error *err) MUST_USE;

struct printer;

struct printer *printer_new(const struct print_options *options) MUST_USE;
void printer_free(struct printer *printer); /* NULL is fine */

/*
 * Words of -s: [+[n]|-]name[:width[:format]], several separated by commas. The first one without a
 * sign empties the default list. An unknown field is an error that names the nearest ones.
 */
int printer_select(struct printer *printer, const char *words, struct error *err) MUST_USE;

/* What is selected so far is the default list from now on. */
void printer_end_defaults(struct printer *printer);

/* The JSON Schema (json-schema.org, 2020-12) of the objects that JSON has. The caller frees it. */
char *printer_json_schema(void) MUST_USE;

/* Prints one record's line (and headers when due). 0, OUTPUT_CLOSED or -1. */
int printer_print(struct printer *printer, const struct record *r, struct output *out,
                  struct error *err) MUST_USE;

/*
 * The value in a column (0: the first that was selected) as text, without blanks around it; valid
 * until the next call.
 */
struct view printer_value(struct printer *printer, size_t column, const struct record *r);

/* What stands behind the last record, of forms that have something there. */
int printer_end(struct printer *printer, struct output *out, struct error *err) MUST_USE;
