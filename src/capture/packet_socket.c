/* SPDX-License-Identifier: Apache-2.0 */
#include "capture/packet_socket.h"

#include <stdbool.h>
#include <stdint.h>
#include <sys/socket.h>

#include <linux/filter.h>
#include <linux/if_packet.h>

static bool is_packet_socket(int descriptor)
{
    int domain = 0;
    socklen_t size = sizeof(domain);
    return !getsockopt(descriptor, SOL_SOCKET, SO_DOMAIN, &domain, &size) && domain == AF_PACKET;
}

static int set_option(int descriptor, int level, int option, const void *value, socklen_t size,
                      struct error *err)
{
    if (!is_packet_socket(descriptor) || !setsockopt(descriptor, level, option, value, size))
        return 0;
    return error_errno(err, "socket option %d of a live capture", option);
}

/* Goes past libpcap, which would also filter what was taken before. */
static int set_filter(int descriptor, uint32_t bytes, struct error *err)
{
    struct sock_filter take = BPF_STMT(BPF_RET | BPF_K, bytes);
    const struct sock_fprog program = {.len = 1, .filter = &take};
    return set_option(descriptor, SOL_SOCKET, SO_ATTACH_FILTER, &program, sizeof(program), err);
}

int packet_socket_shut(int descriptor, struct error *err)
{
    return set_filter(descriptor, 0, err);
}

int packet_socket_open(int descriptor, struct error *err)
{
    return set_filter(descriptor, UINT32_MAX, err);
}

int packet_socket_ignore_outgoing(int descriptor, struct error *err)
{
    const int yes = 1;
    return set_option(descriptor, SOL_PACKET, PACKET_IGNORE_OUTGOING, &yes, sizeof(yes), err);
}
