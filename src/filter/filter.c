/* SPDX-License-Identifier: Apache-2.0 */
#include "filter/filter.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "filter/parse.h"

int filter_compile(struct filter **ret, const char *text, const struct filter_names *names,
                   struct error *err)
{
    struct filter *filter = mem_zalloc(sizeof(*filter));
    if (filter_parse(filter, text, names, err)) {
        filter_free(filter);
        return -1;
    }
    *ret = filter;
    return 0;
}

void filter_free(struct filter *filter)
{
    if (!filter)
        return;
    for (size_t i = 0; i < filter->count; i++) {
        struct test *test = &filter->nodes[i].test;
        free(test->text);
        if (test->pattern)
            regfree(test->pattern);
        free(test->pattern);
    }
    free(filter->nodes);
    free(filter);
}

static bool test_holds(const struct test *test, const struct record *r)
{
    if (!test->has_sides)
        return test->holds(test, r, SRC);
    switch (test->mode) {
    case SIDE_SRC:
        return test->holds(test, r, SRC);
    case SIDE_DST:
        return test->holds(test, r, DST);
    case SIDE_EACH:
        return test->holds(test, r, SRC) && test->holds(test, r, DST);
    default:
        return test->holds(test, r, SRC) || test->holds(test, r, DST);
    }
}

/* Recursion is bounded: the parser limits both parentheses and the number of terms. */
static bool node_holds(const struct filter *filter, uint32_t at, const struct record *r)
{
    const struct node *node = &filter->nodes[at];
    switch (node->kind) {
    case NODE_TEST:
        return test_holds(&node->test, r);
    case NODE_NOT:
        return !node_holds(filter, node->left, r);
    case NODE_AND:
        return node_holds(filter, node->left, r) && node_holds(filter, node->right, r);
    default:
        return node_holds(filter, node->left, r) || node_holds(filter, node->right, r);
    }
}

bool filter_match(const struct filter *filter, const struct record *r)
{
    return filter->is_empty || node_holds(filter, filter->root, r);
}

/* --- as text ---------------------------------------------------------------------------------- */

struct text {
    char *bytes;
    size_t size, capacity;
};

static void add(struct text *text, const char *more)
{
    size_t size = strlen(more);
    text->bytes = mem_grow(text->bytes, &text->capacity, text->size + size + 1, 1);
    memcpy(text->bytes + text->size, more, size + 1);
    text->size += size;
}

static void add_node(struct text *text, const struct filter *filter, uint32_t at)
{
    const struct node *node = &filter->nodes[at];
    if (node->kind == NODE_TEST) {
        add(text, node->test.text);
        return;
    }
    if (node->kind == NODE_NOT) {
        add(text, "not (");
        add_node(text, filter, node->left);
        add(text, ")");
        return;
    }
    /* A chain of one operator needs no parentheses to its left. */
    bool chain = filter->nodes[node->left].kind == node->kind;
    add(text, chain ? "" : "(");
    add_node(text, filter, node->left);
    add(text, chain ? "" : ")");
    add(text, node->kind == NODE_AND ? " and (" : " or (");
    add_node(text, filter, node->right);
    add(text, ")");
}

char *filter_text(const struct filter *filter)
{
    struct text text = {0};
    add(&text, "");
    if (!filter->is_empty)
        add_node(&text, filter, filter->root);
    return text.bytes;
}
