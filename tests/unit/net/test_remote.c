/* SPDX-License-Identifier: Apache-2.0 */
#include "net/remote.h"

#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "record/wire.h"
#include "records.h"

/* One end of a pair of sockets is the remote's, the other one plays the server. */
struct talk {
    struct remote *remote;
    int server;
    nsec_t now;
};

enum { INTERVAL_AT = 46 };

static void make_head(uint8_t *head)
{
    memset(head, 0, WIRE_MAR_SIZE);
    head[0] = 0x83;
    head[1] = 0x10;
    head[3] = WIRE_MAR_SIZE / 4;
    memcpy(head + 8, "\xe5\x71\x2d\xcb", 4);
}

static void attach(struct talk *talk)
{
    int pair[2];
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, pair), 0);
    talk->server = pair[0];
    remote_attach(talk->remote, pair[1], talk->now);
}

static void begin(struct talk *talk, const struct remote_options *options)
{
    struct remote_options all = *options;
    assert_int_equal(endpoint_parse(&all.endpoint, "server:1", ENDPOINT_PORT, NULL), 0);
    *talk = (struct talk){.remote = remote_new(&all), .now = 1000};
    attach(talk);
}

static void end(struct talk *talk)
{
    remote_free(talk->remote);
    close(talk->server);
}

static void serve(struct talk *talk, const void *bytes, size_t size)
{
    assert_int_equal(send(talk->server, bytes, size, 0), size);
    remote_work(talk->remote, POLLIN, talk->now);
}

static void hears(struct talk *talk, const char *text)
{
    char heard[200] = {0};
    ssize_t size = recv(talk->server, heard, sizeof(heard) - 1, 0);
    assert_int_equal(size < 0 ? 0 : size, strlen(text));
    assert_string_equal(heard, text);
}

static size_t make_record(uint8_t *bytes, uint32_t sequence)
{
    struct record *r = calloc(1, sizeof(*r));
    record_make_full(r);
    r->transport.sequence = sequence;
    size_t size = wire_encode(r, bytes);
    free(r);
    return size;
}

static void expect_over(struct talk *talk, const char *why)
{
    struct record *r;
    struct error err;
    assert_int_equal(remote_next(talk->remote, &r, &err), REMOTE_OVER);
    assert_string_equal(err.text, why);
}

static void expect_record(struct talk *talk, uint32_t sequence)
{
    struct record *r;
    struct error err;
    assert_int_equal(remote_next(talk->remote, &r, &err), 0);
    assert_int_equal(r->transport.sequence, sequence);
}

static void expect_head(struct talk *talk)
{
    struct record *r;
    struct error err;
    assert_int_equal(remote_next(talk->remote, &r, &err), 0);
    assert_int_equal(r->type, RECORD_MAR);
    assert_true(remote_is_head(talk->remote));
}

static void expect_none(struct talk *talk)
{
    struct record *r;
    struct error err;
    assert_int_equal(remote_next(talk->remote, &r, &err), REMOTE_NONE);
    assert_false(remote_is_head(talk->remote));
}

/* A server of Argus, whose bytes come one by one; it gets no filter that it might choke on. */
static void test_bytes(void **state)
{
    uint8_t head[WIRE_MAR_SIZE];
    static uint8_t bytes[WIRE_RECORD_MAX];
    struct talk talk;
    (void)state;
    make_head(head);
    begin(&talk, &(struct remote_options){.filter = "tcp", .counts_positions = true});
    for (size_t i = 0; i < WIRE_MAR_SIZE; i++) {
        expect_none(&talk);
        hears(&talk, "");
        serve(&talk, head + i, 1);
    }
    hears(&talk, "START: ");
    expect_head(&talk);
    for (uint32_t n = 0; n < 3; n++) {
        size_t size = make_record(bytes, n);
        for (size_t i = 0; i < size; i++) {
            expect_none(&talk);
            serve(&talk, bytes + i, 1);
        }
        expect_record(&talk, n);
    }
    serve(&talk, "\0\0\0\0", 4); /* padding */
    expect_none(&talk);
    close(talk.server);
    remote_work(talk.remote, POLLIN, talk.now);
    expect_over(&talk, "");
    remote_free(talk.remote);
}

static void test_filter(void **state)
{
    uint8_t head[WIRE_MAR_SIZE];
    struct talk talk;
    (void)state;
    make_head(head);
    begin(&talk, &(struct remote_options){.filter = "tcp", .filter_for_all = true});
    serve(&talk, head, sizeof(head));
    hears(&talk, "FILTER: man or (tcp)");
    serve(&talk, "OK", 2);
    hears(&talk, "START: ");
    end(&talk);

    begin(&talk, &(struct remote_options){.filter = "tcp", .filter_for_all = true});
    serve(&talk, head, sizeof(head));
    serve(&talk, "SY", 2);
    expect_head(&talk);
    expect_over(&talk, "server:1: the server refuses the filter");
    end(&talk);
}

/* Positions are counted, and a second connection goes on behind the last record. */
static void test_positions(void **state)
{
    uint8_t head[WIRE_MAR_SIZE], mark[PROTOCOL_MARK_SIZE];
    static uint8_t bytes[WIRE_RECORD_MAX];
    struct talk talk;
    struct protocol_place place;
    bool unknown;
    (void)state;
    make_head(head);
    protocol_put_stream(head, 0xabc);
    begin(&talk, &(struct remote_options){.counts_positions = true});
    serve(&talk, head, sizeof(head));
    hears(&talk, "POSITION: new\n");
    serve(&talk, "OK", 2);
    hears(&talk, "START: ");
    protocol_put_mark(mark, &(struct protocol_mark){{0xabc, 70}, 0});
    serve(&talk, mark, sizeof(mark));
    expect_head(&talk);
    serve(&talk, bytes, make_record(bytes, 1));
    serve(&talk, bytes, make_record(bytes, 2) / 8 * 4); /* half of one */
    expect_record(&talk, 1);
    assert_true(remote_get_place(talk.remote, &place));
    assert_int_equal(place.position, 70);
    expect_none(&talk);
    close(talk.server);
    remote_work(talk.remote, POLLIN, talk.now);
    expect_over(&talk, "server:1: the connection ends in the middle of a record");

    remote_again(talk.remote, talk.now);
    attach(&talk);
    serve(&talk, head, sizeof(head));
    hears(&talk, "POSITION: 0000000000000abc 71\n");
    serve(&talk, "OK", 2);
    protocol_put_mark(mark, &(struct protocol_mark){{0xabc, 73}, 2});
    serve(&talk, mark, sizeof(mark));
    expect_head(&talk);
    expect_none(&talk);
    assert_int_equal(remote_take_losses(talk.remote, &unknown), 2);
    assert_false(unknown);
    assert_int_equal(remote_take_losses(talk.remote, &unknown), 0);
    protocol_put_mark(mark, &(struct protocol_mark){{0xdef, 0}, 0});
    serve(&talk, mark, sizeof(mark));
    expect_none(&talk);
    assert_int_equal(remote_take_losses(talk.remote, &unknown), 0);
    assert_true(unknown);
    protocol_put_mark(mark, &(struct protocol_mark){{0xdef, PROTOCOL_NO_POSITION}, 0});
    serve(&talk, mark, sizeof(mark));
    serve(&talk, bytes, make_record(bytes, 3));
    expect_record(&talk, 3);
    assert_false(remote_get_place(talk.remote, &place));
    end(&talk);
}

static void test_poll(void **state)
{
    uint8_t head[WIRE_MAR_SIZE];
    struct talk talk;
    (void)state;
    make_head(head);
    begin(&talk, &(struct remote_options){.only_polls = true});
    serve(&talk, head, sizeof(head));
    hears(&talk, "DONE: ");
    expect_head(&talk);
    expect_over(&talk, "");
    end(&talk);
}

/* What a server says instead of a start record, and what becomes of it. */
static void test_wrong_heads(void **state)
{
    static const struct {
        size_t at;
        uint8_t value;
        const char *why;
    } cases[] = {
        {1, 0x81, "server:1: the server refuses access"},
        {1, 0x82, "server:1: the server has as many clients as it takes"},
        {8, 0x00,
         "server:1: not argus data: offset 8 has 0x00712dcb where 0xe5712dcb (version 3) "
         "or 0xe57150cb (version 5) is expected"},
        {6, 0x10, "server:1: the server wants passwords (SASL), which is not supported"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        uint8_t head[WIRE_MAR_SIZE];
        struct talk talk;
        make_head(head);
        head[cases[i].at] = cases[i].value;
        begin(&talk, &(struct remote_options){0});
        serve(&talk, head, sizeof(head));
        expect_over(&talk, cases[i].why);
        assert_int_equal(remote_descriptor(talk.remote), -1);
        end(&talk);
    }
}

static void test_rubbish_record(void **state)
{
    uint8_t head[WIRE_MAR_SIZE];
    static uint8_t bytes[WIRE_RECORD_MAX];
    struct talk talk;
    (void)state;
    make_head(head);
    begin(&talk, &(struct remote_options){0});
    serve(&talk, head, sizeof(head));
    size_t size = make_record(bytes, 9);
    memcpy(bytes + size, "\x10\x10\0\0", 4);
    serve(&talk, bytes, size + 4);
    expect_head(&talk);
    expect_record(&talk, 9);
    expect_over(&talk, "server:1: a record of length 0");
    end(&talk);
}

static void test_silence(void **state)
{
    uint8_t head[WIRE_MAR_SIZE];
    struct talk talk;
    (void)state;
    make_head(head);
    head[INTERVAL_AT + 1] = 60;
    begin(&talk, &(struct remote_options){0});
    assert_true(remote_due(talk.remote) == talk.now + REMOTE_PATIENCE);
    serve(&talk, head, sizeof(head));
    expect_head(&talk);
    talk.now = remote_due(talk.remote);
    assert_true(talk.now == 1000 + 120 * NSEC_PER_SEC);
    remote_work(talk.remote, 0, talk.now - 1);
    expect_none(&talk);
    remote_work(talk.remote, 0, talk.now);
    expect_over(&talk, "server:1: silent for twice the interval of its management records");
    end(&talk);

    begin(&talk, &(struct remote_options){0});
    remote_work(talk.remote, 0, talk.now + REMOTE_PATIENCE);
    expect_over(&talk, "server:1: no start record within 10 s");
    end(&talk);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_bytes),       cmocka_unit_test(test_filter),
        cmocka_unit_test(test_positions),   cmocka_unit_test(test_poll),
        cmocka_unit_test(test_wrong_heads), cmocka_unit_test(test_rubbish_record),
        cmocka_unit_test(test_silence),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
