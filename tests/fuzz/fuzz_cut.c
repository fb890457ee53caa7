/* SPDX-License-Identifier: Apache-2.0 */
/* Arbitrary bytes as a record: cut by time, its parts have what it had, each in its bin. */
#include "base/check.h"
#include "record/wire.h"
#include "split/parts.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_parts(struct record *whole, struct bins *bins)
{
    static struct parts parts;
    enum { ENOUGH = 5000 };
    struct record_metric left = whole->metric;
    struct record *part;
    struct bin bin;
    unsigned count = 0;
    parts_begin(&parts, bins, whole, true);
    while (count < ENOUGH && (part = parts_next(&parts, &bin))) {
        count++;
        check(bin.start < bin.end);
        if (!record_has(whole, BLOCK_METRIC))
            continue;
        for (unsigned side = SRC; side <= DST; side++) {
            check(part->metric.packets[side] <= left.packets[side]);
            check(part->metric.bytes[side] <= left.bytes[side]);
            left.packets[side] -= part->metric.packets[side];
            left.bytes[side] -= part->metric.bytes[side];
        }
    }
    for (unsigned side = SRC; side <= DST && count < ENOUGH && record_has(whole, BLOCK_METRIC);
         side++)
        check(!left.packets[side] && !left.bytes[side]);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char *const lengths[] = {"1s", "7m", "1d", "1M"};
    static struct record record;
    struct bins bins;
    if (size < 1 || size > WIRE_RECORD_MAX ||
        (wire_decode((struct view){data, size}, &record, NULL) && !record.blocks))
        return 0;
    record_normalise(&record);
    check(!bins_parse(&bins, lengths[size % 4], NULL));
    check_parts(&record, &bins);
    return 0;
}
