/* SPDX-License-Identifier: Apache-2.0 */
/* Arbitrary text as a file of access rules: who is refused at once would be refused later, too. */
#include <stdio.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/bytes.h"
#include "base/check.h"
#include "net/access.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const struct filter_names names = {0};
    struct access *access = access_new();
    char path[64];
    struct error err = {0};
    int file = memfd_create("access", MFD_CLOEXEC);
    check(file >= 0);
    check(write(file, data, size) == (ssize_t)size);
    snprintf(path, sizeof(path), "/proc/self/fd/%d", file);
    if (access_read(access, path, &names, &err))
        check(err.text[0]);
    for (uint32_t i = 0; i < 64; i++) {
        struct address address = {.size = i % 2 ? ADDRESS_IP4 : ADDRESS_IP6};
        store_be32(address.bytes, i << (i % 30) | (i % 3 ? 0x0a000000 : 0xfd000000));
        struct access_verdict verdict = access_decide(access, &address, NULL);
        check(!verdict.is_allowed || access_may_allow(access, &address));
        check(!verdict.filter || verdict.is_allowed);
    }
    access_free(access);
    close(file);
    return 0;
}
