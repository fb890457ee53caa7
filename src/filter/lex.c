/* SPDX-License-Identifier: Apache-2.0 */
#include "filter/lex.h"

#include <ctype.h>
#include <string.h>

#include "base/attr.h"

/* Longer ones first, so that ">=" is not read as ">". */
static const struct {
    const char *text;
    enum token_kind kind;
    enum compare compare;
} symbols[] = {
    {"&&", TOKEN_AND, 0},
    {"||", TOKEN_OR, 0},
    {">=", TOKEN_COMPARE, COMPARE_GE},
    {"<=", TOKEN_COMPARE, COMPARE_LE},
    {"!=", TOKEN_COMPARE, COMPARE_NE},
    {"==", TOKEN_COMPARE, COMPARE_EQ},
    {"=", TOKEN_COMPARE, COMPARE_EQ},
    {">", TOKEN_COMPARE, COMPARE_GT},
    {"<", TOKEN_COMPARE, COMPARE_LT},
    {"!", TOKEN_NOT, 0},
    {"(", TOKEN_OPEN, 0},
    {")", TOKEN_CLOSE, 0},
};

static const struct {
    const char *text;
    enum token_kind kind;
    enum compare compare;
} words[] = {
    {"and", TOKEN_AND, 0},
    {"or", TOKEN_OR, 0},
    {"not", TOKEN_NOT, 0},
    {"eq", TOKEN_COMPARE, COMPARE_EQ},
    {"equal", TOKEN_COMPARE, COMPARE_EQ},
    {"ne", TOKEN_COMPARE, COMPARE_NE},
    {"gt", TOKEN_COMPARE, COMPARE_GT},
    {"greater", TOKEN_COMPARE, COMPARE_GT},
    {"gte", TOKEN_COMPARE, COMPARE_GE},
    {"lt", TOKEN_COMPARE, COMPARE_LT},
    {"less", TOKEN_COMPARE, COMPARE_LT},
    {"lte", TOKEN_COMPARE, COMPARE_LE},
};

static bool take_symbol(const char *text, size_t *at, struct token *ret)
{
    for (size_t i = 0; i < ARRAY_SIZE(symbols); i++) {
        size_t size = strlen(symbols[i].text);
        if (strncmp(text + *at, symbols[i].text, size))
            continue;
        ret->kind = symbols[i].kind;
        ret->compare = symbols[i].compare;
        memcpy(ret->text, symbols[i].text, size + 1);
        *at += size;
        return true;
    }
    return false;
}

static void take_text(const char *from, size_t size, enum token_kind kind, struct token *ret)
{
    ret->kind = kind;
    if (size >= sizeof(ret->text)) {
        ret->kind = TOKEN_BAD;
        size = sizeof(ret->text) - 1;
    }
    memcpy(ret->text, from, size);
    ret->text[size] = '\0';
}

static void take_string(const char *text, size_t *at, struct token *ret)
{
    size_t size = strcspn(text + *at + 1, "\"");
    bool closed = text[*at + 1 + size] == '"';
    take_text(text + *at + 1, size, closed ? TOKEN_STRING : TOKEN_BAD, ret);
    *at += size + (closed ? 2 : 1);
}

void lex_next(const char *text, size_t *at, struct token *ret)
{
    while (isspace((unsigned char)text[*at]))
        ++*at;
    *ret = (struct token){.kind = TOKEN_END, .at = *at};
    if (!text[*at] || take_symbol(text, at, ret))
        return;
    if (text[*at] == '"') {
        take_string(text, at, ret);
        return;
    }
    /* As in Argus, \\ before a name says that it is no word of the language. */
    ret->is_name = text[*at] == '\\' && isalnum((unsigned char)text[*at + 1]);
    *at += ret->is_name;
    size_t size = strcspn(text + *at, " \t\r\n\v\f()\"!=<>&|");
    if (!size)
        size = 1; /* a lone & or | */
    take_text(text + *at, size, TOKEN_WORD, ret);
    *at += size;
    for (size_t i = 0; ret->kind == TOKEN_WORD && !ret->is_name && i < ARRAY_SIZE(words); i++)
        if (!strcmp(ret->text, words[i].text)) {
            ret->kind = words[i].kind;
            ret->compare = words[i].compare;
        }
}
