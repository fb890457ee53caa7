/* SPDX-License-Identifier: Apache-2.0 */
#include "net/access.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/x509v3.h>

#include "base/lines.h"
#include "base/mem.h"
#include "base/prefix_set.h"
#include "net/access_rule.h"

struct access {
    struct prefix_set *networks; /* NULL: all */
    struct access_rule *rules;
    size_t count, capacity;
    bool has_rules, names_certificates;
};

struct access *access_new(void)
{
    return mem_zalloc(sizeof(struct access));
}

void access_free(struct access *access)
{
    if (!access)
        return;
    for (size_t i = 0; i < access->count; i++)
        access_rule_release(&access->rules[i]);
    free(access->rules);
    prefix_set_free(access->networks);
    free(access);
}

int access_limit(struct access *access, const struct prefix *networks, size_t count,
                 struct error *err)
{
    access->networks = prefix_set_new();
    for (size_t i = 0; i < count; i++)
        if (prefix_set_add(access->networks, &networks[i], 1, err))
            return -1;
    prefix_set_build(access->networks);
    return 0;
}

/* --- files ------------------------------------------------------------------------------------ */

struct reading {
    struct access *access;
    const struct filter_names *names;
};

static int read_line(void *arg, const char *text, unsigned number, size_t *ret_at,
                     struct error *err)
{
    const struct reading *reading = arg;
    struct access *access = reading->access;
    if (access->count == ACCESS_RULES_MOST) {
        *ret_at = 0;
        return error_set(err, "more than %d rules", ACCESS_RULES_MOST);
    }
    access->rules =
        mem_grow(access->rules, &access->capacity, access->count + 1, sizeof(*access->rules));
    struct access_rule *rule = &access->rules[access->count];
    int result = access_rule_parse(rule, text, reading->names, ret_at, err);
    if (result) {
        access_rule_release(rule);
        return result < 0 ? -1 : 0;
    }
    rule->line = number;
    access->names_certificates |= rule->name != NULL;
    access->count++;
    return 0;
}

int access_read(struct access *access, const char *path, const struct filter_names *names,
                struct error *err)
{
    struct reading reading = {access, names};
    int result = lines_read(path, read_line, &reading, err);
    if (!result && !access->count)
        return error_set(err, "%s: there is no rule, so nobody would be served", path);
    access->has_rules = true;
    return result;
}

bool access_names_certificates(const struct access *access)
{
    return access->names_certificates;
}

/* --- decisions -------------------------------------------------------------------------------- */

static bool is_in_networks(const struct access *access, const struct address *address)
{
    return !access->networks || (address->size && prefix_set_find(access->networks, address->bytes,
                                                                  address->size) != PREFIX_NONE);
}

/* Names in certificates are taken as they are: their asterisks cover nothing here. */
static bool has_name(X509 *certificate, const char *name)
{
    return certificate && X509_check_host(certificate, name, strlen(name),
                                          X509_CHECK_FLAG_NO_WILDCARDS, NULL) == 1;
}

bool access_may_allow(const struct access *access, const struct address *address)
{
    if (!is_in_networks(access, address))
        return false;
    for (size_t i = 0; i < access->count; i++) {
        const struct access_rule *rule = &access->rules[i];
        if (access_rule_covers(rule, address) && (rule->is_allowed || !rule->name))
            return rule->is_allowed;
    }
    return !access->has_rules;
}

struct access_verdict access_decide(const struct access *access, const struct address *address,
                                    struct x509_st *certificate)
{
    if (!is_in_networks(access, address))
        return (struct access_verdict){false, 0, NULL};
    for (size_t i = 0; i < access->count; i++) {
        const struct access_rule *rule = &access->rules[i];
        if (access_rule_covers(rule, address) && (!rule->name || has_name(certificate, rule->name)))
            return (struct access_verdict){rule->is_allowed, rule->line, rule->filter};
    }
    return (struct access_verdict){!access->has_rules, 0, NULL};
}
