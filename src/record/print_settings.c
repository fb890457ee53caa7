/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>

#include "base/attr.h"
#include "base/quantity.h"
#include "record/print.h"

/* The variables of ra's start-up files that are about printing, and what they do. */

enum { PRECISION_MOST = 15 };

int print_set_time_format(struct print_options *options, const char *format, struct error *err)
{
    size_t size = strlen(format);
    if (!size)
        return error_set(err, "a format of times can't be empty");
    if (size >= sizeof(options->time_format))
        return error_set(err, "the format of times '%s' is too long", format);
    memcpy(options->time_format, format, size + 1);
    return 0;
}

/* One of a list of words; the list ends with NULL. */
static int choose(const char *value, const char *const *words, struct error *err)
{
    for (int i = 0; words[i]; i++)
        if (!strcasecmp(value, words[i]))
            return i;
    return error_set(err, "'%s' is not known", value);
}

static int choose_bool(const char *value, bool *ret, struct error *err)
{
    static const char *const words[] = {"no", "yes", NULL};
    int chosen = choose(value, words, err);
    *ret = chosen > 0;
    return chosen < 0 ? -1 : 0;
}

/* --- variables -------------------------------------------------------------------------------- */

static int set_width(struct print_options *options, const char *value, struct error *err)
{
    static const char *const words[] = {"fixed", "variable", NULL};
    int chosen = choose(value, words, err);
    options->variable_width = chosen > 0;
    return chosen < 0 ? -1 : 0;
}

static int set_quote(struct print_options *options, const char *value, struct error *err)
{
    static const char *const words[] = {"no", "none", "single", "double", NULL};
    static const char quotes[] = {'\0', '\0', '\'', '"'};
    int chosen = choose(value, words, err);
    options->quote = chosen < 0 ? '\0' : quotes[chosen];
    return chosen < 0 ? -1 : 0;
}

/* A character, or an escape, in single quotes or without them. */
static int set_delimiter(struct print_options *options, const char *value, struct error *err)
{
    static const char letters[] = "abtnvfr\\", escapes[] = "\a\b\t\n\v\f\r\\";
    const char *at = value;
    if (*at == '\'' && at[1])
        at++;
    options->delimiter = *at;
    if (*at == '\\' && at[1]) {
        const char *letter = strchr(letters, *++at);
        if (!letter)
            return error_set(err, "'%s' is no character", value);
        options->delimiter = escapes[letter - letters];
    }
    if (!*at || (at[1] && strcmp(at + 1, "'")))
        return error_set(err, "'%s' is no single character", value);
    return 0;
}

static int set_ports(struct print_options *options, const char *value, struct error *err)
{
    bool are_joined;
    int result = choose_bool(value, &are_joined, err);
    options->ports_apart = !result && !are_joined;
    return result;
}

static int set_names(struct print_options *options, const char *value, struct error *err)
{
    static const char *const words[] = {"port", "proto", "none", "all", NULL};
    int chosen = choose(value, words, err);
    options->numeric = chosen < 0 ? 0 : (unsigned)chosen;
    return chosen < 0 ? -1 : 0;
}

static int set_prefix(struct print_options *options, const char *value, struct error *err)
{
    static const char *const words[] = {"no", "yes", "strict", NULL};
    int chosen = choose(value, words, err);
    options->prefix = chosen < 0 ? PREFIX_NEVER : (enum print_prefix)chosen;
    return chosen < 0 ? -1 : 0;
}

static int set_local(struct print_options *options, const char *value, struct error *err)
{
    bool is_wanted;
    int result = choose_bool(value, &is_wanted, err);
    if (!result && is_wanted)
        options->host_form = HOST_LOCAL;
    return result;
}

static int set_domain(struct print_options *options, const char *value, struct error *err)
{
    bool is_wanted;
    int result = choose_bool(value, &is_wanted, err);
    if (!result && is_wanted)
        options->host_form = HOST_DOMAIN;
    return result;
}

static int set_as(struct print_options *options, const char *value, struct error *err)
{
    static const char *const words[] = {"asplain", "asdot", "asdot+", NULL};
    int chosen = choose(value, words, err);
    options->as_form = chosen < 0 ? AS_PLAIN : (enum print_as)chosen;
    return chosen < 0 ? -1 : 0;
}

static int set_payload(struct print_options *options, const char *value, struct error *err)
{
    static const char *const words[] = {"ascii", "obfuscate", "hex", "encode32", "encode64", NULL};
    int chosen = choose(value, words, err);
    options->payload = chosen < 0 ? PAYLOAD_ASCII : (enum print_payload)chosen;
    return chosen < 0 ? -1 : 0;
}

static int set_unix_time(struct print_options *options, const char *value, struct error *err)
{
    return choose_bool(value, &options->unix_time, err);
}

static int set_precision(struct print_options *options, const char *value, struct error *err)
{
    uint64_t digits;
    if (quantity_count(value, PRECISION_MOST, &digits, err))
        return -1;
    options->precision = (int)digits;
    return 0;
}

static int set_header(struct print_options *options, const char *value, struct error *err)
{
    uint64_t lines = 0;
    if (strcmp(value, "-1") && quantity_count(value, INT32_MAX, &lines, err))
        return -1;
    options->header_every = *value == '-' ? -1 : (int)lines;
    return 0;
}

static int set_states(struct print_options *options, const char *value, struct error *err)
{
    bool are_wanted;
    int result = choose_bool(value, &are_wanted, err);
    options->tcp_state = !result && are_wanted ? 'z' : '\0';
    return result;
}

static int set_flags(struct print_options *options, const char *value, struct error *err)
{
    static const char *const words[] = {"no", "none", "s", "d", "b", "src", "dst", "both", NULL};
    static const char sides[] = {'\0', '\0', 's', 'd', 'b', 's', 'd', 'b'};
    int chosen = choose(value, words, err);
    options->tcp_state = chosen < 0 ? '\0' : sides[chosen];
    return chosen < 0 ? -1 : 0;
}

int print_set(struct print_options *options, const char *name, const char *value, struct error *err)
{
    static const struct {
        const char *name;
        int (*set)(struct print_options *options, const char *value, struct error *err);
    } variables[] = {
        {"RA_FIELD_DELIMITER", set_delimiter},
        {"RA_FIELD_WIDTH", set_width},
        {"RA_FIELD_QUOTED", set_quote},
        {"RA_SEPARATE_ADDR_FROM_PORT_WITH_PERIOD", set_ports},
        {"RA_PRINT_LABELS", set_header},
        {"RA_PRINT_NAMES", set_names},
        {"RA_PRINT_LOCALONLY", set_local},
        {"RA_PRINT_DOMAINONLY", set_domain},
        {"RA_CIDR_ADDRESS_FORMAT", set_prefix},
        {"RA_ASN_PRINT_FORMAT", set_as},
        {"RA_PRINT_UNIX_TIME", set_unix_time},
        {"RA_TIME_FORMAT", print_set_time_format},
        {"RA_USEC_PRECISION", set_precision},
        {"RA_PRINT_TCPSTATES", set_states},
        {"RA_PRINT_TCPFLAGS", set_flags},
        {"RA_USERDATA_ENCODE", set_payload},
    };
    for (size_t i = 0; i < ARRAY_SIZE(variables); i++) {
        if (strcmp(name, variables[i].name))
            continue;
        return variables[i].set(options, value, err) ? error_prefix(err, "%s", name) : 0;
    }
    return PRINT_NO_SETTING;
}
