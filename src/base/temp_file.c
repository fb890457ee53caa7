/* SPDX-License-Identifier: Apache-2.0 */
#include "base/temp_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/mem.h"

/* What is said where the system or the file system knows no files without a name. */
static bool is_unknown(int error)
{
    return error == EOPNOTSUPP || error == EISDIR || error == EINVAL;
}

int temp_file_open(const char *folder, struct error *err)
{
    int descriptor = open(folder, O_TMPFILE | O_RDWR | O_CLOEXEC | O_EXCL, 0600);
    if (descriptor < 0 && is_unknown(errno)) {
        char *path = mem_printf("%s/panoptes-XXXXXX", folder); /* a template of mkostemp(3) */
        descriptor = mkostemp(path, O_CLOEXEC);
        if (descriptor >= 0)
            unlink(path);
        free(path);
    }
    return descriptor < 0 ? error_errno(err, "temporary file in %s", folder) : descriptor;
}

int temp_file_check(const char *folder, struct error *err)
{
    int descriptor = temp_file_open(folder, err);
    if (descriptor < 0)
        return -1;
    close(descriptor);
    return 0;
}
