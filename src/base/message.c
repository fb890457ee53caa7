/* SPDX-License-Identifier: Apache-2.0 */
#include "base/message.h"

#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <unistd.h>

static const char *program_name = "panoptes";
static void (*print_hook)(void);

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

void message(const char *format, ...)
{
    if (print_hook)
        print_hook();
    flockfile(stderr);
    fprintf(stderr, "%s: ", program_name);
    va_list args;
    va_start(args, format);
    vfprintf(stderr, format, args);
    va_end(args);
    putc('\n', stderr);
    funlockfile(stderr);
}

void message_error(const struct error *err)
{
    message("%s", err->text);
}
