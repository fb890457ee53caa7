/* SPDX-License-Identifier: Apache-2.0 */
#include "cmd/radark_report.h"

#include <arpa/inet.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/attr.h"
#include "record/labels.h"

/* --- fields ----------------------------------------------------------------------------------- */

enum { TEXT_MOST = 256 };

/* A field's text, being made. */
struct cell {
    char text[TEXT_MOST];
    size_t size;
};

static void PRINTF_LIKE(2, 3) add(struct cell *cell, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    int size = vsnprintf(cell->text + cell->size, TEXT_MOST - cell->size, format, args);
    va_end(args);
    if (size > 0)
        cell->size +=
            (size_t)size < TEXT_MOST - cell->size ? (size_t)size : TEXT_MOST - cell->size - 1;
}

static void put_time(struct radark_report *report, struct cell *cell, nsec_t time)
{
    char text[VALUE_TEXT_MOST];
    const struct value value = {.kind = VALUE_TIME, .u.time = time};
    const bool is_utc = report->print->form != PRINT_TEXT;
    char *end = is_utc ? value_text_utc(&report->text, text, time)
                       : value_text_put(&report->text, text, &value);
    add(cell, "%.*s", (int)(end - text), text);
}

static void put_id(struct radark_report *report, struct cell *cell, const struct scanner *s)
{
    (void)report;
    add(cell, "%" PRIu32, s->id);
}

static void put_address(struct cell *cell, const uint8_t *address)
{
    char text[INET6_ADDRSTRLEN];
    inet_ntop(address[0] == 4 ? AF_INET : AF_INET6, address + 1, text, sizeof(text));
    add(cell, "%s", text);
}

static void put_source(struct radark_report *report, struct cell *cell, const struct scanner *s)
{
    (void)report;
    put_address(cell, s->address);
}

static void put_from(struct radark_report *report, struct cell *cell, const struct scanner *s)
{
    if (!report->knows_local)
        add(cell, "unknown");
    else
        add(cell, detector_is_local(report->detector, s->address) ? "inside" : "outside");
}

static void put_kind(struct radark_report *report, struct cell *cell, const struct scanner *s)
{
    static const char *const shapes[] = {"horizontal", "vertical", "block"};
    (void)report;
    if (s->method == CONTACT_ICMP && s->shape == SHAPE_HORIZONTAL)
        add(cell, "sweep");
    else
        add(cell, "%s", shapes[s->shape]);
}

static void put_method(struct radark_report *report, struct cell *cell, const struct scanner *s)
{
    (void)report;
    add(cell, "%s", contact_method_name(s->method));
}

static void put_estimate(struct radark_report *report, struct cell *cell, uint64_t count,
                         bool is_estimated)
{
    const char *about = is_estimated && report->print->form == PRINT_TEXT ? "~" : "";
    add(cell, "%s%" PRIu64, about, count);
}

static void put_targets(struct radark_report *report, struct cell *cell, const struct scanner *s)
{
    put_estimate(report, cell, s->targets, s->targets_estimated);
}

/* The standard error of an estimate; 0: it is exact. */
static void put_error(struct radark_report *report, struct cell *cell, const struct scanner *s)
{
    (void)report;
    add(cell, "%.0f", s->targets_estimated ? DISTINCT_ERROR * (double)s->targets : 0);
}

static void put_port_total(struct radark_report *report, struct cell *cell, const struct scanner *s)
{
    put_estimate(report, cell, s->port_total, s->ports_estimated);
}

static void put_contacts(struct radark_report *report, struct cell *cell, const struct scanner *s)
{
    (void)report;
    add(cell, "%" PRIu64, scanner_contacts(s));
}

#define PUT_COUNT(name, member)                                                                    \
    static void name(struct radark_report *report, struct cell *cell, const struct scanner *s)     \
    {                                                                                              \
        (void)report;                                                                              \
        add(cell, "%" PRIu64, s->member);                                                          \
    }
PUT_COUNT(put_talked, outcomes[OUTCOME_TALKED])
PUT_COUNT(put_opened, outcomes[OUTCOME_OPENED])
PUT_COUNT(put_refused, outcomes[OUTCOME_REFUSED])
PUT_COUNT(put_silent, outcomes[OUTCOME_SILENT])
PUT_COUNT(put_dark, dark)
PUT_COUNT(put_flows, flows)
PUT_COUNT(put_new, new_answers)
#undef PUT_COUNT

static void put_first(struct radark_report *report, struct cell *cell, const struct scanner *s)
{
    put_time(report, cell, s->first);
}

static void put_last(struct radark_report *report, struct cell *cell, const struct scanner *s)
{
    put_time(report, cell, s->last);
}

/* First contacts a minute; those of one moment have no rate. */
static void put_rate(struct radark_report *report, struct cell *cell, const struct scanner *s)
{
    const double seconds = (double)(s->last - s->first) / NSEC_PER_SEC;
    (void)report;
    add(cell, "%.1f", seconds > 0 ? 60 * (double)scanner_contacts(s) / seconds : 0);
}

/* A source that acknowledges what it was sent receives it: its address is its own. */
static void put_real(struct radark_report *report, struct cell *cell, const struct scanner *s)
{
    (void)report;
    if (s->acks)
        add(cell, "yes");
    else if (s->resets)
        add(cell, "likely");
    else
        add(cell,
            s->outcomes[OUTCOME_OPENED] + s->outcomes[OUTCOME_TALKED] ? "doubtful" : "unknown");
}

static void put_ports(struct radark_report *report, struct cell *cell, const struct scanner *s)
{
    (void)report;
    uint8_t protocol = 0;
    for (unsigned i = 0; i < s->port_count; i++) {
        const struct scan_port *port = &s->ports[i];
        if (port->protocol != protocol)
            add(cell, "%s%s ", i ? " " : "", label_ip_protocol(port->protocol));
        else
            add(cell, ",");
        protocol = port->protocol;
        add(cell, "%u", port->port);
    }
    if (s->port_total > s->port_count)
        add(cell, ",...");
}

static void put_decided(struct radark_report *report, struct cell *cell, const struct scanner *s)
{
    put_time(report, cell, s->decided);
}

static void put_why(struct radark_report *report, struct cell *cell, const struct scanner *s)
{
    if (s->reason == REASON_DARK)
        add(cell, "touched %" PRIu64 " dark addresses within %" PRIu64 " contacts", s->decided_dark,
            s->decided_contacts);
    else
        add(cell, "walk at %.2f of %.2f after %" PRIu64 " contacts, %" PRIu64 " without a talk",
            s->value, report->steps->high, s->decided_contacts, s->decided_failures);
}

static const struct report_field {
    const char *name, *title;
    int width; /* of the column, to the left if negative; 0: none in text */
    bool is_number;
    void (*put)(struct radark_report *report, struct cell *cell, const struct scanner *s);
} fields[] = {
    {"id", "Id", 4, true, put_id},
    {"source", "Source", -18, false, put_source},
    {"from", "From", -7, false, put_from},
    {"kind", "Kind", -10, false, put_kind},
    {"method", "How", -4, false, put_method},
    {"targets", "Targets", 8, true, put_targets},
    {"targets_error", "Error", 0, true, put_error},
    {"ports", "Ports", 6, true, put_port_total},
    {"contacts", "Contacts", 9, true, put_contacts},
    {"talked", "Talked", 7, true, put_talked},
    {"opened", "Opened", 7, true, put_opened},
    {"refused", "Refused", 8, true, put_refused},
    {"silent", "Silent", 8, true, put_silent},
    {"dark", "Dark", 6, true, put_dark},
    {"new_answers", "New", 5, true, put_new},
    {"flows", "Flows", 0, true, put_flows},
    {"rate", "PerMin", 9, true, put_rate},
    {"first", "First", -19, false, put_first},
    {"last", "Last", -19, false, put_last},
    {"real", "Real", -8, false, put_real},
    {"ports_tried", "PortsTried", -28, false, put_ports},
    {"decided", "Decided", 0, false, put_decided},
    {"why", "Why", -1, false, put_why},
};

/* --- forms ------------------------------------------------------------------------------------ */

void radark_report_init(struct radark_report *report, const struct detector *detector,
                        struct print_options *print)
{
    if (!print->time_format[0])
        snprintf(print->time_format, sizeof(print->time_format), "%%Y-%%m-%%d %%H:%%M:%%S");
    *report = (struct radark_report){.detector = detector, .print = print};
    report->text.options = print;
}

/* New answers are printed alike; their cells are filled in by radark_report_answer. */
static const struct report_field answer_fields[] = {
    {"target", "Target", -18, false, NULL}, {"protocol", "Proto", -5, false, NULL},
    {"port", "Port", 5, true, NULL},        {"first", "First", -19, false, NULL},
    {"scanner", "Scanner", 7, true, NULL},  {"source", "Source", -1, false, NULL},
};

static void print_titles(const struct radark_report *report, const struct report_field *list,
                         size_t count)
{
    const bool is_csv = report->print->form == PRINT_CSV;
    const char *between = "";
    for (size_t i = 0; i < count; i++) {
        if (is_csv)
            printf("%s%s", between, list[i].name);
        else if (list[i].width)
            printf("%s%*s", between, i + 1 < count ? list[i].width : 0, list[i].title);
        else
            continue;
        between = is_csv ? "," : " ";
    }
    fputs(is_csv ? "\r\n" : "\n", stdout);
}

/* No text has a character that JSON or CSV would have to hide, but for the comma. */
static void print_value(const struct radark_report *report, const struct report_field *field,
                        const struct cell *cell)
{
    const bool is_json = report->print->form == PRINT_JSON;
    const bool is_csv = report->print->form == PRINT_CSV;
    const bool is_quoted = is_json ? !field->is_number : is_csv && strchr(cell->text, ',');
    const char *quote = is_quoted ? "\"" : "";
    if (is_json)
        printf("\"%s\":%s%s%s", field->name, quote, cell->text, quote);
    else if (is_csv)
        printf("%s%s%s", quote, cell->text, quote);
    else
        printf("%*s", field->width, cell->text);
}

/* A line of cells, of which text has only those with a width. */
static void print_line(const struct radark_report *report, const struct report_field *list,
                       const struct cell *cells, size_t count)
{
    const enum print_form_name form = report->print->form;
    const char *between = form == PRINT_JSON ? "{" : "";
    for (size_t i = 0; i < count; i++) {
        if (form == PRINT_TEXT && !list[i].width)
            continue;
        fputs(between, stdout);
        print_value(report, &list[i], &cells[i]);
        between = form == PRINT_TEXT ? " " : ",";
    }
    fputs(form == PRINT_JSON ? "}\n" : form == PRINT_CSV ? "\r\n" : "\n", stdout);
}

static void begin_table(struct radark_report *report, const struct report_field *list, size_t count,
                        bool *has_begun)
{
    if (!*has_begun && report->print->form != PRINT_JSON)
        print_titles(report, list, count);
    *has_begun = true;
}

void radark_report_scanner(struct radark_report *report, const struct scanner *scanner)
{
    struct cell cells[ARRAY_SIZE(fields)] = {0};
    begin_table(report, fields, ARRAY_SIZE(fields), &report->has_begun);
    for (size_t i = 0; i < ARRAY_SIZE(fields); i++)
        fields[i].put(report, &cells[i], scanner);
    print_line(report, fields, cells, ARRAY_SIZE(fields));
}

void radark_report_answer(struct radark_report *report, const struct answer *answer, uint32_t id)
{
    struct cell cells[ARRAY_SIZE(answer_fields)] = {0};
    const uint8_t *key = answer->endpoint.key, *behind = key + ADDRESS_KEY;
    if (!report->has_answers && report->has_begun && report->print->form == PRINT_TEXT)
        fputs("New answers:\n", stdout);
    begin_table(report, answer_fields, ARRAY_SIZE(answer_fields), &report->has_answers);
    put_address(&cells[0], key);
    add(&cells[1], "%s", label_ip_protocol(behind[0]));
    add(&cells[2], "%u", (unsigned)behind[1] << 8 | behind[2]);
    put_time(report, &cells[3], answer->endpoint.first);
    add(&cells[4], "%" PRIu32, id);
    put_address(&cells[5], answer->source);
    print_line(report, answer_fields, cells, ARRAY_SIZE(answer_fields));
}

void radark_report_end(struct radark_report *report, bool only_answers)
{
    const struct detector_counts counts = detector_counts(report->detector);
    if (report->print->form == PRINT_CSV && only_answers)
        begin_table(report, answer_fields, ARRAY_SIZE(answer_fields), &report->has_answers);
    else if (report->print->form == PRINT_CSV)
        begin_table(report, fields, ARRAY_SIZE(fields), &report->has_begun);
    if (report->print->form == PRINT_TEXT && !only_answers)
        printf("Scanners %" PRIu64 ", sources %" PRIu64 ", contacts %" PRIu64 "\n", counts.scanners,
               counts.sources, counts.contacts);
}
