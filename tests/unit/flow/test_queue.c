/* SPDX-License-Identifier: Apache-2.0 */
#include "flow/queue.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/mem.h"

enum { FLOWS = 3000 };

static uint32_t next_random(uint32_t *state)
{
    *state = *state * 1664525 + 1013904223;
    return *state >> 8;
}

/* Flows pushed in any order come out by (period start, number); some are taken out on the way. */
static void check_order(uint32_t disorder)
{
    struct flow_pools flows = {0};
    struct pool_space space;
    struct period_queue queue = {0};
    uint32_t random = disorder, removed = 0, given = 0;
    assert_true(pool_space_init(&space, sizeof(struct flow), FLOWS, 1));
    pool_init(&flows.whole, &space);
    for (uint32_t n = 1; n <= FLOWS; n++) {
        uint32_t ref = pool_take(&flows.whole);
        struct flow *flow = pool_at(&flows.whole, ref);
        flow->node.number = n;
        flow->node.period_start = n / 4 - (disorder ? next_random(&random) % disorder : 0);
        period_queue_push(&queue, &flows, ref);
        if (n % 7 == 0) {
            period_queue_remove(&queue, &flows, n / 7);
            removed++;
        }
    }
    nsec_t before = INT64_MIN;
    uint32_t number = 0, ref;
    while ((ref = period_queue_front(&queue, &flows)) != 0) {
        const struct flow *flow = pool_at(&flows.whole, ref);
        assert_true(flow->node.period_start > before ||
                    (flow->node.period_start == before && flow->node.number > number));
        before = flow->node.period_start;
        number = flow->node.number;
        period_queue_remove(&queue, &flows, ref);
        given++;
    }
    assert_int_equal(given + removed, FLOWS);
    period_queue_release(&queue);
    pool_release(&flows.whole);
    pool_space_release(&space);
}

static void test_periods_in_order(void **state)
{
    (void)state;
    check_order(0);
}

static void test_periods_in_disorder(void **state)
{
    (void)state;
    for (uint32_t disorder = 1; disorder < 5000; disorder *= 3)
        check_order(disorder);
}

static void test_list_removal(void **state)
{
    (void)state;
    struct flow_pools flows = {0};
    struct pool_space space;
    struct flow_queue queue = {0};
    assert_true(pool_space_init(&space, sizeof(struct flow), 3, 1));
    pool_init(&flows.whole, &space);
    for (uint32_t i = 0; i < 3; i++)
        flow_queue_push(&queue, &flows, pool_take(&flows.whole));
    flow_queue_remove(&queue, &flows, 2);
    assert_int_equal(((struct flow *)pool_at(&flows.whole, 1))->node.next, 3);
    flow_queue_remove(&queue, &flows, 1);
    assert_int_equal(queue.head, 3);
    flow_queue_remove(&queue, &flows, 3);
    assert_int_equal(queue.head, 0);
    assert_int_equal(queue.tail, 0);
    pool_release(&flows.whole);
    pool_space_release(&space);
}

/* The hand stays at its flow, whatever becomes of the others. */
static void test_hand(void **state)
{
    (void)state;
    struct flow_pools flows = {0};
    struct pool_space space;
    struct flow_queue queue = {0};
    assert_true(pool_space_init(&space, sizeof(struct flow), 5, 1));
    pool_init(&flows.whole, &space);
    for (uint32_t i = 0; i < 4; i++)
        flow_queue_push(&queue, &flows, pool_take(&flows.whole));
    queue.hand = 2;
    flow_queue_remove(&queue, &flows, 1);
    assert_int_equal(queue.hand, 2);
    flow_queue_replace(&queue, &flows, 2, pool_take(&flows.whole));
    assert_int_equal(queue.hand, 5);
    flow_queue_remove(&queue, &flows, 5);
    assert_int_equal(queue.hand, 3);
    flow_queue_remove(&queue, &flows, 3);
    flow_queue_remove(&queue, &flows, 4);
    assert_int_equal(queue.hand, 0);
    pool_release(&flows.whole);
    pool_space_release(&space);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_periods_in_order),
        cmocka_unit_test(test_periods_in_disorder),
        cmocka_unit_test(test_list_removal),
        cmocka_unit_test(test_hand),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
