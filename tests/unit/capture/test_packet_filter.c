/* SPDX-License-Identifier: Apache-2.0 */
#include "capture/packet_filter.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

enum { LINK_ETHERNET = 1, LINK_RAW = 101 };

/* Ethernet, IPv4, UDP from port 53 to port 4000; the IP header begins at 14. */
static const uint8_t udp[] = {2,    0,  0,    0,    0, 2, 2, 0, 0,  0,  0, 1, 8,  0, /* */
                              0x45, 0,  0,    28,   0, 1, 0, 0, 64, 17, 0, 0, 10, 0,
                              0,    1,  10,   0,    0, 2, /* */
                              0,    53, 0x0f, 0xa0, 0, 8, 0, 0};

static bool matches(struct packet_filter *filter, uint16_t link, size_t skip, uint32_t captured)
{
    struct frame frame = {.data = udp + skip,
                          .captured = captured,
                          .wire = (uint32_t)(sizeof(udp) - skip),
                          .link = link};
    struct error err;
    bool result;
    assert_int_equal(packet_filter_match(filter, &frame, &result, &err), 0);
    return result;
}

static void test_each_link_type(void **state)
{
    (void)state;
    struct packet_filter *filter;
    struct error err;
    assert_int_equal(packet_filter_new(&filter, "udp and port 53", true, &err), 0);
    assert_true(matches(filter, LINK_ETHERNET, 0, sizeof(udp)));
    assert_true(matches(filter, LINK_RAW, 14, sizeof(udp) - 14));
    assert_false(matches(filter, LINK_RAW, 0, sizeof(udp)));
    assert_true(matches(filter, LINK_ETHERNET, 0, sizeof(udp)));
    packet_filter_free(filter);
}

/* Bytes that were not captured do not match, and are not read. */
static void test_short_frame(void **state)
{
    (void)state;
    struct packet_filter *filter;
    struct error err;
    assert_int_equal(packet_filter_new(&filter, "udp port 53", true, &err), 0);
    assert_false(matches(filter, LINK_ETHERNET, 0, 30));
    assert_false(matches(filter, LINK_ETHERNET, 0, 0));
    packet_filter_free(filter);
}

static void test_errors(void **state)
{
    (void)state;
    struct packet_filter *filter;
    struct error err;
    assert_int_equal(packet_filter_new(&filter, "udp and and", true, &err), -1);
    assert_non_null(strstr(err.text, "udp and and"));
    /* Right for Ethernet, but nonsense for frames without link addresses. */
    assert_int_equal(packet_filter_new(&filter, "ether host 02:00:00:00:00:01", true, &err), 0);
    struct frame frame = {.data = udp + 14, .captured = 28, .wire = 28, .link = LINK_RAW};
    bool result;
    assert_int_equal(packet_filter_match(filter, &frame, &result, &err), -1);
    packet_filter_free(filter);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_each_link_type),
        cmocka_unit_test(test_short_frame),
        cmocka_unit_test(test_errors),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
