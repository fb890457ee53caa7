/* SPDX-License-Identifier: Apache-2.0 */
#include "flow/keystroke.h"

/* So many packets are left alone. */
enum { LOGIN_PACKETS = 22 };

const struct keystroke_options keystroke_defaults = {
    .client_least = 48,
    .client_most = 128,
    .server_least = 24,
    .server_most = 256,
    .echo_gap = 3,
    .stroke_gap = 3,
    .least_pause = 50 * NSEC_PER_MSEC,
    .least_ratio = 0.892,
    .most_ratio = 1.122,
};

static nsec_t between(nsec_t a, nsec_t b)
{
    return a > b ? a - b : b - a;
}

/* A SYN+ACK is the server's. 3.0.8 takes whoever is seen first for the client. */
static void first_packet(struct keystroke_state *s, unsigned side, const struct packet *p,
                         uint32_t quirks)
{
    const unsigned both = TCP_SYN | TCP_ACK;
    bool is_server = p->has_tcp && (p->u.tcp.flags & both) == both;
    s->client = (uint8_t)(is_server && !quirk_is(quirks, QUIRK_FIRST_TYPES) ? !side : side);
}

static void from_client(struct keystroke_state *s, const struct packet *p,
                        const struct keystroke_options *o)
{
    if (p->app_bytes < o->client_least || p->app_bytes > o->client_most)
        return;
    s->candidates[s->next] = (struct keystroke_candidate){
        .time = p->time,
        .end = p->u.tcp.seq + p->app_bytes,
        .number = s->packets,
        .is_too_soon = s->last_number && between(p->time, s->last_client) < o->least_pause,
    };
    s->next = (uint8_t)((s->next + 1u) % KEYSTROKE_GAP_MOST);
}

/* The oldest candidate that ends there, NULL if there is none. */
static struct keystroke_candidate *find(struct keystroke_state *s, uint32_t end)
{
    for (unsigned i = 0; i < KEYSTROKE_GAP_MOST; i++) {
        struct keystroke_candidate *c = &s->candidates[(s->next + i) % KEYSTROKE_GAP_MOST];
        if (c->number && c->end == end)
            return c;
    }
    return NULL;
}

static bool is_echo(const struct keystroke_state *s, const struct keystroke_candidate *c,
                    const struct packet *p, const struct keystroke_options *o)
{
    if (c->is_too_soon || s->packets - c->number > o->echo_gap || p->app_bytes < o->server_least ||
        p->app_bytes > o->server_most)
        return false;
    if (!s->last_number)
        return true;
    double client = (double)between(c->time, s->last_client);
    double server = (double)between(p->time, s->last_server);
    return client >= o->least_ratio * server && client <= o->most_ratio * server;
}

static void count(struct keystroke_state *s, const struct keystroke_candidate *c, nsec_t now,
                  const struct keystroke_options *o)
{
    /* An echo may be late: its stroke then stands before the last one. */
    const int64_t gap = (int64_t)c->number - s->last_number;
    const bool has_neighbour = s->last_number && gap <= o->stroke_gap;
    if (has_neighbour)
        s->strokes += s->last_is_owed ? 2 : 1;
    s->last_is_owed = !has_neighbour;
    s->last_number = c->number;
    s->last_client = c->time;
    s->last_server = now;
}

static void from_server(struct keystroke_state *s, const struct packet *p,
                        const struct keystroke_options *o)
{
    struct keystroke_candidate *found = p->u.tcp.flags & TCP_ACK ? find(s, p->u.tcp.ack) : NULL;
    if (!found)
        return;
    const struct keystroke_candidate c = *found;
    found->number = 0;
    if (is_echo(s, &c, p, o))
        count(s, &c, p->time, o);
    else
        s->last_is_owed = false;
}

void keystroke_packet(struct keystroke_state *s, unsigned side, const struct packet *p,
                      const struct keystroke_options *o, uint32_t quirks)
{
    if (!s->packets++)
        first_packet(s, side, p, quirks);
    if (s->packets <= LOGIN_PACKETS || !p->has_tcp || !p->app_bytes || s->is_refused)
        return;
    s->has_data = true;
    if (o->mode == KEYSTROKES_SSH && p->app_bytes % 4)
        s->is_refused = true;
    else if (side == s->client)
        from_client(s, p, o);
    else
        from_server(s, p, o);
}

void keystroke_new_period(struct keystroke_state *s)
{
    s->strokes = 0;
    s->has_data = false;
}

void keystroke_report(const struct keystroke_state *s, const struct keystroke_options *o,
                      struct record *ret)
{
    if (!s->has_data || s->is_refused)
        return;
    ret->blocks |= BLOCK_BEHAVIOR;
    ret->behavior = (struct record_behavior){.subtype = o->mode};
    ret->behavior.keystrokes[s->client] = s->strokes;
}

void keystroke_swap(struct keystroke_state *s)
{
    s->client = !s->client;
}
