/* SPDX-License-Identifier: Apache-2.0 */
#include "aggregate/rules.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cmocka.h>

/* Reads the text as a file; *path is what it was called. */
static int read_text(struct rules *ret, const char *text, const struct rule_options *options,
                     char path[64], struct error *err)
{
    int file = memfd_create("rules", MFD_CLOEXEC);
    assert_int_equal(write(file, text, strlen(text)), strlen(text));
    snprintf(path, 64, "/proc/self/fd/%d", file);
    *ret = (struct rules){0};
    int result = rules_read(ret, path, options, err);
    close(file);
    return result;
}

static struct rules rules_of(const char *text)
{
    static const struct rule_options options = {0};
    struct rules rules;
    struct error err = {0};
    char path[64];
    if (read_text(&rules, text, &options, path, &err))
        fail_msg("%s", err.text);
    return rules;
}

/* What is wrong, without the name of the file. */
static void assert_wrong(const char *text, const char *expected)
{
    static const struct rule_options options = {0};
    struct rules rules;
    struct error err = {0};
    char path[64];
    assert_int_equal(read_text(&rules, text, &options, path, &err), -1);
    size_t size = strlen(path);
    assert_memory_equal(err.text, path, size);
    assert_string_equal(err.text + size, expected);
    rules_release(&rules);
}

/* --- what is read ----------------------------------------------------------------------------- */

static void every_word_is_read(void **state)
{
    (void)state;
    struct rules rules = rules_of("filter=\"tcp\" grep=\"web\" model=\"saddr/16 proto,dport\" "
                                  "label=\"all of them\" status=1.5m idle=10s "
                                  "flush=\"fin or reset\" cont\n");
    assert_int_equal(rules.count, 1);
    const struct rule *rule = &rules.list[0];
    assert_int_equal(rule->line, 1);
    assert_string_equal(rule->label, "all of them");
    assert_int_equal(rule->model.status_ns, 90 * NSEC_PER_SEC);
    assert_int_equal(rule->model.idle_ns, 10 * NSEC_PER_SEC);
    assert_ptr_equal(rule->model.flush, rule->flush);
    assert_true(rule->continues);
    assert_false(rule->passes);
    /* Three words, and what a port implies; nothing is sorted. */
    assert_int_equal(rule->model.key->count, 4);
    assert_int_equal(rule->model.key->items[0].prefix, 16);
    assert_int_equal(rule->model.key->sort_count, 0);
    char *text = filter_text(rule->filter);
    assert_string_equal(text, "tcp and label \"web\"");
    free(text);
    rules_release(&rules);
}

static void quotes_blanks_and_comments_are_free(void **state)
{
    (void)state;
    struct rules rules = rules_of("# rules\r\n\n   \t\n"
                                  "  filter = 'tcp or udp'\tidle =5 label=a#b # a comment \"\r\n"
                                  "model='saddr'label=\"x # y\"#behind\n"
                                  "filter='label \"web\"' status=\"-1\"\n"
                                  "filter=\"label \\\"a\\b\\\"\"");
    assert_int_equal(rules.count, 4);
    assert_int_equal(rules.list[0].line, 4);
    assert_int_equal(rules.list[0].model.idle_ns, 5 * NSEC_PER_SEC);
    assert_string_equal(rules.list[0].label, "a#b");
    assert_string_equal(rules.list[1].label, "x # y");
    assert_null(rules.list[1].filter);
    assert_true(rules.list[2].passes);
    char *text = filter_text(rules.list[3].filter);
    assert_string_equal(text, "label \"a\\b\"");
    free(text);
    rules_release(&rules);
}

static void variables_are_read(void **state)
{
    (void)state;
    struct rules rules = rules_of("RACLUSTER_MODEL_NAME=\"the office\"\n"
                                  "RACLUSTER_AUTO_CORRECTION = yes # both ways\n"
                                  "RACLUSTER_REPORT_AGGREGATION='no'\n"
                                  "RACLUSTER_AGG_METRIC=spkts\n"
                                  "RACLUSTER_MODEL_NAME=\"\"\n");
    assert_int_equal(rules.count, 0);
    assert_string_equal(rules.name, "the office");
    assert_int_equal(rules.correct, RULE_YES);
    assert_int_equal(rules.report, RULE_NO);
    assert_string_equal(rules.metric->name, "spkts");
    rules_release(&rules);
    rules = rules_of("");
    assert_int_equal(rules.correct, RULE_UNSAID);
    assert_null(rules.metric);
    rules_release(&rules);
}

/* Of the rules behind the first one, each wants its own line. */
static void preserving_is_for_one_rule(void **state)
{
    (void)state;
    struct rules rules = rules_of("model=saddr\nmodel=saddr\nRACLUSTER_PRESERVE_FIELDS=yes\n"
                                  "model=saddr\nmodel=saddr\nRACLUSTER_PRESERVE_FIELDS=no\n"
                                  "model=daddr\n");
    const bool bare[] = {false, true, false, true, true};
    assert_int_equal(rules.count, 5);
    for (unsigned i = 0; i < 5; i++)
        assert_int_equal(rules.list[i].model.key->is_bare, bare[i]);
    /* Equal models are shared. */
    assert_ptr_equal(rules.list[0].model.key, rules.list[2].model.key);
    assert_ptr_equal(rules.list[1].model.key, rules.list[3].model.key);
    assert_int_equal(rules.key_count, 3);
    rules_release(&rules);
    const struct rule_options options = {.is_bare = true, .is_both_ends = true};
    char path[64];
    assert_int_equal(read_text(&rules, "idle=0", &options, path, NULL), 0);
    assert_true(rules.list[0].model.key->is_bare);
    assert_true(rules.list[0].model.key->is_both_ends);
    rules_release(&rules);
}

static void rules_that_merge_nothing_pass(void **state)
{
    (void)state;
    struct rules rules =
        rules_of("status=-1 idle=0\nstatus=-5m idle=1\nmodel=none idle=5\nstatus=0\nmodel=''\n");
    const bool passes[] = {true, true, true, false, false};
    for (unsigned i = 0; i < 5; i++)
        assert_int_equal(rules.list[i].passes, passes[i]);
    /* Nor do they have timers, which would keep all rules in one thread. */
    for (unsigned i = 0; i < 5; i++)
        assert_false(cluster_model_is_early(&rules.list[i].model));
    assert_true(rules.list[4].model.key->is_default);
    struct key_model key = {.is_none = true};
    rules_end(&rules, &key);
    assert_int_equal(rules.count, 6);
    assert_true(rules.list[5].passes);
    rules_release(&rules);
}

/* --- what is wrong ---------------------------------------------------------------------------- */

static void errors_name_line_and_column(void **state)
{
    (void)state;
    assert_wrong("\n fliter=tcp", ": line 2, column 2: 'fliter' is no word of a rule (did you mean "
                                  "'filter'?)\n   fliter=tcp\n   ^");
    assert_wrong("filter=\"tcp and prt 80\"",
                 ": line 1, column 17: filter: there is no word 'prt' (did you mean 'port'?)\n"
                 "  filter=\"tcp and prt 80\"\n                  ^");
    /* Behind quotes within quotes, too. */
    assert_wrong("filter=\"(label \\\"a\\\") and x\"",
                 ": line 1, column 27: filter: 'x' is no word of the filter language\n"
                 "  filter=\"(label \\\"a\\\") and x\"\n                            ^");
    assert_wrong("model=\"saddr dadr\"",
                 ": line 1, column 14: model: unknown key 'dadr'; did you mean 'daddr'?\n"
                 "  model=\"saddr dadr\"\n               ^");
    assert_wrong("model=\"saddr,dadr\"",
                 ": line 1, column 14: model: unknown key 'dadr'; did you mean 'daddr'?\n"
                 "  model=\"saddr,dadr\"\n               ^");
    assert_wrong("filter=\"tcp", ": line 1, column 8: this quote does not close\n"
                                 "  filter=\"tcp\n         ^");
}

static void lines_that_are_no_rules_are_refused(void **state)
{
    (void)state;
    static const struct {
        const char *text, *part;
    } cases[] = {
        {"filter=tcp and udp", "column 12: 'and' is no word of a rule; a value of several words"},
        {"filter tcp", "column 1: '=' and a value must follow 'filter'"},
        {"filter= # nothing", "column 9: a value is missing behind 'filter='"},
        {"filter='' filter=''", "column 11: 'filter' is given twice"},
        {"=", "column 1: a word is expected here"},
        {"filter='tcp' ; idle=1", "column 14: a word is expected here"},
        {"cont=yes", "column 1: 'cont' takes no value"},
        {"a_word_that_is_longer_than_any_word_of_a_rule=1", "is no word of a rule"},
        {"grep='a**'", "column 7: grep: 'a**' repeats repetitions"},
        {"grep='('", "column 7: grep: '(' is not a regular expression"},
        {"status=1x", "column 8: status: '1x' is not a duration"},
        {"status=--1", "column 8: status: '--1' is not a duration"},
        {"status=-", "column 8: status: '-' is not a duration"},
        {"idle=-1", "column 6: idle: '-1' is not a duration"},
        {"status=-1 flush='fin'", "'flush' means nothing"},
        {"flush='fin' model=none", "'flush' means nothing"},
        {"filter='host in @/etc/hosts'", "files of addresses are not read here"},
        {"RACLUSTER_MODEL=1", "column 1: there is no variable RACLUSTER_MODEL"},
        {"RACLUSTER_MODEL_NAME", "'=' and a value must follow"},
        {"RACLUSTER_HISTOGRAM='dur 10:0-1'", "RACLUSTER_HISTOGRAM is not supported"},
        {"RACLUSTER_AGG_METRIC=spkt",
         "column 22: there is no field 'spkt' (did you mean 'spkts'?)"},
        {"RACLUSTER_AGG_METRIC=saddr", "'saddr' is no number"},
        {"RACLUSTER_AUTO_CORRECTION=on", "'on' is none of yes, no"},
        {"RACLUSTER_AUTO_CORRECTION=no filter=''", "column 30: nothing may follow the value"},
    };
    static const struct rule_options options = {0};
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct rules rules;
        struct error err = {0};
        char path[64];
        assert_int_equal(read_text(&rules, cases[i].text, &options, path, &err), -1);
        if (!strstr(err.text, cases[i].part))
            fail_msg("%s: %s", cases[i].text, err.text);
        rules_release(&rules);
    }
}

static void long_texts_are_refused(void **state)
{
    (void)state;
    static const struct rule_options options = {0};
    static char text[2000];
    struct rules rules;
    struct error err;
    char path[64];
    memset(text, 'x', sizeof(text) - 1);
    memcpy(text, "label=", 6);
    assert_int_equal(read_text(&rules, text, &options, path, &err), -1);
    assert_non_null(strstr(err.text, "column 7: label: longer than 1000 characters"));
    rules_release(&rules);
    memcpy(text, "model=", 6);
    assert_int_equal(read_text(&rules, text, &options, path, &err), -1);
    assert_non_null(strstr(err.text, "column 7: model: a word of more than 255 characters"));
    rules_release(&rules);
}

static void a_file_with_zero_bytes_is_no_text(void **state)
{
    (void)state;
    static const struct rule_options options = {0};
    struct rules rules = {0};
    struct error err;
    char path[64];
    int file = memfd_create("rules", MFD_CLOEXEC);
    assert_int_equal(write(file, "idle=1\nidle\0=1\n", 15), 15);
    snprintf(path, sizeof(path), "/proc/self/fd/%d", file);
    assert_int_equal(rules_read(&rules, path, &options, &err), -1);
    assert_non_null(strstr(err.text, ": line 2: a zero byte"));
    rules_release(&rules);
    close(file);
    assert_int_equal(rules_read(&rules, "/nowhere", &options, &err), -1);
    assert_non_null(strstr(err.text, "/nowhere"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_word_is_read),
        cmocka_unit_test(quotes_blanks_and_comments_are_free),
        cmocka_unit_test(variables_are_read),
        cmocka_unit_test(preserving_is_for_one_rule),
        cmocka_unit_test(rules_that_merge_nothing_pass),
        cmocka_unit_test(errors_name_line_and_column),
        cmocka_unit_test(lines_that_are_no_rules_are_refused),
        cmocka_unit_test(long_texts_are_refused),
        cmocka_unit_test(a_file_with_zero_bytes_is_no_text),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
