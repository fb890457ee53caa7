/* SPDX-License-Identifier: Apache-2.0 */
#include "label/labeler.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/address.h"
#include "label/address_labels.h"
#include "label/flow_labels.h"

/* A file of this text, whose name is good until the next call. */
static const char *file_of(const char *text)
{
    static char path[64];
    static int file = -1;
    if (file >= 0)
        close(file);
    file = memfd_create("labels", MFD_CLOEXEC);
    assert_int_equal(write(file, text, strlen(text)), strlen(text));
    snprintf(path, sizeof(path), "/proc/self/fd/%d", file);
    return path;
}

static void called(const struct address_labels *labels, const char *text, const char *expected)
{
    struct address address;
    assert_true(address_parse(text, strlen(text), &address));
    const char *found = address_labels_find(labels, address.bytes, address.size);
    if (expected)
        assert_string_equal(found, expected);
    else
        assert_null(found);
}

static void test_addresses(void **state)
{
    struct address_labels *labels;
    (void)state;
    assert_int_equal(address_labels_read(&labels,
                                         file_of("10.0.0.2 \"b\"\n"
                                                 "10.0.0.0/8 \"a\"\n"
                                                 "10.0.0.2 \"c\"\n"
                                                 "10.0.0.0/24\n"
                                                 "10.0.0.200-10.0.0.210 \"d e\"\n"
                                                 "10.9.0.0/16\n"
                                                 "11.0.0.0/8\n"
                                                 "11.1.0.0/16 \"f\"\n"
                                                 "fd00::/8 \"six\"\n"
                                                 "fd00::1 \"one\"\n"),
                                         NULL),
                     0);
    called(labels, "10.0.0.1", "a");
    called(labels, "10.0.0.2", "a,b,c");
    called(labels, "10.0.0.3", "a");
    called(labels, "10.0.0.205", "a,d e");
    called(labels, "10.0.0.211", "a");
    called(labels, "10.9.1.1", "a");
    called(labels, "11.0.0.1", NULL);
    called(labels, "11.1.0.1", "f");
    called(labels, "12.0.0.1", NULL);
    called(labels, "fd12::1", "six");
    called(labels, "fd00::1", "six,one");
    address_labels_free(labels);
}

static void labelled(struct labeler *labeler, struct record *r, const char *expected)
{
    labeler_apply(labeler, r);
    assert_true(record_has(r, BLOCK_LABEL));
    assert_int_equal(r->label.size, strlen(expected));
    assert_memory_equal(r->label.data, expected, strlen(expected));
}

static struct record *make(uint8_t protocol, uint16_t from, uint16_t to)
{
    struct record *r = calloc(1, sizeof(*r));
    r->type = RECORD_FAR;
    r->blocks = BLOCK_FLOW;
    r->wire = (struct view){(const uint8_t *)"x", 1};
    r->key = (struct record_key){.class = KEY_5TUPLE,
                                 .family = FAMILY_IP4,
                                 .protocol = protocol,
                                 .port = {from, to},
                                 .addr = {{10, 0, 0, 1}, {10, 0, 0, 2}}};
    return r;
}

static void test_pieces(void **state)
{
    struct labeler *labeler = labeler_new();
    struct record *r = make(6, 80, 53);
    (void)state;
    labeler_apply(labeler, r);
    assert_false(record_has(r, BLOCK_LABEL));
    assert_int_equal(r->wire.size, 1); /* untouched */
    assert_int_equal(labeler_read_addresses(labeler, file_of("10.0.0.2 \"b\"\n"), NULL), 0);
    assert_int_equal(labeler_read_ports(labeler, file_of("http 80/tcp www\ndomain 53/udp\n"), NULL),
                     0);
    assert_int_equal(labeler_read_flows(labeler,
                                        file_of("# which\n"
                                                "filter=\"tcp\" label=\"t\" cont\n"
                                                "\n"
                                                "label='u' filter='tcp or udp' # not further\n"
                                                "filter=\"\" label=\"rest\"\n"),
                                        NULL, NULL),
                     0);
    labelled(labeler, r, "daddr=b:sport=http:flow=t:flow=u");
    assert_int_equal(r->wire.size, 0);
    labelled(labeler, r, "daddr=b:sport=http:flow=t:flow=u"); /* it is said once */
    free(r);
    r = make(17, 80, 53);
    r->blocks |= BLOCK_LABEL;
    r->label = (struct view){(const uint8_t *)"mine:flow=u", 11};
    labelled(labeler, r, "mine:flow=u:daddr=b:dport=domain");
    free(r);
    r = make(1, 80, 53);
    labelled(labeler, r, "daddr=b:flow=rest");
    free(r);
    r = make(6, 80, 53);
    r->type = RECORD_MAR;
    labeler_apply(labeler, r);
    assert_false(record_has(r, BLOCK_LABEL));
    free(r);
    labeler_free(labeler);
}

/* A label block has an end: what has no room is left out. */
static void test_long_labels(void **state)
{
    struct labeler *labeler = labeler_new();
    char text[4000], label[401] = "";
    size_t size = 0;
    (void)state;
    for (char letter = 'a'; letter <= 'd'; letter++) {
        memset(label, letter, 400);
        size += (size_t)snprintf(text + size, sizeof(text) - size,
                                 "filter=\"\" cont label=\"%s\"\n", label);
    }
    assert_int_equal(labeler_read_flows(labeler, file_of(text), NULL, NULL), 0);
    struct record *r = make(6, 1, 2);
    labeler_apply(labeler, r);
    assert_int_equal(r->label.size, 2 * 405 + 1);
    free(r);
    labeler_free(labeler);
}

static void test_errors(void **state)
{
    static const struct {
        const char *text, *error;
    } cases[] = {
        {"filter=\"tcp\"\n", "line 1, column 1: a rule needs filter= and label="},
        {"\nlabel=a cont\n", "line 2, column 1: a rule needs filter= and label="},
        {"label=a label=b filter=tcp", "line 1, column 9: "},
        {"label=\"a filter=tcp", "line 1, column 7: "},
        {"filter='tcp prot' label=x", "line 1, column 13: "},
        {"colour=red", "line 1, column 1: filter="},
        {"filter=tcp label=x cont=5", "line 1, column 20: "},
    };
    struct error err;
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct flow_labels *labels;
        assert_int_equal(flow_labels_read(&labels, file_of(cases[i].text), NULL, &err), -1);
        if (!strstr(err.text, cases[i].error))
            fail_msg("%s: %s", cases[i].text, err.text);
    }
    struct address_labels *addresses;
    assert_int_equal(address_labels_read(&addresses, file_of("10.0.0.1\n10.0.0.300\n"), &err), -1);
    assert_non_null(strstr(err.text, "line 2"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_addresses),
        cmocka_unit_test(test_pieces),
        cmocka_unit_test(test_long_labels),
        cmocka_unit_test(test_errors),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
