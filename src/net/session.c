/* SPDX-License-Identifier: Apache-2.0 */
#include "net/session.h"

#include <inttypes.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/check.h"
#include "base/mem.h"
#include "net/channel.h"
#include "record/wire.h"
#include "record/wire_block.h"

/* Enough for a socket to be busy with; a client that reads slowly takes no more memory. */
enum { OUT_ENOUGH = 64 * 1024, OUT_USUAL = 2 * OUT_ENOUGH };

/*
 * A filter has no end on the wire. Clients wrap it in parentheses, "man or (...)", so one of which
 * all are closed is whole; any other one is when no more of it has come for so long.
 */
#define FILTER_SETTLES (500 * NSEC_PER_MSEC)

/* A reader that takes nothing for so long is gone: a stopped program, or a machine switched off. */
enum { UNHEARD_MSEC = 120 * 1000 };

struct outbox {
    uint8_t *bytes;
    size_t start, end, capacity;
};

struct session {
    const struct session_options *options;
    struct channel channel;
    char name[SOCKET_NAME_SIZE];
    char *text; /* of the command that is coming in */
    size_t text_size;
    nsec_t due, filter_settled;
    struct outbox out;
    struct filter *filter; /* that it asks for; NULL: everything */
    struct record *record; /* for filters */
    struct access_verdict access;
    bool is_greeted, is_denied;
    bool has_started, is_finishing, is_shut, is_over, is_done, is_filter_tried;
    bool counts_positions, wants_place, is_mark_needed;
    struct protocol_place place; /* that is wanted */
    uint64_t position;           /* that the client expects next */
    uint32_t sequence;           /* of management records of our own */
    struct session_counts counts;
    struct error why;
};

struct session *session_new(int descriptor, const struct session_options *options, nsec_t now)
{
    struct session *s = mem_zalloc(sizeof(*s));
    s->options = options;
    channel_open(&s->channel, descriptor, options->tls, NULL);
    s->due = now + options->patience;
    s->filter_settled = INT64_MAX;
    s->text = mem_alloc(options->most_filter_bytes + 1);
    socket_peer_name(descriptor, s->name);
    socket_tune(descriptor, UNHEARD_MSEC);
    return s;
}

void session_free(struct session *s)
{
    if (!s)
        return;
    channel_close(&s->channel);
    filter_free(s->filter);
    free(s->record);
    free(s->text);
    free(s->out.bytes);
    free(s);
}

/* --- what is sent ----------------------------------------------------------------------------- */

static size_t pending(const struct session *s)
{
    return s->out.end - s->out.start;
}

static uint8_t *room_for(struct session *s, size_t size)
{
    struct outbox *out = &s->out;
    if (out->start) {
        memmove(out->bytes, out->bytes + out->start, out->end - out->start);
        out->end -= out->start;
        out->start = 0;
    }
    if (out->capacity - out->end < size) {
        out->capacity = 2 * out->capacity > out->end + size ? 2 * out->capacity : out->end + size;
        out->bytes = mem_realloc(out->bytes, out->capacity);
    }
    return out->bytes + out->end;
}

static void put(struct session *s, const void *bytes, size_t size)
{
    memcpy(room_for(s, size), bytes, size);
    s->out.end += size;
}

static void be_over(struct session *s, const char *why)
{
    s->is_over = true;
    if (!s->why.text[0])
        error_set(&s->why, "%s", why);
}

static bool is_command(const struct session *s, const char *word)
{
    return !strncmp(s->text, word, strlen(word));
}

/* What is said by who hangs up with records unread stands behind the error that these make. */
static void hear_last_words(struct session *s)
{
    const size_t room = s->options->most_filter_bytes - s->text_size;
    ssize_t got = room ? channel_read(&s->channel, s->text + s->text_size, room) : SOCKET_WAIT;
    if (got <= 0)
        return;
    s->text_size += (size_t)got;
    s->text[s->text_size] = '\0';
    s->is_done |= is_command(s, PROTOCOL_DONE);
}

static void send_out(struct session *s)
{
    while (pending(s)) {
        ssize_t sent = channel_write(&s->channel, s->out.bytes + s->out.start, pending(s));
        if (sent == SOCKET_WAIT)
            return;
        if (sent < 0) {
            be_over(s, channel_error(&s->channel));
            hear_last_words(s);
            return;
        }
        s->out.start += (size_t)sent;
        s->counts.bytes += (uint64_t)sent;
    }
    if (s->out.capacity > OUT_USUAL) { /* it was behind, and is not any more */
        free(s->out.bytes);
        s->out = (struct outbox){0};
    }
    if (!s->is_finishing || s->is_shut)
        return;
    if (!s->counts_positions)
        be_over(s, "all is sent");
    channel_shut(&s->channel);
    s->is_shut = true;
}

static void put_mark(struct session *s, uint64_t position, uint64_t lost)
{
    uint8_t mark[PROTOCOL_MARK_SIZE];
    protocol_put_mark(mark, &(struct protocol_mark){{s->options->stream, position}, lost});
    put(s, mark, sizeof(mark));
    s->is_mark_needed = false;
    s->position = position;
}

/* A management record of the server's own, which has no position in the stream. */
static void put_management(struct session *s, enum record_cause cause, uint64_t dropped)
{
    struct record *r = mem_zalloc(sizeof(*r));
    uint8_t bytes[WIRE_MAR_SIZE];
    r->type = RECORD_MAR;
    r->version = 3;
    r->cause = (uint8_t)cause;
    r->option = cause == CAUSE_ERROR ? PROTOCOL_ERROR_LOSS : 0;
    r->mar.major = 3;
    r->mar.status = load_be32(s->options->head + 4);
    r->mar.cookie = load_be32(s->options->head + 120); /* the source id of the start record */
    r->mar.sequence = s->sequence++;
    r->mar.start = r->mar.now = s->options->wall();
    r->mar.mar_interval = (uint16_t)(s->options->mar_interval / NSEC_PER_SEC);
    r->mar.dropped = dropped > UINT32_MAX ? UINT32_MAX : (uint32_t)dropped;
    r->mar.clients = 1;
    wire_put_mar(r, bytes);
    free(r);
    if (s->counts_positions)
        put_mark(s, PROTOCOL_NO_POSITION, 0);
    put(s, bytes, sizeof(bytes));
    s->is_mark_needed = s->counts_positions;
}

void session_begin(struct session *s, uint64_t position)
{
    if (s->counts_positions)
        put_mark(s, position, 0);
}

/*
 * A client never sees more than it may, whatever it asks for. Of a record that cannot be read, or
 * not to its end, nobody knows what it may be: `not label "secret"` would pass for want of a label.
 */
static bool passes(struct session *s, struct view record)
{
    const struct filter *seen = s->access.filter;
    if ((!s->filter && !seen) || (record.data[0] & 0xf0) == RECORD_MAR)
        return true;
    if (!s->record)
        s->record = mem_zalloc(sizeof(*s->record));
    const bool is_damaged = wire_decode(record, s->record, NULL) != 0;
    const bool is_known = s->record->blocks != 0;
    if (seen ? is_damaged || !is_known : is_damaged && !is_known)
        return false;
    record_normalise(s->record);
    return (!seen || filter_match(seen, s->record)) &&
           (!s->filter || filter_match(s->filter, s->record));
}

static void keep_silence_short(struct session *s, nsec_t now)
{
    s->due = s->options->mar_interval ? now + s->options->mar_interval : INT64_MAX;
}

/* A mark stands in front of a record that does not follow the one before it. */
static void give_one(struct session *s, struct view record, uint64_t position)
{
    if (!passes(s, record))
        return;
    if (s->counts_positions && (s->is_mark_needed || s->position != position))
        put_mark(s, position, 0);
    put(s, record.data, record.size);
    s->counts.records++;
    s->position = position + 1;
}

void session_give(struct session *s, struct view records, uint64_t position, nsec_t now)
{
    size_t before = pending(s);
    while (records.size) {
        size_t size = (size_t)load_be16(records.data + 2) * 4;
        check(size >= 4 && size <= records.size);
        give_one(s, (struct view){records.data, size}, position++);
        records.data += size;
        records.size -= size;
    }
    if (pending(s) > before)
        keep_silence_short(s, now);
}

void session_tell_loss(struct session *s, uint64_t count, uint64_t position, nsec_t now)
{
    s->counts.lost += count;
    put_management(s, CAUSE_ERROR, count);
    if (s->counts_positions)
        put_mark(s, position, count);
    keep_silence_short(s, now);
}

void session_finish(struct session *s)
{
    s->is_finishing = true;
}

/* --- what the client says --------------------------------------------------------------------- */

static void forget_command(struct session *s, size_t size)
{
    s->text_size -= size;
    memmove(s->text, s->text + size, s->text_size + 1);
}

static void start(struct session *s, nsec_t now)
{
    forget_command(s, strlen(PROTOCOL_START));
    s->has_started = true;
    keep_silence_short(s, now);
}

/* True if the text ends with a parenthesis, and all are closed. Those in quotes do not count. */
static bool is_closed(const char *text, size_t size)
{
    size_t depth = 0;
    char quote = '\0';
    if (!size || text[size - 1] != ')')
        return false;
    for (size_t i = 0; i < size; i++) {
        if (quote)
            quote = text[i] == quote ? '\0' : quote;
        else if (text[i] == '"' || text[i] == '\'')
            quote = text[i];
        else if (text[i] == '(')
            depth++;
        else if (text[i] == ')' && depth)
            depth--;
    }
    return !depth;
}

/*
 * Compiling costs more than sending: a filter is tried when it looks whole, and if it is none then,
 * once more when it has settled, for quotes and parentheses may have been others than they seemed.
 */
static void take_filter(struct session *s, nsec_t now)
{
    struct error err;
    const char *text = s->text + strlen(PROTOCOL_FILTER);
    bool is_settled = now >= s->filter_settled;
    if (!is_settled && (s->is_filter_tried || !is_closed(text, strlen(text))))
        return;
    s->is_filter_tried = true;
    if (filter_compile(&s->filter, text, s->options->names, &err)) {
        if (is_settled) {
            put(s, PROTOCOL_SYNTAX, PROTOCOL_ANSWER_SIZE);
            send_out(s);
            be_over(s, "its filter is none");
        }
        return;
    }
    s->filter_settled = INT64_MAX;
    forget_command(s, s->text_size);
    put(s, PROTOCOL_OK, PROTOCOL_ANSWER_SIZE);
}

/* "new", or a stream and a position of it, up to the end of the line. */
static void take_position(struct session *s)
{
    const char *at = s->text + strlen(PROTOCOL_POSITION), *end = strchr(at, '\n');
    uint64_t stream, position;
    if (!end)
        return;
    s->counts_positions = true;
    if (strncmp(at, "new\n", 4) != 0) {
        if (sscanf(at, "%16" SCNx64 " %20" SCNu64, &stream, &position) != 2) {
            be_over(s, "its position is none");
            return;
        }
        s->wants_place = true;
        s->place = (struct protocol_place){stream, position};
    }
    forget_command(s, (size_t)(end + 1 - s->text));
    put(s, PROTOCOL_OK, PROTOCOL_ANSWER_SIZE);
}

/* Takes one command if it is there. */
static void take_command(struct session *s, nsec_t now)
{
    if (is_command(s, PROTOCOL_DONE)) {
        s->is_done = true;
        be_over(s, "it is done");
    } else if (s->has_started) {
        be_over(s, "it says something that is not understood");
    } else if (is_command(s, PROTOCOL_START)) {
        start(s, now);
    } else if (is_command(s, PROTOCOL_FILTER) && s->filter) {
        be_over(s, "it asks for a second filter");
    } else if (is_command(s, PROTOCOL_FILTER)) {
        take_filter(s, now);
    } else if (is_command(s, PROTOCOL_POSITION)) {
        take_position(s);
    } else {
        be_over(s, "it says something that is not understood");
    }
}

/* True if what is there may be the beginning of a command, of which more will come. */
static bool is_half_a_word(const struct session *s)
{
    static const char *const words[] = {PROTOCOL_START, PROTOCOL_DONE, PROTOCOL_FILTER,
                                        PROTOCOL_POSITION};
    for (size_t i = 0; i < ARRAY_SIZE(words); i++)
        if (s->text_size < strlen(words[i]) && !strncmp(s->text, words[i], s->text_size))
            return true;
    return false;
}

static void take_commands(struct session *s, nsec_t now)
{
    size_t before;
    do {
        before = s->text_size;
        if (before && !is_half_a_word(s))
            take_command(s, now);
    } while (!s->is_over && s->text_size && s->text_size < before);
}

static void hear(struct session *s, nsec_t now)
{
    size_t room = s->options->most_filter_bytes - s->text_size;
    if (!room) {
        be_over(s, "what it says is too long");
        return;
    }
    ssize_t got = channel_read(&s->channel, s->text + s->text_size, room);
    if (got == SOCKET_WAIT)
        return;
    if (got < 0) {
        be_over(s, got == SOCKET_END ? "it hung up" : channel_error(&s->channel));
        return;
    }
    s->text_size += (size_t)got;
    s->text[s->text_size] = '\0';
    if (strlen(s->text) != s->text_size) {
        be_over(s, "it says something that is not understood");
        return;
    }
    if (!s->has_started && is_command(s, PROTOCOL_FILTER))
        s->filter_settled = now + FILTER_SETTLES;
    take_commands(s, now);
}

/* --- access ----------------------------------------------------------------------------------- */

static void deny(struct session *s)
{
    s->is_denied = true;
    if (s->access.line)
        error_set(&s->why, "line %u of the access rules denies it", s->access.line);
    else
        error_set(&s->why, "no access rule allows it");
    be_over(s, s->why.text);
}

bool session_decide(struct session *s)
{
    struct address address = {0};
    if (!s->is_greeted || s->is_over)
        return !s->is_over;
    s->access = (struct access_verdict){.is_allowed = true};
    if (s->options->access) {
        (void)socket_peer_address(s->channel.descriptor, &address);
        s->access = access_decide(s->options->access, &address, channel_certificate(&s->channel));
    }
    if (!s->access.is_allowed)
        deny(s);
    return s->access.is_allowed;
}

/* The first thing that is sent is the start record, or why there is nothing. */
static void greet(struct session *s)
{
    uint8_t head[WIRE_MAR_SIZE];
    ssize_t result = channel_greet(&s->channel);
    if (result == SOCKET_WAIT)
        return;
    if (result < 0) {
        be_over(s, channel_error(&s->channel));
        return;
    }
    s->is_greeted = true;
    memcpy(head, s->options->head, sizeof(head));
    if (!session_decide(s))
        head[1] = CAUSE_ERROR | PROTOCOL_ERROR_ACCESS;
    put(s, head, sizeof(head));
    if (s->is_over)
        send_out(s);
}

/* --- working ---------------------------------------------------------------------------------- */

short session_events(const struct session *s)
{
    bool has_work = !s->is_greeted || pending(s);
    return has_work && channel_awaits_room(&s->channel) ? POLLIN | POLLOUT : POLLIN;
}

nsec_t session_due(const struct session *s)
{
    return s->filter_settled < s->due ? s->filter_settled : s->due;
}

bool session_work(struct session *s, short events, nsec_t now)
{
    if (!s->is_greeted)
        greet(s);
    if (s->is_greeted && !s->is_over && (events & (POLLIN | POLLERR | POLLHUP)))
        hear(s, now);
    while (s->is_greeted && !s->is_over && channel_has_more(&s->channel))
        hear(s, now);
    if (!s->is_over && now >= s->filter_settled)
        take_filter(s, now);
    if (!s->is_over && now >= s->due) {
        if (!s->has_started)
            be_over(s, "it does not say what it wants");
        else if (!pending(s))
            put_management(s, CAUSE_STATUS, 0);
        keep_silence_short(s, now);
    }
    if (!s->is_over)
        send_out(s);
    return !s->is_over;
}

bool session_may_return(const struct session *s)
{
    return s->counts_positions && !s->is_done;
}

bool session_is_denied(const struct session *s)
{
    return s->is_denied;
}

unsigned session_rule(const struct session *s)
{
    return s->access.line;
}

const char *session_why(const struct session *s)
{
    return s->why.text;
}

bool session_has_started(const struct session *s)
{
    return s->has_started;
}

const char *session_name(const struct session *s)
{
    return s->name;
}

int session_descriptor(const struct session *s)
{
    return s->channel.descriptor;
}

bool session_wants_place(const struct session *s, struct protocol_place *ret)
{
    *ret = s->place;
    return s->wants_place;
}

bool session_has_room(const struct session *s)
{
    return s->has_started && !s->is_finishing && pending(s) < OUT_ENOUGH;
}

bool session_has_unsent(const struct session *s)
{
    return pending(s) > 0;
}

const struct session_counts *session_counts(const struct session *s)
{
    return &s->counts;
}
