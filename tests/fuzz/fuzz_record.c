/* SPDX-License-Identifier: Apache-2.0 */
/* Arbitrary bytes as a record: decoded, normalised, reversed and written; what is written reads
 * back. */
#include <string.h>

#include "base/check.h"
#include "record/wire.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct record first, second;
    static uint8_t written[WIRE_RECORD_MAX], again[WIRE_RECORD_MAX];
    if (size > WIRE_MAR_SIZE &&
        data[0] == (RECORD_MAR | 3)) { /* a file: its first record is the head */
        data += WIRE_MAR_SIZE;
        size -= WIRE_MAR_SIZE;
    }
    if (size > WIRE_RECORD_MAX / 2)
        return 0;
    if (wire_decode((struct view){data, size}, &first, NULL) && !first.blocks)
        return 0;
    record_normalise(&first);
    record_touch(&first);
    if (!record_is_flow(&first))
        return 0;
    size_t written_size = wire_encode(&first, written);
    check(written_size % 4 == 0);
    if (wire_decode((struct view){written, written_size}, &second, NULL) && !second.blocks)
        return 0;
    record_reverse(&second);
    wire_encode(&second, again);
    return 0;
}
