/* SPDX-License-Identifier: Apache-2.0 */
#include "net/access.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cmocka.h>
#include <openssl/x509v3.h>

/* Reads a text as a file of rules. */
static int read_text(struct access *access, const char *text, size_t size, struct error *err)
{
    char path[64];
    const struct filter_names names = {0};
    int file = memfd_create("access", MFD_CLOEXEC);
    assert_int_equal(write(file, text, size), size);
    snprintf(path, sizeof(path), "/proc/self/fd/%d", file);
    int result = access_read(access, path, &names, err);
    close(file);
    return result;
}

static struct access *rules(const char *text)
{
    struct access *access = access_new();
    struct error err;
    if (read_text(access, text, strlen(text), &err))
        fail_msg("%s", err.text);
    return access;
}

static struct address at(const char *text)
{
    struct address address;
    assert_true(address_parse(text, strlen(text), &address));
    return address;
}

/* The line of the rule that decides; below 0 if it denies. */
static int decided(const struct access *access, const char *address, X509 *certificate)
{
    const struct address peer = at(address);
    struct access_verdict verdict = access_decide(access, &peer, certificate);
    if (verdict.is_allowed)
        assert_true(access_may_allow(access, &peer));
    return verdict.is_allowed ? (int)verdict.line : -(int)verdict.line;
}

static void test_first_match(void **state)
{
    struct access *access = rules("# first match\r\n"
                                  "deny 10.9.0.0/16,192.0.2.7\r\n"
                                  "\n"
                                  "  allow 10.0.0.0/9\t# half of it\n"
                                  "allow fd00::/12\n"
                                  "deny 192.0.2.0/24\n"
                                  "allow 192.0.0.0/8");
    (void)state;
    assert_int_equal(decided(access, "10.9.1.2", NULL), -2);
    assert_int_equal(decided(access, "10.127.255.255", NULL), 4);
    assert_int_equal(decided(access, "10.128.0.0", NULL), 0);
    assert_int_equal(decided(access, "fd0f::1", NULL), 5);
    assert_int_equal(decided(access, "fd10::1", NULL), 0);
    assert_int_equal(decided(access, "192.0.2.7", NULL), -2);
    assert_int_equal(decided(access, "192.0.2.8", NULL), -6);
    assert_int_equal(decided(access, "192.0.3.8", NULL), 7);
    const struct address denied = at("192.0.2.8");
    assert_false(access_may_allow(access, &denied)); /* though a rule behind that one would */
    const struct address nobody = at("11.0.0.1"), none = {0};
    assert_false(access_decide(access, &nobody, NULL).is_allowed);
    assert_false(access_may_allow(access, &nobody));
    assert_false(access_decide(access, &none, NULL).is_allowed);
    access_free(access);
}

/* Networks that are given apart go before the rules. */
static void test_limit(void **state)
{
    struct access *access = rules("allow 10.0.0.0/8\ndeny any\n");
    struct access *alone = access_new();
    struct prefix network;
    (void)state;
    assert_true(prefix_parse("10.0.0.0/16", 11, &network));
    assert_int_equal(access_limit(access, &network, 1, NULL), 0);
    assert_int_equal(access_limit(alone, &network, 1, NULL), 0);
    assert_int_equal(decided(access, "10.0.0.1", NULL), 1);
    const struct address inside = at("10.0.0.1"), outside = at("10.1.0.1");
    assert_false(access_may_allow(access, &outside));
    assert_false(access_decide(access, &outside, NULL).is_allowed);
    assert_true(access_decide(alone, &inside, NULL).is_allowed);
    assert_false(access_decide(alone, &outside, NULL).is_allowed);
    access_free(access);
    access_free(alone);
}

static X509 *certificate(const char *common_name, const char *alternative)
{
    X509 *made = X509_new();
    X509_NAME *subject = X509_get_subject_name(made);
    assert_int_equal(X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_UTF8,
                                                (const unsigned char *)common_name, -1, -1, 0),
                     1);
    if (alternative) {
        X509_EXTENSION *extension =
            X509V3_EXT_conf_nid(NULL, NULL, NID_subject_alt_name, alternative);
        assert_int_equal(X509_add_ext(made, extension, -1), 1);
        X509_EXTENSION_free(extension);
    }
    return made;
}

static void test_certificates(void **state)
{
    static const struct {
        const char *common, *alternative;
        int line;
    } cases[] = {
        {"store.example.org", NULL, 1},
        {"STORE.example.ORG", NULL, 1},
        {"anything", "DNS:a.b,DNS:store.example.org", 1},
        {"store.example.org", "DNS:other.org", 0}, /* the common name does not count then */
        {"store.example.org", "IP:10.0.0.1", 1},
        {"xstore.example.org", NULL, 0},
        {"store.example.org.evil.net", NULL, 0},
        {"*.example.org", NULL, 0},
        {"*.org", "DNS:*.org", 0},
        {"a.b.lab.example.org", NULL, 2},
        {"lab.example.org", NULL, 0},
        {"evillab.example.org", NULL, 0},
        {"Alice of the lab", NULL, 3},
    };
    struct access *access = rules("allow cert store.example.org\n"
                                  "allow 10.0.0.0/8 cert \".lab.example.org\" filter 'port 25'\n"
                                  "allow cert 'Alice of the lab'\n");
    (void)state;
    assert_true(access_names_certificates(access));
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        X509 *shown = certificate(cases[i].common, cases[i].alternative);
        assert_int_equal(decided(access, "10.0.0.1", shown), cases[i].line);
        assert_int_equal(decided(access, "11.0.0.1", shown),
                         cases[i].line == 2 ? 0 : cases[i].line);
        X509_free(shown);
    }
    assert_int_equal(decided(access, "10.0.0.1", NULL), 0);
    const struct address anywhere = at("11.0.0.1");
    assert_true(access_may_allow(access, &anywhere)); /* with a certificate */
    access_free(access);
}

static void test_filters(void **state)
{
    struct access *access = rules("allow 10.0.0.1 filter \"tcp or label 'x'\"\n"
                                  "allow 10.0.0.0/8\n");
    const struct address first = at("10.0.0.1"), second = at("10.0.0.2");
    struct record *r = calloc(1, sizeof(*r));
    (void)state;
    r->type = RECORD_FAR;
    r->blocks = BLOCK_FLOW;
    r->key = (struct record_key){.class = KEY_5TUPLE, .family = FAMILY_IP4, .protocol = 6};
    const struct filter *filter = access_decide(access, &first, NULL).filter;
    assert_true(filter_match(filter, r));
    r->key.protocol = 17;
    assert_false(filter_match(filter, r));
    assert_null(access_decide(access, &second, NULL).filter);
    free(r);
    access_free(access);
}

static void test_errors(void **state)
{
    static const struct {
        const char *text, *error;
    } cases[] = {
        {"", "there is no rule"},
        {"# nothing\n\n", "there is no rule"},
        {"allow any\npermit any", "line 2, column 1: 'allow' or 'deny' is expected, not 'permit'"},
        {"allow", "line 1, column 6: whom?"},
        {"allow # all", "line 1, column 7: whom?"},
        {"allow 10.0.0.0/33", "line 1, column 7: '10.0.0.0/33' is no network"},
        {"allow 10.0.0.1,10.0.0.x", "line 1, column 16: '10.0.0.x' is no network"},
        {"allow 10.0.0.1,", "line 1, column 16: '' is no network"},
        {"allow any 10.0.0.1", "line 1, column 11: '10.0.0.1' is not expected here"},
        {"allow cert", "line 1, column 11: the name of a certificate is expected"},
        {"allow cert ''", "line 1, column 13: this can be the name of no certificate"},
        {"allow cert 'x", "line 1, column 12: the second quote is missing"},
        {"allow cert 'x'y", "line 1, column 15: a blank is missing behind the quote"},
        {"allow cert a cert b", "line 1, column 14: 'cert' is not expected here"},
        {"allow any filter", "line 1, column 17: a filter is expected"},
        {"allow any filter tcp udp", "line 1, column 22: 'udp' is not expected here"},
        {"allow any filter \"tcp and prot 5\"", "line 1, column 27: "},
        {"allow filter tcp cert x", "line 1, column 18: 'cert' is not expected here"},
        {"deny any filter tcp", "line 1, column 10: who is denied has no use for a filter"},
        {"allow any filter 'host in @/etc/passwd'", "line 1, column "},
    };
    struct error err;
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct access *access = access_new();
        assert_int_equal(read_text(access, cases[i].text, strlen(cases[i].text), &err), -1);
        if (!strstr(err.text, cases[i].error))
            fail_msg("%s: %s", cases[i].text, err.text);
        access_free(access);
    }
    struct access *access = access_new();
    assert_int_equal(read_text(access, "allow any\nal\0low", 16, &err), -1);
    assert_non_null(strstr(err.text, "line 2: a zero byte"));
    access_free(access);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_first_match),  cmocka_unit_test(test_limit),
        cmocka_unit_test(test_certificates), cmocka_unit_test(test_filters),
        cmocka_unit_test(test_errors),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
