/* SPDX-License-Identifier: Apache-2.0 */
#include "record/relay.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "base/check.h"
#include "base/mem.h"
#include "base/worker.h"

enum { JOB_RECORDS = 64, JOBS = 4, KEPT_LEAST = 64 * 1024 };

struct job {
    unsigned count;
    size_t kept;
    uint8_t *bytes; /* of user data, that the records point to */
    struct record records[JOB_RECORDS];
};

struct relay {
    struct worker *worker;
    relay_receive *receive;
    void *arg;
    size_t user_room; /* of a job; that of a record is the least */
};

static int work(void *self, void *at, struct error *err)
{
    const struct relay *relay = self;
    const struct job *job = at;
    int result = 0;
    for (unsigned i = 0; i < job->count && !result; i++)
        result = relay->receive(relay->arg, &job->records[i], err);
    return result;
}

struct relay *relay_new(relay_receive *receive, void *arg, uint16_t user_bytes)
{
    struct relay *relay = mem_zalloc(sizeof(*relay));
    const struct worker_options options = {
        .job_bytes = sizeof(struct job),
        .places = JOBS,
        .has_thread = true,
        .work = work,
        .arg = relay,
    };
    *relay = (struct relay){.receive = receive, .arg = arg, .user_room = 2 * (size_t)user_bytes};
    if (relay->user_room && relay->user_room < KEPT_LEAST)
        relay->user_room = KEPT_LEAST;
    relay->worker = worker_new(&options);
    for (unsigned i = 0; i < JOBS; i++)
        ((struct job *)worker_place(relay->worker, i))->bytes = mem_alloc(relay->user_room);
    return relay;
}

void relay_free(struct relay *relay)
{
    if (!relay)
        return;
    worker_stop(relay->worker);
    for (unsigned i = 0; i < JOBS; i++)
        free(((struct job *)worker_place(relay->worker, i))->bytes);
    worker_free(relay->worker);
    free(relay);
}

/* The common blocks stand together in front; most records have no others. */
static void copy(struct record *to, const struct record *r)
{
    enum {
        FRONT = BLOCK_TRANSPORT | BLOCK_FLOW | BLOCK_TIME | BLOCK_METRIC | BLOCK_NET |
                BLOCK_IPATTR | BLOCK_ENCAPS,
        BORROWING = BLOCK_LABEL | BLOCK_COR | BLOCK_UNKNOWN,
    };
    check(!r->wire.size && !(r->blocks & BORROWING) && record_is_flow(r));
    size_t size =
        r->blocks & ~(uint32_t)FRONT ? offsetof(struct record, mar) : offsetof(struct record, agr);
    memcpy(to, r, size);
}

static size_t user_bytes_of(const struct record *r)
{
    return (record_has(r, BLOCK_SUSER) ? r->user[SRC].bytes.size : 0) +
           (record_has(r, BLOCK_DUSER) ? r->user[DST].bytes.size : 0);
}

static void keep_user(struct job *job, struct view *bytes)
{
    uint8_t *to = job->bytes + job->kept;
    memcpy(to, bytes->data, bytes->size);
    bytes->data = to;
    job->kept += bytes->size;
}

static int push(struct relay *relay, struct error *err)
{
    int result = worker_push(relay->worker, err);
    struct job *next = worker_job(relay->worker);
    next->count = 0;
    next->kept = 0;
    return result;
}

int relay_put(void *self, const struct record *r, struct error *err)
{
    struct relay *relay = self;
    struct job *job = worker_job(relay->worker);
    const size_t user = user_bytes_of(r);
    check(user <= relay->user_room);
    if (job->count == JOB_RECORDS || user > relay->user_room - job->kept) {
        int result = push(relay, err);
        if (result)
            return result;
        job = worker_job(relay->worker);
    }
    struct record *to = &job->records[job->count++];
    copy(to, r);
    for (unsigned side = SRC; user && side <= DST; side++)
        if (record_has(r, side ? BLOCK_DUSER : BLOCK_SUSER))
            keep_user(job, &to->user[side].bytes);
    return 0;
}

int relay_settle(struct relay *relay, struct error *err)
{
    const struct job *job = worker_job(relay->worker);
    int result = job->count ? push(relay, err) : 0;
    return result ? result : worker_settle(relay->worker, err);
}
