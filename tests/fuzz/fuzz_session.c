/* SPDX-License-Identifier: Apache-2.0 */
/* Arbitrary bytes as what a client says, in pieces; it gets a record now and then. */
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/check.h"
#include "net/session.h"
#include "record/wire.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static nsec_t wall(void)
{
    return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const uint8_t head[WIRE_MAR_SIZE] = {0x83, 0x10, 0, WIRE_MAR_SIZE / 4};
    const struct session_options options = {
        .head = head, .most_filter_bytes = 4096, .patience = 100, .wall = wall};
    uint8_t drained[4096];
    int pair[2];
    check(!socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, pair));
    struct session *session = session_new(pair[0], &options, 0);
    bool goes_on = true;
    for (nsec_t now = 0; size && goes_on; now++) {
        size_t piece = data[0] % 64 + 1u < size ? data[0] % 64 + 1u : size;
        if (send(pair[1], data, piece, MSG_NOSIGNAL) != (ssize_t)piece)
            break;
        data += piece;
        size -= piece;
        goes_on = session_work(session, POLLIN, now);
        if (goes_on && session_has_room(session))
            session_give(session, (struct view){head, sizeof(head)}, (uint64_t)now, now);
        while (recv(pair[1], drained, sizeof(drained), 0) > 0)
            ;
    }
    session_free(session);
    close(pair[1]);
    return 0;
}
