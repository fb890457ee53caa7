/* SPDX-License-Identifier: Apache-2.0 */
#include "cmd/argus_reload.h"

#include <stdlib.h>

#include "base/message.h"

static void say_what_changed(const struct argus_options *running, const struct argus_options *now)
{
    static const int live[] = {
        SERVING_CLIENTS,     SERVING_RATE, SERVING_ALLOW,       SERVING_ACCESS,
        SERVING_CERTIFICATE, SERVING_KEY,  SERVING_AUTHORITIES, 0};
    char *rest = said_changes(&running->said, &now->said, live);
    message_event(&(struct event){EVENT_NOTICE,
                                  "reloaded",
                                  rest ? "the configuration was read again; a new start is needed "
                                         "for {rest}"
                                       : "the configuration was read again",
                                  {event_text("rest", rest ? rest : "")}});
    free(rest);
}

void argus_reload(const struct argus_options *running, struct server *server)
{
    struct argus_options now;
    struct error why;
    if (argus_options_parse(&now, running->argc, running->argv, &why) != ARGUS_OPTIONS_RUN ||
        (server && serving_change(server, &now.serving, &why)))
        message_event(&(struct event){EVENT_ERROR,
                                      "reload-failed",
                                      "the configuration stays as it was: {reason}",
                                      {event_text("reason", why.text)}});
    else
        say_what_changed(running, &now);
    argus_options_release(&now);
}
