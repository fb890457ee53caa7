/* SPDX-License-Identifier: Apache-2.0 */
#include "record/field.h"

#include <ctype.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/attr.h"
#include "lines.h"
#include "records.h"

/* Each field of the record of record_make_full, as it prints. */
static const struct {
    const char *name, *text;
} full_record[] = {
    {"rank", "1"},
    {"seq", "42"},
    {"srcid", "192.0.2.1"},
    {"cause", "Start"},
    {"autoid", "0"},
    {"stime", "22:13:20.250000"},
    {"ltime", "22:13:22.500000"},
    {"sstime", "22:13:20.250000"},
    {"sltime", "22:13:22.500000"},
    {"dstime", "22:13:20.500000"},
    {"dltime", "22:13:22.500000"},
    {"rtime", "0.000000"},
    {"dur", "2.250000"},
    {"sdur", "2.250000"},
    {"ddur", "2.000000"},
    {"runtime", "6.000000"},
    {"mean", "2.000000"},
    {"stddev", "0.816497"},
    {"sum", "6.000000"},
    {"min", "1.000000"},
    {"max", "3.000000"},
    {"trans", "3"},
    {"flgs", " MU*  FO  "},
    {"proto", "tcp"},
    {"saddr", "10.0.0.1"},
    {"daddr", "10.0.0.2"},
    {"snet", "10.0.0.0"},
    {"dnet", "10.0.0.0"},
    {"sport", "4000"},
    {"dport", "53"},
    {"dir", "   ->"},
    {"pkts", "18"},
    {"spkts", "10"},
    {"dpkts", "8"},
    {"bytes", "1320"},
    {"sbytes", "600"},
    {"dbytes", "720"},
    {"appbytes", "100007"},
    {"sappbytes", "100000"},
    {"dappbytes", "7"},
    {"pcr", "0.999860"},
    {"abr", "0.999860"},
    {"tf", "75.762879"},
    {"stf", "166.666667"},
    {"dtf", "0.009722"},
    {"rate", "7.555556"},
    {"srate", "4.000000"},
    {"drate", "3.500000"},
    {"load", "4160.000000"},
    {"sload", "1920.000000"},
    {"dload", "2520.000000"},
    {"loss", "4"},
    {"sloss", "2"},
    {"dloss", "2"},
    {"ploss", "18.181818"},
    {"sploss", "16.666667"},
    {"dploss", "20.000000"},
    {"sgap", "0"},
    {"dgap", "0"},
    {"tcprtt", "0.000200"},
    {"synack", "0.000120"},
    {"ackdat", "0.000080"},
    {"stcpb", "1000"},
    {"dtcpb", "1001"},
    {"swin", "896000"},
    {"dwin", "896000"},
    {"stcpmax", "59733333.333333"},
    {"dtcpmax", "59733333.333333"},
    {"tcpopt", "Mws"},
    {"state", "FIN"},
    {"stos", "16"},
    {"dtos", "16"},
    {"sdsb", "4"},
    {"ddsb", "4"},
    {"sttl", "64"},
    {"dttl", "63"},
    {"shops", "0"},
    {"dhops", "1"},
    {"sipid", "0x3412"},
    {"dipid", "0x3412"},
    {"smac", "02:00:00:00:00:01"},
    {"dmac", "02:00:00:00:00:02"},
    {"svlan", "0x6064"},
    {"dvlan", "0x6065"},
    {"svid", "100"},
    {"dvid", "101"},
    {"svpri", "3"},
    {"dvpri", "3"},
    {"smpls", "100"},
    {"dmpls", "100"},
    {"senc", "ev"},
    {"denc", "ev"},
    {"bssid", ""},
    {"ssid", ""},
    {"inode", "10.9.9.9"},
    {"icmpid", ""},
    {"sintpkt", "2.000000"},
    {"dintpkt", "2.000000"},
    {"sintpktact", "2.000000"},
    {"dintpktact", "2.000000"},
    {"sintpktidl", "2.000000"},
    {"dintpktidl", "2.000000"},
    {"sintpktmax", "3.000000"},
    {"dintpktmax", "3.000000"},
    {"sintpktmin", "1.000000"},
    {"dintpktmin", "1.000000"},
    {"sintpktactmax", "3.000000"},
    {"sintpktactmin", "1.000000"},
    {"sintpktidlmax", "3.000000"},
    {"sintpktidlmin", "1.000000"},
    {"dintpktactmax", "3.000000"},
    {"dintpktactmin", "1.000000"},
    {"dintpktidlmax", "3.000000"},
    {"dintpktidlmin", "1.000000"},
    {"sjit", "1.000000"},
    {"djit", "1.000000"},
    {"sjitact", "1.000000"},
    {"djitact", "1.000000"},
    {"sjitidl", "1.000000"},
    {"djitidl", "1.000000"},
    {"sintdistact", ""},
    {"dintdistact", ""},
    {"sintdistidl", ""},
    {"dintdistidl", ""},
    {"smaxsz", "1500"},
    {"dmaxsz", "1500"},
    {"sminsz", "60"},
    {"dminsz", "60"},
    {"smeansz", "60.000000"},
    {"dmeansz", "90.000000"},
    {"spktsz", "12345678"},
    {"dpktsz", "12345678"},
    {"sco", "US"},
    {"dco", "JP"},
    {"sas", "64500"},
    {"das", "64501"},
    {"ias", "64502"},
    {"label", "flow=web"},
    {"suser", "s[14]=GET / HTTP/1.0"},
    {"duser", "d[14]=GET / HTTP/1.0"},
    {"nstroke", "6"},
    {"snstroke", "3"},
    {"dnstroke", "3"},
};

static void full_record_prints(void **state)
{
    const struct print_options options = {.precision = 6, .delimiter = ';', .header_every = -1};
    static struct record r;
    (void)state;
    record_make_full(&r);
    r.wire = (struct view){(const uint8_t *)"as it was read", 14};
    for (size_t i = 0; i < ARRAY_SIZE(full_record); i++) {
        char *text = printed(&options, full_record[i].name, &r, 1);
        text[strcspn(text, "\n")] = '\0';
        if (strcmp(text, full_record[i].text))
            fail_msg("%s prints '%s', expected '%s'", full_record[i].name, text,
                     full_record[i].text);
        free(text);
    }
}

/* A record of nothing, and one of management: every getter bears them. */
static void empty_records_print(void **state)
{
    const struct print_options options = {.precision = 6, .delimiter = ';', .header_every = -1};
    static struct record records[2];
    (void)state;
    records[0] = (struct record){.type = RECORD_FAR, .cause = CAUSE_START};
    records[1] = (struct record){.type = RECORD_MAR, .cause = CAUSE_START};
    for (size_t i = 0; i < field_count; i++)
        free(printed(&options, field_table[i].name, records, 2));
}

/* --- the table -------------------------------------------------------------------------------- */

static bool is_snake_case(const char *name)
{
    for (; *name; name++)
        if (!islower((unsigned char)*name) && !isdigit((unsigned char)*name) && *name != '_')
            return false;
    return true;
}

static void rows_are_sound(void **state)
{
    (void)state;
    for (size_t i = 0; i < field_count; i++) {
        const struct field *field = &field_table[i];
        assert_true(is_snake_case(field->name));
        assert_true(field->width > 0 && field->get);
        assert_int_equal(!field->json, !field->help);
        for (size_t j = 0; j < i; j++)
            if (!strcmp(field->name, field_table[j].name) ||
                (field->json && field_table[j].json && !strcmp(field->json, field_table[j].json)))
                fail_msg("%s is there twice", field->name);
        if (!field->json)
            continue;
        assert_true(is_snake_case(field->json));
        assert_true(field->help[strlen(field->help) - 1] != '.');
    }
}

/* What a getter gives is of the kind that its row says. */
static void kinds_are_true(void **state)
{
    static struct record r;
    (void)state;
    record_make_full(&r);
    for (size_t i = 0; i < field_count; i++) {
        struct value value;
        const struct field *field = &field_table[i];
        field_get(field, &r, &value);
        if (value.kind == VALUE_NONE || value.kind == field->kind)
            continue;
        /* A code point without a name is a number. */
        if (field->kind != VALUE_PROTO || value.kind != VALUE_UINT)
            fail_msg("%s: kind %d, the table says %d", field->name, value.kind, field->kind);
    }
}

static void fields_are_found(void **state)
{
    const struct field *sides[2];
    (void)state;
    assert_string_equal(field_find("dur")->name, "dur");
    assert_null(field_find("Dur"));
    assert_null(field_find("du"));
    assert_null(field_find(""));
    assert_true(field_find_sides("pkts", sides));
    assert_string_equal(sides[SRC]->name, "spkts");
    assert_string_equal(sides[DST]->name, "dpkts");
    assert_false(field_find_sides("tcprtt", sides));
    assert_false(field_find_sides("eq", sides));
    assert_false(field_find_sides("a name that is longer than the name of any field", sides));
}

static void near_fields_are_suggested(void **state)
{
    const struct field *near[3];
    (void)state;
    assert_int_equal(field_suggest("sadr", near, 3), 3);
    assert_string_equal(near[0]->name, "saddr");
    assert_int_equal(field_suggest("sadr", near, 1), 1);
    assert_int_equal(field_suggest("nothingofthekind", near, 3), 0);
}

static void numbers_are_numbers(void **state)
{
    static const struct {
        const char *name;
        bool is_number;
        double number;
    } cases[] = {
        {"bytes", true, 1320},       {"dur", true, 2.25},     {"stime", true, 1700000000.25},
        {"ploss", true, 400.0 / 22}, {"sport", true, 4000},   {"proto", true, 6},
        {"snstroke", true, 3},       {"sipid", true, 0x3412}, {"saddr", false, 0},
        {"state", false, 0},         {"label", false, 0},     {"smac", false, 0},
        {"icmpid", false, 0},
    };
    static struct record r;
    (void)state;
    record_make_full(&r);
    for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
        double number = 0;
        assert_int_equal(field_number(field_find(cases[i].name), &r, &number), cases[i].is_number);
        if (number - cases[i].number > 1e-6 || cases[i].number - number > 1e-6)
            fail_msg("%s is %f", cases[i].name, number);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(full_record_prints),  cmocka_unit_test(empty_records_print),
        cmocka_unit_test(rows_are_sound),      cmocka_unit_test(kinds_are_true),
        cmocka_unit_test(fields_are_found),    cmocka_unit_test(near_fields_are_suggested),
        cmocka_unit_test(numbers_are_numbers),
    };
    setenv("TZ", "UTC", 1);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
