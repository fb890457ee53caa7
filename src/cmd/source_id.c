/* SPDX-License-Identifier: Apache-2.0 */
#include "cmd/source_id.h"

#include <limits.h>
#include <netdb.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/bytes.h"
#include "base/mem.h"
#include "base/quantity.h"

enum { ID_ADDRESS = 1, ID_NUMBER = 0x20, ID_TEXT = 0x21 };

static int parse_text(struct source_id *ret, const char *text, size_t size, struct error *err)
{
    if (!size || size > sizeof(ret->bytes))
        return error_set(err, "a source identifier has one to four characters, not \"%.*s\"",
                         (int)size, text);
    ret->form = ID_TEXT;
    memcpy(ret->bytes, text, size);
    return 0;
}

static int parse_number(struct source_id *ret, const char *text, struct error *err)
{
    uint64_t number;
    if (quantity_count(text, UINT32_MAX, &number, err))
        return -1;
    ret->form = ID_NUMBER;
    store_be32(ret->bytes, (uint32_t)number);
    return 0;
}

static int parse_host(struct source_id *ret, const char *name, struct error *err)
{
    const struct addrinfo hints = {.ai_family = AF_INET, .ai_socktype = SOCK_STREAM};
    struct addrinfo *found;
    int result = getaddrinfo(name, NULL, &hints, &found);
    if (result)
        return error_set(err, "'%s' is no address, number or host: %s", name, gai_strerror(result));
    const struct sockaddr_in *address = (const void *)found->ai_addr;
    ret->form = ID_ADDRESS;
    memcpy(ret->bytes, &address->sin_addr, sizeof(ret->bytes));
    freeaddrinfo(found);
    return 0;
}

static int parse_this_host(struct source_id *ret, struct error *err)
{
    char name[HOST_NAME_MAX + 1];
    if (gethostname(name, sizeof(name)))
        return error_errno(err, "the name of this machine");
    return parse_host(ret, name, err);
}

int source_id_parse(struct source_id *ret, const char *text, bool is_quoted, struct error *err)
{
    size_t size = strlen(text);
    *ret = (struct source_id){0};
    if (is_quoted)
        return parse_text(ret, text, size, err);
    if (size >= 2 && *text == '"' && text[size - 1] == '"')
        return parse_text(ret, text + 1, size - 2, err);
    if (!strcmp(text, "`hostname`"))
        return parse_this_host(ret, err);
    if (*text && strspn(text, "0123456789") == size)
        return parse_number(ret, text, err);
    return parse_host(ret, text, err);
}

uint32_t source_id_word(const struct source_id *id)
{
    return id->form == ID_TEXT ? load_le32(id->bytes) : load_be32(id->bytes);
}
