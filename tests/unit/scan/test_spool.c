/* SPDX-License-Identifier: Apache-2.0 */
#include "scan/spool.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

enum { COUNT = 3000 };

/* Records of many sizes, in more than one block of the file. */
static struct record make(unsigned number, char *label)
{
    struct record r = {.type = RECORD_FAR, .blocks = BLOCK_METRIC | BLOCK_LABEL};
    memset(label, 'x', number % 1000);
    r.offset = number;
    r.metric.packets[SRC] = number;
    r.label = (struct view){(const uint8_t *)label, number % 1000};
    return r;
}

static void records_come_back(void **state)
{
    (void)state;
    struct spool *spool = spool_new("/tmp");
    struct record r, *back;
    struct error err;
    char label[1000];
    for (unsigned i = 0; i < COUNT; i++) {
        r = make(i, label);
        assert_int_equal(spool_add(spool, &r, &err), 0);
    }
    assert_int_equal(spool_finish(spool, &err), 0);
    for (unsigned i = 0; i < COUNT; i++) {
        r = make(i, label);
        assert_int_equal(spool_next(spool, &back, &err), 0);
        assert_int_equal(back->offset, i);
        assert_int_equal(back->metric.packets[SRC], i);
        assert_int_equal(back->label.size, r.label.size);
        assert_memory_equal(back->label.data, r.label.data, r.label.size);
    }
    assert_int_equal(spool_next(spool, &back, &err), SPOOL_END);
    spool_free(spool);
}

static void nothing(void **state)
{
    (void)state;
    struct spool *spool = spool_new("/tmp");
    struct record *back;
    struct error err;
    assert_int_equal(spool_finish(spool, &err), 0);
    assert_int_equal(spool_next(spool, &back, &err), SPOOL_END);
    spool_free(spool);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(records_come_back),
        cmocka_unit_test(nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
