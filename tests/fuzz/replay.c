/* SPDX-License-Identifier: Apache-2.0 */
/*
 * replay_TARGET PATH...: feeds each file, and the files in and below each folder, to a fuzz target;
 * for inputs that the fuzzer found, and for files of all kinds, without the fuzzer.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/mem.h"
#include "base/message.h"
#include "base/paths.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Whatever is behind it does not make a test better. */
enum { FILE_MOST = 16 * 1024 * 1024 };

static int replay(const char *path, struct error *err)
{
    CLEANUP(mem_free_at) uint8_t *bytes = mem_alloc(FILE_MOST);
    FILE *file = fopen(path, "rb");
    if (!file)
        return error_errno(err, "%s", path);
    size_t size = fread(bytes, 1, FILE_MOST, file);
    fclose(file);
    bytes = mem_realloc(bytes, size); /* so that a sanitizer sees a step behind the end */
    LLVMFuzzerTestOneInput(bytes, size);
    return 0;
}

int main(int argc, char **argv)
{
    struct error err;
    struct paths paths = {0};
    int failed = 0;
    message_init("replay");
    for (int i = 1; i < argc; i++) {
        if (paths_collect(&paths, argv[i], &err)) {
            message_error(&err);
            failed = 1;
        }
    }
    for (size_t i = 0; i < paths.count; i++) {
        if (replay(paths.list[i].name, &err)) {
            message_error(&err);
            failed = 1;
        }
    }
    printf("replay: %zu files\n", paths.count);
    paths_release(&paths);
    return failed;
}
