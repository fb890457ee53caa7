/* SPDX-License-Identifier: Apache-2.0 */
#include "record/columns.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "base/attr.h"
#include "base/check.h"
#include "base/mem.h"

enum { WORD_MOST = 128, WIDTH_MOST = 4096, LABELS_MOST = 4 };

static bool is_listed(const char *name, const char *const *names)
{
    for (; *names; names++)
        if (!strcmp(name, *names))
            return true;
    return false;
}

static enum column_role role_of(const char *name)
{
    static const struct {
        enum column_role role;
        const char *names[26];
    } roles[] = {
        {ROLE_RANK, {"rank"}},
        {ROLE_RELATIVE_TIME, {"rtime"}},
        {ROLE_IDLE, {"idle"}},
        {ROLE_FLAGS, {"flgs"}},
        {ROLE_ADDRESS, {"saddr", "daddr"}},
        {ROLE_PORT, {"sport", "dport"}},
        {ROLE_STATE, {"state"}},
        {ROLE_MAC, {"smac", "dmac"}},
        {ROLE_PAYLOAD, {"suser", "duser"}},
        {ROLE_MPLS, {"smpls", "dmpls"}},
        {ROLE_VENDOR, {"soui", "doui"}},
        {ROLE_CODE_POINT, {"sdsb", "ddsb"}},
        {ROLE_AS, {"sas", "das", "ias"}},
        {ROLE_RANGE, {"srng", "erng"}},
        {ROLE_COMMUNITY_ID, {"cid"}},
        {ROLE_COUNTER,
         {"pkts",      "spkts",     "dpkts", "bytes",   "sbytes",  "dbytes",  "appbytes",
          "sappbytes", "dappbytes", "rate",  "srate",   "drate",   "load",    "sload",
          "dload",     "sgap",      "dgap",  "smeansz", "dmeansz", "stcpmax", "dtcpmax",
          "swin",      "dwin",      "pcr",   NULL}},
    };
    for (size_t i = 0; i < ARRAY_SIZE(roles); i++)
        if (is_listed(name, roles[i].names))
            return roles[i].role;
    return ROLE_VALUE;
}

static void insert(struct columns *columns, size_t at, struct column column)
{
    columns->list =
        mem_grow(columns->list, &columns->capacity, columns->count + 1, sizeof(*columns->list));
    at = at < columns->count ? at : columns->count;
    memmove(&columns->list[at + 1], &columns->list[at],
            (columns->count - at) * sizeof(*columns->list));
    columns->list[at] = column;
    columns->count++;
}

void columns_init(struct columns *columns)
{
    static const char *const names[] = {"stime", "flgs",  "proto", "saddr", "sport", "dir",
                                        "daddr", "dport", "pkts",  "bytes", "state"};
    *columns = (struct columns){0};
    for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
        const struct field *field = field_find(names[i]);
        check(field);
        insert(columns, columns->count,
               (struct column){.field = field, .role = role_of(field->name)});
    }
}

void columns_release(struct columns *columns)
{
    free(columns->list);
    *columns = (struct columns){0};
}

static int unknown_field(const char *name, struct error *err)
{
    const struct field *near[3];
    unsigned count = field_suggest(name, near, ARRAY_SIZE(near));
    if (!count)
        return error_set(err, "-s: there is no field '%s'", name);
    return error_set(err, "-s: there is no field '%s'; the nearest: %s%s%s%s%s", name,
                     near[0]->name, count > 1 ? ", " : "", count > 1 ? near[1]->name : "",
                     count > 2 ? ", " : "", count > 2 ? near[2]->name : "");
}

static int parse_width(const char *name, const char *text, unsigned *ret, struct error *err)
{
    char *end;
    unsigned long value = strtoul(text, &end, 10);
    if (*end || !isdigit((unsigned char)*text) || value > WIDTH_MOST)
        return error_set(err, "-s: '%s' is not a width", text);
    if (!value)
        return error_set(err, "-s %s:0: the width must be greater than 0", name);
    *ret = (unsigned)value;
    return 0;
}

static int parse_format(const char *text, struct column *ret, struct error *err)
{
    if (!number_format_fits(ret->field->kind))
        return error_set(err, "-s: '%s' is no number that a format could be for", ret->field->name);
    return number_format_parse(&ret->format, text, err) ? error_prefix(err, "-s") : 0;
}

/* "0,2-3]": entries of a label stack, counted from its top. */
static int parse_labels(const char *text, struct column *ret, struct error *err)
{
    const char *at = text;
    do {
        char *end;
        unsigned long first = strtoul(at, &end, 10), last = first;
        if (*end == '-')
            last = strtoul(end + 1, &end, 10);
        if (!isdigit((unsigned char)*at) || !isdigit((unsigned char)end[-1]) || first > last ||
            last >= LABELS_MOST)
            break;
        ret->labels |= (uint8_t)((1u << (last + 1)) - (1u << first));
        at = end + (*end == ',');
        if (!strcmp(end, "]"))
            return 0;
    } while (at[-1] == ',');
    return error_set(err, "-s %s: '[%s' does not choose from %d labels, as [0] or [0,2-3] do",
                     ret->field->name, text, LABELS_MOST);
}

/* name[labels]:width:format, with all but the name left out or not */
static int parse_column(char *word, struct column *ret, struct error *err)
{
    char *width = strchr(word, ':'), *format = NULL, *labels;
    *ret = (struct column){0};
    if (width) {
        *width++ = '\0';
        format = strchr(width, ':');
        if (format)
            *format++ = '\0';
    }
    labels = strchr(word, '[');
    if (labels)
        *labels++ = '\0';
    ret->field = field_find(word);
    if (!ret->field)
        return unknown_field(word, err);
    ret->role = role_of(word);
    if (labels && ret->role != ROLE_MPLS)
        return error_set(err, "-s: %s has no labels to choose from", word);
    if (labels && parse_labels(labels, ret, err))
        return -1;
    if (width && *width && parse_width(word, width, &ret->width, err))
        return -1;
    return format ? parse_format(format, ret, err) : 0;
}

static void remove_field(struct columns *columns, const struct field *field)
{
    for (size_t i = 0; i < columns->count; i++) {
        if (columns->list[i].field != field)
            continue;
        memmove(&columns->list[i], &columns->list[i + 1],
                (columns->count - i - 1) * sizeof(*columns->list));
        columns->count--;
        return;
    }
}

static int select_word(struct columns *columns, char *word, struct error *err)
{
    struct column column;
    char sign = *word == '+' || *word == '-' ? *word++ : '\0';
    size_t at = columns->count;
    if (sign == '+' && isdigit((unsigned char)*word))
        at = strtoul(word, &word, 10);
    if (parse_column(word, &column, err))
        return -1;
    if (!sign && !columns->chosen)
        at = columns->count = 0;
    columns->chosen = true;
    if (sign == '-')
        remove_field(columns, column.field);
    else
        insert(columns, at, column);
    return 0;
}

/* Commas between brackets are part of the word. */
static size_t word_size(const char *words)
{
    size_t size = strcspn(words, ", [");
    if (words[size] != '[')
        return size;
    size += strcspn(words + size, "] ");
    return size + strcspn(words + size, ", ");
}

int columns_select(struct columns *columns, const char *words, struct error *err)
{
    while (*words) {
        char word[WORD_MOST];
        size_t size = word_size(words);
        if (size >= sizeof(word))
            return error_set(err, "-s: '%s' is too long", words);
        memcpy(word, words, size);
        word[size] = '\0';
        if (size && select_word(columns, word, err))
            return -1;
        words += size;
        words += strspn(words, ", ");
    }
    return 0;
}
