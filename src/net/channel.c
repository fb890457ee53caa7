/* SPDX-License-Identifier: Apache-2.0 */
#include "net/channel.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include "base/check.h"

/* The certificate must name the host, or its address. */
static void expect_host(SSL *secure, const char *host)
{
    uint8_t address[16];
    X509_VERIFY_PARAM *param = SSL_get0_param(secure);
    if (inet_pton(AF_INET, host, address) == 1 || inet_pton(AF_INET6, host, address) == 1) {
        check(X509_VERIFY_PARAM_set1_ip_asc(param, host) == 1);
        return;
    }
    check(SSL_set_tlsext_host_name(secure, host) == 1 && SSL_set1_host(secure, host) == 1);
}

void channel_open(struct channel *c, int descriptor, const struct tls *tls, const char *host)
{
    *c = (struct channel){.descriptor = descriptor};
    if (!tls)
        return;
    c->secure = SSL_new(tls_context(tls));
    check(c->secure && SSL_set_fd(c->secure, descriptor) == 1);
    if (host) {
        expect_host(c->secure, host);
        SSL_set_connect_state(c->secure);
    } else {
        SSL_set_accept_state(c->secure);
    }
}

void channel_close(struct channel *c)
{
    SSL_free(c->secure);
    if (c->descriptor >= 0)
        close(c->descriptor);
    *c = CHANNEL_NONE;
}

static void set_why(struct channel *c, const char *why)
{
    if (!c->has_failed)
        snprintf(c->why, sizeof(c->why), "%s", why ? why : "the connection is lost");
    c->has_failed = true;
}

/* What an operation of OpenSSL that did not succeed means. */
static ssize_t explain(struct channel *c, int result)
{
    int saved = errno;
    switch (SSL_get_error(c->secure, result)) {
    case SSL_ERROR_WANT_READ:
        c->wants_write = false;
        return SOCKET_WAIT;
    case SSL_ERROR_WANT_WRITE:
        c->wants_write = true;
        return SOCKET_WAIT;
    case SSL_ERROR_ZERO_RETURN:
        return SOCKET_END;
    case SSL_ERROR_SYSCALL:
        set_why(c, saved ? strerror(saved) : NULL);
        return -1;
    default:
        break;
    }
    long verified = SSL_get_verify_result(c->secure);
    set_why(c, verified != X509_V_OK ? X509_verify_cert_error_string(verified)
                                     : ERR_reason_error_string(ERR_peek_error()));
    return -1;
}

static ssize_t note_error(struct channel *c, ssize_t result)
{
    if (result == -1)
        set_why(c, strerror(errno));
    return result;
}

/* Errors of other connections must not be taken for this one's. */
static void forget_errors(void)
{
    ERR_clear_error();
    errno = 0;
}

ssize_t channel_greet(struct channel *c)
{
    if (!c->secure || SSL_is_init_finished(c->secure))
        return 0;
    forget_errors();
    int result = SSL_do_handshake(c->secure);
    if (result == 1)
        return 0;
    return explain(c, result) == SOCKET_WAIT ? SOCKET_WAIT : -1;
}

struct x509_st *channel_certificate(const struct channel *c)
{
    return c->secure ? SSL_get0_peer_certificate(c->secure) : NULL;
}

ssize_t channel_read(struct channel *c, void *to, size_t size)
{
    if (!c->secure)
        return note_error(c, socket_read(c->descriptor, to, size));
    forget_errors();
    int got = SSL_read(c->secure, to, size > INT32_MAX ? INT32_MAX : (int)size);
    return got > 0 ? got : explain(c, got);
}

ssize_t channel_write(struct channel *c, const void *from, size_t size)
{
    if (!c->secure)
        return note_error(c, socket_write(c->descriptor, from, size));
    forget_errors();
    int put = SSL_write(c->secure, from, size > INT32_MAX ? INT32_MAX : (int)size);
    ssize_t result = put > 0 ? put : explain(c, put);
    return result == SOCKET_END ? -1 : result;
}

void channel_shut(struct channel *c)
{
    if (c->secure)
        (void)SSL_shutdown(c->secure);
    else
        (void)shutdown(c->descriptor, SHUT_WR);
}

bool channel_awaits_room(const struct channel *c)
{
    return !c->secure || c->wants_write;
}

bool channel_has_more(const struct channel *c)
{
    return c->secure && SSL_pending(c->secure) > 0;
}

const char *channel_error(const struct channel *c)
{
    return c->why[0] ? c->why : "the connection is lost";
}
