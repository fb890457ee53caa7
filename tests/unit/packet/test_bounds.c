/* SPDX-License-Identifier: Apache-2.0 */
#include <dirent.h>
#include <limits.h>
#include <pcap/pcap.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cmocka.h>

#include "cases.h"

/*
 * No byte behind the captured ones is touched: frames lie so that the byte after them is on a page
 * that cannot be read. Every frame of the tables, and the first ones of every capture file of the
 * corpus (PANOPTES_CORPUS, if it is there), are decoded at every captured length.
 */
enum { ROOM = 1 << 18, EVERY_LENGTH = 600, FRAMES_EACH = 50 };

static uint8_t *guard; /* the first byte that cannot be read */

static int make_guard(void **state)
{
    (void)state;
    size_t page = (size_t)sysconf(_SC_PAGESIZE);
    uint8_t *room =
        mmap(NULL, ROOM + page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (room == MAP_FAILED || mprotect(room + ROOM, page, PROT_NONE))
        return -1;
    guard = room + ROOM;
    return 0;
}

static void decode_at_guard(struct frame frame, uint32_t size, uint32_t quirks, uint32_t tunnels)
{
    uint8_t *start = guard - size;
    if (size)
        memcpy(start, frame.data, size);
    frame.data = start;
    frame.captured = size;
    struct decode_options options = {.quirks = quirks, .tunnels = tunnels};
    struct packet p;
    memset(&p, 0xA5, sizeof(p));
    enum packet_loss loss = packet_decode(&frame, &options, &p);
    if (loss != PACKET_OK) {
        assert_true(loss == LOSS_SHORT || loss == LOSS_LINK_TYPE);
        return;
    }
    assert_true(p.bytes <= frame.wire);
    assert_true(p.kind <= PACKET_LINK);
    if (p.payload.size)
        assert_true(p.payload.data >= start && p.payload.data + p.payload.size <= guard);
    bool icmp =
        (p.kind == PACKET_IP4 && p.protocol == 1) || (p.kind == PACKET_IP6 && p.protocol == 58);
    if (icmp && p.has_upper && p.u.icmp.inner.size) {
        struct view inner = p.u.icmp.inner;
        assert_true(inner.data >= start && inner.data + inner.size <= guard);
        struct packet quoted;
        packet_decode_inner(inner, &options, &quoted);
    }
}

static void decode_at_all_lengths(struct frame frame)
{
    uint32_t full = frame.captured;
    for (uint32_t size = 0; size <= full; size++) {
        if (size == EVERY_LENGTH && full > EVERY_LENGTH)
            size = full;
        decode_at_guard(frame, size, 0, TUNNEL_ALL);
        decode_at_guard(frame, size, QUIRKS_ALL_308, TUNNEL_ALL);
    }
}

static void frames_of_the_tables(void **state)
{
    (void)state;
    for (size_t i = 0; i < CASE_LISTS; i++) {
        for (size_t k = 0; k < case_lists[i]->count; k++) {
            uint8_t bytes[CASE_FRAME_MAX];
            decode_at_all_lengths(case_frame(&case_lists[i]->cases[k], bytes));
        }
    }
}

/* Each table's frames under every link type: bytes that are not what the type promises. */
static void frames_of_other_links(void **state)
{
    (void)state;
    for (size_t i = 0; i < CASE_LISTS; i++) {
        for (size_t k = 0; k < case_lists[i]->count; k++) {
            uint8_t bytes[CASE_FRAME_MAX];
            struct frame frame = case_frame(&case_lists[i]->cases[k], bytes);
            for (frame.link = 0; frame.link < 310; frame.link++)
                decode_at_guard(frame, frame.captured, 0, TUNNEL_ALL);
        }
    }
}

/* Every byte of every table's frame replaced by values that are limits of something. */
static void frames_with_changed_bytes(void **state)
{
    (void)state;
    static const uint8_t values[] = {0x00, 0x01, 0x3f, 0x7f, 0x80, 0xff};
    for (size_t i = 0; i < CASE_LISTS; i++) {
        for (size_t k = 0; k < case_lists[i]->count; k++) {
            uint8_t bytes[CASE_FRAME_MAX];
            struct frame frame = case_frame(&case_lists[i]->cases[k], bytes);
            for (uint32_t at = 0; at < frame.captured; at++) {
                uint8_t before = bytes[at];
                for (size_t v = 0; v < sizeof(values); v++) {
                    bytes[at] = values[v];
                    decode_at_guard(frame, frame.captured, 0, TUNNEL_ALL);
                }
                bytes[at] = before;
            }
        }
    }
}

static unsigned decode_file(const char *path)
{
    char why[PCAP_ERRBUF_SIZE];
    pcap_t *file = pcap_open_offline_with_tstamp_precision(path, PCAP_TSTAMP_PRECISION_NANO, why);
    if (!file)
        return 0;
    struct pcap_pkthdr *header;
    const uint8_t *data;
    unsigned frames = 0;
    while (frames < FRAMES_EACH && pcap_next_ex(file, &header, &data) == 1) {
        struct frame frame = {
            .data = data,
            .captured = header->caplen < ROOM ? header->caplen : ROOM,
            .wire = header->len,
            .link = (uint16_t)pcap_datalink(file),
        };
        decode_at_all_lengths(frame);
        frames++;
    }
    pcap_close(file);
    return frames;
}

static void frames_of_the_corpus(void **state)
{
    (void)state;
    const char *folder = getenv("PANOPTES_CORPUS");
    if (!folder)
        folder = DEFAULT_CORPUS;
    DIR *entries = opendir(folder);
    if (!entries) {
        fprintf(stderr, "SKIPPED: there is no corpus of captures in %s\n", folder);
        skip();
    }
    unsigned frames = 0;
    struct dirent *entry;
    while ((entry = readdir(entries)) != NULL) {
        char path[PATH_MAX];
        snprintf(path, sizeof(path), "%s/%s", folder, entry->d_name);
        frames += decode_file(path);
    }
    closedir(entries);
    print_message("%u frames of the corpus\n", frames);
    assert_true(frames > 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(frames_of_the_tables),
        cmocka_unit_test(frames_of_other_links),
        cmocka_unit_test(frames_with_changed_bytes),
        cmocka_unit_test(frames_of_the_corpus),
    };
    return cmocka_run_group_tests(tests, make_guard, NULL);
}
