/* SPDX-License-Identifier: Apache-2.0 */
#include "cmd/clustering.h"

#include <string.h>

#include "base/message.h"
#include "cmd/random_seed.h"

/* --- options ---------------------------------------------------------------------------------- */

static int set_mode(struct clustering *clustering, const char *word)
{
    const struct {
        const char *word;
        bool *flag, value;
    } modes[] = {
        {"preserve", &clustering->bare, false},  {"nopreserve", &clustering->bare, true},
        {"norep", &clustering->no_report, true}, {"rmon", &clustering->both_ends, true},
        {"uni", &clustering->one_way, true},
    };
    for (size_t i = 0; i < sizeof(modes) / sizeof(modes[0]); i++) {
        if (!strcmp(word, modes[i].word)) {
            *modes[i].flag = modes[i].value;
            return 0;
        }
    }
    if (!strcmp(word, "correct"))
        clustering->correct = RULE_YES;
    else if (!strcmp(word, "nocorrect"))
        clustering->correct = RULE_NO;
    else
        return TOOL_UNKNOWN;
    return 0;
}

static int set_rules(struct clustering *clustering, const char *path, struct error *err)
{
    if (clustering->rules_path)
        return error_set(err, "-f: two files of rules are given: %s and %s", clustering->rules_path,
                         path);
    clustering->rules_path = path;
    return 0;
}

int clustering_take(struct clustering *clustering, int event, const struct option_arg *arg,
                    struct error *err)
{
    switch (event) {
    case CLUSTERING_KEY:
        return key_model_add(&clustering->key, arg->word, err);
    case CLUSTERING_RULES:
        return set_rules(clustering, arg->word, err);
    case TOOL_MODE:
        return set_mode(clustering, arg->word);
    default:
        return tool_limits_take(&clustering->limits, event, arg, err);
    }
}

/* --- setting up ------------------------------------------------------------------------------- */

static void warn(const struct clustering *clustering)
{
    for (size_t i = 0; i < clustering->rules.count; i++) {
        const struct rule *rule = &clustering->rules.list[i];
        const char *text = rule->filter ? filter_warning(rule->filter) : NULL;
        if (text)
            message("%s: line %u: filter: %s", clustering->rules_path, rule->line, text);
    }
}

static int read_rules(struct clustering *clustering, const struct tool_settings *tool,
                      struct error *err)
{
    const struct filter_names names = tool_settings_names(tool);
    const struct rule_options options = {
        .names = &names, .is_both_ends = clustering->both_ends, .is_bare = clustering->bare};
    if (rules_read(&clustering->rules, clustering->rules_path, &options, err))
        return -1;
    if (tool->verbose)
        warn(clustering);
    return 0;
}

int clustering_prepare(struct clustering *clustering, const struct tool_settings *tool,
                       uint64_t least_bytes, struct error *err)
{
    struct rules *rules = &clustering->rules;
    if (tool_limits_complete(&clustering->limits, least_bytes, err))
        return -1;
    if (clustering->rules_path && read_rules(clustering, tool, err))
        return -1;
    key_model_complete(&clustering->key, clustering->both_ends);
    clustering->key.is_bare = clustering->bare;
    rules_end(rules, &clustering->key);
    if (clustering->correct)
        rules->correct = clustering->correct;
    clustering->no_report |= rules->report == RULE_NO;
    return 0;
}

void clustering_release(struct clustering *clustering)
{
    rules_release(&clustering->rules);
}

/* --- records ---------------------------------------------------------------------------------- */

struct rule_run *clustering_run(const struct clustering *clustering, uint64_t memory_bytes,
                                unsigned threads)
{
    const struct cluster_options options = {
        .seed = random_seed(),
        .memory_bytes = memory_bytes,
        .folder = clustering->limits.folder,
        .threads = threads,
    };
    return rule_run_new(&clustering->rules, &options);
}

bool clustering_split(const struct clustering *clustering, struct record *r, struct record *ret)
{
    if (!clustering->one_way || !record_has(r, BLOCK_METRIC) || !r->metric.packets[DST])
        return false;
    if (!r->metric.packets[SRC]) {
        key_turn(r);
        return false;
    }
    *ret = *r;
    record_keep_side(r, SRC);
    record_keep_side(ret, DST);
    key_turn(ret);
    return true;
}

void clustering_finish(const struct clustering *clustering, struct record *r, bool is_printed)
{
    if (!clustering->no_report)
        return;
    record_touch(r);
    r->agr = (struct record_agr){0};
    /* In a file the record is one that was never merged. */
    if (is_printed)
        r->blocks |= BLOCK_AGR;
    else
        r->blocks &= ~(uint32_t)BLOCK_AGR;
}
