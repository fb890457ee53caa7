/* SPDX-License-Identifier: Apache-2.0 */
#include "cmd/argus_events.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "cmd/probes.h"
#include "cmd/sensor.h"

struct argus_events {
    struct probes *probes;
    struct record *record;
    uint32_t number; /* of the last record */
};

int argus_events_new(struct argus_events **ret, const struct sensor *s, struct error *err)
{
    const struct source_id *id = &s->options.id;
    *ret = NULL;
    if (!s->options.probes.count)
        return 0;
    struct argus_events *e = mem_zalloc(sizeof(*e));
    if (probes_new(&e->probes, &s->options.probes, err)) {
        free(e);
        return error_prefix(err, "--event");
    }
    e->record = mem_zalloc(sizeof(*e->record));
    *e->record = (struct record){.type = RECORD_EVENT, .version = 3, .cause = CAUSE_STATUS};
    e->record->transport = (struct record_transport){.flags = 3, .id_form = id->form, .id_size = 4};
    memcpy(e->record->transport.id, id->bytes, 4);
    *ret = e;
    return 0;
}

static void make_record(struct argus_events *e, const struct probe_answer *answer)
{
    struct record *r = e->record;
    r->blocks = BLOCK_TRANSPORT | BLOCK_TIME | BLOCK_SUSER;
    r->transport.sequence = ++e->number;
    r->time = (struct record_time){.start = {answer->began}, .last = {answer->ended}};
    r->time.has_start[SRC] = r->time.has_last[SRC] = true;
    r->user[SRC] = (struct record_user){
        .limit = (uint16_t)answer->size,
        .compressed = answer->is_compressed,
        .bytes = answer->bytes,
    };
}

int argus_events_write(struct argus_events *e, struct sensor *s, struct error *err)
{
    struct probe_answer answer;
    while (e && probes_next(e->probes, &answer)) {
        make_record(e, &answer);
        int result = sensor_settle(s, err);
        if (!result)
            result = argus_output_record(s->output, e->record, err);
        if (result)
            return result;
    }
    return 0;
}

void argus_events_free(struct argus_events *e)
{
    if (!e)
        return;
    probes_free(e->probes);
    free(e->record);
    free(e);
}
