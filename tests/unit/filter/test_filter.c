/* SPDX-License-Identifier: Apache-2.0 */
#include "filter/filter.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "e1.h"
#include "e2.h"
#include "record/services.h"

/*
 * In the folder that is the argument are tables: an expression, a bar, and the numbers of the
 * records that it selects, or "error:" and a part of the message. And a list of services.
 */
static const char *folder;

enum { RECORDS_MOST = 32 };
_Static_assert((int)E1_COUNT <= RECORDS_MOST && (int)E2_COUNT <= RECORDS_MOST, "room for all");

struct world {
    struct record records[RECORDS_MOST];
    int count;
    struct service_names *services;
    struct filter_names names;
};

/* One host, `server`, has an address of each family. */
static unsigned find_host(const char *name, struct host_address *ret, unsigned most)
{
    assert_true(most >= 2);
    if (strcmp(name, "server"))
        return 0;
    ret[0] = (struct host_address){FAMILY_IP4, {10, 9, 9, 9}};
    ret[1] = (struct host_address){FAMILY_IP6, {0xfd, [15] = 2}};
    return 2;
}

static bool find_ether(const char *name, uint8_t ret[6])
{
    static const uint8_t address[6] = {2, 0, 0, 0, 0, 1};
    memcpy(ret, address, sizeof(address));
    return !strcmp(name, "server");
}

static FILE *open_file(const char *name)
{
    char path[512];
    snprintf(path, sizeof(path), "%s/%s", folder, name);
    FILE *file = fopen(path, "re");
    if (!file)
        fail_msg("%s can't be read", path);
    return file;
}

static int setup(void **state)
{
    char path[512];
    struct world *world = calloc(1, sizeof(*world));
    snprintf(path, sizeof(path), "%s/services", folder);
    assert_int_equal(service_names_load(&world->services, path, NULL), 0);
    world->names = (struct filter_names){.services = world->services,
                                         .find_host = find_host,
                                         .find_ether = find_ether,
                                         .reads_files = true};
    *state = world;
    return 0;
}

static int teardown(void **state)
{
    struct world *world = *state;
    service_names_free(world->services);
    free(world);
    return 0;
}

/* The numbers of the records that the filter selects, as the table has them: "1-3 5 7 8". */
static void selection(const struct world *world, const struct filter *filter, char *ret,
                      size_t size)
{
    const struct record *records = world->records;
    size_t at = 0;
    *ret = '\0';
    for (int i = 0; i < world->count; i++) {
        if (!filter_match(filter, &records[i]))
            continue;
        int last = i;
        while (last + 1 < world->count && filter_match(filter, &records[last + 1]))
            last++;
        const char *blank = at ? " " : "";
        if (last - i >= 2)
            at += (size_t)snprintf(ret + at, size - at, "%s%d-%d", blank, i, last);
        else
            at += (size_t)snprintf(ret + at, size - at, "%s%d", blank, i);
        i = last - i >= 2 ? last : i;
    }
}

/* What the filter says of itself compiles to a filter that says and selects the same. */
static void check_text(const struct world *world, const struct filter *filter, const char *selected)
{
    struct filter *again;
    struct error err;
    char same[256];
    char *text = filter_text(filter);
    if (filter_compile(&again, text, &world->names, &err))
        fail_msg("'%s': %s", text, err.text);
    char *text_again = filter_text(again);
    assert_string_equal(text_again, text);
    selection(world, again, same, sizeof(same));
    if (strcmp(same, selected))
        fail_msg("'%s' selects '%s', the expression that it is of '%s'", text, same, selected);
    free(text_again);
    free(text);
    filter_free(again);
}

/* One row; false if it does not hold. */
static bool check_row(const struct world *world, const char *expression, const char *expected)
{
    struct filter *filter;
    struct error err;
    char got[256];
    if (filter_compile(&filter, expression, &world->names, &err)) {
        if (!strncmp(expected, "error: ", 7) && strstr(err.text, expected + 7))
            return true;
        print_error("'%s': %s\nexpected '%s'\n", expression, err.text, expected);
        return false;
    }
    selection(world, filter, got, sizeof(got));
    check_text(world, filter, got);
    filter_free(filter);
    if (!strcmp(got, expected))
        return true;
    print_error("'%s' gives '%s', expected '%s'\n", expression, got, expected);
    return false;
}

static void cut_blanks(char *text)
{
    size_t size = strlen(text);
    while (size && strchr(" \n", text[size - 1]))
        text[--size] = '\0';
}

static unsigned wrong_rows(const struct world *world, const char *name)
{
    char line[512];
    unsigned rows = 0, wrong = 0;
    FILE *table = open_file(name);
    while (fgets(line, sizeof(line), table)) {
        char *expected = strstr(line, " | ");
        if (line[0] == '#' || !expected)
            continue;
        *expected = '\0';
        expected += strlen(" | ");
        char *remark = strstr(expected, " * ");
        if (remark)
            *remark = '\0';
        cut_blanks(line);
        cut_blanks(expected);
        rows++;
        wrong += !check_row(world, line, expected);
    }
    fclose(table);
    assert_true(rows > 50);
    return wrong;
}

static void language_table_holds(void **state)
{
    struct world *world = *state;
    world->count = E1_COUNT;
    e1_make(world->records);
    assert_int_equal(wrong_rows(world, "table.txt"), 0);
}

static void kinds_table_holds(void **state)
{
    struct world *world = *state;
    world->count = E2_COUNT;
    e2_make(world->records);
    assert_int_equal(wrong_rows(world, "kinds.txt"), 0);
}

static void empty_text_matches_everything(void **state)
{
    struct world *world = *state;
    struct filter *filter;
    static const char *const texts[] = {"", "  ", "\t\n"};
    for (unsigned i = 0; i < 3; i++) {
        assert_int_equal(filter_compile(&filter, texts[i], NULL, NULL), 0);
        assert_true(filter_match(filter, &world->records[0]));
        char *text = filter_text(filter);
        assert_string_equal(text, "");
        free(text);
        filter_free(filter);
    }
    filter_free(NULL);
}

static void error_shows_the_place(void **state)
{
    struct filter *filter;
    struct error err;
    (void)state;
    assert_int_equal(filter_compile(&filter, "tcp and prot 80", NULL, &err), -1);
    assert_non_null(strstr(err.text, "column 9\n  tcp and prot 80\n          ^"));
    assert_int_equal(filter_compile(&filter, "tcp and", NULL, NULL), -1); /* no text is wanted */
}

static void long_expressions_are_cut(void **state)
{
    struct filter *filter;
    struct error err;
    static const char *const start =
        "prot 80 and host 10.0.0.1 and host 10.0.0.2 and host 10.0.0.3 "
        "and host 10.0.0.4 and host 10.0.0.5";
    static const char *const end = "host 10.0.0.1 and host 10.0.0.2 and host 10.0.0.3 and host "
                                   "10.0.0.4 and\thost 10.0.0.5 and prot 80";
    (void)state;
    assert_int_equal(filter_compile(&filter, start, NULL, &err), -1);
    assert_non_null(strstr(err.text, "column 1\n  prot 80 and host 10.0.0.1 and host 10.0.0.2 and "
                                     "host 10.0.0.3 and host 1...\n  ^"));
    assert_int_equal(filter_compile(&filter, end, NULL, &err), -1);
    assert_non_null(strstr(err.text, "column 91\n  ....0.0.2 and host 10.0.0.3 and host 10.0.0.4 "
                                     "and host 10.0.0.5 and prot 80\n"));
    const char *caret = strrchr(err.text, '\n') + 1, *line = strstr(err.text, "\n  ...") + 1;
    assert_int_equal(strlen(caret) - 1, strstr(line, "prot") - line);
}

static void mixed_expressions_are_warned_of(void **state)
{
    static const struct {
        const char *text;
        unsigned column; /* 0: no warning */
    } cases[] = {
        {"tcp or udp and port 53", 12},          {"udp and port 53 or icmp", 17},
        {"(tcp or udp) and port 53", 0},         {"tcp and udp and arp", 0},
        {"src or dst host 10.0.0.1 and tcp", 0}, {"tcp and (port 80 or 25 and 53)", 24},
        {"tcp and (port 80 or 25)", 0},          {"", 0},
    };
    (void)state;
    for (unsigned i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct filter *filter;
        char column[32];
        assert_int_equal(filter_compile(&filter, cases[i].text, NULL, NULL), 0);
        snprintf(column, sizeof(column), "at column %u", cases[i].column);
        const char *warning = filter_warning(filter);
        if (!warning != !cases[i].column || (warning && !strstr(warning, column)))
            fail_msg("'%s': %s", cases[i].text, warning ? warning : "no warning");
        filter_free(filter);
    }
}

static void files_are_read_only_where_allowed(void **state)
{
    struct filter *filter;
    struct error err;
    (void)state;
    assert_int_equal(filter_compile(&filter, "host in @addresses", NULL, &err), -1);
    assert_non_null(strstr(err.text, "not read here"));
}

static void without_names_there_are_numbers(void **state)
{
    struct filter *filter;
    (void)state;
    assert_int_equal(filter_compile(&filter, "port http", NULL, NULL), -1);
    assert_int_equal(filter_compile(&filter, "host server", NULL, NULL), -1);
    assert_int_equal(filter_compile(&filter, "port 80", NULL, NULL), 0);
    filter_free(filter);
}

/* `count` times `head`, `middle`, and `count` times `tail`. */
static char *repeated(const char *head, const char *middle, const char *tail, size_t count)
{
    size_t size = count * (strlen(head) + strlen(tail)) + strlen(middle) + 1;
    char *text = malloc(size), *at = text;
    for (size_t i = 0; i < count; i++)
        at = stpcpy(at, head);
    at = stpcpy(at, middle);
    for (size_t i = 0; i < count; i++)
        at = stpcpy(at, tail);
    return text;
}

static bool compiles(const char *text)
{
    struct filter *filter;
    if (filter_compile(&filter, text, NULL, NULL))
        return false;
    filter_free(filter);
    return true;
}

static void depth_and_length_are_limited(void **state)
{
    const struct {
        const char *head, *middle, *tail;
        size_t count;
        bool compiles;
    } cases[] = {
        {"(", "tcp", ")", 199, true},          {"(", "tcp", ")", 200, false},
        {"(", "tcp", ")", 100000, false},      {"not ", "tcp", "", 199, true},
        {"not ", "tcp", "", 100000, false},    {"tcp and ", "tcp", "", 5000, true},
        {"tcp and ", "tcp", "", 20000, false},
    };
    (void)state;
    for (unsigned i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        char *text = repeated(cases[i].head, cases[i].middle, cases[i].tail, cases[i].count);
        if (compiles(text) != cases[i].compiles)
            fail_msg("%zu times '%s'", cases[i].count, cases[i].head);
        free(text);
    }
}

/* Which of a record's blocks a filter depends on. */
static void blocks_looked_at_are_known(void **state)
{
    static const struct {
        const char *text;
        bool transport;
    } cases[] = {
        {"", false},        {"tcp and port 80", false},   {"pkts gt 3", false},
        {"seq lt 5", true}, {"not (udp or seq 7)", true}, {"dur gt 1 and src host 10.0.0.1", false},
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
        struct filter *filter;
        struct error err;
        assert_int_equal(filter_compile(&filter, cases[i].text, NULL, &err), 0);
        assert_int_equal(filter_looks_at(filter, BLOCK_TRANSPORT), cases[i].transport);
        filter_free(filter);
    }
}

int main(int argc, char **argv)
{
    if (argc != 2)
        return 1;
    folder = argv[1];
    if (chdir(folder)) /* where the files of addresses are */
        return 1;
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(language_table_holds),
        cmocka_unit_test(kinds_table_holds),
        cmocka_unit_test(empty_text_matches_everything),
        cmocka_unit_test(error_shows_the_place),
        cmocka_unit_test(long_expressions_are_cut),
        cmocka_unit_test(mixed_expressions_are_warned_of),
        cmocka_unit_test(files_are_read_only_where_allowed),
        cmocka_unit_test(without_names_there_are_numbers),
        cmocka_unit_test(depth_and_length_are_limited),
        cmocka_unit_test(blocks_looked_at_are_known),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
