/* SPDX-License-Identifier: Apache-2.0 */
#include "net/session.h"

#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "record/wire.h"
#include "records.h"

static nsec_t wall(void)
{
    return 1700000000 * NSEC_PER_SEC;
}

static const uint8_t head[WIRE_MAR_SIZE] = {0x83, 0x10, 0, WIRE_MAR_SIZE / 4};

static const struct session_options options = {
    .head = head,
    .stream = 0xabc,
    .most_filter_bytes = 1000,
    .patience = 5,
    .mar_interval = 60 * NSEC_PER_SEC,
    .wall = wall,
};

/* The client's end of a pair of sockets. */
struct talk {
    struct session *session;
    int client;
};

static void begin(struct talk *talk)
{
    int pair[2];
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, pair), 0);
    *talk = (struct talk){session_new(pair[0], &options, 0), pair[1]};
    assert_true(session_work(talk->session, 0, 0));
}

static void end(struct talk *talk)
{
    session_free(talk->session);
    close(talk->client);
}

static bool say(struct talk *talk, const char *text, nsec_t now)
{
    assert_int_equal(send(talk->client, text, strlen(text), 0), strlen(text));
    return session_work(talk->session, POLLIN, now);
}

static size_t hear(struct talk *talk, uint8_t *to, size_t most)
{
    ssize_t got = recv(talk->client, to, most, 0);
    return got < 0 ? 0 : (size_t)got;
}

static void hears(struct talk *talk, const void *wanted, size_t size)
{
    uint8_t heard[1000];
    assert_int_equal(hear(talk, heard, sizeof(heard)), size);
    assert_memory_equal(heard, wanted, size);
}

static size_t make_record(uint8_t *bytes, bool is_tcp)
{
    struct record *r = calloc(1, sizeof(*r));
    if (is_tcp)
        record_make_full(r);
    else
        record_make_udp(r, 1, 2, 3, 4);
    size_t size = wire_encode(r, bytes);
    free(r);
    return size;
}

static void give(struct talk *talk, const uint8_t *bytes, size_t size, uint64_t position)
{
    session_give(talk->session, (struct view){bytes, size}, position, 0);
    assert_true(session_work(talk->session, 0, 0));
}

static void test_dialogue(void **state)
{
    static uint8_t bytes[WIRE_RECORD_MAX];
    struct talk talk;
    (void)state;
    begin(&talk);
    hears(&talk, head, sizeof(head));
    assert_true(say(&talk, "STA", 0)); /* a word in two pieces */
    assert_false(session_has_started(talk.session));
    assert_true(say(&talk, "RT: ", 0));
    assert_true(session_has_started(talk.session));
    size_t size = make_record(bytes, true);
    give(&talk, bytes, size, 0);
    hears(&talk, bytes, size);
    assert_false(say(&talk, "DONE: ", 0));
    assert_string_equal(session_why(talk.session), "it is done");
    end(&talk);
}

static void test_filter(void **state)
{
    static uint8_t tcp[WIRE_RECORD_MAX], udp[WIRE_RECORD_MAX];
    size_t tcp_size = make_record(tcp, true), udp_size = make_record(udp, false);
    struct talk talk;
    (void)state;
    begin(&talk);
    hears(&talk, head, sizeof(head));
    assert_true(say(&talk, "FILTER: man or (ud", 0));
    hears(&talk, NULL, 0);
    assert_true(say(&talk, "p)", 1));
    hears(&talk, "OK", 2);
    assert_true(say(&talk, "START: ", 1));
    give(&talk, tcp, tcp_size, 0);
    hears(&talk, NULL, 0);
    give(&talk, udp, udp_size, 1);
    hears(&talk, udp, udp_size);
    give(&talk, head, sizeof(head), 2); /* management records always pass */
    hears(&talk, head, sizeof(head));
    end(&talk);
}

static struct talk patient_talk(void)
{
    static struct session_options patient;
    int pair[2];
    patient = options;
    patient.patience = 100 * NSEC_PER_SEC;
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, pair), 0);
    struct talk talk = {session_new(pair[0], &patient, 0), pair[1]};
    assert_true(session_work(talk.session, 0, 0));
    hears(&talk, head, sizeof(head));
    return talk;
}

/* In whatever pieces it comes, a filter is what all of them say. */
static void test_filter_in_pieces(void **state)
{
    static const char *const whole[] = {"man or (tcp)", "man or (label \"b)\" or (udp))"};
    (void)state;
    for (size_t i = 0; i < sizeof(whole) / sizeof(whole[0]); i++) {
        struct talk talk = patient_talk();
        char piece[2] = "";
        assert_true(say(&talk, "FILTER: ", 0));
        for (const char *at = whole[i]; *at; at++) {
            hears(&talk, NULL, 0);
            piece[0] = *at;
            assert_true(say(&talk, piece, 0));
        }
        hears(&talk, "OK", 2);
        end(&talk);
    }
    struct talk talk = patient_talk(); /* "port 8" would be one, too */
    assert_true(say(&talk, "FILTER: tcp and port 8", 0));
    hears(&talk, NULL, 0);
    assert_true(say(&talk, "0", NSEC_PER_MSEC));
    nsec_t due = session_due(talk.session);
    assert_true(due > 100 * NSEC_PER_MSEC && due < NSEC_PER_SEC);
    assert_true(session_work(talk.session, 0, due));
    hears(&talk, "OK", 2);
    assert_false(say(&talk, "FILTER: man or (udp)", due)); /* one is enough */
    end(&talk);
}

/* A byte at a time, as seldom as can be: it does not hold a place for longer than silence does. */
static void test_slow_words(void **state)
{
    (void)state;
    struct talk talk = patient_talk();
    nsec_t now = 0;
    assert_true(say(&talk, "FILTER: man or (tcp", 0));
    while (now < 99 * NSEC_PER_SEC) {
        now += 400 * NSEC_PER_MSEC;
        assert_true(say(&talk, " ", now));
    }
    assert_true(session_due(talk.session) <= 100 * NSEC_PER_SEC);
    assert_false(say(&talk, " ", 100 * NSEC_PER_SEC));
    end(&talk);
}

/* Rules of which those who have no address meet the last ones. */
static struct access *rules(const char *text)
{
    struct access *access = access_new();
    char path[64];
    int file = memfd_create("access", MFD_CLOEXEC);
    assert_int_equal(write(file, text, strlen(text)), strlen(text));
    snprintf(path, sizeof(path), "/proc/self/fd/%d", file);
    assert_int_equal(access_read(access, path, NULL, NULL), 0);
    close(file);
    return access;
}

static struct talk talk_by_rules(const struct session_options *by_rules)
{
    int pair[2];
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, pair), 0);
    return (struct talk){session_new(pair[0], by_rules, 0), pair[1]};
}

/* A client never sees more than its rule lets it, and less when that says less. */
static void test_access(void **state)
{
    static uint8_t tcp[WIRE_RECORD_MAX], udp[WIRE_RECORD_MAX], refusal[WIRE_MAR_SIZE];
    size_t tcp_size = make_record(tcp, true), udp_size = make_record(udp, false);
    struct access *some = rules("deny 10.0.0.0/8\nallow any filter 'tcp'"),
                  *all = rules("allow any"), *none = rules("deny any");
    struct session_options by_rules = options;
    (void)state;
    by_rules.access = some;
    struct talk talk = talk_by_rules(&by_rules);
    assert_true(session_work(talk.session, 0, 0));
    hears(&talk, head, sizeof(head));
    assert_true(say(&talk, "FILTER: man or (tcp or udp)", 0));
    hears(&talk, "OK", 2);
    assert_true(say(&talk, "START: ", 0));
    assert_int_equal(session_rule(talk.session), 2);
    give(&talk, udp, udp_size, 0);
    give(&talk, tcp, tcp_size, 1);
    hears(&talk, tcp, tcp_size);
    by_rules.access = all;
    assert_true(session_decide(talk.session));
    give(&talk, udp, udp_size, 2);
    hears(&talk, udp, udp_size);
    by_rules.access = none;
    assert_false(session_decide(talk.session));
    assert_true(session_is_denied(talk.session));
    assert_string_equal(session_why(talk.session), "line 1 of the access rules denies it");
    end(&talk);

    talk = talk_by_rules(&by_rules);
    assert_false(session_work(talk.session, 0, 0));
    memcpy(refusal, head, sizeof(head));
    refusal[1] = 0x81;
    hears(&talk, refusal, sizeof(refusal));
    assert_true(session_is_denied(talk.session));
    end(&talk);
    access_free(some);
    access_free(all);
    access_free(none);
}

/* Who hangs up with records unread may have said before that it will not come back. */
static void test_last_words(void **state)
{
    static uint8_t bytes[WIRE_RECORD_MAX];
    static const char *const words[] = {"DONE: ", ""};
    size_t size = make_record(bytes, true);
    (void)state;
    for (size_t i = 0; i < 2; i++) {
        struct talk talk;
        begin(&talk);
        assert_true(say(&talk, "POSITION: new\n", 0));
        assert_true(say(&talk, "START: ", 0));
        assert_int_equal(send(talk.client, words[i], strlen(words[i]), 0), strlen(words[i]));
        close(talk.client);
        session_give(talk.session, (struct view){bytes, size}, 0, 0);
        assert_false(session_work(talk.session, 0, 0)); /* it has not been looked what was said */
        assert_int_equal(session_may_return(talk.session), i);
        session_free(talk.session);
    }
}

/* What a rule asks of a record cannot be known of what cannot be read: then it is not shown. */
static void test_access_to_damage(void **state)
{
    static uint8_t bytes[WIRE_RECORD_MAX];
    struct access *not_udp = rules("allow any filter 'not udp'");
    struct session_options by_rules = options;
    (void)state;
    by_rules.access = not_udp;
    struct talk talk = talk_by_rules(&by_rules);
    assert_true(session_work(talk.session, 0, 0));
    hears(&talk, head, sizeof(head));
    assert_true(say(&talk, "START: ", 0));
    size_t size = make_record(bytes, true);
    give(&talk, bytes, size, 0);
    hears(&talk, bytes, size);
    const uint8_t kind = bytes[0];
    bytes[0] = 0xa0 | (kind & 0x0f); /* of a kind that nobody knows */
    give(&talk, bytes, size, 1);
    bytes[0] = kind;
    bytes[4 + 4 * bytes[7] + 3] = 0xff; /* the second block is longer than the record */
    give(&talk, bytes, size, 2);
    hears(&talk, "", 0);
    assert_int_equal(session_counts(talk.session)->records, 1);
    end(&talk);
    access_free(not_udp);
}

/* What is no filter is refused when no more of it comes. */
static void test_wrong_filter(void **state)
{
    (void)state;
    struct talk talk = patient_talk();
    assert_true(say(&talk, "FILTER: no such words", 0));
    nsec_t due = session_due(talk.session);
    assert_true(due < NSEC_PER_SEC);
    assert_false(session_work(talk.session, 0, due));
    hears(&talk, "SY", 2);
    end(&talk);
}

static void test_positions(void **state)
{
    static uint8_t bytes[WIRE_RECORD_MAX], wanted[WIRE_RECORD_MAX];
    size_t size = make_record(bytes, true);
    struct talk talk;
    struct protocol_place place;
    (void)state;
    begin(&talk);
    hears(&talk, head, sizeof(head));
    assert_true(say(&talk, "POSITION: 0000000000000abc 7", 0));
    assert_true(say(&talk, "1\n", 0));
    hears(&talk, "OK", 2);
    assert_true(session_wants_place(talk.session, &place));
    assert_true(place.stream == 0xabc && place.position == 71);
    assert_true(say(&talk, "START: ", 0));
    session_begin(talk.session, 71);
    protocol_put_mark(wanted, &(struct protocol_mark){{0xabc, 71}, 0});
    assert_true(session_work(talk.session, 0, 0));
    hears(&talk, wanted, PROTOCOL_MARK_SIZE);
    give(&talk, bytes, size, 71);
    hears(&talk, bytes, size);
    protocol_put_mark(wanted, &(struct protocol_mark){{0xabc, 75}, 0});
    memcpy(wanted + PROTOCOL_MARK_SIZE, bytes, size);
    give(&talk, bytes, size, 75); /* which does not follow */
    hears(&talk, wanted, PROTOCOL_MARK_SIZE + size);
    session_tell_loss(talk.session, 7, 80, 0);
    assert_true(session_work(talk.session, 0, 0));
    uint8_t heard[1000];
    assert_int_equal(hear(&talk, heard, sizeof(heard)), WIRE_MAR_SIZE + 2 * PROTOCOL_MARK_SIZE);
    protocol_put_mark(wanted, &(struct protocol_mark){{0xabc, PROTOCOL_NO_POSITION}, 0});
    assert_memory_equal(heard, wanted, PROTOCOL_MARK_SIZE);
    assert_int_equal(heard[PROTOCOL_MARK_SIZE + 1], 0x83);
    assert_int_equal(load_be32(heard + PROTOCOL_MARK_SIZE + 80), 7);
    protocol_put_mark(wanted, &(struct protocol_mark){{0xabc, 80}, 7});
    assert_memory_equal(heard + PROTOCOL_MARK_SIZE + WIRE_MAR_SIZE, wanted, PROTOCOL_MARK_SIZE);
    assert_int_equal(session_counts(talk.session)->lost, 7);
    end(&talk);
}

static void test_rubbish(void **state)
{
    static const char *const cases[] = {"GET / HTTP/1.1\r\n", "x",      "STOP: ", "POSITION: a b\n",
                                        "START: and more",    "FILTE: "};
    char *longest = malloc(2000);
    struct talk talk;
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        begin(&talk);
        assert_false(say(&talk, cases[i], 0));
        end(&talk);
    }
    memset(longest, '(', 1999);
    memcpy(longest, "FILTER: ", 8);
    longest[1999] = '\0';
    begin(&talk);
    assert_true(say(&talk, longest, 0));
    assert_false(session_work(talk.session, POLLIN, 0));
    assert_string_equal(session_why(talk.session), "what it says is too long");
    end(&talk);
    free(longest);
}

static void test_silence(void **state)
{
    uint8_t heard[1000];
    struct talk talk;
    (void)state;
    begin(&talk);
    hears(&talk, head, sizeof(head));
    assert_false(session_work(talk.session, 0, options.patience));
    end(&talk);

    begin(&talk);
    hears(&talk, head, sizeof(head));
    assert_true(say(&talk, "START: ", 1));
    assert_true(session_due(talk.session) == options.mar_interval + 1);
    assert_true(session_work(talk.session, 0, options.mar_interval + 1));
    assert_int_equal(hear(&talk, heard, sizeof(heard)), WIRE_MAR_SIZE);
    assert_int_equal(heard[1], 0x20);
    end(&talk);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_dialogue),         cmocka_unit_test(test_filter),
        cmocka_unit_test(test_wrong_filter),     cmocka_unit_test(test_positions),
        cmocka_unit_test(test_filter_in_pieces), cmocka_unit_test(test_access),
        cmocka_unit_test(test_access_to_damage), cmocka_unit_test(test_last_words),
        cmocka_unit_test(test_slow_words),       cmocka_unit_test(test_rubbish),
        cmocka_unit_test(test_silence),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
