/* SPDX-License-Identifier: Apache-2.0 */
#include "cmd/tool_remote.h"

#include <string.h>
#include <time.h>

#include "base/message.h"
#include "cmd/now.h"
#include "cmd/stop.h"
#include "filter/filter.h"

const char *filter_place(const char *text, enum filter_place *ret)
{
    static const struct {
        const char *word;
        enum filter_place place;
    } words[] = {{"local ", FILTER_LOCAL}, {"remote ", FILTER_REMOTE}};
    *ret = FILTER_ANYWHERE;
    for (size_t i = 0; i < ARRAY_SIZE(words); i++) {
        size_t size = strlen(words[i].word);
        if (!strncmp(text, words[i].word, size)) {
            *ret = words[i].place;
            return text + size;
        }
    }
    return text;
}

/* Servers read no files of ours: a filter with such sets stays here. */
static bool reads_files(const struct tool_settings *settings, const char *filter)
{
    struct filter *compiled;
    const struct filter_names names = {.services = settings->services};
    if (filter_compile(&compiled, filter, &names, NULL))
        return true;
    filter_free(compiled);
    return false;
}

static void note(void *arg, const struct event *event)
{
    (void)arg;
    message_event(event);
}

/* NULL if no server wants it. */
static int make_tls(const struct tool_settings *settings, struct tls **ret, struct error *err)
{
    const struct tls_files files = {settings->certificate, settings->key, settings->authorities};
    bool is_wanted = tls_files_given(&files);
    for (size_t i = 0; i < settings->remote_count; i++)
        is_wanted |= settings->remotes[i].is_secure;
    *ret = NULL;
    return is_wanted ? tls_new(ret, &files, err) : 0;
}

static void before_wait(void *arg)
{
    const struct tool_input *input = arg;
    input->before_wait(input->wait_arg);
}

struct reader *tool_remote_open(const struct tool_settings *settings, const char *filter,
                                enum filter_place place, struct tool_input *input,
                                struct error *err)
{
    /* What the server leaves out cannot be written by -E. */
    bool is_sent = filter && *filter && place != FILTER_LOCAL && !settings->rejected_path;
    if (is_sent && reads_files(settings, filter)) {
        if (place == FILTER_REMOTE) {
            error_set(err, "the filter has names or files of this machine, which remote sources "
                           "do not know");
            return NULL;
        }
        is_sent = false;
    }
    struct tls *tls;
    int stop_descriptor;
    if (make_tls(settings, &tls, err))
        return NULL;
    if (stop_catch(&stop_descriptor, err)) {
        tls_free(tls);
        return NULL;
    }
    return reader_new(&(struct reader_options){
        .remote = {.filter = is_sent ? filter : NULL,
                   .filter_for_all = place == FILTER_REMOTE,
                   .counts_positions = settings->reconnects,
                   .only_polls = settings->only_polls},
        .tls = tls,
        .endpoints = settings->remotes,
        .count = settings->remote_count,
        .reconnects = settings->reconnects,
        .most_time = settings->run_time,
        .stop_descriptor = stop_descriptor,
        .wake_descriptor = -1,
        .now = monotonic_now,
        .note = note,
        .before_wait = before_wait,
        .tick_every = input->wait_most,
        .tick = before_wait,
        .arg = input,
    });
}
