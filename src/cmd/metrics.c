/* SPDX-License-Identifier: Apache-2.0 */
#include "cmd/metrics.h"

#include <inttypes.h>
#include <microhttpd.h>
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/message.h"
#include "base/quantity.h"
#include "base/utf8.h"
#include "cmd/log.h"
#include "net/endpoint.h"
#include "net/socket.h"

struct metrics {
    int descriptor; /* that listens; -1: it is the daemon's */
    struct MHD_Daemon *daemon;
    void (*write)(void *arg, FILE *text);
    void *arg;
};

/* --- answers ---------------------------------------------------------------------------------- */

static enum MHD_Result answer(struct MHD_Connection *connection, unsigned status, char *text,
                              size_t size)
{
    struct MHD_Response *response =
        MHD_create_response_from_buffer(size, text, MHD_RESPMEM_MUST_FREE);
    if (!response) {
        free(text);
        return MHD_NO;
    }
    MHD_add_response_header(response, MHD_HTTP_HEADER_CONTENT_TYPE,
                            "text/plain; version=0.0.4; charset=utf-8");
    if (status == MHD_HTTP_METHOD_NOT_ALLOWED)
        MHD_add_response_header(response, MHD_HTTP_HEADER_ALLOW, "GET, HEAD");
    enum MHD_Result result = MHD_queue_response(connection, status, response);
    MHD_destroy_response(response);
    return result;
}

static enum MHD_Result refuse(struct MHD_Connection *connection, unsigned status, const char *why)
{
    return answer(connection, status, mem_strdup(why), strlen(why));
}

static enum MHD_Result answer_metrics(const struct metrics *m, struct MHD_Connection *connection)
{
    char *bytes = NULL;
    size_t size = 0;
    FILE *text = open_memstream(&bytes, &size);
    if (text)
        m->write(m->arg, text);
    if (text && !fclose(text))
        return answer(connection, MHD_HTTP_OK, bytes, size);
    free(bytes);
    return refuse(connection, MHD_HTTP_INTERNAL_SERVER_ERROR, "no memory\n");
}

/* Called when the head of a request is there, for each piece of its body, and at its end. */
/* tidy: many parameters, because libmicrohttpd calls it. */
static enum MHD_Result on_request(void *arg, struct MHD_Connection *connection, const char *path,
                                  const char *method, const char *version, const char *body,
                                  size_t *body_size, void **state)
{
    static const char begun;
    (void)version;
    (void)body;
    bool is_get = !strcmp(method, MHD_HTTP_METHOD_GET) || !strcmp(method, MHD_HTTP_METHOD_HEAD);
    if (!is_get)
        return refuse(connection, MHD_HTTP_METHOD_NOT_ALLOWED, "only GET and HEAD\n");
    if (*state != &begun) {
        *state = (void *)&begun;
        return MHD_YES;
    }
    if (*body_size) {
        *body_size = 0; /* nobody reads it */
        return MHD_YES;
    }
    if (strcmp(path, "/metrics") != 0)
        return refuse(connection, MHD_HTTP_NOT_FOUND, "there is only /metrics\n");
    return answer_metrics(arg, connection);
}

/* --- life ------------------------------------------------------------------------------------- */

static int parse(struct endpoint *ret, const char *where, struct error *err)
{
    uint64_t port;
    if (*where && !where[strspn(where, "0123456789")]) {
        if (quantity_count(where, UINT16_MAX, &port, err))
            return -1;
        *ret = (struct endpoint){.port = (uint16_t)port};
    } else if (strstr(where, "://")) {
        return error_set(err, "'%s' is no address:port", where);
    } else if (endpoint_parse(ret, where, 0, err)) {
        return -1;
    }
    return ret->port ? 0 : error_set(err, "'%s' has no port", where);
}

static void say_where(int descriptor)
{
    char name[SOCKET_NAME_SIZE];
    socket_name(descriptor, name);
    if (strncmp(name, "127.", 4) != 0 && strncmp(name, "[::1]", 5) != 0)
        message_event(&(struct event){EVENT_NOTICE,
                                      "metrics-widely",
                                      "metrics on {address}: who can reach this address can read "
                                      "them",
                                      {event_text("address", name)}});
}

int metrics_open(struct metrics **ret, const char *where, struct error *err)
{
    struct endpoint endpoint;
    int descriptor;
    if (parse(&endpoint, where, err) ||
        socket_listen(&descriptor, *endpoint.host ? endpoint.host : NULL, endpoint.port, err))
        return -1;
    say_where(descriptor);
    struct metrics *m = mem_zalloc(sizeof(*m));
    m->descriptor = descriptor;
    *ret = m;
    return 0;
}

int metrics_start(struct metrics *m, void (*write)(void *arg, FILE *text), void *arg,
                  struct error *err)
{
    enum { CONNECTIONS = 16, TIMEOUT_SECONDS = 10 };
    sigset_t all, before;
    m->write = write;
    m->arg = arg;
    sigfillset(&all); /* signals are for those who look at them */
    pthread_sigmask(SIG_SETMASK, &all, &before);
    m->daemon = MHD_start_daemon(
        MHD_USE_INTERNAL_POLLING_THREAD | MHD_USE_POLL | MHD_USE_ITC, 0, NULL, NULL, on_request, m,
        MHD_OPTION_LISTEN_SOCKET, m->descriptor, MHD_OPTION_CONNECTION_LIMIT, (unsigned)CONNECTIONS,
        MHD_OPTION_CONNECTION_TIMEOUT, (unsigned)TIMEOUT_SECONDS, MHD_OPTION_END);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    if (!m->daemon)
        return error_set(err, "the server of metrics cannot be started");
    m->descriptor = -1;
    return 0;
}

void metrics_free(struct metrics *m)
{
    if (!m)
        return;
    if (m->daemon)
        MHD_stop_daemon(m->daemon);
    if (m->descriptor >= 0)
        close(m->descriptor);
    free(m);
}

/* --- text ------------------------------------------------------------------------------------- */

void metrics_family(FILE *text, const char *name, const char *help)
{
    static const char total[] = "_total";
    const size_t size = strlen(name), end = sizeof(total) - 1;
    const bool grows = size > end && !strcmp(name + size - end, total);
    fprintf(text, "# HELP %s %s\n# TYPE %s %s\n", name, help, name, grows ? "counter" : "gauge");
}

/* As the format wants it; bytes that are no UTF-8, which it does not want, become '?'. */
static void write_label(FILE *text, const char *value)
{
    for (size_t size = strlen(value); size;) {
        unsigned length = utf8_length((const uint8_t *)value, size);
        if (!length)
            putc('?', text);
        else if (*value == '\n')
            fputs("\\n", text);
        else if (*value == '"' || *value == '\\')
            fprintf(text, "\\%c", *value);
        else
            fwrite(value, 1, length, text);
        value += length ? length : 1;
        size -= length ? length : 1;
    }
}

void metrics_value(FILE *text, const char *name, const char *label, const char *label_value,
                   uint64_t value)
{
    fputs(name, text);
    if (label) {
        fprintf(text, "{%s=\"", label);
        write_label(text, label_value);
        fputs("\"}", text);
    }
    fprintf(text, " %" PRIu64 "\n", value);
}

void metrics_single(FILE *text, const char *name, const char *help, uint64_t value)
{
    metrics_family(text, name, help);
    metrics_value(text, name, NULL, NULL, value);
}

void metrics_process(FILE *text)
{
    metrics_family(text, "panoptes_build_info", "The version that runs; always 1.");
    metrics_value(text, "panoptes_build_info", "version", PANOPTES_VERSION, 1);
    metrics_single(text, "panoptes_messages_lost_total", "Messages that the log did not take.",
                   log_lost());
    unsigned long long pages;
    FILE *status = fopen("/proc/self/statm", "re");
    const bool is_known = status && fscanf(status, "%*u %llu", &pages) == 1;
    if (status)
        fclose(status);
    if (is_known)
        metrics_single(text, "process_resident_memory_bytes", "Memory that the process has.",
                       pages * (uint64_t)sysconf(_SC_PAGESIZE));
}
