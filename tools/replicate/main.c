/* SPDX-License-Identifier: Apache-2.0 */
#include <getopt.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../generate/random.h"
#include "base/mem.h"
#include "base/message.h"
#include "base/output.h"
#include "base/quantity.h"
#include "capture/pcap_writer.h"
#include "stock.h"

/*
 * replicate: a long capture out of many short ones. What it writes is a function of its options and
 * the captures alone.
 *
 * It goes in rounds. In each, every capture begins at some moment of the round, so that they run
 * side by side, among hosts that no other round has.
 */
static const char HELP[] =
    "usage: replicate [options] OUTPUT CAPTURE...\n"
    "Repeats the Ethernet frames of captures, each time with other addresses, other times and\n"
    "mixed in another way, until there are enough. OUTPUT is pcap; - is standard output.\n"
    "\n"
    "  -n, --packets N        stop after N packets (default 1000000)\n"
    "  -s, --seed N           another seed mixes in another way (default 1)\n"
    "  -r, --rate N           packets a second, about (default 50000)\n"
    "  -t, --start SECONDS    time of the first round (default 1700000000)\n"
    "  -l, --snaplen N        bytes kept of each packet (default 256)\n"
    "  -h, --help             this text\n";

enum { SNAP_LEAST = 14, SNAP_MOST = 65535 };

struct options {
    uint64_t packets, seed, rate, start, snap;
};

/* A frame of the round: when, and which of the stock. */
struct due {
    nsec_t time;
    size_t index;
};

struct player {
    struct options options;
    struct stock stock;
    struct due *dues;
    nsec_t *begins; /* of each capture, in this round */
    uint8_t frame[SNAP_MOST];
    nsec_t time;   /* of the round's beginning */
    uint64_t left; /* packets still to be written */
};

static int parse_options(struct options *o, int argc, char **argv)
{
    static const struct option LONG[] = {
        {"packets", 1, NULL, 'n'}, {"seed", 1, NULL, 's'},    {"rate", 1, NULL, 'r'},
        {"start", 1, NULL, 't'},   {"snaplen", 1, NULL, 'l'}, {"help", 0, NULL, 'h'},
        {NULL, 0, NULL, 0},
    };
    int letter;
    while ((letter = getopt_long(argc, argv, "n:s:r:t:l:h", LONG, NULL)) != -1) {
        struct error err;
        uint64_t most = UINT32_MAX, *value = NULL;
        switch (letter) {
        case 'n':
            value = &o->packets, most = UINT64_MAX;
            break;
        case 's':
            value = &o->seed;
            break;
        case 'r':
            value = &o->rate;
            break;
        case 't':
            value = &o->start;
            break;
        case 'l':
            value = &o->snap, most = SNAP_MOST;
            break;
        case 'h':
            fputs(HELP, stdout);
            exit(0);
        default:
            return -1;
        }
        if (quantity_count(optarg, most, value, &err)) {
            message_error(&err);
            return -1;
        }
    }
    if (argc - optind >= 2 && o->rate && o->snap >= SNAP_LEAST)
        return 0;
    fputs(HELP, stderr);
    return -1;
}

static int compare_dues(const void *a, const void *b)
{
    const struct due *x = a, *y = b;
    if (x->time != y->time)
        return x->time < y->time ? -1 : 1;
    return (x->index > y->index) - (x->index < y->index);
}

/* When each frame of this round comes. The captures begin within the time that all frames take. */
static void plan_round(struct player *p, struct rng *rng)
{
    const struct stock *stock = &p->stock;
    uint64_t window_us = stock->count * UINT64_C(1000000) / p->options.rate;
    uint32_t most = window_us < UINT32_MAX ? (uint32_t)window_us : UINT32_MAX - 1;
    for (uint32_t i = 0; i < stock->captures; i++)
        p->begins[i] = (nsec_t)rng_below(rng, most + 1) * NSEC_PER_SEC / 1000000;
    for (size_t i = 0; i < stock->count; i++) {
        const struct stock_frame *frame = &stock->frames[i];
        p->dues[i] = (struct due){p->time + p->begins[frame->capture] + frame->after, i};
    }
    qsort(p->dues, stock->count, sizeof(*p->dues), compare_dues);
}

static int play_round(struct player *p, uint16_t shift, struct pcap_writer *writer,
                      struct error *err)
{
    for (size_t i = 0; i < p->stock.count && p->left; i++, p->left--) {
        const struct stock_frame *kept = &p->stock.frames[p->dues[i].index];
        memcpy(p->frame, p->stock.bytes + kept->offset, kept->captured);
        shift_apply(p->frame, &kept->places, shift);
        const struct frame frame = {
            .data = p->frame,
            .time = p->time = p->dues[i].time,
            .captured = kept->captured,
            .wire = kept->wire,
            .link = 1,
        };
        int result = pcap_writer_frame(writer, &frame, NULL, err);
        if (result)
            return result;
    }
    return 0;
}

static int play(struct player *p, const char *path, struct error *err)
{
    struct pcap_writer *writer;
    struct rng rng;
    rng_init(&rng, p->options.seed, 2);
    uint32_t shift = rng_below(&rng, SHIFTS_IN_ALL);
    p->left = p->options.packets;
    p->time = (nsec_t)p->options.start * NSEC_PER_SEC;
    if (pcap_writer_open(&writer, path, false, err))
        return -1;
    int result = 0;
    while (p->left && !result) {
        plan_round(p, &rng);
        result = play_round(p, (uint16_t)shift, writer, err);
        shift = (shift + 1) % SHIFTS_IN_ALL;
    }
    if (!result)
        return pcap_writer_close(writer, err);
    pcap_writer_abandon(writer);
    return result;
}

int main(int argc, char **argv)
{
    static struct player p = {
        .options = {.packets = 1000000, .seed = 1, .rate = 50000, .start = 1700000000, .snap = 256},
    };
    struct error err;
    message_init("replicate");
    signal(SIGPIPE, SIG_IGN);
    if (parse_options(&p.options, argc, argv))
        return 2;
    for (int i = optind + 1; i < argc; i++)
        stock_add(&p.stock, argv[i], (uint32_t)p.options.snap);
    if (!p.stock.count) {
        message("there are no Ethernet frames in these captures");
        return 1;
    }
    p.dues = mem_alloc(p.stock.count * sizeof(*p.dues));
    p.begins = mem_alloc(p.stock.captures * sizeof(*p.begins));
    int result = play(&p, argv[optind], &err);
    if (result < 0)
        message_error(&err);
    else
        fprintf(stderr,
                "replicate: %zu frames of %" PRIu32 " captures, %" PRIu32
                " captures damaged, repeated %.1f times\n",
                p.stock.count, p.stock.captures, p.stock.damaged,
                (double)p.options.packets / (double)p.stock.count);
    free(p.dues);
    free(p.begins);
    stock_release(&p.stock);
    return result == 0 || result == OUTPUT_CLOSED ? 0 : 1;
}
