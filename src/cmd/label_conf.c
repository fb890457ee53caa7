/* SPDX-License-Identifier: Apache-2.0 */
#include "cmd/label_conf.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/mem.h"
#include "cmd/rc_file.h"

enum kind { ADDRESSES, PORTS, FLOWS, KINDS };

/* Each kind has a variable that says if it is wanted, and one that says where its file is. */
static const struct {
    const char *wanted, *file;
} names[KINDS] = {
    [ADDRESSES] = {"RALABEL_IANA_ADDRESS", "RALABEL_IANA_ADDRESS_FILE"},
    [PORTS] = {"RALABEL_IANA_PORT", "RALABEL_IANA_PORT_FILE"},
    [FLOWS] = {"RALABEL_ARGUS_FLOW", "RALABEL_ARGUS_FLOW_FILE"},
};

/* What this version does not do; "no" is fine, and so are files and settings of what is not done.
 */
static const char *const refused[] = {
    "RALABEL_ARIN_COUNTRY_CODES", "RALABEL_BIND_NAME",  "RALABEL_IEEE_ADDRESS",
    "RALABEL_GEOIP_ASN",          "RALABEL_GEOIP_CITY",
};
static const char *const idle[] = {"RA_DELEGATED_IP",           "RALABEL_IEEE_ADDRESS_FILE",
                                   "RALABEL_GEOIP_ASN_FILE",    "RALABEL_GEOIP_CITY_FILE",
                                   "RALABEL_PRINT_DOMAINONLY",  "RALABEL_PRINT_LOCALONLY",
                                   "RALABEL_BIND_NON_BLOCKING", "RALABEL_DNS_NAME_CACHE_TIMEOUT"};

struct conf {
    bool is_wanted[KINDS];
    char *files[KINDS];
};

static bool is_one_of(const char *name, const char *const *list, size_t count)
{
    size_t i = 0;
    while (i < count && strcmp(name, list[i]) != 0)
        i++;
    return i < count;
}

static int take_variable(void *arg, const struct rc_variable *v, struct error *err)
{
    struct conf *conf = arg;
    if (v->is_open)
        return error_set(err, "%s: the second quote is missing", v->name);
    for (size_t i = 0; i < KINDS; i++) {
        if (!strcmp(v->name, names[i].wanted)) {
            conf->is_wanted[i] = rc_is_yes(v->value);
            return 0;
        }
        if (!strcmp(v->name, names[i].file)) {
            free(conf->files[i]);
            conf->files[i] = mem_strdup(v->value);
            return 0;
        }
    }
    if (is_one_of(v->name, idle, ARRAY_SIZE(idle)))
        return 0;
    if (!is_one_of(v->name, refused, ARRAY_SIZE(refused)))
        return error_set(err, "the variable %s is not known", v->name);
    return rc_is_yes(v->value)
               ? error_set(err, "%s: '%s' is not supported by this version", v->name, v->value)
               : 0;
}

static int read_files(struct labeler *labeler, const struct conf *conf, struct error *err)
{
    static const struct filter_names filter_names = {.reads_files = true};
    int result = 0;
    for (size_t i = 0; i < KINDS; i++)
        if (conf->is_wanted[i] && !conf->files[i])
            return error_set(err, "%s needs %s", names[i].wanted, names[i].file);
    if (conf->is_wanted[ADDRESSES])
        result = labeler_read_addresses(labeler, conf->files[ADDRESSES], err);
    if (!result && conf->is_wanted[PORTS])
        result = labeler_read_ports(labeler, conf->files[PORTS], err);
    if (!result && conf->is_wanted[FLOWS])
        result = labeler_read_flows(labeler, conf->files[FLOWS], &filter_names, err);
    return result;
}

int label_conf_read(struct labeler **ret, const char *path, struct error *err)
{
    struct conf conf = {{0}, {0}};
    struct labeler *labeler = labeler_new();
    int result = rc_file_read(path, take_variable, &conf, err);
    if (!result && read_files(labeler, &conf, err))
        result = error_prefix(err, "%s", path);
    for (size_t i = 0; i < KINDS; i++)
        free(conf.files[i]);
    if (result)
        labeler_free(labeler);
    else
        *ret = labeler;
    return result;
}
