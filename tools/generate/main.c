/* SPDX-License-Identifier: Apache-2.0 */
#include <getopt.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/attr.h"
#include "base/message.h"
#include "base/quantity.h"
#include "files.h"
#include "traffic.h"
#include "truth.h"

/*
 * generate: captures for tests, benchmarks and the demo. What it writes is a function of its
 * options alone, on every machine.
 */
static const char HELP[] =
    "usage: generate [options] OUTPUT\n"
    "Writes a capture of made-up traffic, the same for the same options; OUTPUT -\n"
    "is standard output.\n"
    "\n"
    "  -n, --packets N        stop after N packets (default 100000)\n"
    "  -f, --flows N          begin N conversations instead, and let them end\n"
    "  -m, --mix NAME         kind of traffic: mixed (default), scan, scans, mail, web, dns,\n"
    "                         flood; scans has scanners of each kind, which --truth names\n"
    "  -s, --seed N           another seed gives other traffic (default 1)\n"
    "  -r, --rate N           packets a second, about (default 20000)\n"
    "  -t, --start SECONDS    time of the first packet (default 1700000000)\n"
    "  -l, --snaplen N        bytes kept of each packet (default 2048)\n"
    "  -F, --format NAME      pcap (default), pcap-ns, pcapng\n"
    "  -c, --files N          cut the capture into N files in the folder OUTPUT\n"
    "  -x, --shuffle-names    names of the files do not follow time\n"
    "  -T, --truth FILE       what an observer should count, as CSV\n"
    "  -h, --help             this text\n";

struct options {
    struct traffic_options traffic;
    struct files_options files;
    const char *truth;
    bool shuffle;
};

static int parse_count(const char *text, uint64_t least, uint64_t most, uint64_t *ret)
{
    struct error err;
    int result = quantity_count(text, most, ret, &err);
    if (result == 0 && *ret < least)
        result = error_set(&err, "'%s' is too small (at least %" PRIu64 ")", text, least);
    if (result != 0)
        message_error(&err);
    return result;
}

static int parse_format(const char *text, enum file_format *ret)
{
    static const char *const NAMES[] = {"pcap", "pcap-ns", "pcapng"};
    for (size_t i = 0; i < ARRAY_SIZE(NAMES); i++) {
        if (strcmp(text, NAMES[i]) == 0) {
            *ret = (enum file_format)i;
            return 0;
        }
    }
    message("there is no format '%s', but pcap, pcap-ns, pcapng", text);
    return -1;
}

static int parse_option(struct options *o, int letter, const char *text)
{
    uint64_t n = 0;
    int result = 0;
    switch (letter) {
    case 'n':
        return parse_count(text, 1, UINT64_MAX, &o->traffic.packets_most);
    case 'f':
        o->traffic.packets_most = 0;
        return parse_count(text, 1, UINT64_MAX, &o->traffic.flows_most);
    case 'm':
        o->traffic.mix = text;
        return 0;
    case 's':
        return parse_count(text, 0, UINT64_MAX, &o->traffic.seed);
    case 'r':
        result = parse_count(text, 1, 100000000, &n);
        o->traffic.rate = (uint32_t)n;
        return result;
    case 't':
        result = parse_count(text, 0, UINT32_MAX, &n);
        o->traffic.start = (nsec_t)n * NSEC_PER_SEC;
        return result;
    case 'l':
        result = parse_count(text, 14, FRAME_ROOM, &n);
        o->files.snap = (uint32_t)n;
        return result;
    case 'F':
        return parse_format(text, &o->files.format);
    case 'c':
        result = parse_count(text, 1, 1000000, &n);
        o->files.count = (uint32_t)n;
        return result;
    case 'x':
        o->shuffle = true;
        return 0;
    case 'T':
        o->truth = text;
        return 0;
    default:
        return -1;
    }
}

static int parse_options(struct options *o, int argc, char **argv)
{
    static const struct option LONG[] = {
        {"packets", 1, NULL, 'n'}, {"flows", 1, NULL, 'f'},
        {"mix", 1, NULL, 'm'},     {"seed", 1, NULL, 's'},
        {"rate", 1, NULL, 'r'},    {"start", 1, NULL, 't'},
        {"snaplen", 1, NULL, 'l'}, {"format", 1, NULL, 'F'},
        {"files", 1, NULL, 'c'},   {"shuffle-names", 0, NULL, 'x'},
        {"truth", 1, NULL, 'T'},   {"help", 0, NULL, 'h'},
        {NULL, 0, NULL, 0},
    };
    int letter;
    while ((letter = getopt_long(argc, argv, "n:f:m:s:r:t:l:F:c:xT:h", LONG, NULL)) != -1) {
        if (letter == 'h') {
            fputs(HELP, stdout);
            exit(0);
        }
        if (parse_option(o, letter, optarg) != 0)
            return -1;
    }
    if (optind != argc - 1) {
        fputs(HELP, stderr);
        return -1;
    }
    o->files.path = argv[optind];
    if (o->shuffle)
        o->files.shuffle_seed = o->traffic.seed + 1;
    return 0;
}

static void write_truth(void *arg, const struct session *s)
{
    struct truth *truth = arg;
    if (truth)
        truth_add(truth, s);
}

/* With --flows the number of packets, which the cutting needs, is found by a dry run. */
static int count_frames(struct options *o, struct error *err)
{
    o->files.frames_in_all = o->traffic.packets_most;
    if (o->traffic.packets_most || o->files.count == 1)
        return 0;
    struct traffic *traffic;
    struct frame_writer w = {.snap = 0};
    nsec_t time;
    if (traffic_new(&traffic, &o->traffic, write_truth, NULL, err) != 0)
        return -1;
    while (traffic_next(traffic, &w, &time))
        o->files.frames_in_all++;
    traffic_free(traffic);
    return 0;
}

static int write_frames(struct traffic *traffic, struct files *files, uint32_t snap,
                        struct error *err)
{
    struct frame_writer w = {.snap = snap};
    nsec_t time;
    while (traffic_next(traffic, &w, &time)) {
        if (files_put(files, &w, time, err) != 0)
            return -1;
    }
    return 0;
}

static int generate(struct options *o, struct error *err)
{
    struct truth *truth = NULL;
    struct traffic *traffic;
    struct files *files;
    if (count_frames(o, err) != 0 || (o->truth && truth_new(&truth, o->truth, err) != 0) ||
        traffic_new(&traffic, &o->traffic, write_truth, truth, err) != 0 ||
        files_new(&files, &o->files, err) != 0)
        return -1;
    int result = write_frames(traffic, files, o->files.snap, err);
    if (files_close(files, result == 0 ? err : NULL) != 0)
        result = -1;
    traffic_free(traffic); /* reports the conversations that were cut off */
    if (truth && truth_close(truth, result == 0 ? err : NULL) != 0)
        result = -1;
    return result;
}

int main(int argc, char **argv)
{
    struct options o = {
        .traffic = {.mix = "mixed",
                    .seed = 1,
                    .packets_most = 100000,
                    .rate = 20000,
                    .start = 1700000000 * NSEC_PER_SEC},
        .files = {.count = 1, .snap = 2048},
    };
    message_init("generate");
    if (parse_options(&o, argc, argv) != 0)
        return 2;
    struct error err;
    if (generate(&o, &err) != 0) {
        message_error(&err);
        return 1;
    }
    return 0;
}
