/* SPDX-License-Identifier: Apache-2.0 */
#include "net/server_internal.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/mem.h"
#include "net/access.h"

/* Before it is looked again whether there are descriptors for those who come. */
static const nsec_t ACCEPT_PAUSE = 100 * NSEC_PER_MSEC;

/* --- what is said of it ----------------------------------------------------------------------- */

/* Peers must not be able to fill a disk with lines. */
void server_note(struct server *s, const struct event *event)
{
    static const struct event more = {
        EVENT_WARNING, "clients-more", "clients: and more of these", {{0}}};
    nsec_t now = s->options.now();
    if (!s->options.note)
        return;
    if (now - s->note_from >= NOTE_TIME) {
        s->note_from = now;
        s->notes = 0;
    }
    if (++s->notes <= NOTES)
        s->options.note(s->options.arg, s->notes == NOTES ? &more : event);
}

/* Of each address, only now and then. */
static void note_refusal(struct server *s, const struct address *address, const char *name,
                         const char *why)
{
    uint64_t before;
    if (!peers_refuse(s->peers, address, s->options.now(), &before))
        return;
    server_note(s, &(struct event){EVENT_WARNING,
                                   "client-refused",
                                   before ? "client {peer}: refused: {reason} (and {before} times "
                                            "before)"
                                          : "client {peer}: refused: {reason}",
                                   {event_text("peer", name), event_text("reason", why),
                                    event_number("before", before)}});
}

static void count_refusal(struct server *s, enum server_refusal why)
{
    pthread_mutex_lock(&s->lock);
    s->counts.refused[why]++;
    pthread_mutex_unlock(&s->lock);
}

void server_count(struct server *s, struct client *c)
{
    const struct session_counts *now = session_counts(c->session);
    s->counts.sent_records += now->records - c->told.records;
    s->counts.sent_bytes += now->bytes - c->told.bytes;
    s->counts.lost_records += now->lost - c->told.lost;
    c->told = *now;
}

/* --- clients go ------------------------------------------------------------------------------- */

/* Takes it out of the list. */
static struct client remove_client(struct server *s, size_t index)
{
    struct client gone = s->clients[index];
    pthread_mutex_lock(&s->lock);
    server_count(s, &gone);
    s->counts.started -= gone.reads;
    s->clients[index] = s->clients[--s->client_count];
    pthread_cond_signal(&s->moved);
    pthread_mutex_unlock(&s->lock);
    return gone;
}

static void note_over(struct server *s, const struct client *gone)
{
    server_note(
        s, &(struct event){EVENT_INFO,
                           "client-over",
                           "client {peer}: over: {reason} ({records} records sent, {lost} lost)",
                           {event_text("peer", session_name(gone->session)),
                            event_text("reason", session_why(gone->session)),
                            event_number("records", gone->told.records),
                            event_number("bytes", gone->told.bytes),
                            event_number("lost", gone->told.lost)}});
}

void server_drop(struct server *s, size_t index)
{
    struct client gone = remove_client(s, index);
    if (gone.reads) {
        note_over(s, &gone);
    } else if (!s->ends_soon) { /* at the end, it is not its fault */
        count_refusal(s, session_is_denied(gone.session) ? SERVER_REFUSED_ACCESS
                                                         : SERVER_REFUSED_SPEECH);
        note_refusal(s, &gone.address, session_name(gone.session), session_why(gone.session));
    }
    if (gone.reads && session_may_return(gone.session)) {
        s->away++;
        s->return_due = s->options.now() + RETURN_TIME;
    }
    session_free(gone.session);
    journal_reader_release(&gone.journalled);
}

/*
 * Those who only hold a place give way to those who come, the oldest first: who is quick to say
 * what it wants has nothing to fear from those who are not.
 */
static bool make_place(struct server *s)
{
    size_t oldest = s->client_count;
    for (size_t i = 0; i < s->client_count; i++)
        if (!session_has_started(s->clients[i].session) &&
            (oldest == s->client_count || s->clients[i].number < s->clients[oldest].number))
            oldest = i;
    if (oldest == s->client_count)
        return false;
    struct client gone = remove_client(s, oldest);
    count_refusal(s, SERVER_REFUSED_CLIENTS);
    note_refusal(s, &gone.address, session_name(gone.session),
                 "it says nothing, and others want its place");
    session_free(gone.session);
    return true;
}

/* --- clients come ----------------------------------------------------------------------------- */

/* False: *ret_why is set. */
static bool may_come(struct server *s, const struct address *address, nsec_t now,
                     enum server_refusal *ret_why)
{
    if (s->rules.access && !access_may_allow(s->rules.access, address)) {
        *ret_why = SERVER_REFUSED_ACCESS;
        return false;
    }
    if (!peers_admit(s->peers, address, s->rules.connection_rate, now)) {
        *ret_why = SERVER_REFUSED_RATE;
        return false;
    }
    *ret_why = SERVER_REFUSED_CLIENTS;
    return s->client_count < s->rules.most_clients || make_place(s);
}

/* In the clear, the client is told why. */
static void refuse(struct server *s, int descriptor, const struct address *address,
                   enum server_refusal why)
{
    static const struct {
        uint8_t code;
        const char *text;
    } reasons[SERVER_REFUSALS] = {
        [SERVER_REFUSED_ACCESS] = {PROTOCOL_ERROR_ACCESS, "its address is not allowed"},
        [SERVER_REFUSED_RATE] = {PROTOCOL_ERROR_RATE, "it comes too often"},
        [SERVER_REFUSED_CLIENTS] = {PROTOCOL_ERROR_CLIENTS, "there are too many"},
    };
    uint8_t head[WIRE_MAR_SIZE];
    char name[SOCKET_NAME_SIZE];
    socket_peer_name(descriptor, name);
    memcpy(head, s->head, sizeof(head));
    head[1] = CAUSE_ERROR | reasons[why].code;
    if (!s->rules.tls)
        (void)socket_write(descriptor, head, sizeof(head));
    close(descriptor);
    count_refusal(s, why);
    note_refusal(s, address, name, reasons[why].text);
}

static void add_client(struct server *s, int descriptor, nsec_t now)
{
    enum server_refusal why;
    struct client c = {.journalled = {.descriptor = -1}};
    if (!socket_peer_address(descriptor, &c.address)) { /* it is gone again */
        close(descriptor);
        return;
    }
    if (!may_come(s, &c.address, now, &why)) {
        refuse(s, descriptor, &c.address, why);
        return;
    }
    c.session = session_new(descriptor, &s->session, now);
    pthread_mutex_lock(&s->lock);
    s->clients =
        mem_grow(s->clients, &s->client_capacity, s->client_count + 1, sizeof(*s->clients));
    c.number = s->counts.accepted++;
    s->clients[s->client_count++] = c;
    pthread_mutex_unlock(&s->lock);
}

/* Who cannot be accepted stays at the door, and poll would say so at once, again and again. */
void server_accept(struct server *s, int listener, nsec_t now)
{
    for (unsigned i = 0; i < ACCEPTS; i++) {
        int descriptor = accept4(listener, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
        if (descriptor < 0) {
            bool is_lack =
                errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM;
            s->accept_due = is_lack ? now + ACCEPT_PAUSE : 0;
            return;
        }
        add_client(s, descriptor, now);
    }
}

/* --- rules ------------------------------------------------------------------------------------ */

void server_rules_release(struct server_rules *rules)
{
    access_free(rules->access);
    tls_free(rules->tls);
    *rules = (struct server_rules){0};
}

void server_adopt(struct server *s)
{
    struct server_rules before = s->rules;
    pthread_mutex_lock(&s->lock);
    bool is_new = s->has_new_rules;
    if (is_new)
        s->rules = s->new_rules;
    s->new_rules = (struct server_rules){0};
    s->has_new_rules = false;
    pthread_mutex_unlock(&s->lock);
    if (!is_new)
        return;
    s->session.access = s->rules.access;
    s->session.tls = s->rules.tls;
    for (size_t i = s->client_count; i-- > 0;)
        if (!session_decide(s->clients[i].session))
            server_drop(s, i);
    server_rules_release(&before);
}
