/* SPDX-License-Identifier: Apache-2.0 */
#include "record/relay.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/mem.h"
#include "record/wire.h"
#include "records.h"

enum { RECORDS = 500 };

struct log {
    uint8_t *bytes;
    size_t size, capacity;
    unsigned records, most;
};

static int receive(void *arg, const struct record *r, struct error *err)
{
    struct log *log = arg;
    static const size_t most = 8192;
    if (log->records == log->most)
        return error_set(err, "enough");
    log->bytes = mem_grow(log->bytes, &log->capacity, log->size + most, 1);
    log->size += wire_encode(r, log->bytes + log->size);
    log->records++;
    return 0;
}

/* Every other record has all blocks that the sensor makes; user data are of many sizes. */
static void make(struct record *r, unsigned n, uint8_t *user)
{
    memset(r, 0xee, sizeof(*r));
    if (n % 2)
        record_make_full(r);
    else
        record_make_udp(r, n, n + 1, n, 2 * n);
    r->wire.size = 0;
    r->blocks &= ~(uint32_t)(BLOCK_LABEL | BLOCK_COR | BLOCK_UNKNOWN);
    memset(user, (int)n, 200);
    r->user[SRC].bytes = (struct view){user, n % 100};
    r->user[DST].bytes = (struct view){user + 100, n % 60};
}

static void test_same_records(void **state)
{
    (void)state;
    struct log direct = {.most = RECORDS}, relayed = direct;
    struct record *r = mem_alloc(sizeof(*r));
    struct relay *relay = relay_new(receive, &relayed, 100);
    struct error err;
    uint8_t user[200];
    for (unsigned n = 0; n < RECORDS; n++) {
        make(r, n, user);
        assert_int_equal(receive(&direct, r, &err), 0);
        assert_int_equal(relay_put(relay, r, &err), 0);
        memset(user, 0xee, sizeof(user));
        if (n % 150)
            continue;
        assert_int_equal(relay_settle(relay, &err), 0);
        assert_int_equal(relayed.records, n + 1);
    }
    assert_int_equal(relay_settle(relay, &err), 0);
    assert_int_equal(relayed.size, direct.size);
    assert_memory_equal(relayed.bytes, direct.bytes, direct.size);
    relay_free(relay);
    relay_free(NULL);
    free(relayed.bytes);
    free(direct.bytes);
    free(r);
}

static void test_failing_receiver(void **state)
{
    (void)state;
    struct log log = {.most = 100};
    struct record *r = mem_alloc(sizeof(*r));
    struct relay *relay = relay_new(receive, &log, 0);
    struct error err;
    int result = 0;
    record_make_udp(r, 1, 2, 3, 4);
    for (unsigned n = 0; n < RECORDS && !result; n++)
        result = relay_put(relay, r, &err);
    assert_int_equal(relay_settle(relay, &err), -1);
    assert_string_equal(err.text, "enough");
    assert_int_equal(log.records, 100);
    relay_free(relay);
    free(log.bytes);
    free(r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_same_records),
        cmocka_unit_test(test_failing_receiver),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
