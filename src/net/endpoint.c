/* SPDX-License-Identifier: Apache-2.0 */
#include "net/endpoint.h"

#include <stdio.h>
#include <string.h>

#include "base/attr.h"
#include "base/quantity.h"

/* Passes over a scheme that is read here. */
static int skip_scheme(const char **at, bool *ret_secure, struct error *err)
{
    static const char *const schemes[] = {"argus://", "argus-tcp://", "argus-tls://"};
    const char *text = *at;
    if (!strstr(text, "://"))
        return 0;
    for (size_t i = 0; i < ARRAY_SIZE(schemes); i++) {
        size_t size = strlen(schemes[i]);
        if (!strncmp(text, schemes[i], size)) {
            *at += size;
            *ret_secure = i == ARRAY_SIZE(schemes) - 1;
            return 0;
        }
    }
    return error_set(err, "'%s': of the schemes, argus, argus-tcp and argus-tls are supported",
                     text);
}

/* Where the host ends; *ret_host skips an opening bracket. NULL: brackets do not match. */
static const char *find_host_end(const char *at, const char **ret_host)
{
    *ret_host = at;
    if (*at == '[') {
        *ret_host = at + 1;
        return strchr(at, ']');
    }
    const char *colon = strchr(at, ':');
    if (!colon || strchr(colon + 1, ':')) /* none, or an address of IPv6 by itself */
        return at + strlen(at);
    return colon;
}

int endpoint_parse(struct endpoint *ret, const char *text, uint16_t default_port, struct error *err)
{
    const char *at = text, *host;
    *ret = (struct endpoint){.port = default_port};
    if (skip_scheme(&at, &ret->is_secure, err))
        return -1;
    if (strchr(at, '@'))
        return error_set(err, "'%s': users and passwords (SASL) are not supported", text);
    if (strchr(at, '/'))
        return error_set(err, "'%s': files of a remote host are not supported", text);
    const char *end = find_host_end(at, &host);
    if (!end || end == host)
        return error_set(err, "'%s' is no host[:port]", text);
    if ((size_t)(end - host) > ENDPOINT_HOST_MOST)
        return error_set(err, "'%.40s...': the name of a host has at most %d letters", text,
                         ENDPOINT_HOST_MOST);
    memcpy(ret->host, host, (size_t)(end - host));
    if (*end == ']')
        end++;
    if (*end) {
        uint64_t port;
        if (*end != ':' || quantity_count(end + 1, UINT16_MAX, &port, NULL) || !port)
            return error_set(err, "'%s': a port is a number from 1 to 65535", text);
        ret->port = (uint16_t)port;
    }
    snprintf(ret->name, sizeof(ret->name), strchr(ret->host, ':') ? "[%s]:%u" : "%s:%u", ret->host,
             ret->port);
    return 0;
}
