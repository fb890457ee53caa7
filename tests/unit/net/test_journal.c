/* SPDX-License-Identifier: Apache-2.0 */
#include "net/journal.h"

#include <dirent.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/attr.h"
#include "base/mem.h"
#include "record/wire.h"

static char folder[] = "/tmp/panoptes-journal-XXXXXX";

static void clean(void)
{
    DIR *list = opendir(folder);
    struct dirent *entry;
    while (list && (entry = readdir(list)) != NULL) {
        char *path = mem_printf("%s/%s", folder, entry->d_name);
        unlink(path);
        free(path);
    }
    closedir(list);
}

static int set_up(void **state)
{
    (void)state;
    return mkdtemp(folder) ? 0 : -1;
}

static int tear_down(void **state)
{
    (void)state;
    clean();
    return rmdir(folder);
}

enum { STREAM = 77, SOURCE_STREAM = 5 };

static unsigned notes; /* lines about damage */

static void note(void *arg, const struct event *event)
{
    char text[EVENT_SENTENCE_SIZE];
    (void)arg;
    event_print(event, text, sizeof(text));
    assert_non_null(strstr(text, folder));
    assert_non_null(strstr(text, "offset "));
    notes++;
}

static struct journal *open_it(const char *boot, uint64_t stream)
{
    const struct journal_options options = {.folder = folder,
                                            .limit_bytes = JOURNAL_LEAST,
                                            .stream = stream,
                                            .boot = boot,
                                            .note = note};
    struct journal *j = NULL;
    struct error err = {{0}};
    if (journal_open(&j, &options, &err))
        print_error("%s\n", err.text);
    assert_non_null(j);
    return j;
}

static void close_it(struct journal *j)
{
    assert_int_equal(journal_close(j, NULL), 0);
}

/* A record of 400 to 2396 bytes that says its position. */
static size_t make(uint64_t position, uint8_t *to)
{
    size_t words = 100 + (size_t)(position * 7919 % 500);
    memset(to, (int)(position & 0xff), words * 4);
    to[0] = 0x13;
    to[1] = 0x10;
    store_be16(to + 2, (uint16_t)words);
    store_be64(to + 4, position);
    return words * 4;
}

/* Every third record is of another source; those of "a" have the places 1000, 1001, ... */
static void add(struct journal *j, uint64_t position)
{
    uint8_t bytes[2400];
    struct view record = {bytes, make(position, bytes)};
    struct protocol_place place = {SOURCE_STREAM, 1000 + position - position / 3};
    bool is_other = position % 3 == 2;
    assert_true(journal_next(j) == position);
    assert_int_equal(journal_add(j, record, is_other ? NULL : "a", is_other ? NULL : &place, NULL),
                     0);
}

static void add_many(struct journal *j, uint64_t from, uint64_t to)
{
    for (uint64_t p = from; p < to; p++) {
        add(j, p);
        if (p % 7 == 0)
            assert_int_equal(journal_flush(j, NULL), 0);
    }
    assert_int_equal(journal_flush(j, NULL), 0);
}

/* Reads on from `position` to the end; the number of records that are lost. */
static uint64_t read_from(struct journal *j, uint64_t position)
{
    static uint8_t bytes[WIRE_RECORD_MAX];
    uint8_t wanted[2400];
    struct journal_reader reader = {.descriptor = -1};
    struct journal_piece piece = {.to = bytes, .most = sizeof(bytes)};
    uint64_t all_lost = 0;
    do {
        assert_int_equal(journal_read(j, &reader, position, &piece), 0);
        position += piece.lost;
        all_lost += piece.lost;
        size_t at = 0;
        for (uint64_t i = 0; i < piece.count; i++, position++) {
            size_t one = make(position, wanted);
            assert_memory_equal(bytes + at, wanted, one);
            at += one;
        }
        assert_int_equal(at, piece.size);
    } while (piece.size);
    assert_true(position == journal_next(j));
    journal_reader_release(&reader);
    return all_lost;
}

static void expect_source(struct journal *j, uint64_t position)
{
    struct protocol_place place;
    assert_true(journal_source(j, "a", &place));
    assert_true(place.stream == SOURCE_STREAM);
    assert_true(place.position == 1000 + position - position / 3);
    assert_false(journal_source(j, "b", &place));
}

/* What was written is read from any place, and goes on after it was closed. */
static void test_going_on(void **state)
{
    struct journal *j = open_it("boot", STREAM);
    (void)state;
    add_many(j, 0, 1500);
    for (uint64_t p = 0; p < 1500; p += 131)
        assert_int_equal(read_from(j, p), 0);
    close_it(j);
    j = open_it("other", 1); /* it was closed in good order: the stream is the same */
    assert_true(journal_stream(j) == STREAM);
    assert_true(journal_next(j) == 1500);
    expect_source(j, 1500);
    add_many(j, 1500, 3000);
    assert_int_equal(read_from(j, 700), 0);
    close_it(j);
    clean();
}

/* A process is killed: the file ends anywhere, and all that is whole is there. */
static void test_killed(void **state)
{
    struct journal *j = open_it("boot", STREAM);
    (void)state;
    add_many(j, 0, 50);
    struct journal_counts counts;
    journal_get_counts(j, &counts);
    char *path = mem_printf("%s/%020u.spool", folder, 0);
    int copy = open(path, O_RDONLY);
    static uint8_t bytes[200000];
    ssize_t size = read(copy, bytes, sizeof(bytes));
    close(copy);
    assert_true(size > 0 && (uint64_t)size == counts.bytes);
    close_it(j);
    for (ssize_t cut = 0; cut <= size; cut += 997) {
        clean();
        int file = open(path, O_WRONLY | O_CREAT, 0600);
        assert_int_equal(write(file, bytes, (size_t)cut), cut);
        close(file);
        j = open_it("boot", STREAM);
        assert_true(journal_next(j) <= 50);
        if (journal_next(j) > 1)
            expect_source(j, journal_next(j));
        add_many(j, journal_next(j), 60);
        assert_int_equal(read_from(j, 0), 0);
        expect_source(j, 60);
        close_it(j);
    }
    free(path);
    clean();
}

/* After a crash of the machine nobody can tell what others have had: positions are not reused. */
static void test_power_failure(void **state)
{
    struct journal *j = open_it("boot", STREAM);
    uint64_t position;
    (void)state;
    add_many(j, 0, 50);
    char *path = mem_printf("%s/%020u.spool", folder, 0);
    char *saved = mem_printf("%s.saved", folder);
    assert_int_equal(link(path, saved), 0);
    struct stat status;
    assert_int_equal(stat(saved, &status), 0);
    close_it(j); /* writes that it is closed, which the crash does not */
    assert_int_equal(truncate(saved, status.st_size), 0);
    j = open_it("next", STREAM + 1);
    assert_true(journal_stream(j) == STREAM + 1);
    add_many(j, 50, 70);
    assert_true(journal_resume(j, &(struct protocol_place){STREAM, 40}, &position));
    assert_true(position == 40);
    assert_true(journal_resume(j, &(struct protocol_place){STREAM, 60}, &position));
    assert_true(position == 50);
    assert_true(journal_resume(j, &(struct protocol_place){STREAM + 1, 60}, &position));
    assert_true(position == 60);
    assert_false(journal_resume(j, &(struct protocol_place){STREAM + 2, 60}, &position));
    assert_int_equal(read_from(j, 10), 0);
    close_it(j);
    unlink(saved);
    free(saved);
    free(path);
    clean();
}

/* The oldest files go; how many records went with them is known. */
static void test_limit(void **state)
{
    struct journal *j = open_it("boot", STREAM);
    struct journal_counts counts;
    (void)state;
    add_many(j, 0, 30000); /* 42 MB */
    journal_get_counts(j, &counts);
    assert_true(counts.bytes <= JOURNAL_LEAST);
    assert_true(counts.dropped > 0);
    assert_true(read_from(j, 0) == counts.dropped);
    assert_int_equal(read_from(j, counts.dropped), 0);
    close_it(j);
    clean();
}

/* Killed while it began a file, which does not have all marks: the one before it has them. */
static void test_killed_at_the_beginning(void **state)
{
    struct journal *j = open_it("boot", STREAM);
    char *path = mem_printf("%s/%020u.spool", folder, 50);
    struct stat status;
    (void)state;
    add_many(j, 0, 50);
    close_it(j);
    close_it(open_it("boot", STREAM));
    assert_int_equal(stat(path, &status), 0);
    for (off_t size = status.st_size; size >= 0; size -= 4) {
        if (size)
            assert_int_equal(truncate(path, size), 0);
        j = open_it("boot", STREAM);
        assert_true(journal_next(j) == 50);
        expect_source(j, 50);
        close_it(j);
    }
    free(path);
    clean();
}

/* Who does not know whether the machine crashed must take it that it did. */
static void test_unknown_boot(void **state)
{
    struct journal *j = open_it("", STREAM);
    char *path = mem_printf("%s/%020u.spool", folder, 0);
    struct stat status;
    (void)state;
    add_many(j, 0, 50);
    assert_int_equal(stat(path, &status), 0);
    close_it(j);
    assert_int_equal(truncate(path, status.st_size), 0); /* as if it had not been closed */
    j = open_it("", STREAM + 1);
    assert_true(journal_stream(j) == STREAM + 1);
    close_it(j);
    free(path);
    clean();
}

static void limit_files(rlim_t size)
{
    struct rlimit limit;
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &limit), 0);
    limit.rlim_cur = size;
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
}

/* What could be written in part only is written once, when there is room again. */
static void test_full(void **state)
{
    struct journal *j = open_it("boot", STREAM);
    (void)state;
    signal(SIGXFSZ, SIG_IGN);
    for (uint64_t p = 0; p < 20; p++)
        add(j, p);
    limit_files(5000);
    assert_int_equal(journal_flush(j, NULL), -1);
    limit_files(RLIM_INFINITY);
    assert_int_equal(journal_flush(j, NULL), 0);
    assert_int_equal(read_from(j, 0), 0);
    close_it(j);
    j = open_it("boot", STREAM);
    assert_true(journal_next(j) == 20);
    assert_int_equal(read_from(j, 0), 0);
    close_it(j);
    clean();
}

static char *file_of(uint64_t position)
{
    return mem_printf("%s/%020u.spool", folder, (unsigned)position);
}

static void overwrite(const char *path, off_t offset, const char *bytes, size_t size)
{
    int file = open(path, O_WRONLY);
    assert_int_equal(pwrite(file, bytes, size, offset), (ssize_t)size);
    close(file);
}

/* Makes the end of a file as it is before it is closed, as by kill. */
static void unclose(const char *path, off_t size)
{
    assert_int_equal(truncate(path, size), 0);
}

static off_t size_of(const char *path)
{
    struct stat status;
    assert_int_equal(stat(path, &status), 0);
    return status.st_size;
}

/* The offset of the record at a position, of a file whose first one is 0. */
static off_t offset_of(const char *path, uint64_t position)
{
    static uint8_t bytes[4 * 1024 * 1024];
    int file = open(path, O_RDONLY);
    ssize_t size = read(file, bytes, sizeof(bytes));
    close(file);
    for (off_t at = 64; at < size; at += load_be16(bytes + at + 2) * 4)
        if (bytes[at] == 0x13 && load_be64(bytes + at + 4) == position)
            return at;
    fail();
    return 0;
}

/* Damages the head of one record of many; returns the path, which is to be freed. */
static char *make_damaged(uint64_t position, const char *junk, bool is_closed)
{
    struct journal *j = open_it("boot", STREAM);
    char *path = file_of(0);
    add_many(j, 0, 600);
    off_t size = size_of(path);
    close_it(j);
    if (!is_closed)
        unclose(path, size);
    overwrite(path, offset_of(path, position), junk, 4);
    notes = 0;
    return path;
}

/* What a damaged record has for a head: zeros, no length, far too long, too short, no record. */
static const char junk[][4] = {
    {0, 0, 0, 0}, {0x13, 0x10, 0, 0}, {0x13, 0x10, 0x7f, 0x7f}, {0x13, 0x10, 0, 2}, {5, 1, 1, 1}};

/* In the middle of the last file: what is behind is found again, and what is missing is counted. */
static void test_damaged_middle(void **state)
{
    (void)state;
    for (size_t i = 0; i < 2 * ARRAY_SIZE(junk); i++) {
        char *path = make_damaged(300, junk[i / 2], i % 2);
        struct journal *j = open_it("boot", STREAM + 1);
        assert_true(notes > 0);
        assert_true(journal_stream(j) == STREAM);
        assert_true(journal_next(j) == 600);
        expect_source(j, 600);
        add_many(j, 600, 700);
        notes = 0;
        if (junk[i / 2][3] != 2) { /* which makes records that are none */
            uint64_t lost = read_from(j, 0);
            assert_true(lost >= 1 && lost < 100);
            assert_int_equal(notes, 1);
        }
        assert_int_equal(read_from(j, 400), 0);
        close_it(j);
        free(path);
        clean();
    }
}

/* At the end, behind the last mark: told, left as it is, and nothing is numbered as it was. */
static void test_damaged_end(void **state)
{
    uint64_t position;
    (void)state;
    for (unsigned i = 0; i < 2; i++) {
        uint64_t at = i ? 0 : 598;
        char *path = make_damaged(at, junk[4], false);
        if (i) /* all marks behind it, too */
            assert_int_equal(truncate(path, 30000), 0);
        off_t size = size_of(path);
        struct journal *j = open_it("boot", STREAM + 1);
        assert_int_equal(notes, 1);
        assert_true(journal_stream(j) == STREAM + 1);
        assert_true(journal_next(j) == at);
        assert_true(journal_resume(j, &(struct protocol_place){STREAM, 599}, &position));
        assert_true(position == at);
        add_many(j, at, 700);
        assert_int_equal(read_from(j, 0), 0);
        char *kept = i ? mem_printf("%s.damaged", path) : mem_strdup(path);
        assert_true(size_of(kept) == size);
        close_it(j);
        free(kept);
        free(path);
        clean();
    }
}

/* A file that is not there any more when it is wanted: only what it had is lost. */
static void test_file_gone(void **state)
{
    struct journal *j = open_it("boot", STREAM);
    static uint8_t bytes[WIRE_RECORD_MAX];
    struct journal_reader reader = {.descriptor = -1};
    struct journal_piece piece = {.to = bytes, .most = sizeof(bytes)};
    char *path = file_of(0);
    (void)state;
    add_many(j, 0, 3000);
    assert_int_equal(journal_read(j, &reader, 0, &piece), 0);
    assert_int_equal(unlink(path), 0);
    uint64_t lost = read_from(j, 0);
    assert_true(lost > 100 && lost < 1500);
    uint64_t before = piece.count; /* who has it open reads on */
    assert_int_equal(journal_read(j, &reader, before, &piece), 0);
    assert_int_equal(piece.lost, 0);
    assert_true(piece.count > 0);
    journal_reader_release(&reader);
    close_it(j);
    free(path);
    clean();
}

/* Records that the journal never got are told to its readers, also after it was closed. */
static void test_skip(void **state)
{
    struct journal *j = open_it("boot", STREAM);
    (void)state;
    assert_int_equal(journal_skip(j, 5, NULL), 0); /* nothing is in front of it */
    add_many(j, 5, 100);
    assert_int_equal(journal_skip(j, 150, NULL), 0);
    add_many(j, 150, 200);
    assert_int_equal(journal_skip(j, 203, NULL), 0);
    for (unsigned i = 0; i < 2; i++) {
        add_many(j, 203 + 10 * i, 213 + 10 * i);
        assert_int_equal(read_from(j, 0), 5 + 50 + 3);
        assert_int_equal(read_from(j, 99), 50 + 3);
        assert_int_equal(read_from(j, 100), 50 + 3);
        assert_int_equal(read_from(j, 120), 30 + 3);
        assert_int_equal(read_from(j, 201), 2);
        close_it(j);
        j = open_it("boot", STREAM + 1);
        assert_true(journal_stream(j) == STREAM);
    }
    close_it(j);
    clean();
}

/* Where older streams ended is known, also of those that have no file, or none any more. */
static void test_older_streams(void **state)
{
    uint64_t position, stream;
    (void)state;
    for (stream = 1; stream < 20; stream++) {
        struct journal *j = open_it("", stream);
        char *path = file_of(0);
        if (stream == 10)
            add_many(j, 0, 30);
        for (uint64_t older = 1; older < stream; older++) {
            assert_true(journal_resume(j, &(struct protocol_place){older, 20}, &position));
            assert_true(position == (older < 10 ? 0 : 20));
        }
        assert_true(journal_stream(j) == stream);
        if (stream > 10) {
            free(path);
            path = file_of(30);
        }
        off_t size = size_of(path);
        close_it(j);
        unclose(path, size);
        free(path);
    }
    clean();
}

/* Names of sources are as long as those of endpoints can be. */
static void test_long_names(void **state)
{
    struct journal *j = open_it("boot", STREAM);
    char name[272];
    uint8_t bytes[2400];
    struct protocol_place place = {SOURCE_STREAM, 0};
    (void)state;
    memset(name, 'h', sizeof(name));
    name[sizeof(name) - 1] = '\0';
    for (unsigned i = 0; i < 2; i++) {
        struct view record = {bytes, make(i, bytes)};
        name[sizeof(name) - 2] = (char)('1' + i);
        place.position = 100 * i;
        assert_int_equal(journal_add(j, record, name, &place, NULL), 0);
    }
    close_it(j);
    j = open_it("boot", STREAM);
    for (unsigned i = 0; i < 2; i++) {
        name[sizeof(name) - 2] = (char)('1' + i);
        assert_true(journal_source(j, name, &place));
        assert_true(place.position == 100 * i + 1);
    }
    close_it(j);
    clean();
}

/* What was noted of a file is known to who goes on, unless it was closed in good order. */
static void test_outputs(void **state)
{
    struct journal_output note = {.path = 1, .inode = 5}, found;
    (void)state;
    for (uint64_t p = 0; p < 2000; p += 500) {
        struct journal *j = open_it("boot", STREAM);
        assert_true(journal_find_output(j, 1, &found) == (p > 0));
        assert_true(!p || !memcmp(&found, &note, sizeof(note)));
        assert_false(journal_find_output(j, 2, &found));
        note.position = note.bytes = p;
        add_many(j, p, p + 500); /* less than a file's worth */
        assert_int_equal(journal_note_output(j, &note, NULL), 0);
        assert_int_equal(journal_flush(j, NULL), 0);
        char *path = file_of(p);
        off_t size = size_of(path);
        close_it(j);
        if (p < 1500)
            unclose(path, size);
        free(path);
    }
    struct journal *j = open_it("boot", STREAM);
    assert_false(journal_find_output(j, 1, &found));
    close_it(j);
    clean();
}

static void test_wrong(void **state)
{
    const struct journal_options options = {
        .folder = folder, .limit_bytes = JOURNAL_LEAST, .stream = 1, .boot = "boot"};
    struct journal *j = open_it("boot", STREAM), *second;
    struct error err;
    (void)state;
    assert_int_equal(journal_open(&second, &options, &err), -1); /* it is in use */
    close_it(j);
    clean();
    char *path = mem_printf("%s/%020u.spool", folder, 0);
    int file = open(path, O_WRONLY | O_CREAT, 0600);
    for (unsigned i = 0; i < 20; i++)
        assert_int_equal(write(file, "no spool", 8), 8);
    close(file);
    assert_int_equal(journal_open(&second, &options, &err), -1);
    free(path);
    clean();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_going_on),       cmocka_unit_test(test_killed),
        cmocka_unit_test(test_power_failure),  cmocka_unit_test(test_limit),
        cmocka_unit_test(test_wrong),          cmocka_unit_test(test_killed_at_the_beginning),
        cmocka_unit_test(test_unknown_boot),   cmocka_unit_test(test_full),
        cmocka_unit_test(test_damaged_middle), cmocka_unit_test(test_damaged_end),
        cmocka_unit_test(test_file_gone),      cmocka_unit_test(test_skip),
        cmocka_unit_test(test_older_streams),  cmocka_unit_test(test_long_names),
        cmocka_unit_test(test_outputs),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
