/* SPDX-License-Identifier: Apache-2.0 */
/* argus: the sensor. Packets in, flow records out. */
#include <stdio.h>
#include <stdlib.h>

#include "base/mem.h"
#include "base/message.h"
#include "cmd/argus_files.h"
#include "cmd/argus_live.h"
#include "cmd/log.h"
#include "cmd/notify.h"
#include "cmd/sensor.h"
#include "cmd/signals.h"

enum { EXIT_PARTIAL = 3 };

static int print_filter(const struct argus_options *options, struct error *err)
{
    struct packet_filter *filter;
    const char *line;
    const char *text = options->packet_filter ? options->packet_filter : "";
    if (packet_filter_new(&filter, text, !options->plain_filter, err))
        return -1;
    for (unsigned i = 0; (line = packet_filter_instruction(filter, i)) != NULL; i++)
        puts(line);
    packet_filter_free(filter);
    return fflush(stdout) ? error_errno(err, "standard output") : 0;
}

static enum log_user log_user(const struct argus_options *options)
{
    if (options->process.is_daemon)
        return LOG_BY_DAEMON;
    return options->interfaces.count || options->serving.port ? LOG_BY_SERVICE : LOG_BY_TOOL;
}

/* Takes all packets and accounts for them. *ret_partial: some could not be had. */
static int run(struct sensor *s, bool *ret_partial, struct error *err)
{
    const bool is_listening = s->options.interfaces.count;
    struct process process;
    unsigned troubles = 0;
    signals_catch(is_listening);
    if (log_open(&s->options.log, log_user(&s->options), err))
        return -1;
    if (process_begin(&process, &s->options.process, err))
        return -1;
    notify_begin();
    int result = sensor_open(s, err);
    if (!result && !is_listening)
        result = process_confine(&process, &s->options.process, NULL, err);
    if (!result)
        result = is_listening ? argus_live_run(s, &process, &troubles, err)
                              : argus_files_run(s, &troubles, err);
    if (!result)
        result = sensor_account(s, err);
    process_end(&process);
    int stop = signals_stop();
    if (stop && (!is_listening || s->options.verbose))
        message_event(&(struct event){
            EVENT_NOTICE,
            "stopped",
            "stopped by signal {signal} after {packets} packets",
            {event_number("signal", (uint64_t)stop), event_number("packets", s->totals.packets)}});
    *ret_partial = troubles || (stop && !is_listening);
    return result;
}

int main(int argc, char **argv)
{
    struct error err = {{0}};
    struct sensor *s = mem_zalloc(sizeof(*s));
    bool partial = false;
    message_init("argus");

    int result = argus_options_parse(&s->options, argc, argv, &err);
    if (result == ARGUS_OPTIONS_RUN)
        result = s->options.print_filter ? print_filter(&s->options, &err) : run(s, &partial, &err);
    int status = result < 0 ? EXIT_FAILURE : partial ? EXIT_PARTIAL : EXIT_SUCCESS;
    if (result < 0)
        message_error(&err);
    result = sensor_close(s, &err);
    if (result < 0 && status == EXIT_SUCCESS) {
        message_error(&err);
        status = EXIT_FAILURE;
    }
    free(s);
    return status;
}
