/* SPDX-License-Identifier: Apache-2.0 */
#include "scan/detector.h"

#include <netinet/in.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "base/bytes.h"

static struct record probe(uint32_t source, uint32_t target, uint16_t port, nsec_t time)
{
    struct record r = {.type = RECORD_FAR, .blocks = BLOCK_FLOW | BLOCK_METRIC | BLOCK_TIME};
    r.key.class = KEY_5TUPLE;
    r.key.family = FAMILY_IP4;
    r.key.protocol = IPPROTO_UDP;
    store_be32(r.key.addr[SRC], source);
    store_be32(r.key.addr[DST], target);
    r.key.port[SRC] = 40000;
    r.key.port[DST] = port;
    r.metric.packets[SRC] = 1;
    r.time.has_start[SRC] = r.time.has_last[SRC] = true;
    r.time.start[SRC] = r.time.last[SRC] = time;
    return r;
}

enum { SCANNERS = 50, TARGETS = 4000, SCANNER_FIRST = 0x0a000001, SPREAD = 7 };

/* Many scanners among as many other sources; scanner i has i * SPREAD targets, from 3 on. */
static struct detector *run(bool backwards)
{
    struct detector_options options = {.memory_bytes = DETECTOR_MEMORY_LEAST, .folder = "/tmp"};
    struct error err;
    assert_null(walk_begin(&options.steps, &walk_defaults));
    struct detector *detector = detector_new(&options);
    for (uint32_t n = 0; n < TARGETS; n++) {
        uint32_t i = backwards ? TARGETS - 1 - n : n;
        for (uint32_t scanner = 3; scanner < SCANNERS; scanner++) {
            struct record r = probe(SCANNER_FIRST + scanner, i % (scanner * SPREAD), 53, i);
            assert_int_equal(detector_add(detector, &r, &err), 0);
            r = probe(0x0b000000 + i * SCANNERS + scanner, i, 53, i);
            assert_int_equal(detector_add(detector, &r, &err), 0);
        }
    }
    assert_int_equal(detector_finish(detector, &err), 0);
    return detector;
}

/* In files, as memory is short, and whatever the order of the records. */
static void scanners_come_by_targets(void **state)
{
    (void)state;
    for (unsigned backwards = 0; backwards < 2; backwards++) {
        struct detector *detector = run(backwards);
        const struct scanner *scanner;
        struct error err;
        for (uint32_t i = SCANNERS - 1, id = 1; i >= 3; i--, id++) {
            assert_int_equal(detector_next(detector, &scanner, &err), 0);
            assert_int_equal(load_be32(scanner->address + 1), SCANNER_FIRST + i);
            assert_int_equal(scanner->id, id);
            assert_int_equal(scanner->targets, i * SPREAD);
            assert_int_equal(scanner->flows, TARGETS);
            assert_int_equal(scanner->decided, 20);
            struct record r = probe(SCANNER_FIRST + i, 1, 1, 0);
            assert_int_equal(detector_find(detector, &r), id);
        }
        assert_int_equal(detector_next(detector, &scanner, &err), DETECTOR_END);
        struct record r = probe(0x0b000003, 1, 1, 0);
        assert_int_equal(detector_find(detector, &r), 0);
        assert_int_equal(detector_counts(detector).scanners, SCANNERS - 3);
        assert_int_equal(detector_counts(detector).sources, (TARGETS + 1) * (SCANNERS - 3));
        detector_free(detector);
    }
}

static void dark_is_learnt(void **state)
{
    (void)state;
    struct prefix_set *local = prefix_set_new();
    const struct prefix inside = {.address = {.bytes = {10}, .size = 4}, .bits = 8};
    struct detector_options options = {.memory_bytes = DETECTOR_MEMORY_LEAST,
                                       .folder = "/tmp",
                                       .local = local,
                                       .learns_dark = true,
                                       .dark_least = 4};
    const struct scanner *scanner;
    struct error err;
    assert_int_equal(prefix_set_add(local, &inside, 0, &err), 0);
    prefix_set_build(local);
    assert_null(walk_begin(&options.steps, &walk_defaults));
    struct detector *detector = detector_new(&options);
    for (uint32_t i = 0; i < 8; i++) {
        /* Four hosts send later, four never do. */
        struct record r = probe(0xc0000001, 0x0a000000 + i, 53, i);
        assert_int_equal(detector_add(detector, &r, &err), 0);
        r = probe(0x0a000000 + i / 2, 0xc0000009, 53, 100);
        assert_int_equal(detector_add(detector, &r, &err), 0);
    }
    assert_int_equal(detector_finish(detector, &err), 0);
    assert_int_equal(detector_next(detector, &scanner, &err), 0);
    assert_int_equal(scanner->reason, REASON_DARK);
    assert_int_equal(scanner->dark, 4);
    assert_int_equal(detector_next(detector, &scanner, &err), DETECTOR_END);
    detector_free(detector);
    prefix_set_free(local);
}

static void nothing(void **state)
{
    (void)state;
    struct detector_options options = {.memory_bytes = DETECTOR_MEMORY_LEAST, .folder = "/tmp"};
    const struct scanner *scanner;
    struct error err;
    struct detector *detector = detector_new(&options);
    assert_int_equal(detector_finish(detector, &err), 0);
    assert_int_equal(detector_next(detector, &scanner, &err), DETECTOR_END);
    detector_free(detector);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(scanners_come_by_targets),
        cmocka_unit_test(dark_is_learnt),
        cmocka_unit_test(nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
