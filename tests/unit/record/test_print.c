/* SPDX-License-Identifier: Apache-2.0 */
#include "record/print.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/attr.h"
#include "lines.h"
#include "record/services.h"
#include "records.h"

static void expect_of(const struct print_options *options, const char *columns,
                      const struct record *records, size_t count, const char *expected)
{
    char *text = printed(options, columns, records, count);
    if (strcmp(text, expected))
        fail_msg("%s prints\n%s\nexpected\n%s", columns ? columns : "default", text, expected);
    free(text);
}

/* --- lines ------------------------------------------------------------------------------------ */

static void default_lines(void **state)
{
    static struct record r[2];
    (void)state;
    record_make_udp(&r[0], 1700000000.25, 1700000001, 2, 1);
    record_make_full(&r[1]);
    expect_of(
        &print_defaults, NULL, r, 2,
        "         StartTime      Flgs  Proto            SrcAddr  Sport   Dir            DstAddr  "
        "Dport  TotPkts   TotBytes State \n"
        "   22:13:20.250000              udp           10.0.0.1.4000     <->           10.0.0.2.53 "
        "           3        210   CON\n"
        "   22:13:20.250000  MU*  FO     tcp           10.0.0.1.4000      ->           10.0.0.2.53 "
        "          18       1320   FIN\n");
}

static void delimited_lines(void **state)
{
    static struct record r;
    const struct print_options options = {.precision = 6, .delimiter = ','};
    (void)state;
    record_make_full(&r);
    expect_of(&options, NULL, &r, 1,
              "StartTime,Flgs,Proto,SrcAddr,Sport,Dir,DstAddr,Dport,TotPkts,TotBytes,State\n"
              "22:13:20.250000, MU*  FO  ,tcp,10.0.0.1,4000,   ->,10.0.0.2,53,18,1320,FIN\n");
    expect_of(&options, "tcpopt,suser:5,label,dur", &r, 1,
              "TcpOpt,srcUdata,Label,Dur\nMws,s[5]=GET /,flow=web,2.250000\n");
}

static void cells_fit(void **state)
{
    static struct record r;
    const struct print_options options = {.precision = 6, .header_every = -1};
    (void)state;
    record_make_full(&r);
    expect_of(&options, "bytes:4,bytes:3,label,dur:1", &r, 1, "1320 13* flow* *\n");
    expect_of(&options, "smac:17,dmac:16", &r, 1, "02:00:00:00:00:01 02:00:00:00:00:*\n");
    expect_of(&options, "tcpopt,bytes", &r, 1, "Mws                1320\n");
    /* Digits of times come in addition to their width. */
    expect_of(&options, "stime:10,state", &r, 1, " 22:13:20.250000   FIN\n");
    expect_of(&options, "suser:4,state", &r, 1, "s[4]=GET       FIN\n");
    expect_of(&options, "suser:20,state", &r, 1, "s[14]=GET / HTTP/1.0            FIN\n");
}

static void headers_fit(void **state)
{
    static struct record r;
    const struct print_options options = {.precision = 3};
    (void)state;
    record_make_full(&r);
    expect_of(&options, "appbytes:4,seq,stime", &r, 1,
              "TotA     Seq            StartTime \n100*           42    22:13:20.250\n");
}

static void headers_come_when_due(void **state)
{
    static struct record r[3];
    struct print_options options = {.precision = 6};
    (void)state;
    for (int i = 0; i < 3; i++)
        record_make_full(&r[i]);
    expect_of(&options, "rank", r, 3, " Rank  \n     1\n     2\n     3\n");
    options.header_every = -1;
    expect_of(&options, "rank", r, 3, "     1\n     2\n     3\n");
    options.header_every = 2;
    expect_of(&options, "rank", r, 3, " Rank  \n     1\n     2\n Rank  \n     3\n");
}

static void ports_join_their_addresses(void **state)
{
    static struct record r;
    const struct print_options options = {.precision = 6, .header_every = -1};
    (void)state;
    record_make_full(&r);
    expect_of(&options, "saddr:8,sport,daddr:8,dport", &r, 1, "10.0.0.1.4000   10.0.0.2.53\n");
    expect_of(&options, "saddr:8,dport,daddr:8,sport", &r, 1, "10.0.0.1 53     10.0.0.2 4000\n");
    r.key.protocol = 47; /* no ports */
    expect_of(&options, "saddr:8,sport,dur", &r, 1, "10.0.0.1          2.250000\n");
}

static void management_has_counters(void **state)
{
    static struct record r;
    const struct print_options options = {.precision = 6, .delimiter = ',', .header_every = -1};
    (void)state;
    r = (struct record){.type = RECORD_MAR, .cause = CAUSE_STATUS};
    r.mar = (struct record_mar){.start = 1700000000 * NSEC_PER_SEC,
                                .now = 1700000060 * NSEC_PER_SEC,
                                .packets = 5000000000,
                                .bytes = 7,
                                .records = 8,
                                .dropped = 9,
                                .queue = 10,
                                .clients = 11,
                                .buffers = 12,
                                .memory = 13,
                                .sequence = 14,
                                .cookie = 0xc0000201};
    expect_of(&options, "stime,ltime,dur,proto,saddr,sport,daddr,dport,spkts,dpkts,bytes,state", &r,
              1, "22:14:20.000000,22:13:20.000000,60.000000,man,10,9,12,11,5000000000,8,13,CON\n");
    expect_of(&options, "seq,srcid,sbytes,dbytes,sappbytes,dappbytes,smac,tcprtt", &r, 1,
              "14,192.0.2.1,7,9,12,10,,\n");
}

/* --- values ----------------------------------------------------------------------------------- */

static void expect(const struct print_options *options, const char *columns, const char *expected)
{
    static struct record r;
    struct print_options delimited = *options;
    record_make_full(&r);
    delimited.delimiter = ',';
    delimited.header_every = -1;
    expect_of(&delimited, columns, &r, 1, expected);
}

static void precision_cuts_times_and_rounds_numbers(void **state)
{
    static const struct {
        int precision;
        const char *text;
    } cases[] = {
        {0, "22:13:20,2,18\n"},
        {1, "22:13:20.2,2.3,18.2\n"},
        {3, "22:13:20.250,2.250,18.182\n"},
        {9, "22:13:20.250000,2.250000000,18.181818182\n"},
        {12, "22:13:20.250000,2.250000000000,18.181818181818\n"},
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_SIZE(cases); i++)
        expect(&(struct print_options){.precision = cases[i].precision}, "stime,dur,ploss",
               cases[i].text);
}

static void times_have_formats(void **state)
{
    (void)state;
    expect(&(struct print_options){.precision = 6, .unix_time = true}, "stime",
           "1700000000.250000\n");
    expect(&(struct print_options){.precision = 0, .unix_time = true}, "stime", "1700000000\n");
    expect(&(struct print_options){.precision = 3, .time_format = "%Y-%m-%dT%T.%fZ"}, "stime",
           "2023-11-14T22:13:20.250Z\n");
    expect(&(struct print_options){.precision = 0, .time_format = "%Y-%m-%dT%T.%fZ"}, "stime",
           "2023-11-14T22:13:20Z\n");
    expect(&(struct print_options){.precision = 6, .time_format = "%H"}, "stime", "22\n");
}

static void digits_of_times_come_on_top_of_a_width(void **state)
{
    static struct record r;
    (void)state;
    record_make_udp(&r, 1700000000.25, 1700000001, 2, 1);
    expect_of(&(struct print_options){.precision = 3, .header_every = -1}, "stime:10", &r, 1,
              " 22:13:20.250\n");
    expect_of(&(struct print_options){.precision = 3, .header_every = -1, .time_format = "%s"},
              "stime:12", &r, 1, "  1700000000\n");
    expect_of(&(struct print_options){.precision = 3, .header_every = -1, .time_format = "%H"},
              "stime", &r, 1, "22\n");
    expect_of(
        &(struct print_options){
            .precision = 3, .header_every = -1, .time_format = "%H", .unix_time = true},
        "stime", &r, 1, " 1700000000.250\n");
}

static void relative_and_idle_times(void **state)
{
    static struct record r[2];
    struct print_options options = {.precision = 6, .delimiter = ',', .header_every = -1};
    (void)state;
    record_make_udp(&r[0], 10, 12, 2, 0);
    record_make_udp(&r[1], 10.5, 11, 2, 0);
    expect_of(&options, "rtime,idle", r, 2, "0.000000,\n0.500000,\n");
    options.now = 20 * NSEC_PER_SEC;
    expect_of(&options, "idle", r, 2, "8.000000\n9.000000\n");
}

static void counters_are_brief(void **state)
{
    static struct record r;
    struct print_options options = {
        .precision = 6, .delimiter = ',', .header_every = -1, .brief_counters = true};
    (void)state;
    record_make_full(&r);
    r.metric.packets[SRC] = 999;
    r.metric.packets[DST] = 1000;
    r.metric.bytes[SRC] = 2364999;
    r.metric.bytes[DST] = 5000000000000;
    expect_of(&options, "spkts,dpkts,sbytes,dbytes", &r, 1, "999.000,1.000K,2.365M,5.000T\n");
    options.precision = 0;
    expect_of(&options, "spkts,dpkts,sbytes,dbytes", &r, 1, "999,1K,2M,5T\n");
    r.net.u.tcp.side[SRC].retrans = 5000; /* losses are not */
    expect_of(&options, "loss,sloss", &r, 1, "5002,5000\n");
}

static void numbers_have_formats(void **state)
{
    const struct print_options options = {.precision = 6};
    (void)state;
    expect(&options, "saddr:20:%u,daddr:20:%x,sport:8:%X,proto:8:%o,bytes:8:%6d,dur:9:%x",
           "167772161,a000002,FA0,6,  1320,2\n");
}

static void labels_are_chosen(void **state)
{
    static struct record r;
    const struct print_options options = {.precision = 6, .delimiter = ',', .header_every = -1};
    (void)state;
    record_make_full(&r);
    r.mpls.count[SRC] = 4;
    for (unsigned i = 0; i < 4; i++)
        r.mpls.label[SRC][i] = (100 + i) << 12;
    expect_of(&options, "smpls,smpls[0],smpls[3],smpls[1-2],smpls[0,2-3]:9,dur", &r, 1,
              "100,100,103,101:102,100:102:103,2.250000\n");
    expect_of(&options, "dmpls[0],dmpls[1],dur", &r, 1, "100,,2.250000\n");
}

static void states_of_tcp_are_letters(void **state)
{
    (void)state;
    expect(&(struct print_options){.tcp_state = 'z'}, "state", "sSEfF\n");
    expect(&(struct print_options){.tcp_state = 's'}, "state", "FSPA\n");
    expect(&(struct print_options){.tcp_state = 'b'}, "state", "FSPA_FSPA\n");
}

/* --- names ------------------------------------------------------------------------------------ */

static const char *host_name(void *arg, const uint8_t *address, unsigned size)
{
    assert_int_equal(size, 4);
    return address[3] == 1 ? arg : NULL;
}

static void names_by_level(void **state)
{
    static char name[] = "router";
    struct print_options options = {.precision = 6, .host_name = host_name, .host_name_arg = name};
    (void)state;
    static const char *const texts[] = {"tcp,10.0.0.1,domain\n", "tcp,10.0.0.1,53\n",
                                        "6,10.0.0.1,53\n", "tcp,router,domain\n"};
    struct service_names *services;
    struct error err;
    char path[] = "/tmp/panoptes-services-XXXXXX";
    FILE *file = fdopen(mkstemp(path), "w");
    fputs("domain 53/tcp\nother 53/udp\n", file);
    fclose(file);
    assert_int_equal(service_names_load(&services, path, &err), 0);
    options.services = services;
    for (unsigned level = 0; level < 4; level++) {
        options.numeric = level;
        expect(&options, "proto,saddr,dport", texts[level]);
    }
    service_names_free(services);
    remove(path);
    options.services = NULL;
    options.numeric = 3;
    expect(&options, "daddr,dport", "10.0.0.2,53\n");
}

static void missing_names_have_fallbacks(void **state)
{
    static struct record r;
    struct print_options options = {.precision = 6, .delimiter = ',', .header_every = -1};
    (void)state;
    record_make_udp(&r, 0, 0, 1, 0);
    r.key.port[SRC] = 0;
    expect_of(&options, "sport,dport", &r, 1, ",53\n");
    r.key.family = FAMILY_ETHER;
    r.key.u.ether.ssap = 0xaa;
    r.key.u.ether.dsap = 1;
    r.key.u.ether.ethertype = 0x1235;
    expect_of(&options, "proto,sport,dport", &r, 1, "unknown,snap,0x01\n");
    r.key.family = FAMILY_IP6;
    r.key.protocol = 58;
    r.key.u.icmp.type = 0x87;
    expect_of(&options, "proto,sport,dport", &r, 1, "ipv6-icmp,0x0087,0x0000\n");
    r.key.protocol = 200;
    expect_of(&options, "proto,sport", &r, 1, "unas,\n");
}

/* --- columns ---------------------------------------------------------------------------------- */

static void columns_are_chosen(void **state)
{
    static const struct {
        const char *words, *line;
    } cases[] = {
        {"proto", "tcp"},
        {"proto,dur", "tcp,2.250000"},
        {"proto dur", "tcp,2.250000"},
        {"proto,+dur,-proto", "2.250000"},
        {"proto,dur,+0bytes", "1320,tcp,2.250000"},
        {"proto,dur,+1bytes,+99state", "tcp,1320,2.250000,FIN"},
        {"proto,proto,-proto", "tcp"},
        {"proto,-dur", "tcp"},
        {"+dur",
         "22:13:20.250000, MU*  FO  ,tcp,10.0.0.1,4000,   ->,10.0.0.2,53,18,1320,FIN,2.250000"},
        {"-stime,-flgs,-dir", "tcp,10.0.0.1,4000,10.0.0.2,53,18,1320,FIN"},
    };
    const struct print_options options = {.precision = 6};
    (void)state;
    for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
        char line[128];
        snprintf(line, sizeof(line), "%s\n", cases[i].line);
        expect(&options, cases[i].words, line);
    }
}

static void wrong_columns_are_errors(void **state)
{
    static const struct {
        const char *words, *part;
    } cases[] = {
        {"sadr", "there is no field 'sadr'; the nearest: saddr"},
        {"nothingofthekind", "there is no field 'nothingofthekind'"},
        {"proto,", NULL},
        {"saddr:0", "must be greater than 0"},
        {"saddr:x", "'x' is not a width"},
        {"saddr:-1", "is not a width"},
        {"saddr:4097", "is not a width"},
        {"saddr:4096", NULL},
        {"saddr:9:%s", "format '%s'"},
        {"saddr:9:%65x", "format"},
        {"state:9:%x", "'state' is no number"},
        {"smpls[4]", "does not choose"},
        {"smpls[]", "does not choose"},
        {"smpls[1-0]", "does not choose"},
        {"smpls[0", "does not choose"},
        {"smpls[0]x", "does not choose"},
        {"smpls[0,]", "does not choose"},
        {"dur[0]", "has no labels"},
        {"saddr:9:x", "format"},
        {"-nofield", "there is no field 'nofield'"},
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
        struct error err = {""};
        struct printer *printer = printer_new(&print_defaults);
        int result = printer_select(printer, cases[i].words, &err);
        if ((result != 0) != (cases[i].part != NULL) ||
            (cases[i].part && !strstr(err.text, cases[i].part)))
            fail_msg("%s: %s", cases[i].words, err.text);
        printer_free(printer);
    }
    printer_free(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(default_lines),
        cmocka_unit_test(delimited_lines),
        cmocka_unit_test(cells_fit),
        cmocka_unit_test(headers_fit),
        cmocka_unit_test(headers_come_when_due),
        cmocka_unit_test(ports_join_their_addresses),
        cmocka_unit_test(management_has_counters),
        cmocka_unit_test(precision_cuts_times_and_rounds_numbers),
        cmocka_unit_test(times_have_formats),
        cmocka_unit_test(digits_of_times_come_on_top_of_a_width),
        cmocka_unit_test(relative_and_idle_times),
        cmocka_unit_test(counters_are_brief),
        cmocka_unit_test(numbers_have_formats),
        cmocka_unit_test(labels_are_chosen),
        cmocka_unit_test(states_of_tcp_are_letters),
        cmocka_unit_test(names_by_level),
        cmocka_unit_test(missing_names_have_fallbacks),
        cmocka_unit_test(columns_are_chosen),
        cmocka_unit_test(wrong_columns_are_errors),
    };
    setenv("TZ", "UTC", 1);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
