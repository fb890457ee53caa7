/* SPDX-License-Identifier: Apache-2.0 */
#include "cmd/probes.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/wait.h>
#include <unistd.h>
#include <zlib.h>

#include "base/mem.h"
#include "base/message.h"
#include "base/thread.h"
#include "cmd/now.h"
#include "cmd/spawn.h"

/* While a program runs, somebody looks this often whether it has ended. */
enum { LOOK_MS = 50, WAIT_MOST_MS = 60000 };

/* A source waits to be asked, is asked, and has answered until the answer was taken. */
enum place_state { PLACE_WAITS, PLACE_ASKS, PLACE_HAS, PLACE_IS_DONE };

struct place {
    const struct probe_source *source;
    _Atomic int state;
    nsec_t due, deadline; /* by the steady clock */
    nsec_t began, ended;
    pid_t process; /* 0: there is none, or it has ended */
    int input;     /* -1: closed */
    uint8_t *text; /* with room for one byte more than may be said */
    size_t size;
    uint8_t *packed;
    size_t packed_size; /* 0: it is not compressed */
    bool has_failed, had_failed;
};

struct probes {
    struct place *places;
    size_t count;
    struct place *taken; /* what probes_next gave last */
    pthread_t thread;
    int wake;
    _Atomic bool is_ending;
};

/* --- troubles --------------------------------------------------------------------------------- */

static const char *method_of(const struct place *place)
{
    return place->source->is_program ? "prog" : "file";
}

/* The first trouble of an answer, unless the one before had some, too. */
static void tell(struct place *place, const char *what)
{
    const bool is_known = place->has_failed || place->had_failed;
    place->has_failed = true;
    if (!is_known)
        message_event(
            &(struct event){EVENT_WARNING,
                            "probe-failed",
                            "{method}:{name}: {reason}",
                            {event_text("method", method_of(place)),
                             event_text("name", place->source->name), event_text("reason", what)}});
}

static void tell_status(struct place *place, int status)
{
    char text[64];
    if (!status || place->has_failed)
        return;
    if (WIFSIGNALED(status))
        snprintf(text, sizeof(text), "ended by signal %d", WTERMSIG(status));
    else
        snprintf(text, sizeof(text), "failed with status %d", WEXITSTATUS(status));
    tell(place, text);
}

/* --- asking ----------------------------------------------------------------------------------- */

/* The program and its arguments, which stand in `copy` then; ends with NULL. */
static char **cut_words(char *copy)
{
    size_t count = 0, capacity = 0;
    char **words = NULL, *rest = copy, *word;
    while ((word = strsep(&rest, " ")) != NULL) {
        words = mem_grow(words, &capacity, count + 2, sizeof(*words));
        if (*word)
            words[count++] = word;
    }
    words[count] = NULL;
    return words;
}

static int start_program(struct place *place)
{
    int ends[2];
    if (pipe2(ends, O_CLOEXEC))
        return errno;
    char *copy = mem_strdup(place->source->name), **words = cut_words(copy);
    int failed = spawn_program(&place->process, words, ends[1]);
    free(words);
    free(copy);
    close(ends[1]);
    if (failed) {
        place->process = 0;
        close(ends[0]);
        return failed;
    }
    fcntl(ends[0], F_SETFL, O_NONBLOCK);
    place->input = ends[0];
    return 0;
}

/* Not even a pipe that nobody writes to is waited for. */
static int open_file(struct place *place)
{
    place->input = open(place->source->name, O_RDONLY | O_NONBLOCK | O_CLOEXEC | O_NOCTTY);
    return place->input < 0 ? errno : 0;
}

static void set_due(struct place *place, nsec_t now)
{
    place->due += place->source->every;
    if (place->due <= now)
        place->due = now + place->source->every;
}

static void ask(struct place *place, nsec_t now)
{
    const struct probe_source *source = place->source;
    set_due(place, now);
    place->began = wall_now();
    place->deadline = now + PROBE_RUN_MOST;
    place->had_failed = place->has_failed;
    place->has_failed = false;
    place->size = (size_t)snprintf((char *)place->text, PROBE_TEXT_MOST, "%s:%s\n",
                                   method_of(place), source->name);
    int failed = source->is_program ? start_program(place) : open_file(place);
    if (failed)
        tell(place, strerror(failed));
    place->state = !failed ? PLACE_ASKS : source->every ? PLACE_WAITS : PLACE_IS_DONE;
}

/* --- listening -------------------------------------------------------------------------------- */

static void close_input(struct place *place)
{
    if (place->input >= 0)
        close(place->input);
    place->input = -1;
}

static void kill_program(struct place *place)
{
    if (place->process)
        kill(-place->process, SIGKILL);
    close_input(place);
}

/* What is there now. */
static void hear(struct place *place)
{
    const size_t most = PROBE_TEXT_MOST + 1;
    ssize_t got = 1;
    while (got > 0 && place->size < most) {
        got = read(place->input, place->text + place->size, most - place->size);
        place->size += got > 0 ? (size_t)got : 0;
    }
    if (place->size == most) {
        place->size = PROBE_TEXT_MOST;
        tell(place, "says more than 65535 bytes; the rest is left out");
        kill_program(place);
    } else if (!got) {
        close_input(place);
    } else if (errno != EAGAIN && errno != EINTR) {
        tell(place, strerror(errno));
        close_input(place);
    }
}

/* A program that has ended says nothing more, whoever has its output still. */
static void await_program(struct place *place)
{
    int status;
    if (!place->process || waitpid(place->process, &status, WNOHANG) <= 0)
        return;
    place->process = 0;
    tell_status(place, status);
    if (place->input >= 0)
        hear(place);
    close_input(place);
}

static void pack(struct place *place)
{
    uLongf size = compressBound(PROBE_TEXT_MOST);
    place->packed_size = 0;
    if (place->source->is_compressed &&
        compress(place->packed, &size, place->text, place->size) == Z_OK && size < place->size)
        place->packed_size = size;
}

static void listen_to(struct place *place, nsec_t now)
{
    if (place->input >= 0)
        hear(place);
    await_program(place);
    if (now >= place->deadline && (place->process || place->input >= 0)) {
        tell(place, "takes too long, and is stopped");
        kill_program(place);
    }
    if (place->process || place->input >= 0)
        return;
    place->ended = wall_now();
    pack(place);
    place->state = PLACE_HAS;
}

/* --- the thread ------------------------------------------------------------------------------- */

/* How long nothing has to be done unless somebody says something. */
static int look_at(struct place *place, struct pollfd *ret, nsec_t now)
{
    const nsec_t unit = NSEC_PER_MSEC;
    *ret = (struct pollfd){.fd = -1};
    if (place->state == PLACE_WAITS && now >= place->due)
        ask(place, now);
    if (place->state == PLACE_ASKS)
        listen_to(place, now);
    if (place->state == PLACE_ASKS) {
        *ret = (struct pollfd){.fd = place->input, .events = POLLIN};
        return LOOK_MS;
    }
    nsec_t wait = place->state == PLACE_WAITS ? (place->due - now + unit - 1) / unit : WAIT_MOST_MS;
    return wait < WAIT_MOST_MS ? (int)wait : WAIT_MOST_MS;
}

static void *work(void *arg)
{
    struct probes *probes = arg;
    struct pollfd *polls = mem_alloc((probes->count + 1) * sizeof(*polls));
    while (!probes->is_ending) {
        uint64_t drop;
        int wait = WAIT_MOST_MS;
        nsec_t now = monotonic_now();
        for (size_t i = 0; i < probes->count; i++) {
            int least = look_at(&probes->places[i], &polls[i], now);
            wait = least < wait ? least : wait;
        }
        polls[probes->count] = (struct pollfd){.fd = probes->wake, .events = POLLIN};
        if (poll(polls, probes->count + 1, wait) > 0 && polls[probes->count].revents)
            (void)!read(probes->wake, &drop, sizeof(drop));
    }
    free(polls);
    return NULL;
}

static void wake(struct probes *probes)
{
    const uint64_t one = 1;
    (void)!write(probes->wake, &one, sizeof(one));
}

/* --- the whole -------------------------------------------------------------------------------- */

static int check_source(const struct probe_source *source, struct error *err)
{
    enum { NAME_MOST = 32 * 1024 }; /* answers begin with it, and are to have room for more */
    if (strlen(source->name) > NAME_MOST)
        return error_set(err, "%s:%.32s...: more than %d bytes",
                         source->is_program ? "prog" : "file", source->name, NAME_MOST);
    char *copy = mem_strdup(source->name), **words = cut_words(copy);
    int result = 0;
    if (source->is_program)
        result = spawn_check(words[0], err);
    else if (access(source->name, R_OK))
        result = error_errno(err, "%s", source->name);
    free(words);
    free(copy);
    return result;
}

static void init_place(struct place *place, const struct probe_source *source, nsec_t now)
{
    *place = (struct place){.source = source, .due = now, .input = -1};
    place->text = mem_alloc(PROBE_TEXT_MOST + 1);
    if (source->is_compressed)
        place->packed = mem_alloc(compressBound(PROBE_TEXT_MOST));
}

static void release(struct probes *probes)
{
    for (size_t i = 0; i < probes->count; i++) {
        kill_program(&probes->places[i]);
        if (probes->places[i].process)
            waitpid(probes->places[i].process, NULL, 0);
        free(probes->places[i].text);
        free(probes->places[i].packed);
    }
    if (probes->wake >= 0)
        close(probes->wake);
    free(probes->places);
    free(probes);
}

int probes_new(struct probes **ret, const struct probe_sources *sources, struct error *err)
{
    for (size_t i = 0; i < sources->count; i++)
        if (check_source(&sources->list[i], err))
            return -1;
    struct probes *probes = mem_zalloc(sizeof(*probes));
    probes->places = mem_zalloc(sources->count * sizeof(*probes->places));
    probes->count = sources->count;
    for (size_t i = 0; i < sources->count; i++)
        init_place(&probes->places[i], &sources->list[i], monotonic_now());
    probes->wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (probes->wake < 0 || thread_begin(&probes->thread, work, probes)) {
        error_errno(err, "a thread for probes");
        release(probes);
        return -1;
    }
    *ret = probes;
    return 0;
}

bool probes_next(struct probes *probes, struct probe_answer *ret)
{
    if (probes->taken) {
        probes->taken->state = probes->taken->source->every ? PLACE_WAITS : PLACE_IS_DONE;
        probes->taken = NULL;
        wake(probes);
    }
    for (size_t i = 0; i < probes->count; i++) {
        struct place *place = &probes->places[i];
        if (place->state != PLACE_HAS)
            continue;
        probes->taken = place;
        *ret = (struct probe_answer){
            .began = place->began,
            .ended = place->ended,
            .bytes = {place->text, place->size},
            .size = place->size,
            .is_compressed = place->packed_size,
        };
        if (place->packed_size)
            ret->bytes = (struct view){place->packed, place->packed_size};
        return true;
    }
    return false;
}

void probes_free(struct probes *probes)
{
    if (!probes)
        return;
    probes->is_ending = true;
    wake(probes);
    pthread_join(probes->thread, NULL);
    release(probes);
}
