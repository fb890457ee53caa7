/* SPDX-License-Identifier: Apache-2.0 */
#include "scan/known.h"

#include <arpa/inet.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/input.h"
#include "base/lines.h"
#include "base/mem.h"
#include "base/output.h"
#include "base/quantity.h"

enum { LINE_TEXT = 160, FRACTION_DIGITS = 9 };

struct known {
    struct input *in; /* NULL: at its end */
    uint64_t line;
    struct scan_endpoint next; /* of the old file, valid with has_next */
    bool has_next;
    struct output *out;
    char *path;
    bool was_there;
    struct stat was; /* the old file, if there was one */
};

/* --- the old file ----------------------------------------------------------------------------- */

static int number(const char *text, uint64_t most, uint64_t *ret)
{
    return quantity_count(text, most, ret, NULL);
}

/* "seconds.fraction", with nine digits. */
static int parse_time(char *text, nsec_t *ret)
{
    uint64_t seconds, fraction;
    char *point = strchr(text, '.');
    if (!point || strlen(point + 1) != FRACTION_DIGITS)
        return -1;
    *point = '\0';
    if (number(text, INT64_MAX / NSEC_PER_SEC - 1, &seconds) ||
        number(point + 1, NSEC_PER_SEC - 1, &fraction))
        return -1;
    *ret = (nsec_t)(seconds * NSEC_PER_SEC + fraction);
    return 0;
}

static int parse_line(char *text, struct scan_endpoint *ret)
{
    char *words[4], *rest = text;
    struct address address;
    uint8_t key[ADDRESS_KEY];
    uint64_t protocol, port;
    for (unsigned i = 0; i < 4; i++)
        if (!(words[i] = strsep(&rest, " ")))
            return -1;
    if (rest || !address_parse(words[0], strlen(words[0]), &address) ||
        number(words[1], UINT8_MAX, &protocol) || number(words[2], UINT16_MAX, &port) ||
        parse_time(words[3], &ret->first))
        return -1;
    address_key_put(key, address.bytes, address.size);
    scan_endpoint_put(ret, key, (uint8_t)protocol, (uint16_t)port);
    return 0;
}

static int fail(const struct known *known, const char *what, struct error *err)
{
    return error_set(err, "%s: line %" PRIu64 ": %s", input_name(known->in), known->line, what);
}

/* The next line that is no comment: true if there is one in *ret; otherwise *result says why. */
static bool next_line(struct known *known, struct view *ret, int *result, struct error *err)
{
    do {
        *result = lines_next(known->in, ret, err);
        known->line++;
    } while (!*result && (!ret->size || *ret->data == '#'));
    return !*result;
}

/* The next endpoint of the old file; at its end there is none. */
static int advance(struct known *known, struct error *err)
{
    char text[LINE_TEXT];
    struct view line;
    const struct scan_endpoint before = known->next;
    const bool had_one = known->has_next;
    int result;
    known->has_next = false;
    if (!known->in)
        return 0;
    if (!next_line(known, &line, &result, err)) {
        if (result < 0)
            return -1;
        input_close(known->in);
        known->in = NULL;
        return 0;
    }
    if (line.size >= sizeof(text))
        return fail(known, "no service", err);
    memcpy(text, line.data, line.size);
    text[line.size] = '\0';
    if (parse_line(text, &known->next))
        return fail(known, "no service: ADDRESS PROTOCOL PORT SECONDS.NANOSECONDS", err);
    if (had_one && memcmp(before.key, known->next.key, ENDPOINT_KEY) >= 0)
        return fail(known, "not in order", err);
    known->has_next = true;
    return 0;
}

/* --- the new file ----------------------------------------------------------------------------- */

static int write_endpoint(struct known *known, const struct scan_endpoint *endpoint,
                          struct error *err)
{
    char address[INET6_ADDRSTRLEN], line[LINE_TEXT];
    const uint8_t *key = endpoint->key, *behind = key + ADDRESS_KEY;
    inet_ntop(key[0] == 4 ? AF_INET : AF_INET6, key + 1, address, sizeof(address));
    int size = snprintf(line, sizeof(line), "%s %u %u %" PRId64 ".%09" PRIu32 "\n", address,
                        behind[0], (unsigned)behind[1] << 8 | behind[2],
                        nsec_seconds(endpoint->first), nsec_fraction(endpoint->first));
    return output_write(known->out, line, (size_t)size, err) < 0 ? -1 : 0;
}

static int begin_output(struct known *known, const char *path, struct error *err)
{
    static const char head[] =
        "# Services that radark saw answer: address, protocol, port, first seen (since 1970)\n";
    if (output_replace(&known->out, path, err))
        return -1;
    return output_write(known->out, head, sizeof(head) - 1, err) < 0 ? -1 : 0;
}

int known_open(struct known **ret, const char *path, struct error *err)
{
    struct known *known = mem_zalloc(sizeof(*known));
    int result = 0;
    known->path = mem_strdup(path);
    known->was_there = !stat(path, &known->was);
    if (known->was_there || errno != ENOENT)
        result = input_open(&known->in, path, err);
    if (result)
        known->in = NULL;
    if (!result)
        result = advance(known, err);
    if (!result)
        result = begin_output(known, path, err);
    if (result) {
        known_abandon(known);
        return -1;
    }
    *ret = known;
    return 0;
}

void known_abandon(struct known *known)
{
    if (!known)
        return;
    if (known->in)
        input_close(known->in);
    output_abandon(known->out);
    free(known->path);
    free(known);
}

static int pass_on(struct known *known, struct error *err)
{
    return write_endpoint(known, &known->next, err) || advance(known, err) ? -1 : 0;
}

int known_add(struct known *known, const struct scan_endpoint *endpoint, bool *ret_known,
              struct error *err)
{
    int order = 1;
    while (known->has_next && (order = memcmp(known->next.key, endpoint->key, ENDPOINT_KEY)) < 0)
        if (pass_on(known, err))
            return -1;
    *ret_known = known->has_next && !order;
    if (!*ret_known)
        return write_endpoint(known, endpoint, err);
    if (endpoint->first < known->next.first)
        known->next.first = endpoint->first;
    return pass_on(known, err);
}

int known_finish(struct known *known, struct error *err)
{
    while (known->has_next)
        if (pass_on(known, err))
            return -1;
    return 0;
}

/* False if somebody else has changed the file, or made one, since it was read. */
static bool is_as_it_was(const struct known *known)
{
    struct stat is;
    const struct stat *was = &known->was;
    if (stat(known->path, &is))
        return !known->was_there && errno == ENOENT;
    if (known->was_there && !S_ISREG(was->st_mode))
        return true;
    return known->was_there && is.st_dev == was->st_dev && is.st_ino == was->st_ino &&
           is.st_size == was->st_size && is.st_mtim.tv_sec == was->st_mtim.tv_sec &&
           is.st_mtim.tv_nsec == was->st_mtim.tv_nsec;
}

int known_commit(struct known *known, struct error *err)
{
    if (!is_as_it_was(known)) {
        error_set(err, "%s: has changed meanwhile, and stays as it is now; run it again",
                  known->path);
        known_abandon(known);
        return -1;
    }
    struct output *out = known->out;
    known->out = NULL;
    known_abandon(known);
    return output_close(out, err) < 0 ? -1 : 0;
}
