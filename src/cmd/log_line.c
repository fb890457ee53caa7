/* SPDX-License-Identifier: Apache-2.0 */
#include "cmd/log_line.h"

#include <stdio.h>
#include <string.h>
#include <syslog.h>
#include <time.h>

#include "base/line.h"

/* A field takes so many bytes at most, and the sentence so many: all of them fit into a line. */
enum { FIELD_MOST = 320, SENTENCE_MOST = 1000 };

static size_t size_of(const struct line *line, const char *bytes)
{
    return (size_t)(line->at - bytes);
}

unsigned log_priority(enum event_level level)
{
    static const unsigned priorities[EVENT_LEVELS] = {
        [EVENT_ERROR] = LOG_ERR,
        [EVENT_WARNING] = LOG_WARNING,
        [EVENT_NOTICE] = LOG_NOTICE,
        [EVENT_INFO] = LOG_INFO,
    };
    return priorities[level];
}

/* There is always room for the end of the line. */
size_t log_line_text(char *ret, const struct event *event, const struct log_origin *origin)
{
    struct line line;
    char sentence[EVENT_SENTENCE_SIZE];
    event_print(event, sentence, sizeof(sentence));
    line_init(&line, ret, LOG_LINE_SIZE);
    line_add(&line, origin->program);
    line_add(&line, ": ");
    line_add(&line, sentence);
    line_add(&line, "\n");
    return size_of(&line, ret);
}

/* --- JSON ------------------------------------------------------------------------------------- */

static void add_time(struct line *line, nsec_t now)
{
    char date[48], fraction[24];
    struct tm parts;
    const time_t seconds = nsec_seconds(now);
    gmtime_r(&seconds, &parts);
    strftime(date, sizeof(date), "{\"time\":\"%Y-%m-%dT%H:%M:%S.", &parts);
    snprintf(fraction, sizeof(fraction), "%06uZ\"", nsec_fraction(now) / 1000);
    line_add(line, date);
    line_add(line, fraction);
}

static void add_string(struct line *line, const char *name, const char *text, size_t most)
{
    line_add(line, ",\"");
    line_add(line, name);
    line_add(line, "\":\"");
    line_add_json(line, text, most);
    line_add(line, "\"");
}

static void add_number(struct line *line, const char *name, uint64_t number)
{
    line_add(line, ",\"");
    line_add(line, name);
    line_add(line, "\":");
    line_add_number(line, number);
}

static void add_object(struct line *line, const struct event *event,
                       const struct log_origin *origin)
{
    char sentence[EVENT_SENTENCE_SIZE];
    event_print(event, sentence, sizeof(sentence));
    add_time(line, origin->now);
    add_string(line, "level", event_level_names[event->level], FIELD_MOST);
    add_string(line, "program", origin->program, FIELD_MOST);
    add_number(line, "pid", (uint64_t)origin->pid);
    add_string(line, "event", event->name, FIELD_MOST);
    add_string(line, "message", sentence, SENTENCE_MOST);
    for (size_t i = 0; i < EVENT_FIELDS && event->fields[i].name; i++) {
        const struct event_field *field = &event->fields[i];
        if (field->text)
            add_string(line, field->name, field->text, FIELD_MOST);
        else
            add_number(line, field->name, field->number);
    }
    line_add(line, "}");
}

size_t log_line_json(char *ret, const struct event *event, const struct log_origin *origin)
{
    struct line line;
    line_init(&line, ret, LOG_LINE_SIZE);
    add_object(&line, event, origin);
    line_add(&line, "\n");
    return size_of(&line, ret);
}

/* --- syslog and the journal ------------------------------------------------------------------- */

size_t log_line_syslog(char *ret, const struct event *event, const struct log_origin *origin,
                       bool is_json)
{
    struct line line;
    struct tm parts;
    char date[24], head[96], sentence[EVENT_SENTENCE_SIZE];
    const time_t seconds = nsec_seconds(origin->now);
    localtime_r(&seconds, &parts);
    strftime(date, sizeof(date), "%b %e %H:%M:%S", &parts);
    snprintf(head, sizeof(head), "<%u>%s %.32s[%d]: ", LOG_DAEMON | log_priority(event->level),
             date, origin->program, (int)origin->pid);
    line_init(&line, ret, LOG_LINE_SIZE);
    line_add(&line, head);
    if (is_json) {
        add_object(&line, event, origin);
    } else {
        event_print(event, sentence, sizeof(sentence));
        line_add(&line, sentence);
    }
    return size_of(&line, ret);
}

static void add_journal_name(struct line *line, const char *name)
{
    line_add(line, "\nPANOPTES_");
    for (; *name; name++) {
        const char byte[2] = {(char)(*name >= 'a' && *name <= 'z' ? *name - 'a' + 'A' : *name)};
        line_add(line, byte);
    }
    line_add(line, "=");
}

size_t log_line_journal(char *ret, const struct event *event, const struct log_origin *origin)
{
    struct line line;
    char head[96], sentence[SENTENCE_MOST];
    event_print(event, sentence, sizeof(sentence));
    snprintf(head, sizeof(head), "PRIORITY=%u\nSYSLOG_FACILITY=%u\nSYSLOG_IDENTIFIER=%.32s",
             log_priority(event->level), LOG_DAEMON >> 3, origin->program);
    line_init(&line, ret, LOG_LINE_SIZE);
    line_add(&line, head);
    line_add(&line, "\nMESSAGE=");
    line_add(&line, sentence);
    add_journal_name(&line, "event");
    line_add(&line, event->name);
    for (size_t i = 0; i < EVENT_FIELDS && event->fields[i].name; i++) {
        const struct event_field *field = &event->fields[i];
        add_journal_name(&line, field->name);
        if (field->text)
            line_add_escaped(&line, field->text, FIELD_MOST);
        else
            line_add_number(&line, field->number);
    }
    line_add(&line, "\n");
    return size_of(&line, ret);
}
