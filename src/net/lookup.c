/* SPDX-License-Identifier: Apache-2.0 */
#include "net/lookup.h"

#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/thread.h"

/* Its owner and its thread have it together; the last one frees it. */
struct lookup {
    lookup_resolve *resolve;
    char *host;
    char port[8];
    int event;

    pthread_mutex_t lock; /* for all below */
    unsigned holders;
    bool is_over;
    int result; /* of the resolver */
    struct addrinfo *list;
};

static const struct addrinfo wanted = {.ai_socktype = SOCK_STREAM, .ai_flags = AI_NUMERICSERV};

static void let_go(struct lookup *l)
{
    pthread_mutex_lock(&l->lock);
    bool is_last = --l->holders == 0;
    pthread_mutex_unlock(&l->lock);
    if (!is_last)
        return;
    if (l->list)
        freeaddrinfo(l->list);
    if (l->event >= 0)
        close(l->event);
    pthread_mutex_destroy(&l->lock);
    free(l->host);
    free(l);
}

static void *run(void *arg)
{
    struct lookup *l = arg;
    const uint64_t one = 1;
    struct addrinfo *list = NULL;
    int result = l->resolve(l->host, l->port, &wanted, &list);
    pthread_mutex_lock(&l->lock);
    l->is_over = true;
    l->result = result;
    l->list = result ? NULL : list;
    pthread_mutex_unlock(&l->lock);
    (void)!write(l->event, &one, sizeof(one));
    let_go(l);
    return NULL;
}

int lookup_begin_by(struct lookup **ret, lookup_resolve *resolve, const char *host, uint16_t port,
                    struct error *err)
{
    pthread_t thread;
    struct lookup *l = mem_zalloc(sizeof(*l));
    l->resolve = resolve;
    l->host = mem_strdup(host);
    snprintf(l->port, sizeof(l->port), "%u", port);
    l->event = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    l->holders = 2;
    pthread_mutex_init(&l->lock, NULL);
    if (l->event < 0 || thread_begin(&thread, run, l)) {
        error_errno(err, "a thread to look up a name");
        l->holders = 1;
        let_go(l);
        return -1;
    }
    pthread_detach(thread);
    *ret = l;
    return LOOKUP_WAIT;
}

int lookup_begin(struct lookup **ret, struct addrinfo **ret_list, const char *host, uint16_t port,
                 struct error *err)
{
    char text[8];
    struct addrinfo is_address = wanted;
    is_address.ai_flags |= AI_NUMERICHOST;
    snprintf(text, sizeof(text), "%u", port);
    int result = getaddrinfo(host, text, &is_address, ret_list);
    if (!result)
        return 0;
    if (result != EAI_NONAME)
        return error_set(err, "%s", gai_strerror(result));
    return lookup_begin_by(ret, getaddrinfo, host, port, err);
}

int lookup_descriptor(const struct lookup *l)
{
    return l->event;
}

int lookup_take(struct lookup *l, struct addrinfo **ret_list, struct error *err)
{
    pthread_mutex_lock(&l->lock);
    bool is_over = l->is_over;
    int result = l->result;
    *ret_list = l->list;
    l->list = NULL;
    pthread_mutex_unlock(&l->lock);
    if (!is_over)
        return LOOKUP_WAIT;
    return result ? error_set(err, "%s", gai_strerror(result)) : 0;
}

void lookup_free(struct lookup *l)
{
    if (l)
        let_go(l);
}
