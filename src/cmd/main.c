/* SPDX-License-Identifier: Apache-2.0 */
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "base/attr.h"
#include "base/message.h"
#include "cmd/cmd.h"

static const struct command {
    const char *name;
    int (*run)(int argc, char **argv);
} commands[] = {
    {"ra", ra_main},
    {"rabins", rabins_main},
    {"racluster", racluster_main},
    {"racount", racount_main},
    {"rafilteraddr", rafilteraddr_main},
    {"radark", radark_main},
    {"rahosts", rahosts_main},
    {"raports", raports_main},
    {"rasort", rasort_main},
    {"rasplit", rasplit_main},
    {"rastream", rastream_main},
    {"rastrip", rastrip_main},
    {"ratimerange", ratimerange_main},
};

static const struct command *find_command(const char *path)
{
    const char *slash = strrchr(path, '/');
    for (size_t i = 0; i < ARRAY_SIZE(commands); i++) {
        if (!strcmp(slash ? slash + 1 : path, commands[i].name))
            return &commands[i];
    }
    return NULL;
}

int main(int argc, char **argv)
{
    /* A reader that goes away is a condition of the writing call, not the end of the process. */
    signal(SIGPIPE, SIG_IGN);
    const struct command *command = argc > 0 ? find_command(argv[0]) : NULL;
    if (!command) {
        fprintf(stderr, "panoptes: this program must be called by one of these names:");
        for (size_t i = 0; i < ARRAY_SIZE(commands); i++)
            fprintf(stderr, " %s", commands[i].name);
        fprintf(stderr, "\n");
        return 1;
    }
    message_init(command->name);
    return command->run(argc, argv);
}
