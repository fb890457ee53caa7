/* SPDX-License-Identifier: Apache-2.0 */
#include "cmd/log.h"

#include <errno.h>
#include <poll.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/message.h"
#include "cmd/log_line.h"
#include "cmd/now.h"

static const struct option_spec specs[] = {
    {LOG_TARGET, 0, "log", OPTION_WORD, "stderr|syslog[:socket]|journal[:socket]",
     "Where messages go: to standard error, to syslog, or with all their fields to the journal of "
     "systemd. If not given: to the journal when standard error is connected to it, to syslog from "
     "the background, else to standard error."},
    {LOG_FORMAT, 0, "log-format", OPTION_WORD, "text|json",
     "Messages for people (the default), or a JSON object a line, with time, level, program, pid, "
     "event, message, and what each event has more. The journal has fields anyway."},
    {LOG_LEVEL, 0, "log-level", OPTION_WORD, "error|warning|notice|info",
     "Leave out messages that are less serious; info if not given, which is all."},
    {0},
};

const struct option_group log_options = {"Messages", specs};

const struct log_settings log_defaults = {.level = EVENT_INFO};

static struct {
    enum log_target target;
    bool is_json, has_prefix, echoes, waits;
    enum event_level level;
    int socket;
    struct sockaddr_un address;
    socklen_t address_size;
    _Atomic uint64_t untold, lost; /* events that were not taken: since it was told, and ever */
} sink = {.socket = -1};

/* --- options ---------------------------------------------------------------------------------- */

static int set_target(struct log_settings *settings, const char *word, struct error *err)
{
    static const char *const names[] = {
        [LOG_STDERR] = "stderr", [LOG_SYSLOG] = "syslog", [LOG_JOURNAL] = "journal"};
    const size_t size = strcspn(word, ":");
    const char *path = word[size] ? word + size + 1 : NULL;
    log_release(settings);
    for (unsigned i = LOG_STDERR; i <= LOG_JOURNAL; i++)
        if (strlen(names[i]) == size && !memcmp(names[i], word, size))
            settings->target = (enum log_target)i;
    bool has_socket = settings->target == LOG_SYSLOG || settings->target == LOG_JOURNAL;
    if (settings->target == LOG_USUAL || (path && (!has_socket || *path != '/')))
        return error_set(err,
                         "'%s' is none of stderr, syslog, journal, syslog:/socket, "
                         "journal:/socket",
                         word);
    if (path && strlen(path) >= sizeof(sink.address.sun_path))
        return error_set(err, "'%s' is too long for the name of a socket", path);
    settings->path = path ? mem_strdup(path) : NULL;
    return 0;
}

static int set_format(struct log_settings *settings, const char *word, struct error *err)
{
    settings->is_json = !strcmp(word, "json");
    if (!settings->is_json && strcmp(word, "text"))
        return error_set(err, "'%s' is none of text, json", word);
    return 0;
}

static int set_level(struct log_settings *settings, const char *word, struct error *err)
{
    for (unsigned i = 0; i < EVENT_LEVELS; i++)
        if (!strcmp(word, event_level_names[i])) {
            settings->level = (enum event_level)i;
            return 0;
        }
    return error_set(err, "'%s' is none of error, warning, notice, info", word);
}

int log_take(struct log_settings *settings, int event, const struct option_arg *arg,
             struct error *err)
{
    switch (event) {
    case LOG_TARGET:
        return set_target(settings, arg->word, err);
    case LOG_FORMAT:
        return set_format(settings, arg->word, err);
    case LOG_LEVEL:
        return set_level(settings, arg->word, err);
    default:
        return LOG_UNKNOWN;
    }
}

void log_release(struct log_settings *settings)
{
    free(settings->path);
    settings->path = NULL;
    settings->target = LOG_USUAL;
}

/* --- sockets ---------------------------------------------------------------------------------- */

/* Whoever listens there may have been started again since. */
static int connect_again(void)
{
    return connect(sink.socket, (const struct sockaddr *)&sink.address, sink.address_size);
}

static bool is_sent(const char *bytes, size_t size)
{
    if (send(sink.socket, bytes, size, MSG_DONTWAIT | MSG_NOSIGNAL) >= 0)
        return true;
    if (errno == EAGAIN || errno == ENOBUFS || connect_again())
        return false;
    return send(sink.socket, bytes, size, MSG_DONTWAIT | MSG_NOSIGNAL) >= 0;
}

static int open_socket(const char *path, struct error *err)
{
    sink.address = (struct sockaddr_un){.sun_family = AF_UNIX};
    memcpy(sink.address.sun_path, path, strlen(path) + 1);
    sink.address_size = sizeof(sink.address);
    sink.socket = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (sink.socket >= 0 && !connect_again())
        return 0;
    error_errno(err, "--log: %s", path);
    if (sink.socket >= 0)
        close(sink.socket);
    sink.socket = -1;
    return -1;
}

/* --- standard error --------------------------------------------------------------------------- */

/* A pipe that is ready takes a page at once. */
static bool is_written(const char *bytes, size_t size)
{
    struct pollfd poll_error = {.fd = STDERR_FILENO, .events = POLLOUT};
    return (sink.waits || poll(&poll_error, 1, 0) == 1) &&
           write(STDERR_FILENO, bytes, size) == (ssize_t)size;
}

static bool show_here(const struct event *event, const struct log_origin *origin)
{
    char bytes[LOG_LINE_SIZE + 4];
    int prefix = 0;
    if (sink.has_prefix)
        prefix = snprintf(bytes, sizeof(bytes), "<%u>", log_priority(event->level));
    size_t size = sink.is_json ? log_line_json(bytes + prefix, event, origin)
                               : log_line_text(bytes + prefix, event, origin);
    return is_written(bytes, size + (size_t)prefix);
}

/* --- events ----------------------------------------------------------------------------------- */

static bool show(const struct event *event)
{
    char bytes[LOG_LINE_SIZE];
    const struct log_origin origin = {message_program(), getpid(), wall_now()};
    if (sink.target == LOG_STDERR)
        return show_here(event, &origin);
    if (sink.echoes)
        (void)show_here(event, &origin);
    size_t size = sink.target == LOG_JOURNAL ? log_line_journal(bytes, event, &origin)
                                             : log_line_syslog(bytes, event, &origin, sink.is_json);
    return is_sent(bytes, size);
}

static bool tell_losses(uint64_t untold)
{
    return show(&(struct event){EVENT_WARNING,
                                "messages-lost",
                                "{messages} messages are missing here: they were not taken",
                                {event_number("messages", untold)}});
}

static void take(const struct event *event)
{
    const int saved = errno;
    if (event->level > sink.level)
        return;
    uint64_t untold = atomic_exchange(&sink.untold, 0);
    bool is_told = !untold || tell_losses(untold);
    if (!is_told || !show(event)) {
        atomic_fetch_add(&sink.untold, is_told ? 1 : untold + 1);
        atomic_fetch_add(&sink.lost, 1);
    }
    errno = saved;
}

/* --- life ------------------------------------------------------------------------------------- */

static bool is_file(void)
{
    struct stat status;
    return !fstat(STDERR_FILENO, &status) && S_ISREG(status.st_mode);
}

/* The manager says which stream leads to the journal (systemd.exec(5)). */
static bool is_journalled(void)
{
    struct stat status;
    char text[64];
    const char *stream = getenv("JOURNAL_STREAM");
    if (!stream || fstat(STDERR_FILENO, &status))
        return false;
    snprintf(text, sizeof(text), "%llu:%llu", (unsigned long long)status.st_dev,
             (unsigned long long)status.st_ino);
    return !strcmp(stream, text);
}

static int open_target(enum log_target target, const char *path, struct error *err)
{
    static const char *const usual[] = {
        [LOG_SYSLOG] = "/dev/log", [LOG_JOURNAL] = "/run/systemd/journal/socket"};
    sink.target = target;
    if (target == LOG_STDERR)
        return 0;
    if (!path)
        path = usual[target];
    return open_socket(path, err);
}

/* What is not there is no reason not to start, where nobody has asked for it. */
static void open_usual(bool is_daemon)
{
    enum log_target target = sink.has_prefix           ? LOG_JOURNAL
                             : is_daemon && !is_file() ? LOG_SYSLOG
                                                       : LOG_STDERR;
    if (open_target(target, NULL, NULL))
        sink.target = LOG_STDERR;
}

int log_open(const struct log_settings *settings, enum log_user user, struct error *err)
{
    sink.is_json = settings->is_json;
    sink.level = settings->level;
    sink.has_prefix = is_journalled();
    if (settings->target == LOG_USUAL)
        open_usual(user == LOG_BY_DAEMON);
    else if (open_target(settings->target, settings->path, err))
        return -1;
    sink.echoes = user == LOG_BY_DAEMON;
    sink.waits = user == LOG_BY_TOOL;
    message_redirect(take);
    return 0;
}

uint64_t log_lost(void)
{
    return sink.lost;
}

void log_settle(void)
{
    sink.echoes = false;
}
