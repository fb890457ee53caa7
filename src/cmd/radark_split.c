/* SPDX-License-Identifier: Apache-2.0 */
#include "cmd/radark_split.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/output.h"
#include "record/sink.h"
#include "record/source.h"

int radark_split_begin(struct radark_split *split, struct tool *tool, const char *label_path,
                       const char *folder, struct error *err)
{
    *split = (struct radark_split){.tool = tool};
    if (!tool->settings.outputs.count && !tool->settings.rejected_path && !label_path)
        return 0;
    split->spool = spool_new(folder);
    tool->keeps_management = true;
    if (!label_path)
        return 0;
    split->labelled = sink_new(label_path);
    return tool_output_refuse_input(&tool->settings.inputs, label_path, err);
}

int radark_split_add(struct radark_split *split, const struct record *r, struct error *err)
{
    if (!split->spool)
        return 0;
    if (split->labelled && split->tool->totals.used <= 1)
        sink_set_head(split->labelled, source_head(split->tool->input.source));
    return spool_add(split->spool, r, err);
}

/* A label block has room for no more. */
enum { LABEL_MOST = 1015, PIECE_MOST = sizeof(":scan=4294967295") - 1 };

/* Behind the labels that it has, "scan=3"; of very long ones the end gives way. */
static int write_labelled(struct radark_split *split, struct record *r, uint32_t id,
                          struct error *err)
{
    char label[LABEL_MOST + 1];
    if (id) {
        size_t before = record_has(r, BLOCK_LABEL) ? r->label.size : 0;
        if (before > LABEL_MOST - PIECE_MOST)
            before = LABEL_MOST - PIECE_MOST;
        if (before)
            memcpy(label, r->label.data, before);
        const int size = snprintf(label + before, sizeof(label) - before, "%sscan=%" PRIu32,
                                  before ? ":" : "", id);
        record_touch(r);
        r->blocks |= BLOCK_LABEL;
        r->label = (struct view){(const uint8_t *)label, before + (size_t)size};
    }
    return sink_write(split->labelled, r, err);
}

static int write_record(struct radark_split *split, const struct detector *detector,
                        struct record *r, struct error *err)
{
    const uint32_t id = detector_find(detector, r);
    if (!id)
        tool_reject(split->tool, r);
    else if (split->tool->settings.outputs.count)
        tool_emit(split->tool, r);
    return split->labelled ? write_labelled(split, r, id, err) : 0;
}

int radark_split_write(struct radark_split *split, const struct detector *detector,
                       struct error *err)
{
    struct record *r;
    if (!split->spool)
        return 0;
    if (spool_finish(split->spool, err))
        return -1;
    int result = 0;
    while (!result && !split->tool->is_closed && !(result = spool_next(split->spool, &r, err))) {
        result = write_record(split, detector, r, err);
    }
    return result < 0 ? -1 : 0; /* a reader that went away has all that it wanted */
}

int radark_split_end(struct radark_split *split, struct error *err)
{
    struct sink *labelled = split->labelled;
    spool_free(split->spool);
    *split = (struct radark_split){0};
    return labelled && sink_free(labelled, err) < 0 ? -1 : 0;
}
