/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/address.h"
#include "base/error.h"
#include "filter/filter.h"

/* One rule of net/access.h. */
struct access_rule {
    unsigned line; /* of the file */
    bool is_allowed;
    struct prefix *networks; /* none: any address */
    size_t network_count, network_capacity;
    char *name;            /* of the certificate; NULL: with any, or none */
    struct filter *filter; /* NULL: everything may be seen */
};

/*
 * Reads a line of a file: 0, -1, or ACCESS_RULE_NONE if it has no rule. An error says where in the
 * line it is. access_rule_release in any case.
 */
enum { ACCESS_RULE_NONE = 1 };
int access_rule_parse(struct access_rule *ret, const char *line, const struct filter_names *names,
                      size_t *ret_at, struct error *err) MUST_USE;
void access_rule_release(struct access_rule *rule);

bool access_rule_covers(const struct access_rule *rule, const struct address *address);
