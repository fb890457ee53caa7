/* SPDX-License-Identifier: Apache-2.0 */
#include "net/tls.h"

#include <stdlib.h>

#include <openssl/err.h>
#include <openssl/ssl.h>

#include "base/mem.h"

struct tls {
    SSL_CTX *context;
};

/* OpenSSL's own words for what went wrong last. */
static int fail(struct error *err, const char *what, const char *path)
{
    const char *reason = ERR_reason_error_string(ERR_peek_last_error());
    ERR_clear_error();
    return error_set(err, "%s %s: %s", what, path, reason ? reason : "cannot be used");
}

static int load(SSL_CTX *context, const struct tls_files *files, struct error *err)
{
    if (SSL_CTX_use_certificate_chain_file(context, files->certificate) != 1)
        return fail(err, "the certificate", files->certificate);
    if (SSL_CTX_use_PrivateKey_file(context, files->key, SSL_FILETYPE_PEM) != 1 ||
        SSL_CTX_check_private_key(context) != 1)
        return fail(err, "the key", files->key);
    STACK_OF(X509_NAME) *names = SSL_load_client_CA_file(files->authorities);
    if (!names || SSL_CTX_load_verify_file(context, files->authorities) != 1) {
        sk_X509_NAME_pop_free(names, X509_NAME_free);
        return fail(err, "the authorities", files->authorities);
    }
    SSL_CTX_set_client_CA_list(context, names);
    return 0;
}

int tls_new(struct tls **ret, const struct tls_files *files, struct error *err)
{
    if (!files->certificate || !files->key || !files->authorities)
        return error_set(err, "--tls-cert, --tls-key and --tls-ca are needed, all of them");
    SSL_CTX *context = SSL_CTX_new(TLS_method());
    if (!context)
        return fail(err, "TLS", "");
    SSL_CTX_set_min_proto_version(context, TLS1_3_VERSION);
    SSL_CTX_set_verify(context, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, NULL);
    SSL_CTX_set_mode(context, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER |
                                  SSL_MODE_RELEASE_BUFFERS);
    SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
    SSL_CTX_set_num_tickets(context, 0);
    if (load(context, files, err)) {
        SSL_CTX_free(context);
        return -1;
    }
    *ret = mem_zalloc(sizeof(**ret));
    (*ret)->context = context;
    return 0;
}

void tls_free(struct tls *tls)
{
    if (!tls)
        return;
    SSL_CTX_free(tls->context);
    free(tls);
}

/* Connections keep the context that they were made with. */
void tls_replace(struct tls *tls, struct tls *with)
{
    SSL_CTX *before = tls->context;
    tls->context = with->context;
    with->context = before;
    tls_free(with);
}

struct ssl_ctx_st *tls_context(const struct tls *tls)
{
    return tls->context;
}
