/* SPDX-License-Identifier: Apache-2.0 */
#include "net/backlog.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

/* Records of 8 to 2000 bytes, whose size and contents follow from their positions. */
static size_t make(uint64_t position, uint8_t *to)
{
    size_t words = 2 + (size_t)(position * 7919 % 499);
    memset(to, (int)(position & 0xff), words * 4);
    to[0] = 0x13;
    to[1] = 0x10;
    store_be16(to + 2, (uint16_t)words);
    store_be32(to + 4, (uint32_t)position);
    return words * 4;
}

static void add(struct backlog *b, uint64_t position)
{
    uint8_t record[2000];
    assert_true(backlog_next(b).position == position);
    backlog_add(b, (struct view){record, make(position, record)});
}

/* Takes apart what was copied; the position after the last one. */
static uint64_t expect(const uint8_t *bytes, size_t size, uint64_t position)
{
    uint8_t record[2000];
    while (size) {
        size_t one = make(position, record);
        assert_true(one <= size);
        assert_memory_equal(bytes, record, one);
        bytes += one;
        size -= one;
        position++;
    }
    return position;
}

enum { RECORDS = 20000, FIRST = 1000 };

/* One reader that is always there and one that comes now and then; nothing is lost untold. */
static void test_readers(void **state)
{
    static uint8_t bytes[100000];
    struct backlog *b = backlog_new(BACKLOG_LEAST, FIRST);
    struct backlog_cursor quick = backlog_next(b), slow = quick;
    uint64_t lost, all_lost = 0, seen = 0;
    (void)state;
    for (uint64_t p = FIRST; p < FIRST + RECORDS; p++) {
        add(b, p);
        size_t size = backlog_copy(b, &quick, bytes, sizeof(bytes), &lost);
        assert_int_equal(lost, 0);
        assert_true(expect(bytes, size, p) == p + 1);
        if (p % 1500 == 0) {
            uint64_t before = slow.position;
            size = backlog_copy(b, &slow, bytes, sizeof(bytes), &lost);
            assert_true(expect(bytes, size, before + lost) == slow.position);
            all_lost += lost;
            seen += slow.position - before - lost;
        }
    }
    assert_true(all_lost > 0 && seen > 0);
    assert_true(slow.position == FIRST + all_lost + seen);
    backlog_free(b);
}

static void test_find(void **state)
{
    static uint8_t bytes[4000];
    struct backlog *b = backlog_new(BACKLOG_LEAST, 0);
    (void)state;
    for (uint64_t p = 0; p < RECORDS; p++)
        add(b, p);
    uint64_t first = backlog_first(b).position, lost;
    assert_true(first > 0);
    for (uint64_t p = first; p < RECORDS; p += 17) {
        struct backlog_cursor cursor = backlog_find(b, p);
        assert_true(cursor.position == p);
        expect(bytes, backlog_copy(b, &cursor, bytes, sizeof(bytes), &lost), p);
    }
    assert_true(backlog_find(b, 0).position == first);
    assert_true(backlog_find(b, UINT64_MAX).position == RECORDS);
    backlog_free(b);
}

static void test_room(void **state)
{
    struct backlog *b = backlog_new(BACKLOG_LEAST, 0);
    (void)state;
    add(b, 0);
    struct backlog_cursor cursor = backlog_first(b);
    size_t used = (size_t)(backlog_next(b).offset - cursor.offset);
    assert_true(backlog_has_room(b, &cursor, BACKLOG_LEAST - used));
    assert_false(backlog_has_room(b, &cursor, BACKLOG_LEAST - used + 4));
    cursor = backlog_next(b);
    assert_true(backlog_has_room(b, &cursor, BACKLOG_LEAST));
    backlog_free(b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_readers),
        cmocka_unit_test(test_find),
        cmocka_unit_test(test_room),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
