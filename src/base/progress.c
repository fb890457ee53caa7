/* SPDX-License-Identifier: Apache-2.0 */
#include "base/progress.h"

#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

#include "base/message.h"

static const nsec_t update_interval = 200 * NSEC_PER_MSEC;

static struct {
    bool running, shown;
    uint64_t total_bytes;
    nsec_t start, last;
} display;

static nsec_t now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec * NSEC_PER_SEC + t.tv_nsec;
}

/* "999 B", "1.0 kB", "12.3 MB": powers of 1000, as disks and links are sold. */
static int put_bytes(char *ret, size_t size, double bytes)
{
    static const char *const units[] = {"B", "kB", "MB", "GB", "TB", "PB", "EB"};
    unsigned unit = 0;
    while (bytes >= 999.95 && unit < 6) {
        bytes /= 1000;
        unit++;
    }
    return snprintf(ret, size, "%.*f %s", unit > 0, bytes, units[unit]);
}

static int put_duration(char *ret, size_t size, double seconds)
{
    int64_t whole = (int64_t)(seconds + 0.5);
    if (whole < 60)
        return snprintf(ret, size, "%" PRId64 " s", whole);
    if (whole < 3600)
        return snprintf(ret, size, "%" PRId64 " min %" PRId64 " s", whole / 60, whole % 60);
    return snprintf(ret, size, "%" PRId64 " h %" PRId64 " min", whole / 3600, whole / 60 % 60);
}

void progress_text(char *ret, size_t size, uint64_t done_bytes, uint64_t total_bytes,
                   nsec_t elapsed_ns)
{
    char done[32], rate_text[32];
    double rate = elapsed_ns > 0 ? (double)done_bytes * 1e9 / (double)elapsed_ns : 0;
    put_bytes(done, sizeof(done), (double)done_bytes);
    put_bytes(rate_text, sizeof(rate_text), rate);
    if (!total_bytes || done_bytes > total_bytes) {
        snprintf(ret, size, "%s, %s/s", done, rate_text);
        return;
    }
    char total[32], left[32] = "?";
    put_bytes(total, sizeof(total), (double)total_bytes);
    if (rate > 0)
        put_duration(left, sizeof(left), (double)(total_bytes - done_bytes) / rate);
    snprintf(ret, size, "%s of %s, %.0f %%, %s/s, %s left", done, total,
             (double)done_bytes * 100 / (double)total_bytes, rate_text, left);
}

static void clear_line(void)
{
    if (!display.shown)
        return;
    fputs("\r\033[K", stderr);
    display.shown = false;
}

void progress_start(uint64_t total_bytes)
{
    display.running = isatty(STDERR_FILENO);
    if (!display.running)
        return;
    display.total_bytes = total_bytes;
    display.start = display.last = now();
    message_on_print(clear_line);
}

void progress_update(uint64_t done_bytes)
{
    if (!display.running)
        return;
    nsec_t time = now();
    if (time - display.last < update_interval)
        return;
    display.last = time;
    char text[160];
    progress_text(text, sizeof(text), done_bytes, display.total_bytes, time - display.start);
    fprintf(stderr, "\r\033[K%s", text);
    display.shown = true;
}

void progress_stop(void)
{
    if (!display.running)
        return;
    clear_line();
    message_on_print(NULL);
    display.running = false;
}
