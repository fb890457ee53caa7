/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdbool.h>

#include "base/error.h"

/*
 * Tls: how one side of connections proves who it is, and whom it believes: TLS 1.3 and no other
 * version, and both sides show a certificate that the other one's authorities have signed.
 */
struct tls;

struct tls_files { /* all are PEM, and all are needed */
    const char *certificate, *key, *authorities;
};

/* True if any of them is given. */
static inline bool tls_files_given(const struct tls_files *files)
{
    return files->certificate || files->key || files->authorities;
}

int tls_new(struct tls **ret, const struct tls_files *files, struct error *err) MUST_USE;
void tls_free(struct tls *tls); /* NULL is fine */

/* New connections are made as `with` has it, which is used up; those that there are stay. */
void tls_replace(struct tls *tls, struct tls *with);

/* Of OpenSSL, for net/channel.c. */
struct ssl_ctx_st *tls_context(const struct tls *tls);
