/* SPDX-License-Identifier: Apache-2.0 */
#include "cmd/tool_stages.h"

#include <regex.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

struct tool_stages;

/* False: the record is left out. */
typedef bool stage_function(const struct tool_stages *stages, struct record *r);

enum { STAGES_MOST = 8 };

struct tool_stages {
    const struct tool_settings *settings;
    stage_function *list[STAGES_MOST];
    unsigned count;
    regex_t label, payload;
    bool has_label, has_payload;
    bool of_side[2]; /* whose payload is looked at */
    struct record second;
};

/* --- the stages ------------------------------------------------------------------------------- */

static bool take_out_blocks(const struct tool_stages *stages, struct record *r)
{
    uint32_t kept = r->blocks & (stages->settings->blocks | BLOCK_UNKNOWN);
    if (kept != r->blocks && r->type != RECORD_MAR) {
        record_touch(r);
        r->blocks = kept;
    }
    return true;
}

static bool orient(const struct tool_stages *stages, struct record *r)
{
    record_orient(r, &stages->settings->orientation);
    return true;
}

static bool is_in_time(const struct tool_stages *stages, struct record *r)
{
    if (r->type == RECORD_MAR)
        return time_range_has(&stages->settings->time_range, r->mar.now, r->mar.now);
    return time_range_has(&stages->settings->time_range, record_start(r), record_last(r));
}

/* Bytes that may have anything in them, NULs too. */
static bool matches(const regex_t *regex, struct view bytes)
{
    regmatch_t match = {.rm_so = 0, .rm_eo = (regoff_t)bytes.size};
    return !regexec(regex, (const char *)bytes.data, 1, &match, REG_STARTEND);
}

static bool has_label(const struct tool_stages *stages, struct record *r)
{
    return record_has(r, BLOCK_LABEL) && matches(&stages->label, r->label);
}

static bool has_payload(const struct tool_stages *stages, struct record *r)
{
    static const uint32_t blocks[2] = {BLOCK_SUSER, BLOCK_DUSER};
    for (unsigned side = SRC; side <= DST; side++)
        if (stages->of_side[side] && record_has(r, blocks[side]) &&
            matches(&stages->payload, r->user[side].bytes))
            return true;
    return false;
}

/* --- setting up ------------------------------------------------------------------------------- */

static void add_stage(struct tool_stages *stages, stage_function *stage)
{
    stages->list[stages->count++] = stage;
}

static int compile(regex_t *ret, const char *pattern, const char *option, struct error *err)
{
    char why[128];
    int result = regcomp(ret, pattern, REG_EXTENDED);
    if (!result)
        return 0;
    regerror(result, ret, why, sizeof(why));
    return error_set(err, "%s: '%s' is no regular expression: %s", option, pattern, why);
}

static int add_payload(struct tool_stages *stages, const char *pattern, struct error *err)
{
    bool has_side = (pattern[0] == 's' || pattern[0] == 'd') && pattern[1] == ':';
    stages->of_side[SRC] = !has_side || pattern[0] == 's';
    stages->of_side[DST] = !has_side || pattern[0] == 'd';
    if (compile(&stages->payload, has_side ? pattern + 2 : pattern, "-e", err))
        return -1;
    stages->has_payload = true;
    add_stage(stages, has_payload);
    return 0;
}

static int add_label(struct tool_stages *stages, const char *pattern, struct error *err)
{
    if (compile(&stages->label, pattern, "-M label", err))
        return -1;
    stages->has_label = true;
    add_stage(stages, has_label);
    return 0;
}

static bool is_oriented(const struct orientation *by)
{
    return by->services || by->well_known || by->registered || by->local_end != LOCAL_ANY;
}

static int add_stages(struct tool_stages *stages, struct error *err)
{
    const struct tool_settings *settings = stages->settings;
    if (settings->blocks != TOOL_ALL_BLOCKS)
        add_stage(stages, take_out_blocks);
    if (is_oriented(&settings->orientation))
        add_stage(stages, orient);
    if (settings->has_time_range)
        add_stage(stages, is_in_time);
    if (settings->label_pattern && add_label(stages, settings->label_pattern, err))
        return -1;
    return settings->payload_pattern ? add_payload(stages, settings->payload_pattern, err) : 0;
}

int tool_stages_new(struct tool_stages **ret, const struct tool_settings *settings,
                    struct error *err)
{
    struct tool_stages *stages = mem_zalloc(sizeof(*stages));
    stages->settings = settings;
    if (add_stages(stages, err)) {
        tool_stages_free(stages);
        return -1;
    }
    *ret = stages;
    return 0;
}

void tool_stages_free(struct tool_stages *stages)
{
    if (!stages)
        return;
    if (stages->has_label)
        regfree(&stages->label);
    if (stages->has_payload)
        regfree(&stages->payload);
    free(stages);
}

/* --- records ---------------------------------------------------------------------------------- */

bool tool_stages_pass(struct tool_stages *stages, struct record *r)
{
    for (unsigned i = 0; i < stages->count; i++)
        if (!stages->list[i](stages, r))
            return false;
    return true;
}

/* Leaves what one side sent. */
static void keep_side(struct record *r, unsigned side)
{
    record_touch(r);
    r->time.has_start[!side] = r->time.has_last[!side] = false;
    r->metric.packets[!side] = r->metric.bytes[!side] = r->metric.app_bytes[!side] = 0;
}

struct record *tool_stages_split(struct tool_stages *stages, struct record *r)
{
    const struct tool_settings *settings = stages->settings;
    if (!record_is_flow(r) || !record_has(r, BLOCK_FLOW))
        return NULL;
    if (settings->one_way) {
        if (!record_has(r, BLOCK_METRIC) || !r->metric.packets[DST])
            return NULL;
        if (!r->metric.packets[SRC]) {
            record_touch(r);
            record_reverse(r);
            return NULL;
        }
        stages->second = *r;
        keep_side(r, SRC);
        keep_side(&stages->second, DST);
        record_reverse(&stages->second);
        return &stages->second;
    }
    if (!settings->both_ends)
        return NULL;
    stages->second = *r;
    record_touch(&stages->second);
    record_reverse(&stages->second);
    return &stages->second;
}
