/* SPDX-License-Identifier: Apache-2.0 */
/* CSV, JSON and XML of values that need care. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "lines.h"
#include "record/community_id.h"
#include "record/print_form.h"
#include "records.h"

static struct record labelled(const char *label, size_t size)
{
    struct record r;
    record_make_full(&r);
    r.label = (struct view){(const uint8_t *)label, size};
    return r;
}

static void expect(enum print_form_name form, const char *columns, const struct record *r,
                   const char *expected)
{
    const struct print_options options = {.form = form, .precision = 6, .header_every = -1};
    char *got = printed(&options, columns, r, 1);
    assert_string_equal(got, expected);
    free(got);
}

static void test_csv_quotes_what_needs_it(void **state)
{
    (void)state;
    static const struct {
        const char *label, *expected;
    } cases[] = {
        {"plain", "plain\r\n"}, {"a,b", "\"a,b\"\r\n"}, {"say \"x\"", "\"say \"\"x\"\"\"\r\n"},
        {"\"", "\"\"\"\"\r\n"}, {"a b", "a b\r\n"},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        struct record r = labelled(cases[i].label, strlen(cases[i].label));
        expect(PRINT_CSV, "label", &r, cases[i].expected);
    }
}

static void test_csv_header(void **state)
{
    (void)state;
    const struct print_options options = {.form = PRINT_CSV, .precision = 6};
    struct record r;
    record_make_full(&r);
    char *got = printed(&options, "saddr,sport", &r, 1);
    assert_memory_equal(got, "saddr,sport\r\n", 13);
    free(got);
}

/* Every byte in a label gives valid JSON; this looks at the ones that matter. */
static void test_json_escapes(void **state)
{
    (void)state;
    struct record r = labelled("a\"b\\c\x01\x1f/\x7f", 9);
    expect(PRINT_JSON, "label", &r, "{\"label\":\"a\\\"b\\\\c\\u0001\\u001f/\\u007f\"}\n");
    r = labelled("gr\xc3\xbc\xc3\x9f", 6);
    expect(PRINT_JSON, "label", &r, "{\"label\":\"gr\xc3\xbc\xc3\x9f\"}\n");
    r = labelled("\xff\xc3(", 3);
    expect(PRINT_JSON, "label", &r, "{\"label\":\"\xef\xbf\xbd\xef\xbf\xbd(\"}\n");
}

static void test_json_base64(void **state)
{
    (void)state;
    static const char *const expected[] = {NULL, "AA==", "AP8=", "AP8Q", "AP8QgA=="};
    static const uint8_t bytes[] = {0x00, 0xff, 0x10, 0x80};
    struct record r;
    record_make_full(&r);
    for (size_t size = 1; size <= sizeof(bytes); size++) {
        char line[64];
        r.user[SRC].bytes = (struct view){bytes, size};
        snprintf(line, sizeof(line), "{\"src_user_data\":\"%s\"}\n", expected[size]);
        expect(PRINT_JSON, "suser", &r, line);
    }
}

static void test_json_leaves_out_what_is_not_there(void **state)
{
    (void)state;
    struct record r;
    record_make_udp(&r, 1700000000.25, 1700000001.5, 3, 0);
    expect(PRINT_JSON, "stime,dur,spkts,svlan,label,dpkts,spkts", &r,
           "{\"start_time\":\"2023-11-14T22:13:20.250000Z\",\"duration\":1.250000,"
           "\"src_packets\":3,\"dst_packets\":0}\n");
}

static void test_xml_escapes(void **state)
{
    (void)state;
    struct record r = labelled("<a & \"b\">\t\x02\xff", 12);
    expect(PRINT_XML, "label", &r,
           "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
           "<ArgusDataStream MajorVersion = \"3\" MinorVersion = \"0\">\n\n"
           " <ArgusFlowRecord  Label = \"&lt;a &amp; &quot;b&quot;&gt;...\"></ArgusFlowRecord>\n");
}

/* --- Community ID ----------------------------------------------------------------------------- */

static struct record flow_of(uint8_t family, const uint8_t src[16], const uint8_t dst[16],
                             uint8_t protocol)
{
    struct record r = {.type = RECORD_FAR, .blocks = BLOCK_FLOW};
    r.key = (struct record_key){.class = KEY_5TUPLE, .family = family, .protocol = protocol};
    memcpy(r.key.addr[SRC], src, 16);
    memcpy(r.key.addr[DST], dst, 16);
    return r;
}

static void expect_id(const struct record *r, uint16_t seed, const char *expected)
{
    struct value value;
    struct record turned = *r;
    community_id(r, seed, &value);
    assert_string_equal(value.text, expected);
    if (r->key.protocol != 6 && r->key.protocol != 17)
        return;
    record_reverse(&turned);
    community_id(&turned, seed, &value);
    assert_string_equal(value.text, expected);
}

/* The examples that the specification publishes. */
static void test_community_id(void **state)
{
    (void)state;
    struct record tcp = flow_of(FAMILY_IP4, (const uint8_t[16]){128, 232, 110, 120},
                                (const uint8_t[16]){66, 35, 250, 204}, 6);
    tcp.key.port[SRC] = 34855;
    tcp.key.port[DST] = 80;
    expect_id(&tcp, 0, "1:LQU9qZlK+B5F3KDmev6m5PMibrg=");
    expect_id(&tcp, 1, "1:3V71V58M3Ksw/yuFALMcW0LAHvc=");
    struct record udp = flow_of(FAMILY_IP4, (const uint8_t[16]){192, 168, 1, 52},
                                (const uint8_t[16]){8, 8, 8, 8}, 17);
    udp.key.port[SRC] = 54585;
    udp.key.port[DST] = 53;
    expect_id(&udp, 0, "1:d/FP5EW3wiY1vCndhwleRRKHowQ=");
    struct record icmp = flow_of(FAMILY_IP4, (const uint8_t[16]){192, 168, 0, 89},
                                 (const uint8_t[16]){192, 168, 0, 1}, 1);
    icmp.key.u.icmp.type = 8;
    expect_id(&icmp, 0, "1:X0snYXpgwiv9TZtqg64sgzUn6Dk=");
}

static void test_community_id_icmp6(void **state)
{
    (void)state;
    static const uint8_t one[16] = {0xfe, 0x80, 0,    0,    0,    0, 0,    0,
                                    2,    0,    0x86, 0xff, 0xfe, 5, 0x80, 0xda},
                         other[16] = {0xfe, 0x80, 0,    0,    0,    0, 0,    0,
                                      2,    0x60, 0x97, 0xff, 0xfe, 7, 0x69, 0xea};
    struct record r = flow_of(FAMILY_IP6, one, other, 58);
    r.key.u.icmp.type = 135;
    expect_id(&r, 0, "1:dGHyGvjMfljg6Bppwm3bg0LO8TY=");
}

static void test_no_community_id(void **state)
{
    (void)state;
    struct value value;
    struct record sctp = flow_of(FAMILY_IP4, (const uint8_t[16]){1}, (const uint8_t[16]){2}, 132);
    struct record arp = {.type = RECORD_FAR, .blocks = BLOCK_FLOW, .key = {.family = FAMILY_ARP}};
    community_id(&sctp, 0, &value);
    assert_int_equal(value.kind, VALUE_NONE);
    community_id(&arp, 0, &value);
    assert_int_equal(value.kind, VALUE_NONE);
}

/* The schema puts these into JSON as they are. */
static void test_help_needs_no_escapes(void **state)
{
    (void)state;
    for (size_t i = 0; i < field_count; i++) {
        if (!field_table[i].json)
            continue;
        assert_non_null(field_table[i].help);
        assert_null(strpbrk(field_table[i].help, "\"\\\t\n"));
        assert_true(strlen(field_table[i].help) > 3);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_csv_quotes_what_needs_it),
        cmocka_unit_test(test_csv_header),
        cmocka_unit_test(test_json_escapes),
        cmocka_unit_test(test_json_base64),
        cmocka_unit_test(test_json_leaves_out_what_is_not_there),
        cmocka_unit_test(test_xml_escapes),
        cmocka_unit_test(test_community_id),
        cmocka_unit_test(test_community_id_icmp6),
        cmocka_unit_test(test_no_community_id),
        cmocka_unit_test(test_help_needs_no_escapes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
