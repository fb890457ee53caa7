/* SPDX-License-Identifier: Apache-2.0 */
#include "record/framing.h"

#include "record/wire.h"
#include "record/wire_block.h"

int framing_check_head(struct view bytes, struct error *err)
{
    if (bytes.size < WIRE_MAR_SIZE)
        return error_set(err, "not an argus file: %zu bytes, shorter than its first record must be",
                         bytes.size);
    uint32_t cookie = load_be32(bytes.data + 8);
    if (cookie == FRAMING_COOKIE_V3 || cookie == FRAMING_COOKIE_V5)
        return 0;
    if (cookie == FRAMING_COOKIE_V2)
        return error_set(err, "argus version 2 data, which is not read");
    cookie = load_le32(bytes.data + 8);
    if (cookie == FRAMING_COOKIE_V3 || cookie == FRAMING_COOKIE_V5)
        return error_set(err, "argus data of a machine of the other byte order, which is not read");
    return error_set(err,
                     "not argus data: offset 8 has 0x%08x where 0x%08x (version 3) or 0x%08x "
                     "(version 5) is expected",
                     load_be32(bytes.data + 8), FRAMING_COOKIE_V3, FRAMING_COOKIE_V5);
}

void framing_decode_head(struct view bytes, struct record *ret)
{
    bytes.size = WIRE_MAR_SIZE;
    if (wire_decode(bytes, ret, NULL)) {
        ret->type = RECORD_MAR;
        wire_get_mar(bytes.data, &ret->mar);
    }
}

int framing_find(struct view bytes, size_t *ret_size, bool *ret_is_padding, struct error *err)
{
    *ret_is_padding = false;
    *ret_size = 4;
    if (bytes.size < 4)
        return FRAMING_MORE;
    size_t size = (size_t)load_be16(bytes.data + 2) * 4;
    if (size == 0 && bytes.data[0] == 0 && bytes.data[1] == 0) {
        *ret_is_padding = true;
        return 0;
    }
    if (size == 0)
        return error_set(err, "a record of length 0");
    if ((bytes.data[0] & 0xf0) == 0)
        return error_set(err, "not a record (type 0)");
    *ret_size = size;
    return bytes.size < size ? FRAMING_MORE : 0;
}
