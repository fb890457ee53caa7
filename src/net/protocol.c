/* SPDX-License-Identifier: Apache-2.0 */
#include "net/protocol.h"

#include <string.h>

#include "record/record.h"

/* In the start record these bytes are zeros with everybody else. */
enum { SIGN_AT = 108, STREAM_AT = 112 };

static const char sign[4] = {'P', 'A', 'N', '1'};

void protocol_put_stream(uint8_t *head, uint64_t stream)
{
    memcpy(head + SIGN_AT, sign, sizeof(sign));
    store_be64(head + STREAM_AT, stream);
}

bool protocol_get_stream(const uint8_t *head, uint64_t *ret_stream)
{
    *ret_stream = load_be64(head + STREAM_AT);
    return !memcmp(head + SIGN_AT, sign, sizeof(sign));
}

/* A type of record that no version of Argus writes. */
enum { MARK_TYPE = 0x73, MARK_CAUSE = 0x10 };

void protocol_put_mark(uint8_t bytes[PROTOCOL_MARK_SIZE], const struct protocol_mark *mark)
{
    bytes[0] = MARK_TYPE;
    bytes[1] = MARK_CAUSE;
    store_be16(bytes + 2, PROTOCOL_MARK_SIZE / 4);
    memcpy(bytes + 4, sign, sizeof(sign));
    store_be64(bytes + 8, mark->place.stream);
    store_be64(bytes + 16, mark->place.position);
    store_be64(bytes + 24, mark->lost);
}

bool protocol_is_like_mark(struct view record)
{
    return record.size >= 8 && record.data[0] == MARK_TYPE &&
           !memcmp(record.data + 4, sign, sizeof(sign));
}

bool protocol_get_mark(struct view record, struct protocol_mark *ret)
{
    if (record.size != PROTOCOL_MARK_SIZE || record.data[1] != MARK_CAUSE ||
        !protocol_is_like_mark(record))
        return false;
    ret->place.stream = load_be64(record.data + 8);
    ret->place.position = load_be64(record.data + 16);
    ret->lost = load_be64(record.data + 24);
    return true;
}

bool protocol_is_refusal(const uint8_t *head, struct error *err)
{
    if ((head[0] & 0xf0) != RECORD_MAR || (head[1] & 0xf0) != CAUSE_ERROR)
        return false;
    switch (head[1] & 0x0f) {
    case PROTOCOL_ERROR_ACCESS:
        error_set(err, "the server refuses access");
        break;
    case PROTOCOL_ERROR_CLIENTS:
        error_set(err, "the server has as many clients as it takes");
        break;
    case PROTOCOL_ERROR_RATE:
        error_set(err, "the server is asked too often");
        break;
    default:
        error_set(err, "the server refuses to serve");
        break;
    }
    return true;
}
