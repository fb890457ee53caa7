/* SPDX-License-Identifier: Apache-2.0 */
/* Any bytes as a capture file, decompressed and read to the end: every frame must lie in memory. */
#include "base/check.h"
#include "capture/capture.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* A few bytes may unpack to gigabytes. */
enum { BATCHES_MOST = 2000 };

static void look_at(const struct frame *frame)
{
    for (uint32_t i = 0; i < frame->captured; i++)
        (void)*(const volatile uint8_t *)&frame->data[i];
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct capture *cap;
    struct frame_batch batch;
    struct error err = {0};
    uint64_t number = 0;
    int result = 0;
    if (capture_open_memory(&cap, (struct view){data, size}, "fuzz", &err))
        return 0;
    for (int i = 0; i < BATCHES_MOST && !(result = capture_next(cap, &batch, &err)); i++) {
        check(batch.count && batch.count <= FRAME_BATCH);
        for (unsigned f = 0; f < batch.count; f++) {
            check(batch.frames[f].number > number);
            number = batch.frames[f].number;
            look_at(&batch.frames[f]);
        }
    }
    check(result >= 0 || err.text[0]);
    capture_close(cap);
    return 0;
}
