/* SPDX-License-Identifier: Apache-2.0 */
#include "base/event.h"

#include <stdbool.h>
#include <string.h>

#include "base/line.h"

const char *const event_level_names[EVENT_LEVELS] = {
    [EVENT_ERROR] = "error",
    [EVENT_WARNING] = "warning",
    [EVENT_NOTICE] = "notice",
    [EVENT_INFO] = "info",
};

static const struct event_field *find(const struct event *event, const char *name, size_t size)
{
    for (size_t i = 0; i < EVENT_FIELDS && event->fields[i].name; i++)
        if (strlen(event->fields[i].name) == size && !memcmp(event->fields[i].name, name, size))
            return &event->fields[i];
    return NULL;
}

static void add_field(struct line *line, const struct event_field *field)
{
    if (field->text)
        line_add_escaped(line, field->text, SIZE_MAX);
    else
        line_add_number(line, field->number);
}

void event_print(const struct event *event, char *ret, size_t size)
{
    struct line line;
    line_init(&line, ret, size);
    for (const char *at = event->sentence; *at;) {
        size_t word = *at == '{' ? strcspn(at + 1, "}") : 0;
        bool is_whole = word && at[1 + word];
        const struct event_field *field = is_whole ? find(event, at + 1, word) : NULL;
        if (field) {
            add_field(&line, field);
            at += word + 2;
        } else {
            const char byte[2] = {*at++, '\0'};
            line_add(&line, byte);
        }
    }
}
