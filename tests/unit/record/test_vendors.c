/* SPDX-License-Identifier: Apache-2.0 */
#include "record/vendors.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/attr.h"

static const char table[] = "# vendors\n"
                            "\n"
                            "00:00:0C\tCisco\tCisco Systems, Inc\n"
                            "00-1B-C5\tIEEERegi\tIEEE Registration Authority\n"
                            "00:1B:C5:00:10:00/36\tOpenRBco # with a comment\n"
                            "01-80-C2-00-00-00\tBridges\n"
                            "33:33:00:00:00:00/16 IPv6mcas\n"
                            "nonsense\n"
                            "00:00\tshort\n"
                            "00:00:0D/49\tlong\n"
                            "00:00:0E\n";

static int load(const char *text, struct vendor_names **ret, struct error *err)
{
    char path[] = "/tmp/panoptes-vendors-XXXXXX";
    int fd = mkstemp(path);
    assert_int_equal(write(fd, text, strlen(text)), (ssize_t)strlen(text));
    close(fd);
    int result = vendor_names_load(ret, path, err);
    unlink(path);
    return result;
}

static void longest_prefix(void **state)
{
    static const struct {
        uint8_t mac[6];
        const char *name;
    } cases[] = {
        {{0x00, 0x00, 0x0c, 1, 2, 3}, "Cisco"},
        {{0x00, 0x1b, 0xc5, 0x00, 0x1f, 3}, "OpenRBco"},
        {{0x00, 0x1b, 0xc5, 0x00, 0x20, 3}, "IEEERegi"},
        {{0x01, 0x80, 0xc2, 0, 0, 0}, "Bridges"},
        {{0x01, 0x80, 0xc2, 0, 0, 1}, NULL},
        {{0x33, 0x33, 0xff, 0xff, 0xff, 0xff}, "IPv6mcas"},
        {{0x00, 0x00, 0x0d, 0, 0, 0}, NULL},
        {{0x00, 0x00, 0x0e, 0, 0, 0}, NULL},
        {{0xff, 0xff, 0xff, 0xff, 0xff, 0xff}, NULL},
    };
    struct vendor_names *names;
    struct error err;
    (void)state;
    assert_int_equal(load(table, &names, &err), 0);
    for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
        const char *name = vendor_name(names, cases[i].mac);
        if (!cases[i].name)
            assert_null(name);
        else
            assert_string_equal(name, cases[i].name);
    }
    vendor_names_free(names);
    assert_null(vendor_name(NULL, cases[0].mac));
    vendor_names_free(NULL);
}

static void useless_files(void **state)
{
    struct vendor_names *names;
    struct error err;
    (void)state;
    assert_int_equal(load("# nothing\n", &names, &err), -1);
    assert_non_null(strstr(err.text, "no vendors"));
    assert_int_equal(vendor_names_load(&names, "/nonexistent/manuf", &err), -1);
    assert_int_equal(vendor_names_load(&names, "/", &err), -1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(longest_prefix),
        cmocka_unit_test(useless_files),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
