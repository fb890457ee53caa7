/* SPDX-License-Identifier: Apache-2.0 */
/* Messages of ICMP and ICMPv6: those of both versions that mean the same have one word. */
#include "filter/filter.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

enum { ICMP = 1, ICMP6 = 58, UDP = 17, UNREACHABLE = 1, TIME_EXCEEDED = 4 };

static bool matches(const char *text, const struct record *r)
{
    struct filter *filter;
    struct error err;
    if (filter_compile(&filter, text, NULL, &err))
        fail_msg("%s", err.text);
    bool result = filter_match(filter, r);
    filter_free(filter);
    return result;
}

static struct record message(uint8_t family, uint8_t protocol, uint8_t type, uint8_t code)
{
    return (struct record){
        .type = RECORD_FAR,
        .blocks = BLOCK_FLOW,
        .key = {.class = KEY_5TUPLE,
                .family = family,
                .protocol = protocol,
                .u.icmp = {.type = type, .code = code}},
    };
}

static void words_have_a_number_in_each_version(void **state)
{
    (void)state;
    static const struct {
        const char *word;
        int type4, code4, type6, code6; /* -1: there is none */
    } cases[] = {
        {"echo", 8, 0, 128, 0},
        {"echo", 0, 0, 129, 0},
        {"unreach", 3, 9, 1, 6},
        {"redirect", 5, 1, 137, 0},
        {"timexed", 11, 0, 3, 1},
        {"unrnet", 3, 0, 1, 0},
        {"unrhost", 3, 1, 1, 3},
        {"unrproto", 3, 2, -1, 0},
        {"unrport", 3, 3, 1, 4},
        {"unrfrag", 3, 4, -1, 0},
        {"unrsrcpath", 3, 5, -1, 0},
        {"unrfilter", 3, 13, 1, 1},
        {"icmp type echo", 8, 0, -1, 0},
        {"icmp6 type echo", -1, 0, 128, 0},
        {"icmp type unreach", 3, 1, -1, 0},
        {"icmp6 type toobig", -1, 0, 2, 0},
        {"icmp code 7", 3, 7, -1, 0},
        {"icmp6 code gt 3", -1, 0, 1, 4},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
        for (int type = 0; type < 256; type++) {
            uint8_t code4 = (uint8_t)cases[i].code4, code6 = (uint8_t)cases[i].code6;
            struct record four = message(FAMILY_IP4, ICMP, (uint8_t)type, code4);
            struct record six = message(FAMILY_IP6, ICMP6, (uint8_t)type, code6);
            bool is_echo = !strcmp(cases[i].word, "echo"), is_code = strstr(cases[i].word, "code");
            if (type == cases[i].type4)
                assert_true(matches(cases[i].word, &four));
            else if (!is_echo && !is_code)
                assert_false(matches(cases[i].word, &four));
            if (type == cases[i].type6)
                assert_true(matches(cases[i].word, &six));
            else if (!is_echo && !is_code)
                assert_false(matches(cases[i].word, &six));
        }
}

static void codes_are_told_apart(void **state)
{
    (void)state;
    struct record four = message(FAMILY_IP4, ICMP, 3, 3), six = message(FAMILY_IP6, ICMP6, 1, 4);
    static const char *const others[] = {"unrnet", "unrhost", "unrproto", "unrfrag", "unrfilter"};
    for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
        assert_false(matches(others[i], &four));
        assert_false(matches(others[i], &six));
    }
    struct record sixteen = message(FAMILY_IP6, ICMP6, 3, 0); /* time exceeded, not unreachable */
    assert_false(matches("unreach", &sixteen));
    struct record udp = message(FAMILY_IP4, UDP, 3, 3);
    assert_false(matches("unreach or unrport or icmp code 3", &udp));
}

static void errors_are_mapped(void **state)
{
    (void)state;
    struct record udp = message(FAMILY_IP4, UDP, 0, 0);
    udp.blocks |= BLOCK_ICMP;
    udp.icmp = (struct record_icmp){.kind = UNREACHABLE, .type = 3, .code = 3};
    assert_true(matches("unreach and unrport and icmpmap", &udp));
    assert_false(matches("timexed or unrhost or echo or redirect", &udp));
    udp.icmp = (struct record_icmp){.kind = TIME_EXCEEDED, .type = 11, .code = 0};
    assert_true(matches("timexed and icmpmap", &udp));
    assert_false(matches("unreach or unrnet", &udp));
    udp.icmp = (struct record_icmp){.kind = UNREACHABLE, .type = 1, .code = 4};
    assert_true(matches("unrport", &udp)); /* of ICMPv6 */
    assert_false(matches("unrfrag", &udp));
}

static void fragments_have_no_type(void **state)
{
    (void)state;
    struct record r = message(FAMILY_IP4, ICMP, 8, 0);
    r.key.flags = KEY_FRAGMENT;
    assert_false(matches("echo or icmp type 8 or icmp code 0", &r));
    assert_true(matches("icmp", &r));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(words_have_a_number_in_each_version),
        cmocka_unit_test(codes_are_told_apart),
        cmocka_unit_test(errors_are_mapped),
        cmocka_unit_test(fragments_have_no_type),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
