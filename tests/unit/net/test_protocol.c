/* SPDX-License-Identifier: Apache-2.0 */
#include "net/protocol.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "record/wire.h"

static void test_stream(void **state)
{
    uint8_t head[WIRE_MAR_SIZE] = {0};
    uint64_t stream;
    (void)state;
    assert_false(protocol_get_stream(head, &stream));
    protocol_put_stream(head, UINT64_C(0x0123456789abcdef));
    assert_true(protocol_get_stream(head, &stream));
    assert_true(stream == UINT64_C(0x0123456789abcdef));
}

/* A mark comes back as it was, and no record is taken for one. */
static void test_mark(void **state)
{
    const struct protocol_mark mark = {{7, UINT64_MAX - 1}, 3};
    uint8_t bytes[PROTOCOL_MARK_SIZE];
    struct protocol_mark back;
    (void)state;
    protocol_put_mark(bytes, &mark);
    assert_true(protocol_get_mark((struct view){bytes, sizeof(bytes)}, &back));
    assert_true(back.place.stream == 7 && back.place.position == UINT64_MAX - 1 && back.lost == 3);
    assert_false(protocol_get_mark((struct view){bytes, sizeof(bytes) - 4}, &back));
    assert_true(protocol_is_like_mark((struct view){bytes, sizeof(bytes) - 4}));
    assert_false(protocol_is_like_mark((struct view){bytes, 4}));
    bytes[4] ^= 1;
    assert_false(protocol_get_mark((struct view){bytes, sizeof(bytes)}, &back));
}

static void test_refusal(void **state)
{
    uint8_t head[WIRE_MAR_SIZE] = {0x83, 0x10};
    (void)state;
    assert_false(protocol_is_refusal(head, NULL));
    for (uint8_t cause = 0x80; cause < 0x84; cause++) {
        head[1] = cause;
        assert_true(protocol_is_refusal(head, NULL));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_stream),
        cmocka_unit_test(test_mark),
        cmocka_unit_test(test_refusal),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
