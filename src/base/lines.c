/* SPDX-License-Identifier: Apache-2.0 */
#include "base/lines.h"

#include <stdlib.h>
#include <string.h>

#include "base/caret.h"
#include "base/mem.h"

int lines_next(struct input *in, struct view *ret, struct error *err)
{
    const uint8_t *end = NULL;
    size_t want = 1;
    while (!end) {
        if (input_peek(in, want, ret, err))
            return -1;
        end = memchr(ret->data, '\n', ret->size < LINE_MOST ? ret->size : LINE_MOST);
        if (end || ret->size < want)
            break;
        if (ret->size >= LINE_MOST)
            return error_set(err, "%s: a line of more than %d bytes at offset %llu", input_name(in),
                             LINE_MOST, (unsigned long long)input_offset(in));
        want = ret->size + 1;
    }
    if (!ret->size)
        return LINES_END;
    if (end)
        ret->size = (size_t)(end - ret->data);
    input_advance(in, ret->size + (end ? 1 : 0));
    if (ret->size && ret->data[ret->size - 1] == '\r')
        ret->size--;
    return 0;
}

static int take_line(struct view line, const char *path, unsigned number, lines_take *take,
                     void *arg, struct error *err)
{
    struct error why;
    size_t at;
    if (memchr(line.data, 0, line.size))
        return error_set(err, "%s: line %u: a zero byte; is this a text?", path, number);
    char *text = mem_printf("%.*s", (int)line.size, (const char *)line.data);
    int result = take(arg, text, number, &at, &why) ? -1 : 0;
    if (result) {
        error_set(err, "%s: line %u, column %zu: %s", path, number, at + 1, why.text);
        error_point(err, text, at);
    }
    free(text);
    return result;
}

int lines_read(const char *path, lines_take *take, void *arg, struct error *err)
{
    struct input *in;
    struct view line;
    int result;
    if (input_open(&in, path, err))
        return -1;
    for (unsigned number = 1; !(result = lines_next(in, &line, err)); number++)
        if ((result = take_line(line, path, number, take, arg, err)) != 0)
            break;
    input_close(in);
    return result == LINES_END ? 0 : -1;
}
