/* SPDX-License-Identifier: Apache-2.0 */
#include "base/lines.h"

#include <string.h>

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
