/* SPDX-License-Identifier: Apache-2.0 */
#include "capture/series_merge.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "../base/files.h"
#include "builders.h"

/* Times in nanoseconds from here. */
#define EPOCH (1700000000 * NSEC_PER_SEC)

enum { FILES = 40, PACKETS = 300 };

static uint32_t next_random(uint32_t *seed)
{
    *seed = *seed * 1664525 + 1013904223;
    return *seed >> 8;
}

static void no_trouble(void *arg, const char *text)
{
    (void)arg;
    fail_msg("%s", text);
}

/* Files "00", "01", ... each with packets at these times. */
static void build(nsec_t times[FILES][PACKETS])
{
    for (unsigned i = 0; i < FILES; i++) {
        char name[16];
        snprintf(name, sizeof(name), "%02u", i);
        build_pcap_file(name, times[i], PACKETS);
    }
}

static struct series *open_all(void)
{
    static char names[FILES][16];
    const char *paths[FILES];
    const struct series_options options = {.merge = true, .trouble = no_trouble};
    struct series *series;
    for (unsigned i = 0; i < FILES; i++) {
        snprintf(names[i], sizeof(names[i]), "%02u", i * 7 % FILES);
        paths[i] = names[i];
    }
    assert_int_equal(series_open(&series, paths, FILES, &options, NULL), 0);
    return series;
}

/* Overlapping files with many equal times, against the rule written down as plainly as can be. */
static void packets_come_by_time_and_then_by_file(void **state)
{
    (void)state;
    static nsec_t times[FILES][PACKETS];
    unsigned next[FILES] = {0}, seen = 0;
    uint32_t seed = 1;
    for (unsigned i = 0; i < FILES; i++) {
        nsec_t time = EPOCH + next_random(&seed) % 1000;
        for (unsigned p = 0; p < PACKETS; p++, time += next_random(&seed) % 5)
            times[i][p] = time;
    }
    build(times);
    struct series *series = open_all();
    struct frame_batch batch;
    while (series_next(series, &batch, NULL) != SERIES_END) {
        for (unsigned f = 0; f < batch.count; f++, seen++) {
            const struct frame *frame = &batch.frames[f];
            const unsigned file = (unsigned)atoll(series_name(series, frame->input));
            assert_int_equal(frame->number, ++next[file]);
            assert_int_equal(frame->time, times[file][frame->number - 1]);
            assert_int_equal(frame->data[0], (uint8_t)(frame->number - 1));
            for (unsigned other = 0; other < series_files(series); other++) {
                const unsigned k = (unsigned)atoll(series_name(series, other));
                if (next[k] == PACKETS)
                    continue;
                const nsec_t waiting = times[k][next[k]];
                assert_true(frame->time < waiting ||
                            (frame->time == waiting && frame->input <= other));
            }
        }
    }
    assert_int_equal(seen, FILES * PACKETS);
    series_close(series);
}

static unsigned count_mapped(void)
{
    FILE *maps = fopen("/proc/self/maps", "r");
    char line[4096], *here = getcwd(NULL, 0);
    unsigned count = 0;
    assert_non_null(maps);
    while (fgets(line, sizeof(line), maps))
        count += strstr(line, here) != NULL;
    fclose(maps);
    free(here);
    return count;
}

/* Files that follow each other are never open together, and those that overlap are. */
static void files_are_open_only_while_they_must(void **state)
{
    (void)state;
    static nsec_t times[FILES][PACKETS];
    for (unsigned overlap = 0; overlap < 2; overlap++) {
        for (unsigned i = 0; i < FILES; i++)
            for (unsigned p = 0; p < PACKETS; p++)
                times[i][p] = EPOCH + (nsec_t)(i * (PACKETS - overlap) + p);
        build(times);
        struct series *series = open_all();
        struct frame_batch batch;
        unsigned most = 0;
        nsec_t last = 0;
        while (series_next(series, &batch, NULL) != SERIES_END) {
            const unsigned open = count_mapped();
            most = open > most ? open : most;
            assert_true(batch.frames[0].time >= last);
            last = batch.frames[batch.count - 1].time;
        }
        assert_int_equal(most, 1 + overlap);
        series_close(series);
    }
}

/* The packets of one file stay in their order when its clock goes backwards. */
static void times_that_go_backwards(void **state)
{
    (void)state;
    static const nsec_t a[] = {EPOCH + 10, EPOCH + 5, EPOCH + 6, EPOCH + 20};
    static const nsec_t b[] = {EPOCH + 8, EPOCH + 11, EPOCH + 15, EPOCH + 30};
    static const int expected[] = {8, 10, 5, 6, 11, 15, 20, 30};
    const char *const paths[] = {"a", "b"};
    const struct series_options options = {.merge = true, .trouble = no_trouble};
    struct series *series;
    struct frame_batch batch;
    unsigned seen = 0;
    build_pcap_file("a", a, 4);
    build_pcap_file("b", b, 4);
    assert_int_equal(series_open(&series, paths, 2, &options, NULL), 0);
    while (series_next(series, &batch, NULL) != SERIES_END)
        for (unsigned i = 0; i < batch.count; i++)
            assert_int_equal(batch.frames[i].time - EPOCH, expected[seen++]);
    assert_int_equal(seen, 8);
    series_close(series);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(packets_come_by_time_and_then_by_file, files_enter,
                                        files_leave),
        cmocka_unit_test_setup_teardown(files_are_open_only_while_they_must, files_enter,
                                        files_leave),
        cmocka_unit_test_setup_teardown(times_that_go_backwards, files_enter, files_leave),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
