/* SPDX-License-Identifier: Apache-2.0 */
#include "sort/merge.h"

#include <stdbool.h>
#include <stdlib.h>

#include "base/mem.h"

void merge_add(struct merge *merge, const struct merge_source *source)
{
    merge->sources =
        mem_grow(merge->sources, &merge->capacity, merge->count + 1, sizeof(*merge->sources));
    merge->sources[merge->count++] = *source;
}

void merge_release(struct merge *merge)
{
    free(merge->sources);
    free(merge->losers);
    *merge = (struct merge){0};
}

/* What has come to its end loses to all others. */
static bool is_before(const struct merge *merge, size_t a, size_t b)
{
    const struct sort_slot *x = &merge->sources[a].head, *y = &merge->sources[b].head;
    if (!x->item || !y->item)
        return x->item && !y->item;
    int result = sort_slot_compare(x, y);
    return result < 0 || (!result && a < b);
}

/* Plays the matches from a leaf to the root, against those who lost there before. */
static void replay(struct merge *merge, size_t leaf)
{
    size_t winner = leaf;
    for (size_t node = (leaf + merge->count) / 2; node; node /= 2) {
        size_t loser = merge->losers[node];
        if (is_before(merge, loser, winner)) {
            merge->losers[node] = winner;
            winner = loser;
        }
    }
    merge->losers[0] = winner;
}

/* The winner below a node; the losers of its matches stay where they lost. */
static size_t play(struct merge *merge, size_t *winners)
{
    for (size_t node = 2 * merge->count; --node;) {
        if (node >= merge->count) {
            winners[node] = node - merge->count;
            continue;
        }
        size_t a = winners[2 * node], b = winners[2 * node + 1];
        bool first = is_before(merge, a, b);
        winners[node] = first ? a : b;
        merge->losers[node] = first ? b : a;
    }
    return winners[1];
}

static int begin(struct merge *merge, struct error *err)
{
    for (size_t i = 0; i < merge->count; i++)
        if (merge->sources[i].advance(&merge->sources[i], err))
            return -1;
    size_t *winners = mem_alloc(2 * merge->count * sizeof(*winners));
    merge->losers = mem_alloc(merge->count * sizeof(*merge->losers));
    merge->losers[0] = play(merge, winners);
    free(winners);
    return 0;
}

int merge_next(struct merge *merge, const struct sort_item **ret, struct error *err)
{
    if (!merge->count)
        return MERGE_END;
    if (!merge->losers) {
        if (begin(merge, err))
            return -1;
    } else {
        size_t taken = merge->losers[0];
        if (merge->sources[taken].advance(&merge->sources[taken], err))
            return -1;
        replay(merge, taken);
    }
    *ret = merge->sources[merge->losers[0]].head.item;
    return *ret ? 0 : MERGE_END;
}
