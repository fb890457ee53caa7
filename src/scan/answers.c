/* SPDX-License-Identifier: Apache-2.0 */
#include "scan/answers.h"

#include <stdlib.h>

#include "base/bytes.h"
#include "base/mem.h"
#include "spill/key_set.h"
#include "spill/spill.h"

/* Who answered, when, and whom. */
enum { ANSWER_ROW = ENDPOINT_KEY + 8 + ADDRESS_KEY, BLOCK_BYTES = 16 * 1024 };

/* The answers of one endpoint. */
struct service {
    struct scan_endpoint endpoint; /* `first`: to anybody */
    bool is_set, to_other, to_scanner;
    nsec_t first_other;
    struct answer scan; /* the first to a scanner */
};

struct answers {
    struct key_set *rows;
    struct address_table *scanners;
    struct known *known; /* NULL: no file */
    struct spill_file *file;
    struct spill_stream fresh; /* struct answer */
    struct service service;
};

struct answers *answers_new(uint64_t memory_bytes, const char *folder)
{
    struct answers *answers = mem_zalloc(sizeof(*answers));
    answers->rows = key_set_new(ANSWER_ROW, memory_bytes, folder);
    answers->file = spill_file_new(folder, BLOCK_BYTES);
    answers->fresh.file = answers->file;
    return answers;
}

void answers_free(struct answers *answers)
{
    if (!answers)
        return;
    key_set_free(answers->rows);
    known_abandon(answers->known);
    spill_release(&answers->fresh);
    spill_file_free(answers->file);
    free(answers);
}

/* Times as numbers that sort. */
static const uint64_t time_bias = UINT64_C(1) << 63;

int answers_add(struct answers *answers, const struct contact *contact, struct error *err)
{
    struct scan_endpoint endpoint;
    uint8_t row[ANSWER_ROW];
    scan_endpoint_put(&endpoint, contact->target, contact->protocol, contact->port);
    memcpy(row, endpoint.key, ENDPOINT_KEY);
    store_be64(row + ENDPOINT_KEY, (uint64_t)contact->first + time_bias);
    memcpy(row + ENDPOINT_KEY + 8, contact->source, ADDRESS_KEY);
    return key_set_add(answers->rows, row, err);
}

/* --- one endpoint after the other ------------------------------------------------------------- */

static int end_service(struct answers *answers, struct error *err)
{
    struct service *service = &answers->service;
    bool is_known = service->to_other && service->first_other < service->scan.endpoint.first;
    bool is_in_file = false;
    if (answers->known && known_add(answers->known, &service->endpoint, &is_in_file, err))
        return -1;
    if (!service->to_scanner || is_known || is_in_file)
        return 0;
    address_table_find(answers->scanners, service->scan.source)->count++;
    return spill_write(&answers->fresh, &service->scan, sizeof(service->scan), err);
}

static void begin_service(struct service *service, const uint8_t *row, nsec_t time)
{
    memset(service, 0, sizeof(*service));
    service->is_set = true;
    memcpy(service->endpoint.key, row, ENDPOINT_KEY);
    service->endpoint.first = time;
}

/* Rows of an endpoint come in the order of time. */
static int take_row(struct answers *answers, const uint8_t *row, struct error *err)
{
    struct service *service = &answers->service;
    const nsec_t time = (nsec_t)(load_be64(row + ENDPOINT_KEY) - time_bias);
    const uint8_t *source = row + ENDPOINT_KEY + 8;
    if (!service->is_set || memcmp(service->endpoint.key, row, ENDPOINT_KEY) != 0) {
        if (service->is_set && end_service(answers, err))
            return -1;
        begin_service(service, row, time);
    }
    if (!address_table_find(answers->scanners, source)) {
        if (!service->to_other)
            service->first_other = time;
        service->to_other = true;
    } else if (!service->to_scanner) {
        service->to_scanner = true;
        memcpy(service->scan.endpoint.key, row, ENDPOINT_KEY);
        service->scan.endpoint.first = time;
        memcpy(service->scan.source, source, ADDRESS_KEY);
    }
    return 0;
}

int answers_finish(struct answers *answers, struct address_table *scanners, const char *state_path,
                   struct error *err)
{
    const void *row;
    answers->scanners = scanners;
    if (state_path && known_open(&answers->known, state_path, err))
        return -1;
    int result = key_set_sort(answers->rows, err);
    while (!result && !(result = key_set_next(answers->rows, &row, err)))
        result = take_row(answers, row, err);
    if (result < 0 || (answers->service.is_set && end_service(answers, err)) ||
        (answers->known && known_finish(answers->known, err)))
        return -1;
    key_set_free(answers->rows);
    answers->rows = NULL;
    return spill_close(&answers->fresh, err);
}

int answers_next(struct answers *answers, const struct answer **ret, struct error *err)
{
    const void *answer;
    if (!answers->fresh.bytes)
        return ANSWERS_END;
    if (spill_read(&answers->fresh, sizeof(**ret), &answer, err))
        return -1;
    *ret = answer;
    return 0;
}

int answers_commit(struct answers *answers, struct error *err)
{
    struct known *known = answers->known;
    answers->known = NULL;
    return known ? known_commit(known, err) : 0;
}
