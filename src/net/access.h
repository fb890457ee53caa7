/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/address.h"
#include "base/attr.h"
#include "base/error.h"
#include "filter/filter.h"

/*
 * Access: who is served, and what each client may see. Rules are read from a file, one a line:
 *
 *     # a comment
 *     deny 10.9.0.0/16,192.0.2.7
 *     allow 10.0.0.0/8
 *     allow cert store.example.org filter "port 25"
 *     allow any cert .example.org filter 'not label "secret"'
 *
 * A rule is about the clients whose address is in one of its networks (without one, or with `any`:
 * any address), and whose certificate has its name (without one: with any certificate, or none).
 * The first rule that is about a client decides, and who no rule is about is not served. With
 * `filter` a client gets only records that match, whatever it asks for. Words may stand in quotes
 * of either kind, which there is no way to have within them.
 *
 * The names of a certificate are its DNS names (subjectAltName) or, if it has none, its common name
 * (CN). Upper and lower case are the same; a certificate for *.example.org has that name and no
 * other. In a rule, .example.org stands for every name that ends so.
 */
struct access;
struct x509_st; /* a certificate of OpenSSL */

enum { ACCESS_RULES_MOST = 65536 };

struct access *access_new(void) MUST_USE;
void access_free(struct access *access); /* NULL is fine */

/* Only clients in these networks get as far as the rules; without rules, they are served. */
int access_limit(struct access *access, const struct prefix *networks, size_t count,
                 struct error *err) MUST_USE;

/* Reads a file, once. An error names the file, the line and the column, and shows the line. */
int access_read(struct access *access, const char *path, const struct filter_names *names,
                struct error *err) MUST_USE;

/* True if some rule is about a certificate's name. */
bool access_names_certificates(const struct access *access);

/* False if nobody at this address is served, whatever certificate is shown. */
bool access_may_allow(const struct access *access, const struct address *address);

struct access_verdict {
    bool is_allowed;
    unsigned line;               /* of the rule that decided; 0: none did */
    const struct filter *filter; /* what the client may see; NULL: everything. Of the access's */
};

/* `certificate` is one that was verified; NULL: there is none. */
struct access_verdict access_decide(const struct access *access, const struct address *address,
                                    struct x509_st *certificate);
