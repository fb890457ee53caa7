/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>
#include <strings.h>

#include "base/attr.h"
#include "record/print_form.h"

/* User data and labels: bytes of any kind as text. */

static char readable(uint8_t c)
{
    return c >= 0x20 && c < 0x7f ? (char)c : '.';
}

static void put_readable(struct printer *p, struct view bytes)
{
    char *to = print_room(p, bytes.size);
    for (size_t i = 0; i < bytes.size; i++)
        to[i] = readable(bytes.data[i]);
    p->size += bytes.size;
}

/* --- passwords -------------------------------------------------------------------------------- */

/* Words of protocols in clear text, behind which secrets stand up to the end of the line. */
static size_t secret_word(const uint8_t *at, size_t size)
{
    static const char *const words[] = {"PASS ", "Authorization: ", "LOGIN "};
    for (size_t i = 0; i < ARRAY_SIZE(words); i++) {
        size_t length = strlen(words[i]);
        if (size > length && !strncasecmp((const char *)at, words[i], length))
            return length;
    }
    return 0;
}

/* `text` has a character for each byte. */
static void hide_secrets(char *text, struct view bytes)
{
    for (size_t i = 0; i < bytes.size; i++) {
        size_t word = secret_word(bytes.data + i, bytes.size - i);
        if (!word)
            continue;
        for (i += word; i < bytes.size && !strchr("\r\n", bytes.data[i]); i++)
            text[i] = 'x';
    }
}

/* --- encodings -------------------------------------------------------------------------------- */

static void put_base16(struct printer *p, struct view bytes)
{
    static const char digits[] = "0123456789ABCDEF";
    char *to = print_room(p, 2 * bytes.size);
    for (size_t i = 0; i < bytes.size; i++) {
        *to++ = digits[bytes.data[i] >> 4];
        *to++ = digits[bytes.data[i] & 15];
    }
    p->size += 2 * bytes.size;
}

void print_base64(struct printer *p, struct view bytes)
{
    static const char letters[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    char *to = print_room(p, (bytes.size + 2) / 3 * 4);
    for (size_t i = 0; i < bytes.size; i += 3) {
        size_t left = bytes.size - i;
        uint32_t bits = (uint32_t)bytes.data[i] << 16;
        bits |= left > 1 ? (uint32_t)bytes.data[i + 1] << 8 : 0;
        bits |= left > 2 ? bytes.data[i + 2] : 0;
        *to++ = letters[bits >> 18];
        *to++ = letters[bits >> 12 & 63];
        *to++ = left > 1 ? letters[bits >> 6 & 63] : '=';
        *to++ = left > 2 ? letters[bits & 63] : '=';
    }
    p->size = (size_t)(to - p->line);
}

/* --- cells ------------------------------------------------------------------------------------ */

static enum print_payload payload_form(const struct printer *p)
{
    /* Lines of hexadecimal stand behind those of text only. */
    if (p->options.payload == PAYLOAD_HEX && p->options.form != PRINT_TEXT)
        return PAYLOAD_BASE16;
    return p->options.payload;
}

static struct view shown_bytes(const struct column *column, const struct value *v)
{
    struct view bytes = v->u.bytes;
    size_t most = column->width ? column->width : column->field->width;
    bytes.size = bytes.size < most ? bytes.size : most;
    return bytes;
}

/* "s[size]=", the size that of the text behind it. */
static void put_head(struct printer *p, const struct column *column, size_t size)
{
    print_char(p, column->field->name[0]);
    print_char(p, '[');
    char *to = print_room(p, VALUE_TEXT_MOST);
    p->size = (size_t)(value_text_uint(to, size) - p->line);
    print_text(p, "]=");
}

void print_payload(struct printer *p, const struct column *column, const struct value *v)
{
    if (column->role != ROLE_PAYLOAD) {
        put_readable(p, v->u.bytes);
        return;
    }
    struct view bytes = shown_bytes(column, v);
    if (!bytes.size)
        return;
    switch (payload_form(p)) {
    case PAYLOAD_ASCII:
        put_head(p, column, bytes.size);
        put_readable(p, bytes);
        return;
    case PAYLOAD_OBFUSCATE:
        put_head(p, column, bytes.size);
        put_readable(p, bytes);
        hide_secrets(p->line + p->size - bytes.size, bytes);
        return;
    case PAYLOAD_HEX: /* behind the line */
        return;
    case PAYLOAD_BASE16:
        put_head(p, column, 2 * bytes.size);
        put_base16(p, bytes);
        return;
    case PAYLOAD_BASE64:
        put_head(p, column, (bytes.size + 2) / 3 * 4);
        print_base64(p, bytes);
        return;
    }
}

size_t print_payload_width(const struct printer *p, const struct column *column)
{
    enum { MARGIN = 3 };
    char digits[VALUE_TEXT_MOST];
    size_t width = column->width ? column->width : column->field->width;
    size_t head = strlen("s[]=") + (size_t)(value_text_uint(digits, width) - digits);
    bool is_encoded = payload_form(p) == PAYLOAD_BASE16 || payload_form(p) == PAYLOAD_BASE64;
    return (is_encoded ? 2 * width : width) + head + MARGIN;
}

/* --- lines of hexadecimal --------------------------------------------------------------------- */

enum { DUMP_BYTES = 16, DUMP_WIDTH = 39 };

/* "0x0010", pairs of bytes, and what of them can be read. */
static void put_dump_line(struct printer *p, const uint8_t *data, size_t at, size_t size)
{
    static const char digits[] = "0123456789abcdef";
    print_text(p, "      0x");
    for (int shift = 12; shift >= 0; shift -= 4)
        print_char(p, digits[at >> shift & 15]);
    print_text(p, "\t ");
    size_t begin = p->size;
    for (size_t i = 0; i < size; i++) {
        if (i && i % 2 == 0)
            print_char(p, ' ');
        print_char(p, digits[data[at + i] >> 4]);
        print_char(p, digits[data[at + i] & 15]);
    }
    print_blanks(p, DUMP_WIDTH - (p->size - begin));
    print_char(p, '\t');
    for (size_t i = 0; i < size; i++)
        print_char(p, data[at + i] == ' ' ? '.' : readable(data[at + i]));
    print_char(p, '\n');
}

void print_dumps(struct printer *p, const struct record *r)
{
    for (size_t i = 0; i < p->columns.count; i++) {
        const struct column *column = &p->columns.list[i];
        struct value v;
        if (column->role != ROLE_PAYLOAD)
            continue;
        print_value(p, column, r, &v);
        if (v.kind != VALUE_BYTES)
            continue;
        struct view bytes = shown_bytes(column, &v);
        for (size_t at = 0; at < bytes.size; at += DUMP_BYTES)
            put_dump_line(p, bytes.data, at,
                          bytes.size - at < DUMP_BYTES ? bytes.size - at : DUMP_BYTES);
        if (bytes.size)
            print_char(p, '\n');
    }
}
