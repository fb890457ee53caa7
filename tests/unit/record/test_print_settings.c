/* SPDX-License-Identifier: Apache-2.0 */
#include "record/print.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/attr.h"
#include "lines.h"
#include "record/vendors.h"
#include "records.h"

static struct print_options no_header(void)
{
    struct print_options options = print_defaults;
    options.header_every = -1;
    return options;
}

static void set(struct print_options *options, const char *name, const char *value)
{
    struct error err;
    if (print_set(options, name, value, &err))
        fail_msg("%s=%s: %s", name, value, err.text);
}

static void expect(const struct print_options *options, const char *columns, const char *expected)
{
    static struct record r;
    record_make_full(&r);
    r.key.prefix[SRC] = 24;
    r.asn.number[SRC] = 65546;
    r.asn.number[DST] = 64512;
    char *text = printed(options, columns, &r, 1);
    assert_string_equal(text, expected);
    free(text);
}

/* With `name=value`, these columns of the full record print so. */
static void each_variable(void **state)
{
    static const struct {
        const char *name, *value, *columns, *text;
    } cases[] = {
        {"RA_FIELD_DELIMITER", "','", "saddr,bytes", "10.0.0.1,1320\n"},
        {"RA_FIELD_DELIMITER", "'\\t'", "saddr,bytes", "10.0.0.1\t1320\n"},
        {"RA_FIELD_DELIMITER", ";", "saddr,bytes", "10.0.0.1;1320\n"},
        {"RA_FIELD_WIDTH", "variable", "saddr,sport,bytes", "10.0.0.1.4000 1320\n"},
        {"RA_FIELD_WIDTH", "fixed", "saddr:9,bytes:5", " 10.0.0.1  1320\n"},
        {"RA_SEPARATE_ADDR_FROM_PORT_WITH_PERIOD", "no", "saddr:9,sport", " 10.0.0.1 4000\n"},
        {"RA_SEPARATE_ADDR_FROM_PORT_WITH_PERIOD", "yes", "saddr:9,sport", " 10.0.0.1.4000\n"},
        {"RA_PRINT_LABELS", "-1", "bytes:4", "1320\n"},
        {"RA_PRINT_LABELS", "0", "bytes:4", "TotB \n1320\n"},
        {"RA_PRINT_NAMES", "none", "proto:3", "  6\n"},
        {"RA_PRINT_NAMES", "proto", "proto:3", "tcp\n"},
        {"RA_CIDR_ADDRESS_FORMAT", "no", "saddr:14,daddr:14", "      10.0.0.1       10.0.0.2\n"},
        {"RA_CIDR_ADDRESS_FORMAT", "yes", "saddr:14,daddr:14", "   10.0.0.1/24       10.0.0.2\n"},
        {"RA_CIDR_ADDRESS_FORMAT", "strict", "saddr:14,daddr:14",
         "   10.0.0.1/24    10.0.0.2/32\n"},
        {"RA_ASN_PRINT_FORMAT", "asplain", "sas,das", " 65546  64512\n"},
        {"RA_ASN_PRINT_FORMAT", "asdot", "sas,das", "  1.10  64512\n"},
        {"RA_ASN_PRINT_FORMAT", "asdot+", "sas,das:7", "  1.10 0.64512\n"},
        {"RA_PRINT_UNIX_TIME", "yes", "stime", " 1700000000.250000\n"},
        {"RA_TIME_FORMAT", "%Y-%m-%d %T.%f", "stime", "2023-11-14 22:13:20.250000\n"},
        {"RA_TIME_FORMAT", "%H:%M", "stime,bytes:4", "22:13 1320\n"},
        {"RA_TIME_FORMAT", "%%f %H", "stime", "%f 22\n"},
        {"RA_USEC_PRECISION", "2", "stime,dur:5", "   22:13:20.25  2.25\n"},
        {"RA_PRINT_TCPSTATES", "yes", "state:6", " sSEfF\n"},
        {"RA_PRINT_TCPSTATES", "no", "state", "  FIN\n"},
        {"RA_PRINT_TCPFLAGS", "s", "state:7", "   FSPA\n"},
        {"RA_PRINT_TCPFLAGS", "no", "state", "  FIN\n"},
        {"RA_USERDATA_ENCODE", "Ascii", "suser:5", "s[5]=GET /\n"},
        {"RA_USERDATA_ENCODE", "encode32", "suser:5", "s[10]=474554202F\n"},
        {"RA_USERDATA_ENCODE", "encode64", "suser:5", "s[8]=R0VUIC8=\n"},
        {"RA_USERDATA_ENCODE", "hex", "suser:5,bytes:4",
         "              1320\n      0x0000\t 4745 5420 2f                           \tGET./\n\n"},
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
        struct print_options options = no_header();
        set(&options, cases[i].name, cases[i].value);
        expect(&options, cases[i].columns, cases[i].text);
    }
}

static void refused_values(void **state)
{
    static const char *const cases[][2] = {
        {"RA_FIELD_DELIMITER", ""},
        {"RA_FIELD_DELIMITER", "'ab'"},
        {"RA_FIELD_DELIMITER", "'\\q'"},
        {"RA_FIELD_WIDTH", "narrow"},
        {"RA_FIELD_QUOTED", "triple"},
        {"RA_PRINT_NAMES", "some"},
        {"RA_CIDR_ADDRESS_FORMAT", "si"},
        {"RA_ASN_PRINT_FORMAT", "dots"},
        {"RA_PRINT_UNIX_TIME", "perhaps"},
        {"RA_TIME_FORMAT", ""},
        {"RA_USEC_PRECISION", "-1"},
        {"RA_USEC_PRECISION", "16"},
        {"RA_PRINT_LABELS", "x"},
        {"RA_PRINT_TCPFLAGS", "q"},
        {"RA_USERDATA_ENCODE", "rot13"},
        {"RA_TIME_FORMAT", "%Y%Y%Y%Y%Y%Y%Y%Y%Y%Y%Y%Y%Y%Y%Y%Y%Y%Y%Y%Y%Y%Y%Y%Y%Y%Y%Y%Y%Y%Y%Y%Y"},
    };
    struct print_options options = no_header();
    (void)state;
    for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
        struct error err = {.text = ""};
        assert_int_equal(print_set(&options, cases[i][0], cases[i][1], &err), -1);
        assert_non_null(strstr(err.text, cases[i][0]));
    }
    struct error err;
    assert_int_equal(print_set(&options, "RA_FILTER", "tcp", &err), PRINT_NO_SETTING);
}

static void quotes(void **state)
{
    struct print_options options = print_defaults;
    (void)state;
    options.delimiter = ',';
    set(&options, "RA_FIELD_QUOTED", "double");
    expect(&options, "saddr,bytes", "\"SrcAddr\",\"TotBytes\"\n10.0.0.1,1320\n");
    options.delimiter = '/'; /* which user data have in them */
    set(&options, "RA_FIELD_QUOTED", "single");
    expect(&options, "suser:5,bytes", "'srcUdata'/'TotBytes'\n's[5]=GET /'/1320\n");
}

static void passwords_are_hidden(void **state)
{
    static const struct {
        const char *data, *text;
    } cases[] = {
        {"USER joe\r\nPASS s.cret\r\nLIST", "s[27]=USER joe..PASS xxxxxx..LIST\n"},
        {"pass ", "s[5]=pass\n"},
        {"pass x y", "s[8]=pass xxx\n"},
        {"Authorization: Basic QQ==\r\nA", "s[28]=Authorization: xxxxxxxxxx..A\n"},
        {"a LOGIN joe secret", "s[18]=a LOGIN xxxxxxxxxx\n"},
        {"PASSAGE", "s[7]=PASSAGE\n"},
    };
    static struct record r;
    struct print_options options = no_header();
    (void)state;
    set(&options, "RA_USERDATA_ENCODE", "obfuscate");
    for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
        record_make_full(&r);
        r.user[SRC].bytes = (struct view){(const uint8_t *)cases[i].data, strlen(cases[i].data)};
        char *text = printed(&options, "suser:40", &r, 1);
        assert_string_equal(text, cases[i].text);
        free(text);
    }
}

static void vendors(void **state)
{
    char path[] = "/tmp/panoptes-vendors-XXXXXX";
    static const char table[] = "02:00:00\tLocal\n";
    struct print_options options = no_header();
    struct vendor_names *names;
    struct error err;
    int fd = mkstemp(path);
    (void)state;
    assert_int_equal(write(fd, table, strlen(table)), (ssize_t)strlen(table));
    close(fd);
    assert_int_equal(vendor_names_load(&names, path, &err), 0);
    unlink(path);
    expect(&options, "soui,bytes:5", "           1320\n");
    options.vendors = names;
    expect(&options, "smac,soui,doui", " 02:00:00:00:00:01     Local     Local\n");
    options.vendor_macs = true;
    expect(&options, "smac,soui", "    Local_00:00:01     Local\n");
    vendor_names_free(names);
}

static const char *host_name(void *arg, const uint8_t *address, unsigned size)
{
    (void)size;
    return address[3] == 1 ? arg : "localhost";
}

static void parts_of_host_names(void **state)
{
    static char name[] = "mail.example.org";
    struct print_options options = no_header();
    (void)state;
    options.host_name = host_name;
    options.host_name_arg = name;
    set(&options, "RA_PRINT_NAMES", "all");
    expect(&options, "saddr,daddr:9", "  mail.example.org localhost\n");
    set(&options, "RA_PRINT_LOCALONLY", "yes");
    expect(&options, "saddr:5,daddr:9", " mail localhost\n");
    set(&options, "RA_PRINT_DOMAINONLY", "yes");
    expect(&options, "saddr:12,daddr:9", " example.org localhost\n");
}

static void code_points_of_the_disa(void **state)
{
    struct print_options options = no_header();
    struct record r;
    (void)state;
    options.disa = true;
    record_make_full(&r);
    r.ipattr.tos[SRC] = 46 << 2;
    r.ipattr.tos[DST] = 8 << 2;
    char *text = printed(&options, "sdsb,ddsb,sdsb:6", &r, 1);
    assert_string_equal(text, "   Voice        8  Voice\n");
    free(text);
}

static void ranges(void **state)
{
    struct print_options options = no_header();
    (void)state;
    expect(&options, "srng,bytes", "                         1320\n");
    options.range_start = 1700000000 * NSEC_PER_SEC;
    options.range_end = options.range_start + NSEC_PER_SEC;
    expect(&options, "srng,erng", "   22:13:20.000000    22:13:21.000000\n");
}

int main(void)
{
    setenv("TZ", "UTC", 1);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_variable),
        cmocka_unit_test(refused_values),
        cmocka_unit_test(quotes),
        cmocka_unit_test(passwords_are_hidden),
        cmocka_unit_test(ranges),
        cmocka_unit_test(parts_of_host_names),
        cmocka_unit_test(code_points_of_the_disa),
        cmocka_unit_test(vendors),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
