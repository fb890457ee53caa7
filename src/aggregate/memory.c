/* SPDX-License-Identifier: Apache-2.0 */
#include "aggregate/memory.h"

bool memory_make_fit(struct memory *memory, size_t bytes)
{
    if (memory_fits(memory, bytes))
        return true;
    size_t wanted = memory->other_bytes + bytes + memory->chunks.chunk_bytes;
    if (wanted > memory->limit_bytes)
        return false;
    chunks_trim(&memory->chunks, memory->limit_bytes - wanted);
    return memory_fits(memory, bytes);
}

void memory_note_peak(struct memory *memory)
{
    size_t bytes = memory->chunks.bytes + memory->other_bytes;
    if (bytes > memory->peak_bytes)
        memory->peak_bytes = bytes;
}
