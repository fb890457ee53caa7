/* SPDX-License-Identifier: Apache-2.0 */
#include "aggregate/cluster.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "flows.h"

/* Clusters that go out before the end. Output is lines "port packets/packets @start-last". */
struct fixture {
    struct key_model key;
    struct clusters *clusters;
    char out[2048];
};

static void begin(struct fixture *f, const struct cluster_model *model, uint64_t spill_every)
{
    key_model_default(&f->key);
    struct cluster_model one = *model;
    one.key = &f->key;
    f->out[0] = '\0';
    f->clusters = clusters_new(&(struct cluster_options){
        .models = &one, .model_count = 1, .threads = 2, .spill_every = spill_every});
}

static void print(struct fixture *f, const struct record *r)
{
    size_t size = strlen(f->out);
    snprintf(f->out + size, sizeof(f->out) - size, "%u %u/%u @%d-%d\n", r->key.port[SRC],
             (unsigned)r->metric.packets[SRC], (unsigned)r->metric.packets[DST],
             (int)nsec_seconds(record_start(r)), (int)nsec_seconds(record_last(r)));
}

static void add(struct fixture *f, struct record r)
{
    assert_int_equal(clusters_add(f->clusters, 0, &r, NULL), 0);
}

static void finish(struct fixture *f, const char *expected)
{
    struct record *r;
    assert_int_equal(clusters_settle(f->clusters, NULL), 0);
    while (!clusters_early(f->clusters, &r))
        print(f, r);
    assert_int_equal(clusters_finish(f->clusters, NULL), 0);
    while (!clusters_next(f->clusters, &r, NULL))
        print(f, r);
    clusters_free(f->clusters);
    assert_string_equal(f->out, expected);
}

static struct record udp(uint16_t port, int64_t second)
{
    return flow_at(flow_make(17, "10.0.0.1", port, "10.0.0.2", 53), second, 1, 0);
}

static struct record answer(uint16_t port, int64_t second)
{
    return flow_at(flow_make(17, "10.0.0.2", 53, "10.0.0.1", port), second, 1, 0);
}

static const struct cluster_model status = {.status_ns = 4 * NSEC_PER_SEC};
static const struct cluster_model idle = {.idle_ns = 3 * NSEC_PER_SEC};

/* Records last a second, so that four of them in a row make the fourth one too much. */
static void status_ends_a_cluster(void **state)
{
    (void)state;
    for (uint64_t spill_every = 0; spill_every < 6; spill_every++) {
        struct fixture f;
        begin(&f, &status, spill_every);
        for (int second = 0; second < 8; second++) {
            add(&f, udp(1, second));
            if (second % 3 == 0)
                add(&f, udp(2, second));
        }
        finish(&f, "1 3/0 @0-3\n2 1/0 @0-1\n1 3/0 @3-6\n2 1/0 @3-4\n2 1/0 @6-7\n1 2/0 @6-8\n");
    }
}

/* A gap counts in either order. */
static void idle_ends_a_cluster(void **state)
{
    (void)state;
    for (uint64_t spill_every = 0; spill_every < 6; spill_every++) {
        struct fixture f;
        begin(&f, &idle, spill_every);
        add(&f, udp(1, 10));
        add(&f, udp(2, 10));
        add(&f, udp(1, 13));
        add(&f, udp(1, 17));
        add(&f, udp(1, 13));
        add(&f, udp(2, 6));
        finish(&f, "1 2/0 @10-14\n1 1/0 @17-18\n2 1/0 @10-11\n1 1/0 @13-14\n2 1/0 @6-7\n");
    }
}

static void a_record_may_be_longer_than_the_timer(void **state)
{
    (void)state;
    struct fixture f;
    const struct cluster_model model = {.status_ns = NSEC_PER_SEC / 2};
    begin(&f, &model, 0);
    add(&f, udp(1, 0));
    add(&f, udp(1, 1));
    finish(&f, "1 1/0 @0-1\n1 1/0 @1-2\n");
}

/* The next piece keeps the direction of the one before. */
static void timers_and_directions(void **state)
{
    (void)state;
    struct cluster_model model = idle;
    model.correct = true;
    for (uint64_t spill_every = 0; spill_every < 4; spill_every++) {
        struct fixture f;
        begin(&f, &model, spill_every);
        add(&f, udp(7, 0));
        add(&f, answer(7, 1));
        add(&f, answer(7, 9));
        add(&f, udp(7, 10));
        finish(&f, "7 1/1 @0-2\n7 1/1 @9-11\n");
    }
}

static void flush_lets_clusters_go(void **state)
{
    (void)state;
    struct filter *filter;
    assert_int_equal(filter_compile(&filter, "pkts gt 2", NULL, NULL), 0);
    const struct cluster_model model = {.flush = filter};
    for (uint64_t spill_every = 0; spill_every < 6; spill_every++) {
        struct fixture f;
        begin(&f, &model, spill_every);
        for (int second = 0; second < 7; second++) {
            add(&f, udp(1, second));
            add(&f, udp((uint16_t)(100 + second), second));
            if (second == 4)
                add(&f, flow_at(udp(2, 0), 4, 5, 5));
        }
        finish(&f, "1 3/0 @0-3\n2 5/5 @4-5\n1 3/0 @3-6\n100 1/0 @0-1\n101 1/0 @1-2\n102 1/0 @2-3\n"
                   "103 1/0 @3-4\n104 1/0 @4-5\n105 1/0 @5-6\n1 1/0 @6-7\n106 1/0 @6-7\n");
    }
    filter_free(filter);
}

/* What passes stands among what went out early, at the place of its record. */
static void passing(void **state)
{
    (void)state;
    for (uint64_t spill_every = 0; spill_every < 4; spill_every++) {
        struct fixture f;
        struct record r = udp(50, 5);
        begin(&f, &idle, spill_every);
        add(&f, udp(1, 0));
        assert_int_equal(clusters_pass(f.clusters, &r, NULL), 0);
        add(&f, udp(1, 9));
        assert_int_equal(clusters_pass(f.clusters, &r, NULL), 0);
        finish(&f, "50 1/0 @5-6\n1 1/0 @0-1\n50 1/0 @5-6\n1 1/0 @9-10\n");
    }
}

static void passing_by_threads(void **state)
{
    (void)state;
    struct fixture f;
    struct record r = udp(50, 5), *out;
    begin(&f, &(struct cluster_model){0}, 0);
    add(&f, udp(1, 0));
    assert_int_equal(clusters_early(f.clusters, &out), CLUSTERS_END);
    assert_int_equal(clusters_pass(f.clusters, &r, NULL), 0);
    assert_int_equal(clusters_early(f.clusters, &out), 0);
    assert_int_equal(out->key.port[SRC], 50);
    assert_int_equal(clusters_early(f.clusters, &out), CLUSTERS_END);
    finish(&f, "1 1/0 @0-1\n");
}

/* The list of what has gone out does not grow if it is taken. */
static void going_out_as_it_comes(void **state)
{
    (void)state;
    struct fixture f;
    struct record *r;
    size_t given = 0;
    begin(&f, &status, 0);
    for (int second = 0; second < 30000; second++) {
        add(&f, udp(1, second));
        while (!clusters_early(f.clusters, &r))
            given++;
    }
    assert_in_range(given, 9000, 10000);
    assert_true(clusters_status(f.clusters).bytes < 100000);
    clusters_free(f.clusters);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(status_ends_a_cluster),
        cmocka_unit_test(idle_ends_a_cluster),
        cmocka_unit_test(a_record_may_be_longer_than_the_timer),
        cmocka_unit_test(timers_and_directions),
        cmocka_unit_test(flush_lets_clusters_go),
        cmocka_unit_test(passing),
        cmocka_unit_test(passing_by_threads),
        cmocka_unit_test(going_out_as_it_comes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
