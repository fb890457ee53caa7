/* SPDX-License-Identifier: Apache-2.0 */
#include "base/message.h"

#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <unistd.h>

static const char *program_name = "panoptes";
static void (*print_hook)(void);
static void (*redirection)(const struct event *event);

/* Reading what is for writing fails, and the other way round, as it does when they are closed. */
static void hold_standard_descriptors(void)
{
    for (int i = STDIN_FILENO; i <= STDERR_FILENO; i++)
        if (fcntl(i, F_GETFD) < 0)
            (void)!open("/dev/null", i == STDIN_FILENO ? O_WRONLY : O_RDONLY);
}

void message_init(const char *program)
{
    hold_standard_descriptors();
    program_name = program;
}

const char *message_program(void)
{
    return program_name;
}

void message_on_print(void (*hook)(void))
{
    print_hook = hook;
}

void message_redirect(void (*show)(const struct event *event))
{
    redirection = show;
}

/* What is only a sentence is shown as it is. */
static void show(const struct event *event, const char *sentence)
{
    if (print_hook)
        print_hook();
    if (redirection) {
        redirection(event);
        return;
    }
    flockfile(stderr);
    fprintf(stderr, "%s: %s\n", program_name, sentence);
    funlockfile(stderr);
}

void message_event(const struct event *event)
{
    char sentence[EVENT_SENTENCE_SIZE];
    event_print(event, sentence, sizeof(sentence));
    show(event, sentence);
}

void message(const char *format, ...)
{
    char text[EVENT_SENTENCE_SIZE];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof(text), format, args);
    va_end(args);
    show(&(struct event){EVENT_NOTICE, "message", "{text}", {event_text("text", text)}}, text);
}

void message_error(const struct error *err)
{
    show(&(struct event){EVENT_ERROR, "failure", "{reason}", {event_text("reason", err->text)}},
         err->text);
}
