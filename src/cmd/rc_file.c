/* SPDX-License-Identifier: Apache-2.0 */
#include "cmd/rc_file.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "base/input.h"
#include "base/lines.h"

enum { LINE_SIZE = 4096 };

/* Cuts the value out of what stands behind "=". */
static void take_value(char *text, struct rc_variable *ret)
{
    ret->is_quoted = *text == '"';
    ret->value = text + ret->is_quoted;
    if (ret->is_quoted) {
        char *end = strchr(text + 1, '"');
        ret->is_open = !end;
        if (end)
            *end = '\0';
        return;
    }
    size_t size = strlen(text);
    while (size && isspace((unsigned char)text[size - 1]))
        text[--size] = '\0';
}

static int take_line(char *line, rc_take take, void *arg, struct error *err)
{
    line += strspn(line, " \t");
    size_t size = strspn(line, "ABCDEFGHIJKLMNOPQRSTUVWXYZ_0123456789");
    if (!*line || *line == '#' || *line == '!')
        return 0;
    if (!size || line[size] != '=')
        return error_set(err, "NAME=value is expected, not '%.40s'", line);
    line[size] = '\0';
    struct rc_variable variable = {.name = line};
    take_value(line + size + 1, &variable);
    return *variable.value ? take(arg, &variable, err) : 0;
}

int rc_file_read(const char *path, rc_take take, void *arg, struct error *err)
{
    struct input *in;
    struct view line;
    char copy[LINE_SIZE];
    int result;
    if (input_open(&in, path, err))
        return -1;
    for (unsigned number = 1; !(result = lines_next(in, &line, err)); number++) {
        if (line.size >= sizeof(copy)) {
            result = error_set(err, "%s: line %u: longer than %d characters", path, number,
                               LINE_SIZE - 1);
            break;
        }
        memcpy(copy, line.data, line.size);
        copy[line.size] = '\0';
        if (take_line(copy, take, arg, err)) {
            result = error_prefix(err, "%s: line %u", path, number);
            break;
        }
    }
    input_close(in);
    return result == LINES_END ? 0 : result;
}

bool rc_is_yes(const char *value)
{
    return !strncasecmp(value, "yes", 3);
}
