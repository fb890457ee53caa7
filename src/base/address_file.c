/* SPDX-License-Identifier: Apache-2.0 */
#include "base/address_file.h"

#include <ctype.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/input.h"
#include "base/lines.h"
#include "base/mem.h"

enum { INCLUDES_MOST = 16, FIELDS = 5 };

/* A file that is being read; those that include it stand before it. */
struct level {
    struct input *in;
    char *path;
    uint64_t line;
};

struct reader {
    struct level levels[INCLUDES_MOST];
    unsigned depth;
    address_file_entry *entry;
    void *context;
    struct address_file_counts *counts;
    struct error *err;
};

/* --- one line --------------------------------------------------------------------------------- */

static bool is_blank(uint8_t c)
{
    return c == ' ' || c == '\t' || c == '\v' || c == '\f';
}

static struct view without_blanks(struct view line)
{
    while (line.size && is_blank(*line.data))
        line = (struct view){line.data + 1, line.size - 1};
    return line;
}

/* The part before the first blank; *rest begins with that. */
static struct view word_of(struct view text, struct view *rest)
{
    size_t size = 0;
    while (size < text.size && !is_blank(text.data[size]))
        size++;
    *rest = (struct view){text.data + size, text.size - size};
    return (struct view){text.data, size};
}

/* The part before the first `c`, or all; *rest is what is behind it. */
static struct view part_before(struct view text, char c, struct view *rest)
{
    const uint8_t *at = text.size ? memchr(text.data, c, text.size) : NULL;
    size_t size = at ? (size_t)(at - text.data) : text.size;
    *rest = (struct view){text.data + size + (at ? 1 : 0), text.size - size - (at ? 1 : 0)};
    return (struct view){text.data, size};
}

static bool view_is(struct view view, const char *text)
{
    return view.size == strlen(text) && !memcmp(view.data, text, view.size);
}

static bool parse_address(struct view text, struct address *ret)
{
    return address_parse((const char *)text.data, text.size, ret);
}

/* The first and the last address of a prefix. */
static void prefix_ends(const struct prefix *prefix, struct address_range *ret)
{
    ret->first = ret->last = prefix->address;
    for (unsigned bit = prefix->bits; bit < 8u * prefix->address.size; bit++) {
        ret->first.bytes[bit / 8] &= (uint8_t) ~(0x80u >> bit % 8);
        ret->last.bytes[bit / 8] |= (uint8_t)(0x80u >> bit % 8);
    }
}

/* "10/8", "10.2.0/24": a prefix of IPv4 without the zeros behind it. */
static bool parse_short_prefix(struct view word, struct prefix *ret)
{
    char text[2 * ADDRESS_TEXT_MAX];
    struct view length, numbers = part_before(word, '/', &length);
    if (numbers.size == word.size || numbers.size + length.size >= ADDRESS_TEXT_MAX)
        return false;
    unsigned dots = 0;
    for (size_t i = 0; i < numbers.size; i++)
        dots += numbers.data[i] == '.';
    if (dots > 2)
        return false;
    int size =
        snprintf(text, sizeof(text), "%.*s%s/%.*s", (int)numbers.size, (const char *)numbers.data,
                 &".0.0.0"[2 * dots], (int)length.size, (const char *)length.data);
    return prefix_parse(text, (size_t)size, ret);
}

static bool parse_ends(struct view first, struct view last, struct address_range *ret)
{
    return parse_address(first, &ret->first) && parse_address(last, &ret->last) &&
           ret->first.size == ret->last.size && address_order(&ret->first, &ret->last) <= 0;
}

/* An address, a prefix, first-last, or first - last; *rest is what stands behind it. */
static bool parse_range(struct view line, struct address_range *ret, struct view *rest)
{
    struct view word = word_of(line, rest);
    struct view last, first = part_before(word, '-', &last);
    struct view behind, sign = word_of(without_blanks(*rest), &behind);
    struct prefix prefix;
    if (first.size < word.size)
        return parse_ends(first, last, ret);
    if (view_is(sign, "-")) {
        last = word_of(without_blanks(behind), rest);
        return parse_ends(word, last, ret);
    }
    if (!prefix_parse((const char *)word.data, word.size, &prefix) &&
        !parse_short_prefix(word, &prefix))
        return false;
    prefix_ends(&prefix, ret);
    return true;
}

static struct view parse_label(struct view rest)
{
    struct view behind, label = {0};
    rest = without_blanks(rest);
    if (!rest.size || *rest.data != '"')
        return label;
    label = part_before((struct view){rest.data + 1, rest.size - 1}, '"', &behind);
    return label;
}

/* So many addresses from the first: the last one, or false behind the end of all. */
static bool add_to_address(struct address *ret, const struct address *first, uint64_t count)
{
    uint64_t last = load_be32(first->bytes) + count - 1;
    *ret = *first;
    store_be32(ret->bytes, (uint32_t)last);
    return count && last <= UINT32_MAX;
}

/* registry|country|ipv4 or ipv6|first|addresses or length|...; 1: a line about other things. */
static int parse_delegation(struct view line, struct address_range *ret)
{
    struct view fields[FIELDS], rest = line;
    struct prefix prefix;
    char number[16];
    for (unsigned i = 0; i < FIELDS; i++)
        fields[i] = part_before(rest, '|', &rest);
    bool is_ip4 = view_is(fields[2], "ipv4"), is_ip6 = view_is(fields[2], "ipv6");
    if ((!is_ip4 && !is_ip6) || view_is(fields[3], "*"))
        return 1;
    if (!parse_address(fields[3], &ret->first) || !fields[4].size ||
        fields[4].size >= sizeof(number) || ret->first.size != (is_ip4 ? ADDRESS_IP4 : ADDRESS_IP6))
        return -1;
    memcpy(number, fields[4].data, fields[4].size);
    number[fields[4].size] = '\0';
    if (strspn(number, "0123456789") != fields[4].size)
        return -1;
    uint64_t count = strtoull(number, NULL, 10);
    ret->label = fields[1];
    if (is_ip4)
        return add_to_address(&ret->last, &ret->first, count) ? 0 : -1;
    if (count > 8 * ADDRESS_IP6)
        return -1;
    prefix = (struct prefix){.address = ret->first, .bits = (uint8_t)count};
    prefix_ends(&prefix, ret);
    return 0;
}

/* "SrcAddr": letters, and nothing that an address has. */
static bool is_heading(struct view word)
{
    if (!isalpha(*word.data))
        return false;
    for (size_t i = 0; i < word.size; i++)
        if (strchr(".:/|", word.data[i]))
            return false;
    return true;
}

/* --- files ------------------------------------------------------------------------------------ */

static struct level *top(struct reader *reader)
{
    return &reader->levels[reader->depth - 1];
}

/* Shows the word without what a terminal would not print. */
static int fail_at(struct reader *reader, struct error *err, const char *what, struct view word)
{
    char text[80];
    size_t size = word.size < sizeof(text) ? word.size : sizeof(text) - 1;
    for (size_t i = 0; i < size; i++)
        text[i] = isprint(word.data[i]) ? (char)word.data[i] : '?';
    text[size] = '\0';
    return error_set(err, "%s: line %llu: '%s' %s", input_name(top(reader)->in),
                     (unsigned long long)top(reader)->line, text, what);
}

static int open_level(struct reader *reader, char *path)
{
    struct level *level = &reader->levels[reader->depth];
    *level = (struct level){.path = path};
    if (input_open(&level->in, path, reader->err)) {
        free(path);
        return -1;
    }
    reader->depth++;
    return 0;
}

static void close_level(struct reader *reader)
{
    input_close(top(reader)->in);
    free(top(reader)->path);
    reader->depth--;
}

static int include(struct reader *reader, struct view name)
{
    const char *from = top(reader)->path, *slash = strrchr(from, '/');
    struct view behind;
    name = without_blanks(name);
    if (name.size && *name.data == '"')
        name = part_before((struct view){name.data + 1, name.size - 1}, '"', &behind);
    while (name.size && is_blank(name.data[name.size - 1]))
        name.size--;
    if (!name.size || memchr(name.data, '\0', name.size))
        return fail_at(reader, reader->err, "is not the name of a file", name);
    if (reader->depth == INCLUDES_MOST)
        return fail_at(reader, reader->err, "is included too deep", name);
    int folder = *name.data != '/' && slash ? (int)(slash - from + 1) : 0;
    /* A "-" is a file here, not standard input. */
    const char *here = !folder && view_is(name, "-") ? "./" : "";
    char *path =
        mem_printf("%.*s%s%.*s", folder, from, here, (int)name.size, (const char *)name.data);
    if (!open_level(reader, path))
        return 0;
    return error_prefix(reader->err, "%s: line %llu", input_name(top(reader)->in),
                        (unsigned long long)top(reader)->line);
}

static int read_comment(struct reader *reader, struct view line)
{
    static const char word[] = "#include";
    const size_t size = sizeof(word) - 1;
    if (line.size <= size || memcmp(line.data, word, size) || !is_blank(line.data[size]))
        return 0;
    return include(reader, (struct view){line.data + size, line.size - size});
}

static int read_entry(struct reader *reader, struct view line)
{
    struct view rest, word = word_of(line, &rest);
    struct address_range range = {0};
    int result = 0;
    if (memchr(word.data, '|', word.size)) {
        result = parse_delegation(line, &range);
    } else if (parse_range(line, &range, &rest)) {
        range.label = parse_label(rest);
    } else {
        result = is_heading(word) ? 1 : -1;
        reader->counts->headings += result > 0;
    }
    if (result < 0) {
        if (!reader->counts->wrong++)
            fail_at(reader, &reader->counts->first_wrong, "is not an address", word);
        return 0;
    }
    if (result > 0)
        return 0;
    reader->counts->entries++;
    if (reader->entry(reader->context, &range, reader->err))
        return error_prefix(reader->err, "%s: line %llu", input_name(top(reader)->in),
                            (unsigned long long)top(reader)->line);
    return 0;
}

/* One line of the file on top, or its end. */
static int step(struct reader *reader)
{
    struct view line;
    int result = lines_next(top(reader)->in, &line, reader->err);
    if (result < 0)
        return -1;
    if (result == LINES_END) {
        close_level(reader);
        return 0;
    }
    top(reader)->line++;
    line = without_blanks(line);
    if (!line.size)
        return 0;
    return *line.data == '#' ? read_comment(reader, line) : read_entry(reader, line);
}

int address_file_read(const char *path, address_file_entry *entry, void *context,
                      struct address_file_counts *ret, struct error *err)
{
    struct reader reader = {.entry = entry, .context = context, .counts = ret, .err = err};
    int result = 0;
    *ret = (struct address_file_counts){0};
    if (open_level(&reader, mem_strdup(path)))
        return -1;
    while (reader.depth && !result)
        result = step(&reader);
    while (reader.depth)
        close_level(&reader);
    return result;
}

void address_file_wrong(const struct address_file_counts *counts, struct error *ret)
{
    unsigned long long more = counts->wrong - 1;
    *ret = counts->first_wrong;
    if (more)
        error_set(ret, "%s, and %llu more line%s", counts->first_wrong.text, more,
                  more > 1 ? "s" : "");
}

/* --- to a set --------------------------------------------------------------------------------- */

struct target {
    struct prefix_set *set;
    uint32_t value;
};

static int add_range(void *context, const struct address_range *range, struct error *err)
{
    const struct target *target = context;
    return prefix_set_add_range(target->set, &range->first, &range->last, target->value, err);
}

int address_file_add(const char *path, struct prefix_set *set, uint32_t value,
                     struct address_file_counts *ret, struct error *err)
{
    struct target target = {.set = set, .value = value};
    return address_file_read(path, add_range, &target, ret, err);
}
