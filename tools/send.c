/* SPDX-License-Identifier: Apache-2.0 */
/*
 * send [options] INTERFACE: packets at a rate, for proofs and benchmarks of live capture; faster
 * than programs that replay captures. UDP over IPv4 of as many flows as asked for, one after the
 * other, straight to the interface's driver. Prints how many were sent, and in which time.
 *
 * What the kernel has no room for is given to it again, so that what is counted was sent.
 */
#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

#include <linux/if_packet.h>

#include "base/bytes.h"
#include "base/clock.h"
#include "base/message.h"
#include "base/quantity.h"

static const char HELP[] =
    "usage: send [options] INTERFACE\n"
    "Sends made-up UDP packets, and prints how many in which time.\n"
    "\n"
    "  -n, --packets N        so many packets (default 100000)\n"
    "  -r, --rate N           packets a second (default: as many as can be)\n"
    "  -f, --flows N          of so many flows (default 1000)\n"
    "  -l, --length N         bytes of each packet (default 60)\n"
    "  -h, --help             this text\n";

enum { BATCH = 32, LENGTH_LEAST = 60, LENGTH_MOST = 1514, HEADERS = 42 };

struct options {
    uint64_t packets, rate, flows, length;
    const char *interface;
};

static int parse_options(struct options *o, int argc, char **argv)
{
    static const struct option LONG[] = {
        {"packets", 1, NULL, 'n'}, {"rate", 1, NULL, 'r'}, {"flows", 1, NULL, 'f'},
        {"length", 1, NULL, 'l'},  {"help", 0, NULL, 'h'}, {NULL, 0, NULL, 0},
    };
    int letter;
    while ((letter = getopt_long(argc, argv, "n:r:f:l:h", LONG, NULL)) != -1) {
        struct error err;
        uint64_t *value = letter == 'n'   ? &o->packets
                          : letter == 'r' ? &o->rate
                          : letter == 'f' ? &o->flows
                                          : &o->length;
        if (letter == 'h') {
            fputs(HELP, stdout);
            exit(0);
        }
        if (letter == '?')
            return -1;
        if (quantity_count(optarg, UINT32_MAX, value, &err)) {
            message_error(&err);
            return -1;
        }
    }
    o->interface = argv[optind];
    if (optind == argc - 1 && o->flows && o->length >= LENGTH_LEAST && o->length <= LENGTH_MOST)
        return 0;
    fputs(HELP, stderr);
    return -1;
}

static uint16_t checksum_of(const uint8_t *header)
{
    uint32_t sum = 0;
    for (int i = 0; i < 20; i += 2)
        sum += load_be16(header + i);
    return (uint16_t) ~(sum + (sum >> 16));
}

/* Ethernet, IPv4 from 10.x.x.x to 192.0.2.1, UDP without a checksum. */
static void make_frame(uint8_t *frame, uint32_t length, uint32_t flow)
{
    static const uint8_t HEADER[HEADERS] = {2,  0,  0, 0, 0,   1, 2, 0, 0, 0,  0,  2, 8,
                                            0,  69, 0, 0, 0,   0, 0, 0, 0, 64, 17, 0, 0,
                                            10, 0,  0, 0, 192, 0, 2, 1, 0, 0,  0,  53};
    memset(frame, 0, length);
    memcpy(frame, HEADER, sizeof(HEADER));
    store_be16(frame + 16, (uint16_t)(length - 14));
    store_be16(frame + 38, (uint16_t)(length - 34));
    frame[27] = (uint8_t)(flow >> 24);
    store_be16(frame + 28, (uint16_t)(flow >> 8));
    store_be16(frame + 34, (uint16_t)(1024 + (flow & 0xff)));
    store_be16(frame + 24, checksum_of(frame + 14));
}

static int open_socket(const char *interface)
{
    struct sockaddr_ll address = {.sll_family = AF_PACKET};
    address.sll_ifindex = (int)if_nametoindex(interface);
    const int yes = 1;
    int s = socket(AF_PACKET, SOCK_RAW, 0);
    if (s < 0 || !address.sll_ifindex || bind(s, (struct sockaddr *)&address, sizeof(address)) ||
        setsockopt(s, SOL_PACKET, PACKET_QDISC_BYPASS, &yes, sizeof(yes))) {
        message("%s: %s", interface, strerror(errno));
        exit(1);
    }
    return s;
}

static nsec_t steady_now(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * NSEC_PER_SEC + now.tv_nsec;
}

/* Sleeps while it is long, and looks at the clock when it is not. */
static void wait_until(nsec_t due)
{
    static const nsec_t SHORT = 200 * NSEC_PER_USEC;
    nsec_t left;
    while ((left = due - steady_now()) > 0) {
        if (left > SHORT) {
            const struct timespec time = {.tv_nsec = (left - SHORT) % NSEC_PER_SEC};
            nanosleep(&time, NULL);
        }
    }
}

static void send_batch(const struct options *o, int s, struct mmsghdr *messages, unsigned count)
{
    unsigned sent = 0;
    while (sent < count) {
        int result = sendmmsg(s, messages + sent, count - sent, 0);
        if (result < 0 && errno != ENOBUFS && errno != EAGAIN && errno != EINTR) {
            message("%s: %s", o->interface, strerror(errno));
            exit(1);
        }
        sent += result > 0 ? (unsigned)result : 0;
    }
}

int main(int argc, char **argv)
{
    struct options o = {.packets = 100000, .flows = 1000, .length = LENGTH_LEAST};
    static uint8_t frames[BATCH][LENGTH_MOST];
    struct iovec parts[BATCH];
    struct mmsghdr messages[BATCH] = {0};
    message_init("send");
    if (parse_options(&o, argc, argv))
        return 2;
    int s = open_socket(o.interface);
    for (unsigned i = 0; i < BATCH; i++) {
        parts[i] = (struct iovec){frames[i], o.length};
        messages[i].msg_hdr.msg_iov = &parts[i];
        messages[i].msg_hdr.msg_iovlen = 1;
    }
    nsec_t begin = steady_now();
    for (uint64_t at = 0; at < o.packets;) {
        unsigned count = o.packets - at < BATCH ? (unsigned)(o.packets - at) : BATCH;
        for (unsigned i = 0; i < count; i++)
            make_frame(frames[i], (uint32_t)o.length, (uint32_t)((at + i) % o.flows));
        if (o.rate)
            wait_until(begin + (nsec_t)(at * UINT64_C(1000000000) / o.rate));
        send_batch(&o, s, messages, count);
        at += count;
    }
    printf("%" PRIu64 " packets in %.3f s\n", o.packets,
           (double)(steady_now() - begin) / NSEC_PER_SEC);
    return 0;
}
