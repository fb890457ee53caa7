/* SPDX-License-Identifier: Apache-2.0 */
#include "cmd/time_zone.h"

#include <ctype.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/mem.h"

/* A name of three letters or more, or anything in <>, and a number of hours behind it. */
static bool is_rule(const char *zone)
{
    const char *at = zone;
    if (*at == '<') {
        at = strchr(at, '>');
        if (!at)
            return false;
        at++;
    } else {
        while (isalpha((unsigned char)*at))
            at++;
        if (at - zone < 3)
            return false;
    }
    if (*at == '+' || *at == '-')
        at++;
    return isdigit((unsigned char)*at);
}

static bool is_listed(const char *zone)
{
    const char *folder = getenv("TZDIR");
    char *path = *zone == '/' ? mem_strdup(zone)
                              : mem_printf("%s/%s", folder ? folder : "/usr/share/zoneinfo", zone);
    bool result = !access(path, R_OK);
    free(path);
    return result;
}

int time_zone_use(const char *zone, struct error *err)
{
    const char *name = *zone == ':' ? zone + 1 : zone;
    if (!*name || (strcmp(name, "UTC") != 0 && !is_rule(name) && !is_listed(name)))
        return error_set(err, "the time zone '%s' is not known", zone);
    setenv("TZ", zone, 1);
    tzset();
    return 0;
}
