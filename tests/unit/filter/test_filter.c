/* SPDX-License-Identifier: Apache-2.0 */
#include "filter/filter.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "e1.h"
#include "record/services.h"

/*
 * The table that is the first argument: an expression, a bar, and the numbers of the records that
 * it selects, or "error:" and a part of the message. The second argument is a list of services.
 */
static const char *table_path, *services_path;

struct world {
    struct record records[E1_COUNT];
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

static int setup(void **state)
{
    struct world *world = calloc(1, sizeof(*world));
    e1_make(world->records);
    assert_int_equal(service_names_load(&world->services, services_path, NULL), 0);
    world->names = (struct filter_names){world->services, find_host};
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
static void selection(const struct filter *filter, const struct record *records, char *ret,
                      size_t size)
{
    size_t at = 0;
    *ret = '\0';
    for (int i = 0; i < E1_COUNT; i++) {
        if (!filter_match(filter, &records[i]))
            continue;
        int last = i;
        while (last + 1 < E1_COUNT && filter_match(filter, &records[last + 1]))
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
    selection(again, world->records, same, sizeof(same));
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
    selection(filter, world->records, got, sizeof(got));
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

static void table_holds(void **state)
{
    char line[512];
    unsigned rows = 0, wrong = 0;
    FILE *table = fopen(table_path, "re");
    assert_non_null(table);
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
        wrong += !check_row(*state, line, expected);
    }
    fclose(table);
    assert_true(rows > 100);
    assert_int_equal(wrong, 0);
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

int main(int argc, char **argv)
{
    if (argc != 3)
        return 1;
    table_path = argv[1];
    services_path = argv[2];
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(table_holds),
        cmocka_unit_test(empty_text_matches_everything),
        cmocka_unit_test(error_shows_the_place),
        cmocka_unit_test(without_names_there_are_numbers),
        cmocka_unit_test(depth_and_length_are_limited),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
