/* SPDX-License-Identifier: Apache-2.0 */
#include "filter/filter.h"

#include <stdlib.h>
#include <string.h>

#include "base/caret.h"
#include "base/mem.h"
#include "base/text.h"
#include "filter/parse.h"
#include "filter/pattern.h"
#include "filter/tests.h"

/* Children stand before their parents: `first` goes up the tree, `next` comes down. */
static void link_tests(struct filter *filter)
{
    struct node *nodes = filter->nodes;
    for (uint32_t i = 0; i < filter->count; i++)
        nodes[i].first = nodes[i].kind == NODE_TEST ? i : nodes[nodes[i].left].first;
    nodes[filter->count - 1].next[false] = ANSWER_NO;
    nodes[filter->count - 1].next[true] = ANSWER_YES;
    for (size_t i = filter->count; i-- > 0;) {
        struct node *node = &nodes[i], *left = &nodes[node->left], *right = &nodes[node->right];
        bool is_negated = node->kind == NODE_NOT;
        if (node->kind == NODE_TEST)
            continue;
        left->next[false] = node->next[is_negated];
        left->next[true] = node->next[!is_negated];
        if (is_negated)
            continue;
        memcpy(right->next, node->next, sizeof(right->next));
        left->next[node->kind == NODE_AND] = right->first;
    }
}

int filter_compile_part(struct filter **ret, const char *text, const struct filter_names *names,
                        size_t *ret_at, struct error *err)
{
    struct filter *filter = mem_zalloc(sizeof(*filter));
    if (filter_parse(filter, text, names, ret_at, err)) {
        filter_free(filter);
        return -1;
    }
    if (filter->count) {
        /* There may be thousands of filters. */
        filter->nodes = mem_realloc(filter->nodes, filter->count * sizeof(*filter->nodes));
        filter->capacity = filter->count;
        link_tests(filter);
    }
    *ret = filter;
    return 0;
}

int filter_compile(struct filter **ret, const char *text, const struct filter_names *names,
                   struct error *err)
{
    size_t at;
    if (!filter_compile_part(ret, text, names, &at, err))
        return 0;
    if (err) {
        struct error what = *err;
        error_set(err, "filter: %s, at column %zu", what.text, at + 1);
        error_point(err, text, at);
    }
    return -1;
}

void filter_free(struct filter *filter)
{
    if (!filter)
        return;
    for (size_t i = 0; i < filter->count; i++) {
        struct node *node = &filter->nodes[i];
        free(node->text);
        pattern_free(node->test.pattern);
        free(node->test.ports);
    }
    for (size_t i = 0; i < filter->set_count; i++) {
        free(filter->sets[i].path);
        prefix_set_free(filter->sets[i].set);
    }
    free(filter->sets);
    free(filter->warning);
    free(filter->nodes);
    free(filter);
}

int filter_compile_label(struct filter **ret, const char *pattern, struct error *err)
{
    struct test test = {.holds = test_label};
    if (pattern_new(&test.pattern, pattern, err))
        return -1;
    struct filter *filter = mem_zalloc(sizeof(*filter));
    filter->nodes = mem_grow(NULL, &filter->capacity, 1, sizeof(*filter->nodes));
    filter->nodes[filter->count++] =
        (struct node){.kind = NODE_TEST, .test = test, .text = mem_printf("label \"%s\"", pattern)};
    link_tests(filter);
    *ret = filter;
    return 0;
}

/* Nodes and sets of `more` go behind those of `into`. */
static void take_nodes(struct filter *into, struct filter *more)
{
    const uint32_t behind = (uint32_t)into->count;
    into->nodes =
        mem_grow(into->nodes, &into->capacity, behind + more->count + 1, sizeof(*into->nodes));
    for (size_t i = 0; i < more->count; i++) {
        struct node node = more->nodes[i];
        node.left += behind;
        node.right += behind;
        into->nodes[into->count++] = node;
    }
    more->count = 0;
    if (!more->set_count)
        return;
    into->sets = mem_grow(into->sets, &into->set_capacity, into->set_count + more->set_count,
                          sizeof(*into->sets));
    for (size_t i = 0; i < more->set_count; i++)
        into->sets[into->set_count++] = more->sets[i];
    more->set_count = 0;
}

void filter_join(struct filter *into, struct filter *more)
{
    const uint32_t left = (uint32_t)into->count - 1;
    const bool has_both = into->count && more->count;
    if (more->count)
        take_nodes(into, more);
    if (has_both) {
        const uint32_t right = (uint32_t)into->count - 1;
        into->nodes[into->count++] = (struct node){.kind = NODE_AND, .left = left, .right = right};
    }
    if (into->count)
        link_tests(into);
    filter_free(more);
}

const char *filter_warning(const struct filter *filter)
{
    return filter->warning;
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

bool filter_match(const struct filter *filter, const struct record *r)
{
    if (!filter->count)
        return true;
    uint32_t at = filter->nodes[filter->count - 1].first;
    while (at < ANSWER_NO) {
        const struct node *node = &filter->nodes[at];
        at = node->next[test_holds(&node->test, r)];
    }
    return at == ANSWER_YES;
}

bool filter_looks_at(const struct filter *filter, uint32_t blocks)
{
    for (uint32_t i = 0; i < filter->count; i++) {
        const struct test *test = &filter->nodes[i].test;
        if (filter->nodes[i].kind != NODE_TEST)
            continue;
        for (unsigned side = SRC; side <= DST; side++)
            if (test->field[side] && test->field[side]->blocks & blocks)
                return true;
    }
    return false;
}

/* --- as text ---------------------------------------------------------------------------------- */

/* What is still to be added to a text, the next piece last: words or nodes. */
struct pieces {
    struct piece {
        const char *words; /* NULL: the node */
        uint32_t node;
    } * list;
    size_t count, capacity;
};

static void push_piece(struct pieces *pieces, struct piece piece)
{
    pieces->list =
        mem_grow(pieces->list, &pieces->capacity, pieces->count + 1, sizeof(*pieces->list));
    pieces->list[pieces->count++] = piece;
}

static void push_operand(struct pieces *pieces, uint32_t at, bool in_parentheses)
{
    if (in_parentheses)
        push_piece(pieces, (struct piece){.words = ")"});
    push_piece(pieces, (struct piece){.node = at});
    if (in_parentheses)
        push_piece(pieces, (struct piece){.words = "("});
}

static bool is_joined(const struct node *node)
{
    return !node->text && (node->kind == NODE_AND || node->kind == NODE_OR);
}

/* What is joined of others is in parentheses, but for chains of one kind: a and b and c. */
static void push_node(struct pieces *pieces, const struct filter *filter, const struct node *node)
{
    const struct node *left = &filter->nodes[node->left], *right = &filter->nodes[node->right];
    if (node->text) {
        push_piece(pieces, (struct piece){.words = node->text});
    } else if (node->kind == NODE_NOT) {
        push_operand(pieces, node->left, is_joined(left));
        push_piece(pieces, (struct piece){.words = "not "});
    } else {
        push_operand(pieces, node->right, is_joined(right));
        push_piece(pieces, (struct piece){.words = node->kind == NODE_AND ? " and " : " or "});
        push_operand(pieces, node->left, is_joined(left) && left->kind != node->kind);
    }
}

char *filter_text(const struct filter *filter)
{
    struct text text = {0};
    struct pieces pieces = {0};
    text_add(&text, "");
    if (filter->count)
        push_piece(&pieces, (struct piece){.node = (uint32_t)filter->count - 1});
    while (pieces.count) {
        struct piece piece = pieces.list[--pieces.count];
        if (piece.words)
            text_add(&text, piece.words);
        else
            push_node(&pieces, filter, &filter->nodes[piece.node]);
    }
    free(pieces.list);
    return text.bytes;
}
