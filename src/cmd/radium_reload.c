/* SPDX-License-Identifier: Apache-2.0 */
#include "cmd/radium_reload.h"

#include <stdlib.h>
#include <string.h>

#include "base/message.h"
#include "cmd/label_conf.h"

/* What is made of a new configuration before anything is changed, since it may be wrong. */
struct plan {
    struct radium_options options;
    struct targets targets;
    struct tls *tls;
    struct labeler *labeler;
    bool has_sources; /* that take the place of those that are read from */
};

static int make_plan(struct plan *plan, const struct radium_options *running, struct error *err)
{
    *plan = (struct plan){0};
    if (radium_options_parse(&plan->options, running->argc, running->argv, err) !=
        RADIUM_OPTIONS_RUN)
        return -1;
    plan->has_sources = running->source_count && plan->options.source_count;
    if (targets_new(&plan->targets, &plan->options.outputs, err))
        return -1;
    if (plan->options.labels && label_conf_read(&plan->labeler, plan->options.labels, err))
        return -1;
    return serving_tls(&plan->tls, &plan->options.serving, err);
}

static void release_plan(struct plan *plan)
{
    struct error nothing;
    (void)!targets_free(&plan->targets, &nothing); /* none was opened */
    tls_free(plan->tls);
    labeler_free(plan->labeler);
    radium_options_release(&plan->options);
}

/* --- sources ---------------------------------------------------------------------------------- */

void radium_add_source(const struct collector *collector, struct reader *reader,
                       const struct endpoint *source)
{
    struct protocol_place place;
    struct remote *remote = reader_add(reader, source);
    if (collector_place(collector, source->name, &place))
        remote_set_place(remote, &place);
}

static bool is_same(const struct endpoint *a, const struct endpoint *b)
{
    return !strcmp(a->name, b->name) && a->is_secure == b->is_secure;
}

static bool is_listed(const struct radium_options *options, const struct endpoint *source)
{
    size_t i = 0;
    while (i < options->source_count && !is_same(&options->sources[i], source))
        i++;
    return i < options->source_count;
}

static bool is_read(const struct reader *reader, const struct endpoint *source)
{
    size_t i = 0;
    while (i < reader_count(reader) && !is_same(reader_endpoint(reader, i), source))
        i++;
    return i < reader_count(reader);
}

struct counts {
    uint64_t added, removed;
};

/* A source that stays is not disturbed. */
static struct counts change_sources(const struct radium_options *now,
                                    const struct collector *collector, struct reader *reader)
{
    struct counts counts = {0};
    for (size_t i = reader_count(reader); i-- > 0;)
        if (!is_listed(now, reader_endpoint(reader, i))) {
            reader_remove(reader, i);
            counts.removed++;
        }
    for (size_t i = 0; i < now->source_count; i++)
        if (!is_read(reader, &now->sources[i])) {
            radium_add_source(collector, reader, &now->sources[i]);
            counts.added++;
        }
    return counts;
}

/* --- the whole -------------------------------------------------------------------------------- */

static void say_what_stays(const struct error *why)
{
    message_event(&(struct event){EVENT_ERROR,
                                  "reload-failed",
                                  "the configuration stays as it was: {reason}",
                                  {event_text("reason", why->text)}});
}

static void say_what_changed(const struct plan *plan, const struct radium_options *running,
                             const struct counts *counts)
{
    /* Sources are last: without them, the list is a shorter one. */
    int live[] = {OPT_WRITE,      SERVING_CLIENTS,     SERVING_RATE, SERVING_ALLOW,
                  SERVING_ACCESS, SERVING_CERTIFICATE, SERVING_KEY,  SERVING_AUTHORITIES,
                  OPT_NOTHING,    OPT_LABELS,          OPT_SOURCE,   0};
    if (!plan->has_sources)
        live[ARRAY_SIZE(live) - 2] = 0;
    char *rest = said_changes(&running->said, &plan->options.said, live);
    const char *sentence =
        "the configuration was read again: {added} sources are new, {removed} are "
        "gone; a new start is needed for {rest}";
    if (!rest)
        sentence = "the configuration was read again: {added} sources are new, {removed} are gone";
    message_event(&(struct event){EVENT_NOTICE,
                                  "reloaded",
                                  sentence,
                                  {event_number("added", counts->added),
                                   event_number("removed", counts->removed),
                                   event_text("rest", rest ? rest : "")}});
    free(rest);
}

/* What the options say of sources, files and clients is now so. */
static void adopt(struct radium_options *running, struct plan *plan)
{
    const struct radium_options before = *running;
    struct radium_options *now = &plan->options;
    running->outputs = now->outputs;
    now->outputs = before.outputs;
    if (!plan->has_sources)
        return;
    running->sources = now->sources;
    running->source_count = now->source_count;
    running->source_capacity = now->source_capacity;
    now->sources = before.sources;
}

static int apply(struct plan *plan, struct radium_options *running, struct collector *collector,
                 struct reader *reader, struct error *err)
{
    struct counts counts = {0};
    if (reader) {
        reader_set_tls(reader, plan->tls);
        plan->tls = NULL;
    }
    if (reader && plan->has_sources)
        counts = change_sources(&plan->options, collector, reader);
    say_what_changed(plan, running, &counts);
    collector_label_by(collector, plan->labeler);
    plan->labeler = NULL;
    bool is_same_files = output_list_is_same(&running->outputs, &plan->options.outputs);
    adopt(running, plan);
    return is_same_files ? collector_reopen(collector, err)
                         : collector_write_to(collector, &plan->targets, err);
}

int radium_reload(struct radium_options *options, struct collector *collector,
                  struct reader *reader, struct error *err)
{
    struct plan plan;
    struct error why;
    int result;
    if (make_plan(&plan, options, &why) ||
        collector_serve_by(collector, &plan.options.serving, &why)) {
        say_what_stays(&why);
        result = collector_reopen(collector, err);
    } else {
        result = apply(&plan, options, collector, reader, err);
    }
    release_plan(&plan);
    return result;
}
