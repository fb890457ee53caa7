/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <string.h>

#include "base/address_file.h"
#include "base/mem.h"
#include "filter/parse_internal.h"
#include "filter/tests.h"

/* Sets of addresses: `host in @file`. */

bool parser_at_set(const struct parser *p)
{
    const char *text = p->token.text;
    if (p->token.kind != TOKEN_WORD && p->token.kind != TOKEN_STRING)
        return false;
    return *text == '@' || (p->token.kind == TOKEN_WORD && !strcmp(text, "in"));
}

/* All lines must be entries, or headings: what is not looked for would never be missed. */
static int read_set(struct parser *p, const char *path, struct prefix_set *set)
{
    struct address_file_counts counts;
    struct error err;
    if (address_file_add(path, set, 0, &counts, &err))
        return parser_fail(p, p->token.at, "%s", err.text);
    if (!counts.wrong)
        return 0;
    address_file_wrong(&counts, &err);
    return parser_fail(p, p->token.at, "%s", err.text);
}

static int find_set(struct parser *p, const char *path, const struct prefix_set **ret)
{
    struct filter *filter = p->filter;
    for (size_t i = 0; i < filter->set_count; i++)
        if (!strcmp(filter->sets[i].path, path)) {
            *ret = filter->sets[i].set;
            return 0;
        }
    struct prefix_set *set = prefix_set_new();
    if (read_set(p, path, set)) {
        prefix_set_free(set);
        return -1;
    }
    prefix_set_build(set);
    filter->sets =
        mem_grow(filter->sets, &filter->set_capacity, filter->set_count + 1, sizeof(*filter->sets));
    filter->sets[filter->set_count++] = (struct address_set){mem_strdup(path), set};
    *ret = set;
    return 0;
}

int parse_set(struct parser *p, uint32_t *ret)
{
    struct test test = {.holds = test_address_set, .has_sides = true};
    char value[sizeof(p->token.text) + 8];
    if (p->token.kind == TOKEN_WORD && !strcmp(p->token.text, "in"))
        parser_advance(p);
    if (p->token.text[0] != '@' || !p->token.text[1])
        return parser_fail(p, p->token.at, "'@' and the name of a file must follow 'in'");
    if (!p->names || !p->names->reads_files)
        return parser_fail(p, p->token.at, "files of addresses are not read here");
    if (find_set(p, p->token.text + 1, &test.set))
        return -1;
    snprintf(value, sizeof(value), "in \"%s\"", p->token.text);
    *ret = parser_finish(p, &test, value);
    parser_advance(p);
    return 0;
}
