/* SPDX-License-Identifier: Apache-2.0 */
#include "cmd/answer.h"

#include <errno.h>
#include <stdio.h>

#include "base/message.h"

int answer(const struct option_table *table, int event, struct error *err)
{
    switch (event) {
    case OPTIONS_HELP:
        options_print_help(table, message_program(), stdout);
        break;
    case OPTIONS_MDOC:
        options_print_mdoc(table, stdout);
        break;
    case OPTIONS_VERSION:
        printf("%s (Panoptes) %s\n", message_program(), PANOPTES_VERSION);
        break;
    default:
        return 0;
    }
    if (fflush(stdout) && errno != EPIPE)
        return error_errno(err, "standard output");
    return ANSWERED;
}
