/* SPDX-License-Identifier: Apache-2.0 */
#include "aggregate/cluster.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "flows.h"
#include "record/wire.h"

static struct clusters *clusters_of(struct key_model *model, const char *word, bool correct)
{
    if (word) {
        *model = (struct key_model){0};
        assert_int_equal(key_model_add(model, word, NULL), 0);
        key_model_finish(model);
    } else {
        key_model_default(model);
    }
    const struct cluster_model one = {.key = model, .correct = correct};
    return clusters_new(&(struct cluster_options){.models = &one, .model_count = 1, .seed = 1});
}

static size_t count_out(struct clusters *clusters)
{
    struct record *r;
    size_t count = 0;
    assert_int_equal(clusters_finish(clusters, NULL), 0);
    while (!clusters_next(clusters, &r, NULL))
        count++;
    return count;
}

static void add(struct clusters *clusters, struct record r)
{
    assert_int_equal(clusters_add(clusters, 0, &r, NULL), 0);
}

/* Clusters as lines "source port > target port packets/packets". */
static void check_out(struct clusters *clusters, const char *const *expected)
{
    struct record *r;
    size_t lines = 0;
    assert_int_equal(clusters_finish(clusters, NULL), 0);
    while (!clusters_next(clusters, &r, NULL)) {
        char line[128];
        const uint8_t *from = r->key.addr[SRC], *to = r->key.addr[DST];
        snprintf(line, sizeof(line), "%u.%u:%u>%u.%u:%u %u/%u", from[2], from[3], r->key.port[SRC],
                 to[2], to[3], r->key.port[DST], (unsigned)r->metric.packets[SRC],
                 (unsigned)r->metric.packets[DST]);
        assert_non_null(expected[lines]);
        assert_string_equal(line, expected[lines]);
        lines++;
    }
    assert_null(expected[lines]);
    assert_int_equal(clusters_next(clusters, &r, NULL), CLUSTERS_END);
    clusters_free(clusters);
}

static struct record udp(uint16_t source_port, int64_t second, uint64_t packets)
{
    return flow_at(flow_make(17, "10.0.0.1", source_port, "10.0.0.2", 53), second, packets, 0);
}

static struct record answer(uint16_t port, int64_t second, uint64_t packets)
{
    return flow_at(flow_make(17, "10.0.0.2", 53, "10.0.0.1", port), second, packets, 0);
}

static void nothing(void **state)
{
    (void)state;
    struct key_model model;
    const char *const expected[] = {NULL};
    check_out(clusters_of(&model, NULL, false), expected);
    check_out(clusters_of(&model, "saddr", false), expected);
    clusters_free(NULL);
}

static void last_change_decides_the_order(void **state)
{
    (void)state;
    struct key_model model;
    struct clusters *clusters = clusters_of(&model, NULL, false);
    add(clusters, udp(1, 0, 1));
    add(clusters, udp(2, 1, 1));
    add(clusters, udp(3, 2, 1));
    add(clusters, udp(1, 3, 4));
    add(clusters, udp(2, 4, 1));
    add(clusters, udp(1, 5, 1));
    const char *const expected[] = {"0.1:3>0.2:53 1/0", "0.1:2>0.2:53 2/0", "0.1:1>0.2:53 6/0",
                                    NULL};
    check_out(clusters, expected);
}

static void keys_sort(void **state)
{
    (void)state;
    struct key_model model;
    struct clusters *clusters = clusters_of(&model, "sport", false);
    add(clusters, udp(300, 0, 1));
    add(clusters, udp(2, 1, 1));
    add(clusters, udp(30, 2, 1));
    add(clusters, udp(2, 3, 1));
    const char *const expected[] = {"0.1:2>0.2:53 2/0", "0.1:30>0.2:53 1/0", "0.1:300>0.2:53 1/0",
                                    NULL};
    check_out(clusters, expected);
}

/* More clusters than one window of the order holds are a matter of minutes; many are enough to
 * see growing tables and records that come back. */
static void many(void **state)
{
    (void)state;
    enum { FLOWS = 20000 };
    struct key_model model;
    struct clusters *clusters = clusters_of(&model, NULL, false);
    for (uint32_t i = 0; i < FLOWS; i++)
        add(clusters, udp((uint16_t)i, 0, 1));
    for (uint32_t i = 0; i < FLOWS; i += 2)
        add(clusters, udp((uint16_t)i, 1, 1));
    assert_int_equal(clusters_finish(clusters, NULL), 0);
    struct record *r;
    for (uint32_t i = 1; i < 2 * FLOWS; i += 2) {
        assert_int_equal(clusters_next(clusters, &r, NULL), 0);
        bool once = i < FLOWS;
        assert_int_equal(r->key.port[SRC], once ? i : i - 1 - FLOWS);
        assert_int_equal(r->metric.packets[SRC], once ? 1 : 2);
    }
    assert_int_equal(clusters_next(clusters, &r, NULL), CLUSTERS_END);
    clusters_free(clusters);
}

/* A record nobody joined is written as it was read, a merged one is not. */
static void wire_form_stays(void **state)
{
    (void)state;
    static uint8_t buffer[WIRE_RECORD_MAX];
    struct record r;
    struct record made = udp(1, 0, 1);
    struct view wire = {buffer, wire_encode(&made, buffer)};
    assert_int_equal(wire_decode(wire, &r, NULL), 0);
    record_normalise(&r);

    struct key_model model;
    struct clusters *clusters = clusters_of(&model, NULL, false);
    struct record *out;
    assert_int_equal(clusters_add(clusters, 0, &r, NULL), 0);
    assert_int_equal(clusters_finish(clusters, NULL), 0);
    assert_int_equal(clusters_next(clusters, &out, NULL), 0);
    assert_int_equal(out->wire.size, wire.size);
    assert_memory_equal(out->wire.data, wire.data, wire.size);
    clusters_free(clusters);

    clusters = clusters_of(&model, NULL, false);
    assert_int_equal(clusters_add(clusters, 0, &r, NULL), 0);
    assert_int_equal(clusters_add(clusters, 0, &r, NULL), 0);
    assert_int_equal(clusters_finish(clusters, NULL), 0);
    assert_int_equal(clusters_next(clusters, &out, NULL), 0);
    assert_int_equal(out->wire.size, 0);
    assert_int_equal(out->metric.packets[SRC], 2);
    clusters_free(clusters);
}

static void directions_stay_apart_by_default(void **state)
{
    (void)state;
    struct key_model model;
    struct clusters *clusters = clusters_of(&model, NULL, false);
    add(clusters, udp(7, 0, 1));
    add(clusters, answer(7, 1, 1));
    const char *const expected[] = {"0.1:7>0.2:53 1/0", "0.2:53>0.1:7 1/0", NULL};
    check_out(clusters, expected);
}

static void the_first_direction_wins(void **state)
{
    (void)state;
    struct key_model model;
    struct clusters *clusters = clusters_of(&model, NULL, true);
    add(clusters, udp(7, 0, 1));
    add(clusters, answer(7, 1, 3));
    const char *const expected[] = {"0.1:7>0.2:53 1/3", NULL};
    check_out(clusters, expected);

    clusters = clusters_of(&model, NULL, true);
    add(clusters, answer(7, 1, 3));
    add(clusters, udp(7, 0, 1));
    add(clusters, udp(7, 2, 1));
    const char *const turned[] = {"0.2:53>0.1:7 3/2", NULL};
    check_out(clusters, turned);
}

static struct record tcp(bool from_client, uint32_t status)
{
    struct record r = from_client ? flow_make(6, "10.0.0.1", 9, "10.0.0.2", 80)
                                  : flow_make(6, "10.0.0.2", 80, "10.0.0.1", 9);
    return flow_tcp(flow_at(r, 0, from_client ? 1 : 2, 0), status);
}

static void check_tcp(uint32_t client, uint32_t server, const char *client_first,
                      const char *server_first)
{
    struct key_model model;
    const char *const there[] = {client_first, NULL}, *const back[] = {server_first, NULL};
    struct clusters *clusters = clusters_of(&model, NULL, true);
    add(clusters, tcp(true, client));
    add(clusters, tcp(false, server));
    check_out(clusters, there);
    clusters = clusters_of(&model, NULL, true);
    add(clusters, tcp(false, server));
    add(clusters, tcp(true, client));
    check_out(clusters, back);
}

static void a_syn_tells_the_direction(void **state)
{
    (void)state;
    const char *const right = "0.1:9>0.2:80 1/2";
    check_tcp(TCPS_SYN, TCPS_SYNACK, right, right);
    check_tcp(TCPS_SYN | TCPS_EST, TCPS_EST, right, right);
    check_tcp(TCPS_SYN | TCPS_EST, TCPS_SYNACK | TCPS_EST, right, right);
    check_tcp(TCPS_EST, TCPS_SYNACK | TCPS_EST, right, right);
    /* Without one, the first record has it. */
    check_tcp(TCPS_EST, TCPS_EST, right, "0.2:80>0.1:9 2/1");
}

static void two_syns_are_two_connections(void **state)
{
    (void)state;
    struct key_model model;
    struct clusters *clusters = clusters_of(&model, NULL, true);
    add(clusters, tcp(true, TCPS_SYN));
    add(clusters, tcp(false, TCPS_SYN));
    const char *const expected[] = {"0.1:9>0.2:80 1/0", "0.2:80>0.1:9 2/0", NULL};
    check_out(clusters, expected);
}

/* After a cluster was turned, both directions still find it. */
static void turned_clusters_are_found(void **state)
{
    (void)state;
    struct key_model model;
    struct clusters *clusters = clusters_of(&model, NULL, true);
    for (uint16_t port = 1; port < 500; port++)
        add(clusters, udp(port, 0, 1));
    add(clusters, tcp(false, TCPS_SYNACK));
    add(clusters, tcp(true, TCPS_SYN));
    add(clusters, tcp(true, TCPS_EST));
    add(clusters, tcp(false, 0));
    for (uint16_t port = 1; port < 500; port++)
        add(clusters, udp(port, 1, 1));
    assert_int_equal(clusters_finish(clusters, NULL), 0);
    struct record *r;
    assert_int_equal(clusters_next(clusters, &r, NULL), 0);
    assert_int_equal(r->key.port[SRC], 9);
    assert_int_equal(r->metric.packets[SRC], 2);
    assert_int_equal(r->metric.packets[DST], 4);
    clusters_free(clusters);
}

static void arp_has_no_other_direction(void **state)
{
    (void)state;
    struct key_model model;
    struct clusters *clusters = clusters_of(&model, NULL, true);
    struct record ask = flow_make(0, "10.0.0.1", 0, "10.0.0.2", 0);
    struct record other = flow_make(0, "10.0.0.2", 0, "10.0.0.1", 0);
    ask.key.class = other.key.class = KEY_ARP;
    ask.key.family = other.key.family = FAMILY_ARP;
    add(clusters, ask);
    add(clusters, other);
    assert_int_equal(count_out(clusters), 2);
    clusters_free(clusters);
}

static void esp_has_no_other_direction(void **state)
{
    (void)state;
    struct key_model model;
    struct clusters *clusters = clusters_of(&model, NULL, true);
    add(clusters, flow_make(50, "10.0.0.1", 0, "10.0.0.2", 0));
    add(clusters, flow_make(50, "10.0.0.2", 0, "10.0.0.1", 0));
    assert_int_equal(count_out(clusters), 2);
    clusters_free(clusters);
}

/* Labels and payloads are borrowed by records that are long gone when the cluster comes out. */
static void borrowed_bytes_are_kept(void **state)
{
    (void)state;
    struct key_model model;
    char label[64];
    struct clusters *clusters = clusters_of(&model, NULL, false);
    for (int i = 0; i < 3; i++) {
        struct record r = udp(1, i, 1);
        int size = snprintf(label, sizeof(label), "label %d", i);
        r.blocks |= BLOCK_LABEL;
        r.label = (struct view){(const uint8_t *)label, (size_t)size};
        add(clusters, r);
        memset(label, 'x', sizeof(label));
    }
    struct record *out;
    assert_int_equal(clusters_finish(clusters, NULL), 0);
    assert_int_equal(clusters_next(clusters, &out, NULL), 0);
    assert_int_equal(out->label.size, strlen("label 0:label 1:label 2"));
    assert_memory_equal(out->label.data, "label 0:label 1:label 2", out->label.size);
    clusters_free(clusters);
}

/* Large records, in clusters and still on their way there, are given back by clusters_free. */
static void work_may_be_given_up(void **state)
{
    (void)state;
    static const uint8_t payload[60000];
    struct key_model model;
    struct clusters *clusters = clusters_of(&model, NULL, false);
    for (uint16_t i = 0; i < 40; i++) {
        struct record r = udp(i, 0, 1);
        r.blocks |= BLOCK_SUSER;
        r.user[SRC] = (struct record_user){.limit = 60000, .bytes = {payload, sizeof(payload)}};
        add(clusters, r);
    }
    assert_int_equal(clusters_settle(clusters, NULL), 0);
    assert_true(clusters_status(clusters).bytes > 40 * sizeof(payload));
    clusters_free(clusters);
}

static void memory_is_counted(void **state)
{
    (void)state;
    struct key_model model;
    struct clusters *clusters = clusters_of(&model, NULL, false);
    assert_int_equal(clusters_status(clusters).bytes, 0);
    for (uint32_t i = 0; i < 10000; i++)
        add(clusters, udp((uint16_t)i, 0, 1));
    assert_int_equal(clusters_settle(clusters, NULL), 0);
    assert_true(clusters_status(clusters).bytes > 10000 * 200);
    assert_true(clusters_status(clusters).bytes < 10000 * 600);
    clusters_free(clusters);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nothing),
        cmocka_unit_test(last_change_decides_the_order),
        cmocka_unit_test(keys_sort),
        cmocka_unit_test(many),
        cmocka_unit_test(wire_form_stays),
        cmocka_unit_test(directions_stay_apart_by_default),
        cmocka_unit_test(the_first_direction_wins),
        cmocka_unit_test(a_syn_tells_the_direction),
        cmocka_unit_test(two_syns_are_two_connections),
        cmocka_unit_test(turned_clusters_are_found),
        cmocka_unit_test(arp_has_no_other_direction),
        cmocka_unit_test(esp_has_no_other_direction),
        cmocka_unit_test(borrowed_bytes_are_kept),
        cmocka_unit_test(work_may_be_given_up),
        cmocka_unit_test(memory_is_counted),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
