/* SPDX-License-Identifier: Apache-2.0 */
#include "cmd/rc_file.h"

#include <ctype.h>
#include <string.h>

#include "base/input.h"
#include "base/lines.h"

enum { LINE_SIZE = 4096 };

/* Cuts the value out of what stands behind "=". */
static char *value_of(char *text)
{
    if (*text == '"') {
        char *end = strchr(++text, '"');
        if (end)
            *end = '\0';
        return text;
    }
    size_t size = strlen(text);
    while (size && isspace((unsigned char)text[size - 1]))
        text[--size] = '\0';
    return text;
}

static int take_line(char *line, unsigned number, const char *path,
                     int (*take)(void *arg, const char *name, const char *value, struct error *err),
                     void *arg, struct error *err)
{
    line += strspn(line, " \t");
    size_t size = strspn(line, "ABCDEFGHIJKLMNOPQRSTUVWXYZ_0123456789");
    if (!*line || *line == '#')
        return 0;
    if (!size || line[size] != '=')
        return error_set(err, "%s: line %u: NAME=value is expected, not '%.40s'", path, number,
                         line);
    line[size] = '\0';
    const char *value = value_of(line + size + 1);
    if (!*value)
        return 0;
    if (take(arg, line, value, err))
        return error_prefix(err, "%s: line %u", path, number);
    return 0;
}

int rc_file_read(const char *path,
                 int (*take)(void *arg, const char *name, const char *value, struct error *err),
                 void *arg, struct error *err)
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
        result = take_line(copy, number, path, take, arg, err);
        if (result)
            break;
    }
    input_close(in);
    return result == LINES_END ? 0 : result;
}
