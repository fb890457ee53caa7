/* SPDX-License-Identifier: Apache-2.0 */
#include "sort/merge.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* An item with a key of eight bytes. */
static struct sort_item *item(uint64_t key, uint64_t offset)
{
    struct sort_item *made = calloc(1, sizeof(*made) + 8);
    made->key_size = 8;
    made->offset = offset;
    store_be64(made->bytes, key);
    return made;
}

static int advance(struct merge_source *source, struct error *err)
{
    (void)err;
    source->head = source->at < source->end ? *source->at++ : (struct sort_slot){0, NULL};
    return 0;
}

/* Sources of different lengths, empty ones among them; equal keys come source by source. */
static void check_merge(size_t count)
{
    enum { MOST = 20 };
    static struct sort_slot slots[17][MOST];
    struct merge merge = {0};
    size_t expected = 0, got = 0;
    for (size_t s = 0; s < count; s++) {
        size_t length = s * 7 % (MOST + 1);
        for (size_t i = 0; i < length; i++)
            slots[s][i] = sort_slot_of(item(i / 2 * (1 + s % 3), s));
        expected += length;
        merge_add(&merge, &(struct merge_source){
                              .advance = advance, .at = slots[s], .end = slots[s] + length});
    }
    const struct sort_item *next;
    uint64_t key = 0, source = 0;
    while (!merge_next(&merge, &next, NULL)) {
        uint64_t next_key = load_be64(next->bytes);
        assert_true(next_key > key || (next_key == key && next->offset >= source));
        key = next_key;
        source = next->offset;
        got++;
        free((void *)next);
    }
    assert_int_equal(got, expected);
    merge_release(&merge);
}

static void sources_become_one(void **state)
{
    (void)state;
    for (size_t count = 0; count <= 17; count++)
        check_merge(count);
}

static int refuse(struct merge_source *source, struct error *err)
{
    (void)source;
    return error_set(err, "no more");
}

static void trouble_is_told(void **state)
{
    (void)state;
    struct merge merge = {0};
    struct error err;
    const struct sort_item *next;
    merge_add(&merge, &(struct merge_source){.advance = refuse});
    assert_int_equal(merge_next(&merge, &next, &err), -1);
    assert_string_equal(err.text, "no more");
    merge_release(&merge);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sources_become_one),
        cmocka_unit_test(trouble_is_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
