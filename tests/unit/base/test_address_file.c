/* SPDX-License-Identifier: Apache-2.0 */
#include "base/address_file.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <arpa/inet.h>
#include <cmocka.h>

#include "base/lines.h"
#include "files.h"

static void write_file(const char *name, const char *text)
{
    files_write(name, (struct view){(const uint8_t *)text, strlen(text)});
}

struct seen {
    char text[4096];
};

static int note(void *context, const struct address_range *range, struct error *err)
{
    struct seen *seen = context;
    char first[64], last[64];
    int family = range->first.size == ADDRESS_IP4 ? AF_INET : AF_INET6;
    inet_ntop(family, range->first.bytes, first, sizeof(first));
    inet_ntop(family, range->last.bytes, last, sizeof(last));
    size_t used = strlen(seen->text);
    snprintf(seen->text + used, sizeof(seen->text) - used, "%s-%s(%.*s) ", first, last,
             (int)range->label.size, (const char *)range->label.data);
    return !strcmp(first, "66.6.6.6") ? error_set(err, "not this one") : 0;
}

static void expect(const char *file, const char *expected, uint64_t entries, uint64_t headings,
                   uint64_t wrong)
{
    struct seen seen = {""};
    struct address_file_counts counts;
    struct error err = {""};
    int result = address_file_read(file, note, &seen, &counts, &err);
    assert_string_equal(err.text, "");
    assert_int_equal(result, 0);
    assert_string_equal(seen.text, expected);
    assert_int_equal(counts.entries, entries);
    assert_int_equal(counts.headings, headings);
    assert_int_equal(counts.wrong, wrong);
}

static void fails(const char *file, const char *expected)
{
    struct seen seen = {""};
    struct address_file_counts counts;
    struct error err = {""};
    assert_int_equal(address_file_read(file, note, &seen, &counts, &err), -1);
    assert_string_equal(err.text, expected);
}

static void forms(void **state)
{
    (void)state;
    write_file("a", "# comment\n\n  10.1.2.3\r\n"
                    "10.2.3.4/8 \"Head office\" more\n"
                    "10.0.0.0/255.255.0.0\t\"tab\"\n"
                    "10.1.0.1-10.1.0.9 label without quotes\n"
                    "fd00::/16 \"six | bars\"\n"
                    "fd00::1-fd00::f\n"
                    "fd00::9");
    expect("a",
           "10.1.2.3-10.1.2.3() 10.0.0.0-10.255.255.255(Head office) "
           "10.0.0.0-10.0.255.255(tab) 10.1.0.1-10.1.0.9() "
           "fd00::-fd00:ffff:ffff:ffff:ffff:ffff:ffff:ffff(six | bars) fd00::1-fd00::f() "
           "fd00::9-fd00::9() ",
           7, 0, 0);
    write_file("empty", "");
    expect("empty", "", 0, 0, 0);
}

/* As argus 3.0.8 reads them, and as rahosts prints ranges. */
static void short_prefixes_and_spaced_ranges(void **state)
{
    (void)state;
    write_file("s", "10/8\n10.2/16 \"two\"\n10.2.3/255.255.255.0\n"
                    "10.1.0.1 - 10.1.0.9 \"nine\"\nfd00::1 \t-  fd00::f\n");
    expect("s",
           "10.0.0.0-10.255.255.255() 10.2.0.0-10.2.255.255(two) 10.2.3.0-10.2.3.255() "
           "10.1.0.1-10.1.0.9(nine) fd00::1-fd00::f() ",
           5, 0, 0);
    write_file("s", "10.2.3\n10\n10.1.0.1 -\n10.1.0.1 - 10.1.0.0\n10.1.0.0/16 - 10.2.0.0\n"
                    "/8\n10./8\n.10/8\n10.2.3.4./8\n10/33\n");
    expect("s", "", 0, 0, 10);
    write_file("s", "10.1.0.1 -10.1.0.9\n");
    expect("s", "10.1.0.1-10.1.0.1() ", 1, 0, 0);
}

static void what_is_not_an_address(void **state)
{
    (void)state;
    struct seen seen = {""};
    struct address_file_counts counts;
    write_file("w", "SrcAddr  TotPkts\n10.0.0.300\n10.0.0.9-10.0.0.1\n10.0.0.0/40\n"
                    "10.0.0.1,10.0.0.2\n10\nfd00::-10.0.0.1\nhost.example\n\"x\"\n10.0.0.1\n");
    expect("w", "10.0.0.1-10.0.0.1() ", 1, 1, 8);
    assert_int_equal(address_file_read("w", note, &seen, &counts, NULL), 0);
    assert_string_equal(counts.first_wrong.text, "w: line 2: '10.0.0.300' is not an address");
    write_file("w", "10.0.0.\x1b[2J\n");
    assert_int_equal(address_file_read("w", note, &seen, &counts, NULL), 0);
    assert_string_equal(counts.first_wrong.text, "w: line 1: '10.0.0.?[2J' is not an address");
}

static void delegations(void **state)
{
    (void)state;
    write_file("r", "2|apnic|20100101|4|19850701|20100101|+1000\n"
                    "apnic|*|ipv4|*|2|summary\n"
                    "apnic|AU|ipv4|1.0.0.0|768|20100101|assigned\n"
                    "apnic|JP|ipv6|2001:200::|35|19990813|allocated\n"
                    "apnic|JP|asn|173|1|20020801|allocated\n"
                    "apnic|JP|ipv4|255.255.255.0|257|20020801|allocated\n"
                    "apnic|JP|ipv4|1.2.3.4|0|20020801|allocated\n"
                    "apnic|JP|ipv6|2001:200::|129|19990813|allocated\n"
                    "apnic|JP|ipv6|1.2.3.4|12|19990813|allocated\n");
    expect("r", "1.0.0.0-1.0.2.255(AU) 2001:200::-2001:200:1fff:ffff:ffff:ffff:ffff:ffff(JP) ", 2,
           0, 4);
}

static void includes(void **state)
{
    (void)state;
    assert_int_equal(mkdir("d", 0777), 0);
    write_file("top", "1.1.1.1\n#include d/one\n4.4.4.4\n");
    write_file("d/one", "2.2.2.2\n#include \"two\"\n#included is a comment\n");
    write_file("d/two", "3.3.3.3");
    expect("top", "1.1.1.1-1.1.1.1() 2.2.2.2-2.2.2.2() 3.3.3.3-3.3.3.3() 4.4.4.4-4.4.4.4() ", 4, 0,
           0);
    write_file("self", "\n#include self\n");
    fails("self", "self: line 2: 'self' is included too deep");
    write_file("lost", "#include d/none\n");
    fails("lost", "lost: line 1: d/none: No such file or directory");
    write_file("d/two", "\n66.6.6.6\n");
    fails("top", "d/two: line 2: not this one");
    write_file("dash", "#include -\n");
    write_file("-", "5.5.5.5\n");
    expect("dash", "5.5.5.5-5.5.5.5() ", 1, 0, 0);
    write_file("nothing", "#include  \n");
    fails("nothing", "nothing: line 1: '' is not the name of a file");
}

static void sets(void **state)
{
    (void)state;
    static const uint8_t in[4] = {10, 1, 0, 9}, out[4] = {10, 1, 0, 10};
    struct address_file_counts counts;
    struct prefix_set *set = prefix_set_new();
    write_file("s", "10.1.0.1-10.1.0.9\n::1\n");
    assert_int_equal(address_file_add("s", set, 5, &counts, NULL), 0);
    assert_int_equal(counts.entries, 2);
    prefix_set_build(set);
    assert_int_equal(prefix_set_find(set, in, 4), 5);
    assert_int_equal(prefix_set_find(set, out, 4), PREFIX_NONE);
    prefix_set_free(set);
}

static void long_lines(void **state)
{
    (void)state;
    static uint8_t text[LINE_MOST + 2];
    memset(text, '#', sizeof(text));
    text[LINE_MOST - 1] = '\n';
    files_write("l", (struct view){text, sizeof(text)});
    expect("l", "", 0, 0, 0);
    text[LINE_MOST - 1] = '#';
    files_write("l", (struct view){text, sizeof(text)});
    fails("l", "l: a line of more than 65536 bytes at offset 0");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(forms),
        cmocka_unit_test(short_prefixes_and_spaced_ranges),
        cmocka_unit_test(what_is_not_an_address),
        cmocka_unit_test(delegations),
        cmocka_unit_test(includes),
        cmocka_unit_test(sets),
        cmocka_unit_test(long_lines),
    };
    return cmocka_run_group_tests(tests, files_enter, files_leave);
}
