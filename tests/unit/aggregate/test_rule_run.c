/* SPDX-License-Identifier: Apache-2.0 */
#include "aggregate/rule_run.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cmocka.h>

#include "flows.h"
#include "record/merge.h"

/*
 * Which rules records come to. Output is a line for each cluster: its source port, the packets of
 * both sides, how many records are in it, and its label.
 */
struct fixture {
    struct rules rules;
    struct key_model key;
    struct rule_run *run;
    char out[2048];
};

static void begin(struct fixture *f, const char *text, unsigned threads)
{
    const struct rule_options options = {0};
    struct error err;
    char path[64];
    int file = memfd_create("rules", MFD_CLOEXEC);
    assert_int_equal(write(file, text, strlen(text)), strlen(text));
    snprintf(path, sizeof(path), "/proc/self/fd/%d", file);
    *f = (struct fixture){0};
    if (rules_read(&f->rules, path, &options, &err))
        fail_msg("%s", err.text);
    close(file);
    key_model_default(&f->key);
    rules_end(&f->rules, &f->key);
    f->run = rule_run_new(&f->rules, &(struct cluster_options){.threads = threads});
}

static void print(struct fixture *f, const struct record *r)
{
    size_t size = strlen(f->out);
    bool has_label = record_has(r, BLOCK_LABEL);
    snprintf(f->out + size, sizeof(f->out) - size, "%u %u/%u %u%s%.*s\n", r->key.port[SRC],
             (unsigned)r->metric.packets[SRC], (unsigned)r->metric.packets[DST],
             record_has(r, BLOCK_AGR) ? r->agr.count : 1, has_label ? " " : "",
             has_label ? (int)r->label.size : 0, (const char *)r->label.data);
}

static void add(struct fixture *f, struct record r)
{
    assert_int_equal(rule_run_add(f->run, &r, NULL), 0);
}

static void finish(struct fixture *f, const char *expected)
{
    struct record *r;
    struct clusters *clusters = rule_run_clusters(f->run);
    assert_int_equal(clusters_settle(clusters, NULL), 0);
    while (!clusters_early(clusters, &r))
        print(f, r);
    assert_int_equal(clusters_finish(clusters, NULL), 0);
    while (!clusters_next(clusters, &r, NULL))
        print(f, r);
    rule_run_free(f->run);
    rules_release(&f->rules);
    assert_string_equal(f->out, expected);
}

static struct record udp(uint16_t port, int64_t second)
{
    return flow_at(flow_make(17, "10.0.0.1", port, "10.0.0.2", 53), second, 1, 0);
}

static struct record tcp(uint16_t port, int64_t second, uint32_t status)
{
    return flow_tcp(flow_at(flow_make(6, "10.0.0.1", port, "10.0.0.2", 80), second, 1, 1), status);
}

static struct record labelled(struct record r, const char *label)
{
    r.label = (struct view){(const uint8_t *)label, strlen(label)};
    r.blocks |= BLOCK_LABEL;
    return r;
}

static void add_both(struct fixture *f)
{
    for (unsigned i = 0; i < 2; i++) {
        add(f, udp(1, i));
        add(f, udp(2, i));
        add(f, tcp(3, i, TCPS_SYN));
    }
}

/* Rule by rule, then what is left, in the order of the last change. */
static void the_first_rule_that_matches_takes_a_record(void **state)
{
    (void)state;
    for (unsigned threads = 1; threads < 4; threads++) {
        struct fixture f;
        begin(&f,
              "filter='tcp' label=web\nfilter='src port 2' label=two\nfilter='tcp' label=never\n",
              threads);
        add_both(&f);
        finish(&f, "3 2/2 2 web\n2 2/0 2 two\n1 2/0 2\n");
    }
}

static void with_cont_others_have_it_too(void **state)
{
    (void)state;
    for (unsigned threads = 1; threads < 4; threads++) {
        struct fixture f;
        begin(&f, "model=proto label=sum cont\nfilter='tcp' label=web\n", threads);
        add_both(&f);
        /* Protocol by protocol; then the rule for TCP; then UDP, which only the first one had. */
        finish(&f, "0 4/0 4 sum\n3 2/2 2 sum\n3 2/2 2 web\n1 2/0 2\n2 2/0 2\n");
    }
}

static void what_is_not_merged_goes_out_first(void **state)
{
    (void)state;
    for (unsigned threads = 1; threads < 4; threads++) {
        struct fixture f;
        begin(&f, "filter='tcp' status=-1 label=one cont\nfilter='port 3' model=none\n", threads);
        add_both(&f);
        finish(&f, "3 1/1 1 one\n3 1/1 1\n3 1/1 1 one\n3 1/1 1\n1 2/0 2\n2 2/0 2\n");
    }
}

/* Whatever labels it had stay, and are looked for by grep. */
static void labels_are_united(void **state)
{
    (void)state;
    struct fixture f;
    begin(&f, "grep='^old' label='new:old'\nfilter='udp' label='b'\n", 1);
    add(&f, labelled(udp(1, 0), "old"));
    add(&f, labelled(udp(2, 0), "odd"));
    add(&f, udp(3, 0));
    add(&f, tcp(4, 0, TCPS_SYN));
    finish(&f, "1 1/0 1 old:new\n2 1/0 1 odd:b\n3 1/0 1 b\n4 1/1 1\n");
}

/* A connection goes out when its end was seen, and the next one with its ports is another. */
static void a_merged_record_that_matches_flush_goes_out(void **state)
{
    (void)state;
    struct fixture f;
    begin(&f, "filter='tcp' flush='finack or reset'\n", 2);
    add(&f, tcp(1, 0, TCPS_SYN));
    add(&f, tcp(2, 1, TCPS_SYN));
    add(&f, tcp(1, 2, TCPS_EST));
    add(&f, tcp(1, 3, TCPS_FINACK));
    add(&f, tcp(1, 4, TCPS_SYN));
    finish(&f, "1 3/3 3\n2 1/1 1\n1 1/1 1\n");
}

/* Each rule has timers of its own; pieces come in the order of the records that made them go. */
static void timers_are_of_rules(void **state)
{
    (void)state;
    struct fixture f;
    begin(&f, "filter='src port 1' idle=3\nfilter='src port 2' status=4\n", 1);
    for (int second = 0; second < 6; second += 2) {
        add(&f, udp(1, second < 4 ? second : 9));
        add(&f, udp(2, second));
        add(&f, udp(3, second));
    }
    finish(&f, "1 2/0 2\n2 2/0 2\n1 1/0 1\n2 1/0 1\n3 3/0 3\n");
}

static void corrections_are_for_every_rule(void **state)
{
    (void)state;
    struct fixture f;
    begin(&f, "RACLUSTER_AUTO_CORRECTION=yes\nfilter='host 9.9.9.9'\nfilter='port 53'\n", 1);
    struct record answer = flow_make(17, "10.0.0.2", 53, "10.0.0.1", 1);
    add(&f, udp(1, 0));
    add(&f, flow_at(answer, 1, 1, 0));
    finish(&f, "1 1/1 2\n");
}

/* Of what was merged before, the statistics stay. */
static void statistics_may_be_of_any_field(void **state)
{
    (void)state;
    struct fixture f;
    struct record *r;
    begin(&f, "RACLUSTER_AGG_METRIC=spkts\nmodel=proto\n", 1);
    add(&f, flow_at(udp(1, 0), 0, 3, 0));
    add(&f, flow_at(udp(1, 0), 0, 7, 0));
    struct clusters *clusters = rule_run_clusters(f.run);
    assert_int_equal(clusters_finish(clusters, NULL), 0);
    assert_int_equal(clusters_next(clusters, &r, NULL), 0);
    assert_int_equal(r->agr.count, 2);
    assert_int_equal(r->agr.active.sum, 10000000);
    assert_int_equal(r->agr.active.min, 3000000);
    struct record again = *r;
    record_set_sample(&again, field_find("dur"));
    assert_int_equal(again.agr.active.sum, 10000000);
    rule_run_free(f.run);
    rules_release(&f.rules);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_first_rule_that_matches_takes_a_record),
        cmocka_unit_test(with_cont_others_have_it_too),
        cmocka_unit_test(what_is_not_merged_goes_out_first),
        cmocka_unit_test(labels_are_united),
        cmocka_unit_test(a_merged_record_that_matches_flush_goes_out),
        cmocka_unit_test(timers_are_of_rules),
        cmocka_unit_test(corrections_are_for_every_rule),
        cmocka_unit_test(statistics_may_be_of_any_field),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
