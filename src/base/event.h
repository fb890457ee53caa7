/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stddef.h>
#include <stdint.h>

/*
 * Something that happened while a program runs. Libraries make events, programs show them: as a
 * sentence, or, in logs that machines read, as a name and fields. The sentence has fields in
 * braces, so that both say the same:
 *
 *     const struct event event = {
 *         EVENT_INFO, "client-over", "client {peer}: over: {reason}",
 *         {event_text("peer", name), event_text("reason", why)}};
 *
 * Names of events are words with dashes, those of fields words with underscores. What the texts
 * point at need last no longer than the call that they are given to.
 */
enum event_level { EVENT_ERROR, EVENT_WARNING, EVENT_NOTICE, EVENT_INFO, EVENT_LEVELS };

struct event_field {
    const char *name; /* NULL: behind the last one */
    const char *text; /* NULL: it is the number */
    uint64_t number;
};

enum { EVENT_FIELDS = 8, EVENT_SENTENCE_SIZE = 2048 };

struct event {
    enum event_level level;
    const char *name, *sentence;
    struct event_field fields[EVENT_FIELDS];
};

static inline struct event_field event_text(const char *name, const char *text)
{
    return (struct event_field){name, text, 0};
}

static inline struct event_field event_number(const char *name, uint64_t number)
{
    return (struct event_field){name, NULL, number};
}

/* What levels are called: "error", "warning", "notice", "info". */
extern const char *const event_level_names[EVENT_LEVELS];

/* The sentence with its fields in place, in one line: what fields say is escaped as in line.h. */
void event_print(const struct event *event, char *ret, size_t size);
