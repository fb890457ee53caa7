/* SPDX-License-Identifier: Apache-2.0 */
#include "capture/series.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "../base/files.h"
#include "builders.h"

#define SEC NSEC_PER_SEC

/* 2023-11-14 22:13:20 UTC. The times of the packets here count from it. */
#define EPOCH (1700000000 * SEC)

enum { LINES = 64, TAKEN = 4096 };

/* All that a series gave, in order. */
static struct {
    char notes[LINES][1024], warnings[LINES][1024], troubles[LINES][1024];
    unsigned note_count, warning_count, trouble_count;
    struct {
        char name[32];
        nsec_t time; /* from EPOCH */
    } taken[TAKEN];
    unsigned count, new_files, files;
    int result;
    struct error err;
    bool merge; /* options for the next run */
    enum series_order order;
} run;

static void keep(char lines[LINES][1024], unsigned *count, const char *text)
{
    assert_true(*count < LINES);
    snprintf(lines[(*count)++], 1024, "%s", text);
}

static void note(void *arg, const char *text)
{
    (void)arg;
    keep(run.notes, &run.note_count, text);
}

static void warning(void *arg, const char *text)
{
    (void)arg;
    keep(run.warnings, &run.warning_count, text);
}

static void trouble(void *arg, const char *text)
{
    assert_ptr_equal(arg, &run);
    keep(run.troubles, &run.trouble_count, text);
}

static void take_batch(const struct series *series, const struct frame_batch *batch)
{
    assert_in_range(batch->count, 1, FRAME_BATCH);
    for (unsigned i = 0; i < batch->count; i++) {
        const struct frame *frame = &batch->frames[i];
        assert_true(frame->input < series_files(series));
        assert_true(run.count < TAKEN);
        /* The bytes are there, and those of this frame. */
        assert_int_equal(frame->data[0], (uint8_t)(frame->number - 1));
        assert_int_equal(frame->data[59], frame->data[0]);
        snprintf(run.taken[run.count].name, sizeof(run.taken[0].name), "%s",
                 series_name(series, frame->input));
        run.taken[run.count++].time = frame->time - EPOCH;
    }
}

/* Reads a series of these files, which end with NULL. */
static void read_series(const char *const *paths)
{
    const struct series_options options = {.order = run.order,
                                           .merge = run.merge,
                                           .note = note,
                                           .warning = warning,
                                           .trouble = trouble,
                                           .arg = &run};
    struct series *series;
    struct frame_batch batch;
    unsigned count = 0;
    while (paths[count])
        count++;
    run.note_count = run.warning_count = run.trouble_count = run.count = run.new_files = 0;
    run.err.text[0] = '\0';
    run.result = -2;
    if (series_open(&series, paths, count, &options, &run.err))
        return;
    run.files = series_files(series);
    while ((run.result = series_next(series, &batch, &run.err)) != SERIES_END) {
        if (run.result < 0)
            break;
        run.new_files += run.result == SERIES_NEW_FILE;
        if (run.result == SERIES_NEW_FILE)
            assert_int_equal(batch.count, 0);
        else
            take_batch(series, &batch);
    }
    assert_int_equal(series_next(series, &batch, NULL), SERIES_END);
    assert_int_equal(series_troubles(series), run.trouble_count);
    if (run.result == SERIES_END && !run.trouble_count && series_raw_size(series))
        assert_int_equal(series_raw_taken(series), series_raw_size(series));
    series_close(series);
}

/* What was taken, as "a0 a1 b5", times in whole seconds. */
static void check_taken(const char *expected)
{
    char text[1024] = "";
    size_t length = 0;
    for (unsigned i = 0; i < run.count; i++)
        length += (size_t)snprintf(text + length, sizeof(text) - length, "%s%s%lld", i ? " " : "",
                                   run.taken[i].name, (long long)(run.taken[i].time / SEC));
    assert_string_equal(text, expected);
}

/* A capture with packets at these seconds, which end with -1. */
static void build(const char *name, const int *seconds)
{
    nsec_t times[32] = {0};
    unsigned count = 0;
    for (; seconds[count] >= 0; count++)
        times[count] = EPOCH + seconds[count] * SEC;
    build_pcap_file(name, times, count);
}

#define BUILD(name, ...) build(name, (const int[]){__VA_ARGS__, -1})
#define READ(...)        read_series((const char *const[]){__VA_ARGS__, NULL})

static int enter(void **state)
{
    memset(&run, 0, sizeof(run));
    return files_enter(state);
}

/* --- order ------------------------------------------------------------------------------------ */

static void files_are_read_in_order_of_time(void **state)
{
    (void)state;
    BUILD("a", 20, 21);
    BUILD("b", 0, 1, 1);
    BUILD("c", 10);
    READ("a", "b", "c");
    assert_int_equal(run.result, SERIES_END);
    check_taken("b0 b1 b1 c10 a20 a21");
    assert_int_equal(run.files, 3);
    assert_int_equal(run.new_files, 2);
    assert_int_equal(run.warning_count, 0);
    assert_int_equal(run.trouble_count, 0);
    static const char *const expected[] = {
        "file 1 of 3: b begins 2023-11-14 22:13:20.000000000 UTC",
        "file 2 of 3: c begins 2023-11-14 22:13:30.000000000 UTC",
        "file 3 of 3: a begins 2023-11-14 22:13:40.000000000 UTC",
        "gap of 9.000 s: b ends 2023-11-14 22:13:21.000000000 UTC, "
        "c begins 2023-11-14 22:13:30.000000000 UTC",
        "gap of 10.000 s: c ends 2023-11-14 22:13:30.000000000 UTC, "
        "a begins 2023-11-14 22:13:40.000000000 UTC",
    };
    assert_int_equal(run.note_count, ARRAY_SIZE(expected));
    for (unsigned i = 0; i < run.note_count; i++)
        assert_string_equal(run.notes[i], expected[i]);
}

/* Ties in time are broken by name: the result is the same for each of the ways to give them. */
static void shuffling_changes_nothing(void **state)
{
    (void)state;
    static const int orders[6][3] = {{0, 1, 2}, {0, 2, 1}, {1, 0, 2},
                                     {1, 2, 0}, {2, 0, 1}, {2, 1, 0}};
    static const char *const names[] = {"x", "y", "z"};
    BUILD("x", 5, 7);
    BUILD("y", 5, 6);
    BUILD("z", 5, 5, 8);
    for (int merge = 0; merge < 2; merge++) {
        for (unsigned i = 0; i < ARRAY_SIZE(orders); i++) {
            run.merge = merge;
            READ(names[orders[i][0]], names[orders[i][1]], names[orders[i][2]]);
            check_taken(merge ? "x5 y5 z5 z5 y6 x7 z8" : "x5 x7 y5 y6 z5 z5 z8");
        }
    }
}

static void files_without_packets_come_last(void **state)
{
    (void)state;
    BUILD("a", -1);
    BUILD("b", 5);
    BUILD("c", 1);
    for (int merge = 0; merge < 2; merge++) {
        run.merge = merge;
        READ("a", "b", "c");
        assert_int_equal(run.result, SERIES_END);
        check_taken("c1 b5");
        assert_int_equal(run.files, 3);
        assert_int_equal(run.new_files, !merge);
        assert_string_equal(run.notes[2], "file 3 of 3: a has no packets");
    }
    READ("a");
    assert_int_equal(run.result, SERIES_END);
    assert_int_equal(run.count, 0);
    assert_int_equal(run.new_files, 0);
    run.order = SERIES_BY_NAME;
    run.merge = false;
    READ("b", "a");
    check_taken("b5");
    assert_int_equal(run.new_files, 0);
}

static void order_of_names_or_as_given(void **state)
{
    (void)state;
    BUILD("b", 1);
    BUILD("a", 2);
    BUILD("B", 0, 1);
    run.order = SERIES_BY_NAME;
    READ("a", "b", "B"); /* bytewise: B a b */
    assert_int_equal(run.result, -2);
    assert_string_equal(
        run.err.text,
        "b begins 2023-11-14 22:13:21.000000000 UTC, but a, which comes before it, begins "
        "2023-11-14 22:13:22.000000000 UTC; the order of the files is 'name': take --file-order "
        "time, or --merge");
    READ("a", "B");
    check_taken("B0 B1 a2");
    run.order = SERIES_AS_GIVEN;
    READ("B", "b", "a");
    check_taken("B0 B1 b1 a2");
    READ("B", "a", "b");
    assert_int_equal(run.result, -2);
    assert_non_null(strstr(run.err.text, "the order of the files is 'given'"));
    run.merge = true;
    READ("a", "b", "B");
    assert_int_equal(run.result, SERIES_END);
    check_taken("B0 b1 B1 a2");
}

/* --- gaps and overlaps ------------------------------------------------------------------------ */

static void a_gap_is_more_than_a_second(void **state)
{
    (void)state;
    const nsec_t ends = EPOCH, later = EPOCH + SEC, more = EPOCH + SEC + 1;
    build_pcap_file("a", &ends, 1);
    build_pcap_file("b", &later, 1);
    build_pcap_file("c", &more, 1);
    for (int merge = 0; merge < 2; merge++) {
        run.merge = merge;
        READ("a", "b");
        assert_int_equal(run.note_count, 2);
        READ("a", "c");
        assert_int_equal(run.note_count, 3);
        assert_memory_equal(run.notes[2], "gap of 1.000 s: a ends", 22);
    }
}

static void overlaps_in_order_of_time_are_a_warning(void **state)
{
    (void)state;
    BUILD("a", 0, 10);
    BUILD("b", 9, 20);
    BUILD("c", 18, 30);
    BUILD("d", 30, 40);
    READ("d", "c", "b", "a");
    assert_int_equal(run.result, SERIES_END);
    check_taken("a0 a10 b9 b20 c18 c30 d30 d40");
    assert_int_equal(run.trouble_count, 0);
    assert_int_equal(run.warning_count, 2);
    assert_string_equal(
        run.warnings[0],
        "files overlap by 1.000000 s: b begins 2023-11-14 22:13:29.000000000 UTC, but a, which "
        "comes before it, ends 2023-11-14 22:13:30.000000000 UTC; each is read to its end "
        "(--merge takes their packets by time)");
    assert_string_equal(run.warnings[1], "2 files begin before the file before them ends");
    assert_int_equal(run.note_count, 5);
    assert_memory_equal(run.notes[4], "files overlap by 2.000000 s: c begins", 37);
    READ("a", "b");
    assert_int_equal(run.warning_count, 1);
}

static void overlaps_in_another_order_are_an_error(void **state)
{
    (void)state;
    BUILD("a", 0, 10);
    BUILD("b", 9, 20);
    BUILD("c", 10, 20);
    run.order = SERIES_BY_NAME;
    READ("a", "b", "c");
    assert_int_equal(run.result, -1);
    check_taken("a0 a10");
    assert_string_equal(
        run.err.text,
        "b begins 2023-11-14 22:13:29.000000000 UTC, but a, which comes before it, ends "
        "2023-11-14 22:13:30.000000000 UTC; the order of the files is 'name': take --file-order "
        "time, or --merge");
    READ("a", "c");
    assert_int_equal(run.result, SERIES_END);
}

static void without_a_warning_function_overlaps_are_notes(void **state)
{
    (void)state;
    const struct series_options options = {.note = note, .trouble = trouble, .arg = &run};
    const char *const paths[] = {"a", "b"};
    struct series *series;
    struct frame_batch batch;
    BUILD("a", 0, 10);
    BUILD("b", 9, 20);
    assert_int_equal(series_open(&series, paths, 2, &options, NULL), 0);
    while (series_next(series, &batch, NULL) != SERIES_END)
        ;
    series_close(series);
    assert_int_equal(run.note_count, 3);
}

/* --- files that cannot be read, or only once -------------------------------------------------- */

static void trouble_does_not_end_the_series(void **state)
{
    (void)state;
    BUILD("a", 0, 1, 2);
    BUILD("b", 10, 11);
    files_write("text", (struct view){(const uint8_t *)"no capture", 10});
    assert_int_equal(mkdir("d", 0777), 0);
    assert_int_equal(truncate("a", 24 + 2 * 76 + 5), 0);
    for (int merge = 0; merge < 2; merge++) {
        run.merge = merge;
        READ("missing", "b", "text", "d", "a");
        assert_int_equal(run.result, SERIES_END);
        check_taken("a0 a1 b10 b11");
        assert_int_equal(run.files, 2);
        assert_int_equal(run.trouble_count, 4);
        assert_string_equal(run.troubles[0], "missing: No such file or directory");
        assert_string_equal(run.troubles[1],
                            "text: offset 0: not a capture file: begins with 'no capture'");
        assert_string_equal(run.troubles[2], "d: is a directory, not a file");
        assert_string_equal(run.troubles[3], "a: offset 176: ends in the middle of a packet "
                                             "header (5 of 16 bytes)");
    }
}

static void damage_at_the_first_packet(void **state)
{
    (void)state;
    BUILD("a", 0);
    BUILD("b", 10);
    assert_int_equal(truncate("a", 30), 0);
    for (int merge = 0; merge < 2; merge++) {
        run.merge = merge;
        READ("a", "b");
        assert_int_equal(run.result, SERIES_END);
        check_taken("b10");
        assert_int_equal(run.trouble_count, 1);
        READ("a");
        assert_int_equal(run.result, SERIES_END);
        assert_int_equal(run.trouble_count, 1);
    }
}

static void nothing_can_be_read(void **state)
{
    (void)state;
    READ("missing");
    assert_int_equal(run.result, -2);
    assert_string_equal(run.err.text, "missing: No such file or directory");
    assert_int_equal(run.trouble_count, 0); /* it is all in the error */
    READ("missing", "neither");
    assert_int_equal(run.result, -2);
    assert_string_equal(run.err.text, "none of the 2 capture files can be read");
    assert_int_equal(run.trouble_count, 2);
    read_series((const char *const[]){NULL});
    assert_int_equal(run.result, -2);
    assert_string_equal(run.err.text, "0 capture files, but 1 to 65536 can be read");
}

static void a_file_that_goes_away(void **state)
{
    (void)state;
    const struct series_options options = {.trouble = trouble, .arg = &run};
    const char *const paths[] = {"a", "b"};
    struct series *series;
    struct frame_batch batch;
    BUILD("a", 0, 10);
    BUILD("b", 20);
    for (int merge = 0; merge < 2; merge++) {
        assert_int_equal(series_open(&series, paths, 2, &options, NULL), 0);
        assert_int_equal(rename("b", "away"), 0);
        assert_int_equal(series_next(series, &batch, NULL), 0);
        assert_int_equal(batch.count, 2);
        assert_int_equal(series_next(series, &batch, NULL), SERIES_END);
        assert_int_equal(series_troubles(series), 1);
        series_close(series);
        assert_int_equal(rename("away", "b"), 0);
    }
    assert_string_equal(run.troubles[1], "b: No such file or directory");
}

/* Pipes are looked at and then read: nothing of them is lost. */
static void pipes_among_files(void **state)
{
    (void)state;
    for (int merge = 0; merge < 2; merge++) {
        struct blob blob = {0};
        struct files_pipe pipe;
        build_pcap(&blob, PCAP_NANO, 1);
        for (unsigned i = 0; i < 100; i++)
            build_pcap_record(&blob, 1700000005, i, 60, 60, (uint8_t)i);
        BUILD("a", 0);
        BUILD("b", 10);
        files_pipe(&pipe, blob_view(&blob), 1000);
        run.merge = merge;
        READ("b", pipe.path, "a");
        assert_int_equal(run.result, SERIES_END);
        assert_int_equal(run.count, 102);
        assert_string_equal(run.taken[0].name, "a");
        for (unsigned i = 0; i < 100; i++)
            assert_int_equal(run.taken[1 + i].time, 5 * SEC + i);
        assert_string_equal(run.taken[101].name, "b");
        files_wait(&pipe);
        blob_release(&blob);
    }
}

static void standard_input_once(void **state)
{
    (void)state;
    struct blob blob = {0};
    struct files_pipe pipe;
    build_pcap(&blob, PCAP_NANO, 1);
    build_pcap_record(&blob, 1700000005, 0, 60, 60, 0);
    files_pipe(&pipe, blob_view(&blob), 1000);
    int saved = dup(STDIN_FILENO);
    dup2(pipe.ends[0], STDIN_FILENO);
    READ("-", "-");
    assert_int_equal(run.result, SERIES_END);
    check_taken("-5");
    assert_int_equal(run.trouble_count, 1);
    assert_string_equal(run.troubles[0], "standard input can be read only once");
    if (saved >= 0)
        dup2(saved, STDIN_FILENO);
    files_wait(&pipe);
    blob_release(&blob);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(files_are_read_in_order_of_time, enter, files_leave),
        cmocka_unit_test_setup_teardown(shuffling_changes_nothing, enter, files_leave),
        cmocka_unit_test_setup_teardown(files_without_packets_come_last, enter, files_leave),
        cmocka_unit_test_setup_teardown(order_of_names_or_as_given, enter, files_leave),
        cmocka_unit_test_setup_teardown(a_gap_is_more_than_a_second, enter, files_leave),
        cmocka_unit_test_setup_teardown(overlaps_in_order_of_time_are_a_warning, enter,
                                        files_leave),
        cmocka_unit_test_setup_teardown(overlaps_in_another_order_are_an_error, enter, files_leave),
        cmocka_unit_test_setup_teardown(without_a_warning_function_overlaps_are_notes, enter,
                                        files_leave),
        cmocka_unit_test_setup_teardown(trouble_does_not_end_the_series, enter, files_leave),
        cmocka_unit_test_setup_teardown(damage_at_the_first_packet, enter, files_leave),
        cmocka_unit_test_setup_teardown(nothing_can_be_read, enter, files_leave),
        cmocka_unit_test_setup_teardown(a_file_that_goes_away, enter, files_leave),
        cmocka_unit_test_setup_teardown(pipes_among_files, enter, files_leave),
        cmocka_unit_test_setup_teardown(standard_input_once, enter, files_leave),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
