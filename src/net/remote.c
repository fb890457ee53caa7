/* SPDX-License-Identifier: Apache-2.0 */
#include "net/remote.h"

#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"
#include "net/channel.h"
#include "net/dial.h"
#include "net/inbox.h"
#include "net/socket.h"
#include "record/framing.h"
#include "record/wire.h"

enum state {
    STATE_RESTING, /* until it is due */
    STATE_DIALING,
    STATE_HEAD,
    STATE_ANSWER, /* to the filter, or to the position */
    STATE_RECORDS,
    STATE_OVER,
};

/* What the client still has to say, in this order. */
enum saying { SAY_FILTER, SAY_POSITION, SAY_START, SAY_NOTHING };

enum { UNHEARD_MSEC = 30 * 1000 };
enum { NEEDS_SASL = 0x1000 }; /* a bit of the start record's status */

struct remote {
    struct remote_options options;
    enum state state;
    enum saying saying; /* next */
    struct dial dial;
    struct channel channel;
    struct channel
        farewell; /* a connection that the server has ended, on which DONE is still to be said */
    nsec_t due;
    nsec_t most_silence; /* between two reads; 0: any */
    struct inbox inbox;
    char *out; /* what is still to be sent from out_sent on; NULL: nothing */
    size_t out_sent, out_size;
    size_t given; /* bytes of the inbox that the record given last has */
    uint8_t head[WIRE_MAR_SIZE];
    bool head_pending, gave_head, was_reached, is_ours;
    bool has_place, knows_position;
    struct protocol_place place; /* of the next record */
    uint64_t lost;
    bool lost_unknown;
    struct record *record;
    struct error failure; /* in STATE_OVER */
};

struct remote *remote_new(const struct remote_options *options)
{
    struct remote *r = mem_zalloc(sizeof(*r));
    r->options = *options;
    r->record = mem_zalloc(sizeof(*r->record));
    r->channel = r->farewell = CHANNEL_NONE;
    r->dial.descriptor = -1;
    return r;
}

/* --- the connection --------------------------------------------------------------------------- */

static void hang_up(struct remote *r)
{
    if (r->state != STATE_RECORDS && r->state != STATE_OVER)
        inbox_clear(&r->inbox); /* what came before the records is none of them */
    dial_give_up(&r->dial);
    channel_close(&r->channel);
    free(r->out);
    r->out = NULL;
    r->state = STATE_OVER;
}

/* In good order if r->failure is empty. */
static void end(struct remote *r, const char *why)
{
    hang_up(r);
    if (why)
        error_set(&r->failure, "%s: %s", r->options.endpoint.name, why);
    else
        r->failure.text[0] = '\0';
}

static void end_by_error(struct remote *r)
{
    struct error why;
    error_set(&why, "%s", channel_error(&r->channel));
    end(r, why.text);
}

static void say_done(struct channel *channel)
{
    if (channel->descriptor < 0)
        return;
    (void)channel_write(channel, PROTOCOL_DONE, strlen(PROTOCOL_DONE));
    channel_close(channel);
}

void remote_abandon(struct remote *r)
{
    channel_close(&r->farewell);
    hang_up(r);
}

void remote_free(struct remote *r)
{
    if (!r)
        return;
    if (r->state == STATE_RECORDS && !r->out)
        say_done(&r->channel);
    say_done(&r->farewell);
    hang_up(r);
    dial_release(&r->dial);
    inbox_release(&r->inbox);
    free(r->record);
    free(r);
}

void remote_again(struct remote *r, nsec_t when)
{
    inbox_clear(&r->inbox);
    r->given = 0;
    r->head_pending = false;
    r->state = STATE_RESTING;
    r->due = when;
}

/* Sends what can be sent. */
static void send_out(struct remote *r)
{
    while (r->out) {
        ssize_t put = channel_write(&r->channel, r->out + r->out_sent, r->out_size - r->out_sent);
        if (put == SOCKET_WAIT)
            return;
        if (put < 0) {
            end_by_error(r);
            return;
        }
        r->out_sent += (size_t)put;
        if (r->out_sent == r->out_size) {
            free(r->out);
            r->out = NULL;
        }
    }
}

static void say(struct remote *r, char *text)
{
    r->out = text;
    r->out_size = strlen(text);
    r->out_sent = 0;
    send_out(r);
}

void remote_attach(struct remote *r, int descriptor, nsec_t now)
{
    channel_open(&r->channel, descriptor, r->options.tls, r->options.endpoint.host);
    r->state = STATE_HEAD;
    r->due = now + REMOTE_PATIENCE;
}

static void connected(struct remote *r, nsec_t now)
{
    int descriptor = dial_take(&r->dial);
    socket_tune(descriptor, UNHEARD_MSEC);
    remote_attach(r, descriptor, now);
}

static void dial(struct remote *r, bool is_first, nsec_t now)
{
    const struct endpoint *to = &r->options.endpoint;
    if (is_first)
        say_done(&r->farewell); /* the owner has waited since, and so has done with what came */
    int result =
        is_first ? dial_begin(&r->dial, to, &r->failure) : dial_go_on(&r->dial, to, &r->failure);
    if (result < 0) {
        hang_up(r);
        return;
    }
    if (is_first)
        r->due = now + REMOTE_PATIENCE;
    r->state = STATE_DIALING;
    if (!result)
        connected(r, now);
}

/* --- the dialogue ----------------------------------------------------------------------------- */

/* Says what comes next; after the last word, records come. */
static void speak(struct remote *r, nsec_t now)
{
    const struct remote_options *o = &r->options;
    enum saying saying = r->saying;
    if (saying == SAY_FILTER && !(o->filter && (r->is_ours || o->filter_for_all)))
        saying = SAY_POSITION;
    if (saying == SAY_POSITION && !(o->counts_positions && r->is_ours))
        saying = SAY_START;
    r->saying = saying + 1;
    r->state = saying == SAY_START ? STATE_RECORDS : STATE_ANSWER;
    r->due = now + REMOTE_PATIENCE;
    if (saying == SAY_FILTER) {
        say(r, mem_printf(PROTOCOL_FILTER "man or (%s)", o->filter));
    } else if (saying == SAY_POSITION) {
        say(r, r->has_place ? mem_printf(PROTOCOL_POSITION "%016" PRIx64 " %" PRIu64 "\n",
                                         r->place.stream, r->place.position)
                            : mem_strdup(PROTOCOL_POSITION "new\n"));
    } else {
        r->due = r->most_silence ? now + r->most_silence : INT64_MAX;
        say(r, mem_strdup(PROTOCOL_START));
    }
}

static void take_head(struct remote *r, nsec_t now)
{
    struct view bytes = inbox_view(&r->inbox);
    struct error err;
    uint64_t stream;
    if (bytes.size < WIRE_MAR_SIZE)
        return;
    if (protocol_is_refusal(bytes.data, &err) || framing_check_head(bytes, &err)) {
        end(r, err.text);
        return;
    }
    if (load_be32(bytes.data + 4) & NEEDS_SASL) {
        end(r, "the server wants passwords (SASL), which is not supported");
        return;
    }
    memcpy(r->head, bytes.data, WIRE_MAR_SIZE);
    inbox_take(&r->inbox, WIRE_MAR_SIZE);
    r->head_pending = r->was_reached = true;
    r->is_ours = protocol_get_stream(r->head, &stream);
    r->knows_position = false;
    framing_decode_head((struct view){r->head, WIRE_MAR_SIZE}, r->record);
    r->most_silence = 2 * r->record->mar.mar_interval * NSEC_PER_SEC;
    if (r->options.only_polls) {
        (void)channel_write(&r->channel, PROTOCOL_DONE, strlen(PROTOCOL_DONE));
        end(r, NULL);
        return;
    }
    r->saying = SAY_FILTER;
    speak(r, now);
}

static void take_answer(struct remote *r, nsec_t now)
{
    struct view bytes = inbox_view(&r->inbox);
    if (bytes.size < PROTOCOL_ANSWER_SIZE)
        return;
    bool is_ok = !memcmp(bytes.data, PROTOCOL_OK, PROTOCOL_ANSWER_SIZE);
    bool was_filter = r->saying == SAY_POSITION;
    inbox_take(&r->inbox, PROTOCOL_ANSWER_SIZE);
    if (is_ok)
        speak(r, now);
    else
        end(r, was_filter ? "the server refuses the filter" : "the server refuses the position");
}

/* --- working ---------------------------------------------------------------------------------- */

int remote_descriptor(const struct remote *r)
{
    return r->state == STATE_DIALING ? dial_descriptor(&r->dial) : r->channel.descriptor;
}

short remote_events(const struct remote *r)
{
    if (r->state == STATE_DIALING)
        return dial_events(&r->dial);
    if (r->channel.descriptor < 0)
        return 0;
    return r->out || r->channel.wants_write ? POLLIN | POLLOUT : POLLIN;
}

nsec_t remote_due(const struct remote *r)
{
    if (channel_has_more(&r->channel))
        return INT64_MIN;
    return r->state == STATE_OVER ? INT64_MAX : r->due;
}

static void read_some(struct remote *r, nsec_t now)
{
    uint8_t *to;
    size_t room = inbox_room(&r->inbox, &to);
    ssize_t got = room ? channel_read(&r->channel, to, room) : SOCKET_WAIT;
    if (got == SOCKET_WAIT)
        return;
    if (got == SOCKET_END && r->state == STATE_RECORDS && r->has_place) {
        r->farewell = r->channel;
        r->channel = CHANNEL_NONE;
    }
    if (got == SOCKET_END) {
        const char *why = r->state == STATE_RECORDS ? NULL : "the server closed the connection";
        end(r, why);
        return;
    }
    if (got < 0) {
        end_by_error(r);
        return;
    }
    inbox_add(&r->inbox, (size_t)got);
    if (r->state == STATE_RECORDS && r->most_silence)
        r->due = now + r->most_silence;
}

static void give_up(struct remote *r)
{
    static const char *const why[] = {
        [STATE_DIALING] = "no connection within 10 s",
        [STATE_HEAD] = "no start record within 10 s",
        [STATE_ANSWER] = "no answer within 10 s",
        [STATE_RECORDS] = "silent for twice the interval of its management records",
    };
    bool awaits_name = r->state == STATE_DIALING && dial_awaits_name(&r->dial);
    end(r, awaits_name ? "no name server answers within 10 s" : why[r->state]);
}

void remote_work(struct remote *r, short events, nsec_t now)
{
    if (r->state == STATE_RESTING && now >= r->due)
        dial(r, true, now);
    else if (r->state == STATE_DIALING && events)
        dial(r, false, now);
    if (r->channel.descriptor >= 0 && (events || channel_has_more(&r->channel))) {
        send_out(r);
        if (r->channel.descriptor >= 0)
            read_some(r, now);
    }
    if (r->state == STATE_HEAD)
        take_head(r, now);
    if (r->state == STATE_ANSWER)
        take_answer(r, now);
    if (r->state != STATE_OVER && r->state != STATE_RESTING && now >= r->due)
        give_up(r);
}

/* --- records ---------------------------------------------------------------------------------- */

static int give_head(struct remote *r, struct record **ret)
{
    r->head_pending = false;
    r->gave_head = true;
    framing_decode_head((struct view){r->head, WIRE_MAR_SIZE}, r->record);
    r->record->wire = (struct view){r->head, WIRE_MAR_SIZE};
    *ret = r->record;
    return 0;
}

static void take_mark(struct remote *r, const struct protocol_mark *mark)
{
    r->lost += mark->lost;
    r->knows_position = mark->place.position != PROTOCOL_NO_POSITION;
    if (!r->knows_position)
        return;
    if (r->has_place && r->place.stream != mark->place.stream)
        r->lost_unknown = true;
    r->place = mark->place;
    r->has_place = true;
}

static int over(struct remote *r, size_t left, struct error *err)
{
    if (left)
        channel_close(&r->farewell);
    if (left && !r->failure.text[0])
        error_set(&r->failure, "%s: the connection ends in the middle of a record",
                  r->options.endpoint.name);
    inbox_clear(&r->inbox);
    *err = r->failure;
    return REMOTE_OVER;
}

/* Finds the next record, and takes padding and marks on the way. 0, REMOTE_NONE or REMOTE_OVER. */
static int find(struct remote *r, struct view *ret, struct error *err)
{
    struct protocol_mark mark;
    for (;;) {
        size_t size;
        bool is_padding;
        struct error wrong;
        *ret = inbox_view(&r->inbox);
        int result = framing_find(*ret, &size, &is_padding, &wrong);
        if (result == FRAMING_MORE)
            return r->state == STATE_OVER ? over(r, ret->size, err) : REMOTE_NONE;
        if (result < 0) {
            end(r, wrong.text);
            return over(r, 0, err);
        }
        ret->size = size;
        bool is_mark = !is_padding && protocol_get_mark(*ret, &mark);
        if (!is_padding && !is_mark)
            return 0;
        if (is_mark)
            take_mark(r, &mark);
        inbox_take(&r->inbox, size);
    }
}

int remote_next(struct remote *r, struct record **ret, struct error *err)
{
    struct view bytes;
    inbox_take(&r->inbox, r->given);
    r->given = 0;
    r->gave_head = false;
    if (r->head_pending)
        return give_head(r, ret);
    if (r->state != STATE_RECORDS && r->state != STATE_OVER)
        return REMOTE_NONE;
    int result = find(r, &bytes, err);
    if (result)
        return result;
    result = wire_decode(bytes, r->record, err);
    if (result)
        error_prefix(err, "%s", r->options.endpoint.name);
    record_normalise(r->record);
    r->given = bytes.size;
    if (r->knows_position)
        r->place.position++;
    *ret = r->record;
    return result ? REMOTE_DAMAGED : 0;
}

bool remote_is_head(const struct remote *r)
{
    return r->gave_head;
}

bool remote_was_reached(const struct remote *r)
{
    return r->was_reached;
}

const char *remote_name(const struct remote *r)
{
    return r->options.endpoint.name;
}

uint64_t remote_take_losses(struct remote *r, bool *ret_unknown)
{
    uint64_t lost = r->lost;
    *ret_unknown = r->lost_unknown;
    r->lost = 0;
    r->lost_unknown = false;
    return lost;
}

bool remote_get_place(const struct remote *r, struct protocol_place *ret)
{
    *ret = r->place;
    ret->position--;
    return r->knows_position && !r->gave_head;
}

void remote_set_place(struct remote *r, const struct protocol_place *place)
{
    r->place = *place;
    r->has_place = true;
}
