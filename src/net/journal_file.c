/* SPDX-License-Identifier: Apache-2.0 */
#include "net/journal_file.h"

#include <stdio.h>
#include <string.h>

#include "record/framing.h"

enum { VERSION = 1, BOOT_AT = 24 };
/* Longer records than this are looked at closely: few are. */
enum { LONG_RECORD = 32 * 1024 };

enum { MARK_TYPE = 0x73, MARK_CAUSE = 0x20, MARK_FIXED = 24 };

static const char magic[8] = {'P', 'A', 'N', 'S', 'P', 'O', 'O', VERSION};
static const char sign[4] = {'P', 'A', 'N', '1'};

void journal_header_put(uint8_t bytes[JOURNAL_HEADER_SIZE], const struct journal_header *header)
{
    memset(bytes, 0, JOURNAL_HEADER_SIZE);
    memcpy(bytes, magic, sizeof(magic));
    store_be64(bytes + 8, header->stream);
    store_be64(bytes + 16, header->position);
    memcpy(bytes + BOOT_AT, header->boot, sizeof(header->boot));
}

int journal_header_get(struct view bytes, struct journal_header *ret, struct error *err)
{
    if (bytes.size < JOURNAL_HEADER_SIZE || memcmp(bytes.data, magic, sizeof(magic)) != 0)
        return error_set(err, "not a file of a spool, or of another version");
    ret->stream = load_be64(bytes.data + 8);
    ret->position = load_be64(bytes.data + 16);
    memcpy(ret->boot, bytes.data + BOOT_AT, sizeof(ret->boot));
    ret->boot[sizeof(ret->boot) - 1] = '\0';
    return 0;
}

size_t journal_mark_put(uint8_t bytes[JOURNAL_MARK_MOST], const char *source,
                        const struct protocol_place *place)
{
    size_t size = strnlen(source, JOURNAL_SOURCE_MOST - 1), whole = MARK_FIXED + (size + 4) / 4 * 4;
    memset(bytes, 0, whole);
    bytes[0] = MARK_TYPE;
    bytes[1] = MARK_CAUSE;
    store_be16(bytes + 2, (uint16_t)(whole / 4));
    memcpy(bytes + 4, sign, sizeof(sign));
    store_be64(bytes + 8, place->stream);
    store_be64(bytes + 16, place->position);
    memcpy(bytes + MARK_FIXED, source, size);
    return whole;
}

bool journal_is_mark(struct view record)
{
    return record.size > MARK_FIXED && record.data[1] == MARK_CAUSE &&
           protocol_is_like_mark(record);
}

bool journal_mark_get(struct view record, char source[JOURNAL_SOURCE_MOST],
                      struct protocol_place *ret)
{
    size_t size = record.size - MARK_FIXED;
    if (!journal_is_mark(record) || size > JOURNAL_SOURCE_MOST || record.data[record.size - 1])
        return false;
    memcpy(source, record.data + MARK_FIXED, size);
    ret->stream = load_be64(record.data + 8);
    ret->position = load_be64(record.data + 16);
    return true;
}

bool journal_position_get(struct view bytes, uint64_t stream, uint64_t *ret_position)
{
    struct view mark = {bytes.data, JOURNAL_POSITION_SIZE};
    char name[JOURNAL_SOURCE_MOST];
    struct protocol_place place;
    if (bytes.size < mark.size || load_be16(bytes.data + 2) != mark.size / 4 ||
        !journal_mark_get(mark, name, &place) || place.stream != stream)
        return false;
    *ret_position = place.position;
    return !strcmp(name, JOURNAL_POSITION) || !strcmp(name, JOURNAL_CLOSED);
}

/* A damaged length makes one record of many, and of the marks between them. */
static bool has_mark(struct view record, uint64_t stream)
{
    uint64_t position;
    for (; record.size >= JOURNAL_POSITION_SIZE; record.data += 4, record.size -= 4)
        if (journal_position_get(record, stream, &position))
            return true;
    return false;
}

int journal_find(struct view bytes, uint64_t stream, size_t *ret_size, struct error *err)
{
    bool is_padding;
    int result = framing_find(bytes, ret_size, &is_padding, err);
    if (result)
        return result;
    if (is_padding)
        return error_set(err, "a word of zeros");
    if (*ret_size > LONG_RECORD && has_mark((struct view){bytes.data, *ret_size}, stream))
        return error_set(err, "a record of a wrong length");
    return 0;
}

struct event journal_damage(const char *path, uint64_t offset, const char *what)
{
    return (struct event){
        EVENT_WARNING,
        "spool-damaged",
        "{file}: offset {offset}: {damage}",
        {event_text("file", path), event_number("offset", offset), event_text("damage", what)}};
}
