/* SPDX-License-Identifier: Apache-2.0 */
#include "base/mem.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

static NORETURN void out_of_memory(size_t size)
{
    fprintf(stderr, "out of memory: %zu bytes wanted\n", size);
    exit(1);
}

void *mem_alloc(size_t size)
{
    void *memory = malloc(size ? size : 1);
    if (!memory)
        out_of_memory(size);
    return memory;
}

void *mem_zalloc(size_t size)
{
    void *memory = calloc(1, size ? size : 1);
    if (!memory)
        out_of_memory(size);
    return memory;
}

void *mem_zalloc_lines(size_t size)
{
    size_t whole = (size + CACHE_LINE) / CACHE_LINE * CACHE_LINE;
    void *memory = aligned_alloc(CACHE_LINE, whole);
    if (!memory)
        out_of_memory(size);
    return memset(memory, 0, whole);
}

void *mem_realloc(void *old, size_t size)
{
    void *memory = realloc(old, size ? size : 1);
    if (!memory)
        out_of_memory(size);
    return memory;
}

char *mem_strdup(const char *text)
{
    size_t size = strlen(text) + 1;
    return memcpy(mem_alloc(size), text, size);
}

char *mem_printf(const char *format, ...)
{
    va_list args;
    va_start(args, format);
    char *text;
    int length = vasprintf(&text, format, args);
    va_end(args);
    if (length < 0)
        out_of_memory(0);
    return text;
}

void *mem_grow(void *array, size_t *capacity, size_t need, size_t size)
{
    if (array && need <= *capacity)
        return array;
    size_t wanted = *capacity ? *capacity : 8;
    while (wanted < need)
        wanted += wanted / 2 + 1;
    if (wanted > (size_t)-1 / size)
        out_of_memory((size_t)-1);
    *capacity = wanted;
    return mem_realloc(array, wanted * size);
}

void *mem_try_map(size_t size)
{
    void *pages = mmap(NULL, size, PROT_READ | PROT_WRITE,
                       MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (pages == MAP_FAILED)
        return NULL;
    madvise(pages, size, MADV_HUGEPAGE); /* random access to large tables is bound by the TLB */
    return pages;
}

void mem_unmap(void *pages, size_t size)
{
    if (pages)
        munmap(pages, size);
}

void mem_discard(void *from, void *to)
{
    enum { PAGE = 4096 };
    uint8_t *first = from, *last = to;
    uint8_t *page = (uint8_t *)(((uintptr_t)first + PAGE - 1) / PAGE * PAGE);
    size_t size = page < last ? (size_t)(last - page) / PAGE * PAGE : 0;
    if (!size || madvise(page, size, MADV_DONTNEED)) {
        memset(first, 0, (size_t)(last - first));
        return;
    }
    memset(first, 0, (size_t)(page - first));
    memset(page + size, 0, (size_t)(last - page) - size);
}

void mem_free_at(void *pointer_variable)
{
    void **at = pointer_variable;
    free(*at);
    *at = NULL;
}
