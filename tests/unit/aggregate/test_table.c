/* SPDX-License-Identifier: Apache-2.0 */
#include "aggregate/table.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

/* An entry with its number as key, and no record. */
static struct entry *numbered(uint64_t number, uint32_t hash)
{
    static _Alignas(8) uint8_t bytes[sizeof(struct entry) + 8];
    struct entry *entry = (void *)bytes;
    *entry = (struct entry){.number = number, .hash = hash, .key_size = 8};
    memcpy(entry->bytes, &number, sizeof(number));
    return entry;
}

static bool has(const struct table *table, uint64_t number, uint32_t hash)
{
    struct slot *slot = table_find(table, numbered(number, hash));
    return slot && !memcmp(slot->entry->bytes, &number, sizeof(number));
}

static void add(struct table *table, uint64_t number, uint32_t hash)
{
    assert_non_null(table_insert(table, numbered(number, hash)));
}

static void empty(void **state)
{
    (void)state;
    struct chunks chunks = {.chunk_bytes = 64 << 10};
    struct table table = {.pieces.chunks = &chunks};
    assert_false(has(&table, 0, 1));
    assert_int_equal(table_bytes(&table), 0);
    assert_true(table_growth(&table) > 0);
    table_release(&table);
    chunks_release(&chunks);
}

/* Hashes that all want the last slots of the table, so that probing goes round its end. */
static void crowded(void **state)
{
    (void)state;
    struct chunks chunks = {.chunk_bytes = 64 << 10};
    struct table table = {.pieces.chunks = &chunks};
    for (uint32_t i = 1; i <= 100; i++)
        add(&table, i, UINT32_MAX - i % 3);
    for (uint32_t i = 1; i <= 100; i++) {
        assert_true(has(&table, i, UINT32_MAX - i % 3));
        assert_false(has(&table, i, UINT32_MAX - (i + 1) % 3));
    }
    table_release(&table);
    assert_int_equal(table_bytes(&table), 0);
    chunks_release(&chunks);
}

static uint32_t scramble(uint32_t number)
{
    return number * UINT32_C(2654435761);
}

static void growing(void **state)
{
    (void)state;
    struct chunks chunks = {.chunk_bytes = 64 << 10};
    struct table table = {.pieces.chunks = &chunks};
    for (uint32_t i = 1; i <= 100000; i++) {
        size_t growth = table_growth(&table), size = table.size;
        add(&table, i, scramble(i));
        assert_true(4 * table.used <= 3 * table.size);
        assert_int_equal(growth, table.size == size ? 0 : table.size * sizeof(struct slot));
    }
    for (uint32_t i = 1; i <= 100000; i++)
        assert_true(has(&table, i, scramble(i)));
    assert_int_equal(table.used, 100000);
    table_release(&table);
    chunks_release(&chunks);
}

/* After each removal all others are still found, whatever the order of removing. */
static void removing(void **state)
{
    (void)state;
    enum { COUNT = 180 };
    for (uint32_t step = 1; step < 20; step += 6) {
        struct chunks chunks = {.chunk_bytes = 64 << 10};
        struct table table = {.pieces.chunks = &chunks};
        bool there[COUNT + 1] = {false};
        for (uint32_t i = 1; i <= COUNT; i++) {
            add(&table, i, UINT32_MAX - i / 7); /* runs that overlap, around the end */
            there[i] = true;
        }
        uint32_t at = 1;
        for (int i = 0; i < 150; i++, at = (at + step - 1) % COUNT + 1) {
            if (!there[at])
                continue;
            table_remove(&table, table_find(&table, numbered(at, UINT32_MAX - at / 7)));
            there[at] = false;
            for (uint32_t other = 1; other <= COUNT; other++)
                assert_int_equal(has(&table, other, UINT32_MAX - other / 7), there[other]);
        }
        table_release(&table);
        chunks_release(&chunks);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(empty),
        cmocka_unit_test(crowded),
        cmocka_unit_test(growing),
        cmocka_unit_test(removing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
