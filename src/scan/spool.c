/* SPDX-License-Identifier: Apache-2.0 */
#include "scan/spool.h"

#include <stdlib.h>

#include "base/mem.h"
#include "record/pack.h"
#include "spill/spill.h"

enum { BLOCK_BYTES = 256 * 1024 };

struct head {
    uint64_t offset; /* of the record, in its input */
    uint32_t size, form;
};

struct spool {
    struct spill_file *file;
    struct spill_stream stream;
    uint8_t *packed;
    size_t capacity;
    struct record record; /* the one that was read last */
};

struct spool *spool_new(const char *folder)
{
    struct spool *spool = mem_zalloc(sizeof(*spool));
    spool->file = spill_file_new(folder, BLOCK_BYTES);
    spool->stream.file = spool->file;
    return spool;
}

void spool_free(struct spool *spool)
{
    if (!spool)
        return;
    spill_release(&spool->stream);
    spill_file_free(spool->file);
    free(spool->packed);
    free(spool);
}

int spool_add(struct spool *spool, const struct record *r, struct error *err)
{
    enum pack_form form;
    const size_t size = pack_kept_size(r, &form);
    const struct head head = {.offset = r->offset, .size = (uint32_t)size, .form = form};
    spool->packed = mem_grow(spool->packed, &spool->capacity, size, 1);
    pack_keep(r, form, spool->packed);
    if (spill_write(&spool->stream, &head, sizeof(head), err))
        return -1;
    return spill_write(&spool->stream, spool->packed, size, err);
}

int spool_finish(struct spool *spool, struct error *err)
{
    return spill_close(&spool->stream, err);
}

int spool_next(struct spool *spool, struct record **ret, struct error *err)
{
    const void *bytes;
    struct head head;
    if (!spool->stream.bytes)
        return SPOOL_END;
    if (spill_read(&spool->stream, sizeof(head), &bytes, err))
        return -1;
    memcpy(&head, bytes, sizeof(head));
    if (spill_read(&spool->stream, head.size, &bytes, err))
        return -1;
    pack_read_kept((struct view){bytes, head.size}, (enum pack_form)head.form, &spool->record);
    spool->record.offset = head.offset;
    *ret = &spool->record;
    return 0;
}
