/* SPDX-License-Identifier: Apache-2.0 */
#include "aggregate/cluster.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/hash.h"
#include "flows.h"
#include "record/wire.h"

/*
 * The same records under all kinds of limits: what comes out is the same, byte for byte. Records
 * are of many flows, in both directions, some with labels and payload; several models side by
 * side.
 */
struct wanted {
    uint64_t seed, memory, spill_every;
    unsigned threads;
    size_t records;
    bool early; /* models with timers, too */
};

struct outcome {
    uint64_t hash, count, packets;
    struct clusters_status status;
};

static uint32_t next(uint64_t *random)
{
    *random = *random * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (uint32_t)(*random >> 33);
}

static struct record made_up(uint64_t *random, size_t i)
{
    static const char *const hosts[] = {"10.0.0.1", "10.0.3.2", "10.1.0.9", "10.0.0.200"};
    uint32_t value = next(random);
    const char *source = hosts[value % 4], *target = hosts[value / 4 % 4];
    uint16_t port = (uint16_t)(next(random) % 600);
    struct record r = value / 16 % 2 ? flow_make(6, source, port, target, 80)
                                     : flow_make(17, source, 53, target, port);
    r = flow_at(r, (int64_t)(i / 10), 1 + value / 32 % 5, value / 256 % 3);
    if (r.key.protocol == 6)
        r = flow_tcp(r, value / 1024 % 4 == 0 ? TCPS_SYN : TCPS_EST);
    static const uint8_t text[6000] = "label";
    if (value % 97 == 0) {
        r.blocks |= BLOCK_SUSER;
        r.user[SRC] = (struct record_user){.limit = 6000, .bytes = {text, value % 6000}};
    }
    if (value % 31 == 0) {
        r.blocks |= BLOCK_LABEL;
        r.label = (struct view){text, 1 + value % 5};
    }
    return r;
}

static void note(struct outcome *outcome, const struct record *r)
{
    static uint8_t bytes[WIRE_RECORD_MAX + 8];
    size_t size = wire_encode(r, bytes);
    memset(bytes + size, 0, 8);
    outcome->hash = hash_words(outcome->hash, bytes, (unsigned)(size + 7) / 8);
    outcome->count++;
    outcome->packets += r->metric.packets[SRC] + r->metric.packets[DST];
}

static struct outcome run(const struct wanted *wanted)
{
    struct key_model keys[4] = {0};
    static const char *const words[] = {"saddr/24,daddr,proto,dport", "matrix", "dport,saddr"};
    key_model_default(&keys[0]);
    for (size_t i = 1; i < 4; i++) {
        assert_int_equal(key_model_add(&keys[i], words[i - 1], NULL), 0);
        key_model_finish(&keys[i]);
    }
    struct cluster_model models[4];
    for (size_t i = 0; i < 4; i++)
        models[i] = (struct cluster_model){.key = &keys[i], .correct = i != 3};
    if (wanted->early) {
        models[0].status_ns = 100 * NSEC_PER_SEC;
        models[1].idle_ns = 5 * NSEC_PER_SEC;
    }
    struct clusters *clusters = clusters_new(&(struct cluster_options){
        .models = models,
        .model_count = 4,
        .seed = wanted->seed,
        .memory_bytes = wanted->memory,
        .threads = wanted->threads,
        .spill_every = wanted->spill_every,
    });
    struct outcome outcome = {0};
    struct record *out;
    uint64_t random = 1;
    for (size_t i = 0; i < wanted->records; i++) {
        const struct record r = made_up(&random, i);
        for (unsigned model = 0; model < 4; model++) {
            struct record copy = r;
            assert_int_equal(clusters_add(clusters, model, &copy, NULL), 0);
            while (!clusters_early(clusters, &out))
                note(&outcome, out);
        }
    }
    assert_int_equal(clusters_finish(clusters, NULL), 0);
    while (!clusters_next(clusters, &out, NULL))
        note(&outcome, out);
    outcome.status = clusters_status(clusters);
    clusters_free(clusters);
    return outcome;
}

static void check_same(const struct outcome *a, const struct outcome *b)
{
    assert_int_equal(a->count, b->count);
    assert_int_equal(a->packets, b->packets);
    assert_int_equal(a->hash, b->hash);
}

static void everything_may_go_to_disk(void **state)
{
    (void)state;
    for (int early = 0; early < 2; early++) {
        struct wanted wanted = {.seed = 1, .records = 3000, .early = early};
        const struct outcome all = run(&wanted);
        assert_int_equal(all.status.passes, 0);
        for (uint64_t every = 1; every < 3000; every = every * 3 + 1) {
            wanted.spill_every = every;
            wanted.seed = every;
            wanted.threads = every % 4;
            const struct outcome other = run(&wanted);
            check_same(&all, &other);
            assert_true(other.status.spilled_bytes > 0);
            assert_true(other.status.passes > 0);
        }
    }
}

static void a_limit_holds(void **state)
{
    (void)state;
    for (int early = 0; early < 2; early++) {
        struct wanted wanted = {.seed = 1, .records = 60000, .early = early};
        const struct outcome all = run(&wanted);
        for (unsigned threads = 1; threads <= 4; threads++) {
            wanted.threads = threads;
            wanted.memory = CLUSTERS_MEMORY_LEAST;
            const struct outcome other = run(&wanted);
            check_same(&all, &other);
            assert_true(other.status.peak_bytes <= CLUSTERS_MEMORY_LEAST);
            assert_true(other.status.spilled_bytes > 0);
        }
    }
}

static void nothing_is_lost(void **state)
{
    (void)state;
    const struct wanted wanted = {.records = 2000, .spill_every = 5, .early = true};
    uint64_t random = 1, packets = 0;
    for (size_t i = 0; i < wanted.records; i++) {
        struct record r = made_up(&random, i);
        packets += 4 * (r.metric.packets[SRC] + r.metric.packets[DST]);
    }
    assert_int_equal(run(&wanted).packets, packets);
}

static void no_place_for_temporary_files(void **state)
{
    (void)state;
    for (unsigned threads = 1; threads < 4; threads++) {
        struct key_model key;
        key_model_default(&key);
        const struct cluster_model model = {.key = &key};
        struct clusters *clusters = clusters_new(&(struct cluster_options){
            .models = &model,
            .model_count = 1,
            .folder = "/nowhere",
            .threads = threads,
            .spill_every = 100,
        });
        uint64_t random = 1;
        struct error err = {""};
        int result = 0;
        for (size_t i = 0; i < 20000 && !result; i++) {
            struct record r = made_up(&random, i);
            result = clusters_add(clusters, 0, &r, &err);
        }
        if (!result)
            result = clusters_finish(clusters, &err);
        assert_int_equal(result, -1);
        assert_string_equal(err.text, "temporary file in /nowhere: No such file or directory");
        clusters_free(clusters);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(everything_may_go_to_disk),
        cmocka_unit_test(a_limit_holds),
        cmocka_unit_test(nothing_is_lost),
        cmocka_unit_test(no_place_for_temporary_files),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
