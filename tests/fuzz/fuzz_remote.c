/* SPDX-License-Identifier: Apache-2.0 */
/* Arbitrary bytes as what a server says: a dialogue and records, in pieces. */
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/check.h"
#include "net/remote.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    int pair[2];
    struct record *r;
    struct error err;
    struct remote_options options = {
        .filter = "tcp", .filter_for_all = true, .counts_positions = true};
    check(!endpoint_parse(&options.endpoint, "server", ENDPOINT_PORT, NULL));
    check(!socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, pair));
    struct remote *remote = remote_new(&options);
    remote_attach(remote, pair[1], 0);
    while (size && remote_descriptor(remote) >= 0) {
        size_t piece = size < 300 ? size : 300;
        if (send(pair[0], data, piece, MSG_NOSIGNAL) != (ssize_t)piece)
            break;
        data += piece;
        size -= piece;
        remote_work(remote, POLLIN, 0);
        int result;
        do {
            result = remote_next(remote, &r, &err);
        } while (!result || result == REMOTE_DAMAGED);
    }
    remote_free(remote);
    close(pair[0]);
    return 0;
}
