/* SPDX-License-Identifier: Apache-2.0 */
#include "scan/contact.h"

#include <netinet/in.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

enum { F = 1, S = 2, R = 4, P = 8, A = 16, U = 32 };

static struct record make(uint8_t protocol, uint64_t forth, uint64_t back)
{
    struct record r = {.type = RECORD_FAR, .blocks = BLOCK_FLOW | BLOCK_METRIC | BLOCK_TIME};
    r.key.class = KEY_5TUPLE;
    r.key.family = FAMILY_IP4;
    r.key.protocol = protocol;
    memcpy(r.key.addr[SRC], (uint8_t[]){10, 0, 0, 1}, 4);
    memcpy(r.key.addr[DST], (uint8_t[]){10, 0, 0, 2}, 4);
    r.key.port[SRC] = 40000;
    r.key.port[DST] = 80;
    r.metric.packets[SRC] = forth;
    r.metric.packets[DST] = back;
    return r;
}

static void expect_tcp(uint8_t source, uint8_t target, unsigned method, unsigned outcome,
                       unsigned reaction)
{
    struct contact contact;
    struct record r = make(IPPROTO_TCP, 1, target != 0);
    r.blocks |= BLOCK_NET;
    r.net.form = NET_TCP_PERF;
    r.net.u.tcp.side[SRC].flags = source;
    r.net.u.tcp.side[DST].flags = target;
    assert_true(contact_of_record(&contact, &r));
    assert_int_equal(contact.method, method);
    assert_int_equal(contact.outcome, outcome);
    assert_int_equal(contact.reaction, reaction);
}

static void tcp(void **state)
{
    (void)state;
    expect_tcp(S, 0, CONTACT_SYN, OUTCOME_SILENT, 0);
    expect_tcp(S, R | A, CONTACT_SYN, OUTCOME_REFUSED, 0);
    expect_tcp(S, S | A, CONTACT_SYN, OUTCOME_OPENED, 0);
    expect_tcp(S | R, S | A, CONTACT_SYN, OUTCOME_OPENED, REACTION_RESET);
    expect_tcp(S | A | F, S | A | F, CONTACT_SYN, OUTCOME_OPENED, REACTION_ACK);
    expect_tcp(S | A | P, S | A, CONTACT_SYN, OUTCOME_TALKED, REACTION_ACK);
    expect_tcp(S | A, 0, CONTACT_SYN, OUTCOME_UNCLEAR, 0);
    expect_tcp(S | A | P, 0, CONTACT_SYN, OUTCOME_TALKED, REACTION_ACK);
    expect_tcp(A | P, A | P, CONTACT_SYN, OUTCOME_TALKED, REACTION_ACK);
    expect_tcp(A, A, CONTACT_SYN, OUTCOME_UNCLEAR, 0);
    expect_tcp(R, 0, CONTACT_SYN, OUTCOME_UNCLEAR, 0);
    expect_tcp(F | A, 0, CONTACT_SYN, OUTCOME_UNCLEAR, 0);
}

static void stealth(void **state)
{
    (void)state;
    expect_tcp(F, 0, CONTACT_FIN, OUTCOME_SILENT, 0);
    expect_tcp(F, R | A, CONTACT_FIN, OUTCOME_REFUSED, 0);
    expect_tcp(0, R | A, CONTACT_NULL, OUTCOME_REFUSED, 0);
    expect_tcp(F | P | U, 0, CONTACT_XMAS, OUTCOME_SILENT, 0);
    expect_tcp(A, R, CONTACT_ACK, OUTCOME_REFUSED, 0);
}

static void expect(const struct record *r, bool is_contact, unsigned outcome)
{
    struct contact contact;
    assert_int_equal(contact_of_record(&contact, r), is_contact);
    if (is_contact)
        assert_int_equal(contact.outcome, outcome);
}

static void datagrams(void **state)
{
    (void)state;
    struct record r = make(IPPROTO_UDP, 1, 0);
    expect(&r, true, OUTCOME_SILENT);
    r.blocks |= BLOCK_ICMP;
    r.icmp.kind = 1;
    expect(&r, true, OUTCOME_REFUSED);
    r.icmp.kind = 4; /* traceroute */
    expect(&r, true, OUTCOME_UNCLEAR);
    r = make(IPPROTO_UDP, 1, 1);
    expect(&r, true, OUTCOME_TALKED);
    r = make(IPPROTO_UDP, 1, 0);
    r.key.port[SRC] = 53;
    r.key.port[DST] = 40000;
    expect(&r, true, OUTCOME_UNCLEAR);
    r = make(IPPROTO_ICMP, 1, 0);
    r.key.u.icmp.type = 8;
    expect(&r, true, OUTCOME_SILENT);
    r.key.u.icmp.type = 3;
    expect(&r, false, 0);
}

static void no_contacts(void **state)
{
    (void)state;
    struct record r = make(IPPROTO_UDP, 1, 0);
    r.key.addr[DST][0] = 239;
    expect(&r, false, 0);
    r = make(IPPROTO_UDP, 0, 1);
    expect(&r, false, 0);
    r = make(IPPROTO_ESP, 1, 0);
    expect(&r, false, 0);
    r = make(IPPROTO_UDP, 1, 0);
    r.key.flags = KEY_FRAGMENT;
    expect(&r, false, 0);
    r = make(IPPROTO_UDP, 1, 0);
    r.key.family = FAMILY_ARP;
    expect(&r, false, 0);
    r = make(IPPROTO_UDP, 1, 0);
    r.type = RECORD_MAR;
    expect(&r, false, 0);
}

static void rows_keep_all(void **state)
{
    (void)state;
    struct contact contact, back;
    uint8_t row[CONTACT_ROW], later[CONTACT_ROW];
    memset(&contact, 0, sizeof(contact));
    memset(&back, 0, sizeof(back));
    address_key_put(contact.source, (uint8_t[]){10, 0, 0, 1}, 4);
    address_key_put(contact.target, (uint8_t[16]){0xfd, [15] = 1}, 16);
    contact.first = -5;
    contact.last = INT64_MAX;
    contact.number = UINT64_C(0xffffffffff);
    contact.port = 65535;
    contact.protocol = 17;
    contact.method = CONTACT_UDP;
    contact.outcome = OUTCOME_REFUSED;
    contact.reaction = REACTION_RESET;
    contact_put(row, &contact);
    contact_get(&back, row);
    assert_memory_equal(&back, &contact, sizeof(back));
    contact.first = 5;
    contact_put(later, &contact);
    assert_true(memcmp(row, later, CONTACT_ROW) < 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tcp),         cmocka_unit_test(stealth),       cmocka_unit_test(datagrams),
        cmocka_unit_test(no_contacts), cmocka_unit_test(rows_keep_all),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
