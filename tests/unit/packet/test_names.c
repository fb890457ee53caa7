/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "packet/packet.h"
#include "packet/tunnel.h"

static void names_are_there(void **state)
{
    (void)state;
    assert_string_equal(packet_loss_name(LOSS_SHORT), "short");
    assert_string_equal(packet_loss_name(LOSS_LINK_TYPE), "unsupported-link");
    for (unsigned loss = 0; loss < LOSS_COUNT; loss++)
        assert_true(packet_loss_name(loss)[0]);
    assert_string_equal(quirk_name(QUIRK_AH_FIXED), "ah-fixed");
    for (unsigned quirk = 0; quirk < QUIRK_COUNT; quirk++) {
        assert_true(quirk_name(quirk)[0]);
        assert_true(quirk_text(quirk)[0]);
        for (unsigned other = 0; other < quirk; other++)
            assert_string_not_equal(quirk_name(quirk), quirk_name(other));
    }
}

/* Segments of the index say by these numbers how their packets were decoded. */
static void numbers_of_quirks_stay(void **state)
{
    (void)state;
    static const char *const names[] = {
        "exact-synack",       "syn-after-synack",  "reuse-direction",  "stop-time",
        "whole-second-start", "outer-tags-opaque", "ah-fixed",         "ip6-fragments-apart",
        "ip6-class",          "ip6-same-address",  "ip6-errors-apart", "zero-length-ether",
        "fragment-time",      "table-per-file",    "tunnels-opaque",   "first-types",
        "one-way-replies",
    };
    assert_int_equal(QUIRK_COUNT, sizeof(names) / sizeof(*names));
    for (unsigned quirk = 0; quirk < QUIRK_COUNT; quirk++)
        assert_string_equal(quirk_name(quirk), names[quirk]);
}

static void links_that_are_known(void **state)
{
    (void)state;
    static const uint16_t known[] = {
        0,   1,   2,   5,   6,   8,   9,   10,  11,  12,  14,  15,  16,  50,  51,  99,  100, 101,
        104, 105, 107, 108, 109, 112, 113, 114, 116, 117, 118, 119, 127, 129, 130, 137, 139, 140,
        146, 163, 164, 165, 166, 178, 182, 191, 192, 193, 228, 229, 230, 238, 239, 276, 281, 301,
    };
    static const uint16_t unknown[] = {13,  17,  49,  52,  98,  110,  111,
                                       147, 162, 208, 302, 303, 65535};
    for (size_t i = 0; i < ARRAY_SIZE(known); i++)
        assert_true(packet_link_known(known[i]));
    for (size_t i = 0; i < ARRAY_SIZE(unknown); i++)
        assert_false(packet_link_known(unknown[i]));
}

static void tunnels_that_are_wanted(void **state)
{
    (void)state;
    uint32_t tunnels = 77;
    assert_int_equal(tunnels_parse("none", &tunnels, NULL), 0);
    assert_int_equal(tunnels, 0);
    assert_int_equal(tunnels_parse("all", &tunnels, NULL), 0);
    assert_int_equal(tunnels, TUNNEL_ALL);
    assert_int_equal(tunnels_parse("gre", &tunnels, NULL), 0);
    assert_int_equal(tunnels, TUNNEL_GRE);
    assert_int_equal(tunnels_parse("gre,ipip,vxlan,geneve,gtp,teredo", &tunnels, NULL), 0);
    assert_int_equal(tunnels, TUNNEL_ALL);
}

static void tunnels_that_are_none(void **state)
{
    (void)state;
    static const char *const bad[] = {"", ",", "gre,", ",gre", "gr", "gree", "gre ipip", "GRE"};
    for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
        uint32_t tunnels = 77;
        struct error err = {""};
        assert_int_equal(tunnels_parse(bad[i], &tunnels, &err), -1);
        assert_int_equal(tunnels, 77);
        assert_non_null(strstr(err.text, "is no kind of tunnel"));
    }
    struct error err;
    uint32_t tunnels;
    assert_int_equal(tunnels_parse("vxlan,foo,gre", &tunnels, &err), -1);
    assert_non_null(strstr(err.text, "'foo'"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_are_there),       cmocka_unit_test(numbers_of_quirks_stay),
        cmocka_unit_test(links_that_are_known),  cmocka_unit_test(tunnels_that_are_wanted),
        cmocka_unit_test(tunnels_that_are_none),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
