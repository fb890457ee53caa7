/* SPDX-License-Identifier: Apache-2.0 */
#include "scan/detector.h"

#include <stdlib.h>

#include "base/bytes.h"
#include "base/mem.h"
#include "scan/address_table.h"
#include "spill/key_set.h"
#include "spill/spill.h"

/* A report as a key: by the number of targets downwards, then by address. */
enum { REPORT_ROW = 8 + ADDRESS_KEY + sizeof(struct scanner), REPORT_BLOCK = 16 * 1024 };

_Static_assert((int)REPORT_ROW <= (int)KEY_SET_KEY_MOST, "reports are keys");

struct detector {
    struct detector_options options;
    struct key_set *contacts, *senders, *reports;
    struct answers *answers;
    struct address_table light;    /* local addresses that sent */
    struct address_table scanners; /* with their ids */
    struct spill_file *file;
    struct spill_stream listed; /* struct scanner, in order */
    struct profile *profile;
    struct detector_counts counts;
    uint64_t records;
};

static struct key_set *new_set(const struct detector_options *options, size_t size, unsigned parts)
{
    return key_set_new(size, options->memory_bytes / 16 * parts, options->folder);
}

struct detector *detector_new(const struct detector_options *options)
{
    struct detector *detector = mem_zalloc(sizeof(*detector));
    detector->options = *options;
    detector->contacts = new_set(options, CONTACT_ROW, 9);
    if (options->learns_dark)
        detector->senders = new_set(options, ADDRESS_KEY, 2);
    detector->answers = answers_new(options->memory_bytes / 8, options->folder);
    detector->light.memory_most = detector->scanners.memory_most = options->memory_bytes / 16;
    detector->light.folder = detector->scanners.folder = options->folder;
    detector->profile = mem_zalloc(sizeof(*detector->profile));
    detector->profile->steps = &detector->options.steps;
    detector->profile->dark_least = options->dark_least;
    return detector;
}

void detector_free(struct detector *detector)
{
    if (!detector)
        return;
    key_set_free(detector->contacts);
    key_set_free(detector->senders);
    key_set_free(detector->reports);
    answers_free(detector->answers);
    address_table_release(&detector->light);
    address_table_release(&detector->scanners);
    spill_release(&detector->listed);
    spill_file_free(detector->file);
    free(detector->profile);
    free(detector);
}

bool detector_is_local(const struct detector *detector, const uint8_t address[ADDRESS_KEY])
{
    return detector->options.local && prefix_set_find(detector->options.local, address + 1,
                                                      address_key_size(address)) != PREFIX_NONE;
}

/* --- records ---------------------------------------------------------------------------------- */

static int note_sender(struct detector *detector, const struct record *r, unsigned side,
                       struct error *err)
{
    uint8_t key[ADDRESS_KEY];
    if (!r->metric.packets[side])
        return 0;
    address_key_put(key, r->key.addr[side], record_address_size(r));
    return detector_is_local(detector, key) ? key_set_add(detector->senders, key, err) : 0;
}

int detector_add(struct detector *detector, const struct record *r, struct error *err)
{
    struct contact contact;
    uint8_t row[CONTACT_ROW];
    const uint64_t number = detector->records++;
    if (detector->senders && record_address_size(r) && record_has(r, BLOCK_METRIC) &&
        (note_sender(detector, r, SRC, err) || note_sender(detector, r, DST, err)))
        return -1;
    if (!contact_of_record(&contact, r))
        return 0;
    contact.number = number;
    detector->counts.contacts++;
    contact_put(row, &contact);
    return key_set_add(detector->contacts, row, err);
}

/* --- deciding --------------------------------------------------------------------------------- */

/* Of a sorted set of addresses. */
static int fill_table(struct address_table *table, struct key_set *set, struct error *err)
{
    const void *key;
    int result = key_set_sort(set, err);
    while (!result && !(result = key_set_next(set, &key, err)))
        result = address_table_add(table, key, err);
    return result < 0 ? -1 : 0;
}

static bool is_dark(const struct detector *detector, const struct contact *contact)
{
    const struct detector_options *options = &detector->options;
    const uint8_t *target = contact->target;
    if (options->dark &&
        prefix_set_find(options->dark, target + 1, address_key_size(target)) != PREFIX_NONE)
        return true;
    return options->learns_dark && detector_is_local(detector, target) &&
           !address_table_find(&detector->light, target);
}

static int end_source(struct detector *detector, struct error *err)
{
    uint8_t row[REPORT_ROW];
    const struct scanner *scanner = profile_end(detector->profile);
    if (!scanner)
        return 0;
    store_be64(row, ~scanner->targets);
    memcpy(row + 8, scanner->address, ADDRESS_KEY);
    memcpy(row + 8 + ADDRESS_KEY, scanner, sizeof(*scanner));
    /* Sources come in the order of their addresses. */
    return key_set_add(detector->reports, row, err) ||
                   address_table_add(&detector->scanners, scanner->address, err)
               ? -1
               : 0;
}

static int take_contact(struct detector *detector, const uint8_t *row, struct error *err)
{
    struct contact contact;
    contact_get(&contact, row);
    if (!detector->counts.sources ||
        memcmp(contact.source, detector->profile->scanner.address, ADDRESS_KEY) != 0) {
        if (detector->counts.sources++ && end_source(detector, err))
            return -1;
        profile_begin(detector->profile, contact.source);
    }
    const bool is_first = profile_add(detector->profile, &contact, is_dark(detector, &contact));
    const bool is_answered = contact.outcome == OUTCOME_TALKED || contact.outcome == OUTCOME_OPENED;
    if (!is_first || !is_answered ||
        (detector->options.local && !detector_is_local(detector, contact.target)))
        return 0;
    return answers_add(detector->answers, &contact, err);
}

static int decide(struct detector *detector, struct error *err)
{
    const void *row;
    int result = key_set_sort(detector->contacts, err);
    while (!result && !(result = key_set_next(detector->contacts, &row, err)))
        result = take_contact(detector, row, err);
    if (result < 0)
        return -1;
    return detector->counts.sources ? end_source(detector, err) : 0;
}

/* Numbers the scanners in the order of the report. */
static int number(struct detector *detector, struct error *err)
{
    const void *row;
    struct scanner scanner;
    int result = key_set_sort(detector->reports, err);
    while (!result && !(result = key_set_next(detector->reports, &row, err))) {
        memcpy(&scanner, (const uint8_t *)row + 8 + ADDRESS_KEY, sizeof(scanner));
        struct address_entry *entry = address_table_find(&detector->scanners, scanner.address);
        entry->id = scanner.id = (uint32_t)++detector->counts.scanners;
        scanner.new_answers = entry->count;
        result = spill_write(&detector->listed, &scanner, sizeof(scanner), err);
    }
    return result < 0 ? -1 : spill_close(&detector->listed, err);
}

int detector_finish(struct detector *detector, struct error *err)
{
    const struct detector_options *options = &detector->options;
    detector->file = spill_file_new(options->folder, REPORT_BLOCK);
    detector->listed.file = detector->file;
    if (detector->senders && fill_table(&detector->light, detector->senders, err))
        return -1;
    key_set_free(detector->senders);
    detector->senders = NULL;
    detector->reports = new_set(options, REPORT_ROW, 2);
    if (decide(detector, err))
        return -1;
    key_set_free(detector->contacts);
    detector->contacts = NULL;
    if (answers_finish(detector->answers, &detector->scanners, options->state_path, err) ||
        number(detector, err))
        return -1;
    key_set_free(detector->reports);
    detector->reports = NULL;
    return 0;
}

/* --- what came out ---------------------------------------------------------------------------- */

int detector_next(struct detector *detector, const struct scanner **ret, struct error *err)
{
    const void *scanner;
    if (!detector->listed.bytes)
        return DETECTOR_END;
    if (spill_read(&detector->listed, sizeof(**ret), &scanner, err))
        return -1;
    *ret = scanner;
    return 0;
}

int detector_next_answer(struct detector *detector, const struct answer **ret, uint32_t *ret_id,
                         struct error *err)
{
    int result = answers_next(detector->answers, ret, err);
    if (!result)
        *ret_id = address_table_find(&detector->scanners, (*ret)->source)->id;
    return result;
}

int detector_commit(struct detector *detector, struct error *err)
{
    return answers_commit(detector->answers, err);
}

uint32_t detector_find(const struct detector *detector, const struct record *r)
{
    uint8_t key[ADDRESS_KEY];
    const unsigned size = record_address_size(r);
    if (!size || r->key.family == FAMILY_ARP)
        return 0;
    address_key_put(key, r->key.addr[SRC], size);
    const struct address_entry *entry = address_table_find(&detector->scanners, key);
    return entry ? entry->id : 0;
}

struct detector_counts detector_counts(const struct detector *detector)
{
    return detector->counts;
}
