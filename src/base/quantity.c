/* SPDX-License-Identifier: Apache-2.0 */
#include "base/quantity.h"

#include <ctype.h>
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

int quantity_duration(const char *text, nsec_t *ret, struct error *err)
{
    static const struct {
        const char *name;
        double nsec;
    } units[] = {
        {"", 1e9},   {"s", 1e9},    {"us", 1e3},    {"ms", 1e6},
        {"m", 60e9}, {"h", 3600e9}, {"d", 86400e9}, {"w", 604800e9},
    };

    char *end;
    if (!isdigit((unsigned char)*text) && *text != '.')
        return error_set(err, "'%s' is not a duration (examples: 5, 0.5, 300ms, 5m, 1h)", text);
    double number = strtod(text, &end);
    for (size_t i = 0; end != text && i < ARRAY_SIZE(units); i++) {
        if (strcmp(end, units[i].name))
            continue;
        double nsec = number * units[i].nsec;
        if (!isfinite(nsec) || nsec > 9e18)
            return error_set(err, "'%s' is too long a duration", text);
        *ret = (nsec_t)llround(nsec);
        return 0;
    }
    return error_set(err, "'%s' is not a duration (examples: 5, 0.5, 300ms, 5m, 1h)", text);
}

int quantity_size(const char *text, uint64_t *ret_bytes, struct error *err)
{
    static const char prefixes[] = "kMGT";
    char *end;
    errno = 0;
    if (!isdigit((unsigned char)*text))
        return error_set(err, "'%s' is not a size (examples: 65536, 512M, 2G)", text);
    unsigned long long number = strtoull(text, &end, 10);
    unsigned shift = 0;
    if (*end) {
        const char *at = strchr(prefixes, *end == 'K' ? 'k' : *end);
        if (at && *at) {
            shift = 10 * (unsigned)(at - prefixes + 1);
            end++;
        }
        if (!strcmp(end, "B") || !strcmp(end, "iB"))
            end += strlen(end);
    }
    if (*end)
        return error_set(err, "'%s' is not a size (examples: 65536, 512M, 2G)", text);
    if (errno || number > UINT64_MAX >> shift)
        return error_set(err, "'%s' is too large a size", text);
    *ret_bytes = (uint64_t)number << shift;
    return 0;
}

int quantity_count(const char *text, uint64_t most, uint64_t *ret, struct error *err)
{
    char *end;
    errno = 0;
    if (!isdigit((unsigned char)*text))
        return error_set(err, "'%s' is not a number", text);
    unsigned long long number = strtoull(text, &end, 10);
    if (*end)
        return error_set(err, "'%s' is not a number", text);
    if (errno || number > most)
        return error_set(err, "'%s' is too large (at most %llu)", text, (unsigned long long)most);
    *ret = number;
    return 0;
}
