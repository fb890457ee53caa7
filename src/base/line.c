/* SPDX-License-Identifier: Apache-2.0 */
#include "base/line.h"

#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "base/utf8.h"

static const char digits[] = "0123456789abcdef";

void line_init(struct line *line, char *bytes, size_t most)
{
    line->at = bytes;
    line->end = bytes + most - 1;
    *line->at = '\0';
}

/* False if there is no room, or not within the limit. */
static bool put(struct line *line, const char *bytes, size_t size, size_t *left)
{
    if (size > *left || size > (size_t)(line->end - line->at))
        return false;
    memcpy(line->at, bytes, size);
    line->at += size;
    *line->at = '\0';
    *left -= size;
    return true;
}

void line_add(struct line *line, const char *text)
{
    size_t left = SIZE_MAX;
    (void)put(line, text, strlen(text), &left);
}

void line_add_number(struct line *line, uint64_t number)
{
    char text[24];
    snprintf(text, sizeof(text), "%" PRIu64, number);
    line_add(line, text);
}

/* Control characters: of ASCII, and those of ISO 8859 that terminals know, too. */
static bool is_printable(const uint8_t *at, unsigned length)
{
    return length > 1 ? at[0] != 0xc2 || at[1] >= 0xa0 : length && at[0] >= 0x20 && at[0] != 0x7f;
}

void line_add_escaped(struct line *line, const char *text, size_t most)
{
    const uint8_t *at = (const uint8_t *)text;
    size_t size = strlen(text);
    bool has_room = true;
    while (size && has_room) {
        unsigned length = utf8_length(at, size);
        if (*at == '\\') {
            has_room = put(line, "\\\\", 2, &most);
        } else if (is_printable(at, length)) {
            has_room = put(line, (const char *)at, length, &most);
        } else {
            const char escaped[4] = {'\\', 'x', digits[*at >> 4], digits[*at & 15]};
            has_room = put(line, escaped, sizeof(escaped), &most);
            length = 1;
        }
        at += length;
        size -= length;
    }
}

void line_add_json(struct line *line, const char *text, size_t most)
{
    const uint8_t *at = (const uint8_t *)text;
    size_t size = strlen(text);
    bool has_room = true;
    while (size && has_room) {
        unsigned length = utf8_length(at, size);
        if (!length) {
            has_room = put(line, "\xef\xbf\xbd", 3, &most);
            length = 1;
        } else if (*at == '"' || *at == '\\') {
            const char escaped[2] = {'\\', (char)*at};
            has_room = put(line, escaped, sizeof(escaped), &most);
        } else if (*at < 0x20 || *at == 0x7f) {
            const char escaped[6] = {'\\', 'u', '0', '0', digits[*at >> 4], digits[*at & 15]};
            has_room = put(line, escaped, sizeof(escaped), &most);
        } else {
            has_room = put(line, (const char *)at, length, &most);
        }
        at += length;
        size -= length;
    }
}
