/* SPDX-License-Identifier: Apache-2.0 */
/* Arbitrary text as a filter: what compiles has a text that compiles to the same text. */
#include <stdlib.h>
#include <string.h>

#include "base/check.h"
#include "filter/filter.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Every name is of a host with two addresses. */
static unsigned find_host(const char *name, struct host_address *ret, unsigned most)
{
    check(most >= 2);
    ret[0] = (struct host_address){FAMILY_IP4, {10, 9, 9, (uint8_t)name[0]}};
    ret[1] = (struct host_address){FAMILY_IP6, {0xfd, [15] = 2}};
    return 2;
}

static bool find_ether(const char *name, uint8_t ret[6])
{
    memset(ret, name[0], 6);
    return true;
}

static const struct filter_names names = {.find_host = find_host, .find_ether = find_ether};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const struct record records[] = {
        {.type = RECORD_FAR},
        {.type = RECORD_FAR,
         .blocks = BLOCK_FLOW | BLOCK_MAC,
         .key = {.class = KEY_5TUPLE, .family = FAMILY_IP4, .protocol = 6, .port = {1, 80}}},
        {.type = RECORD_FAR,
         .blocks = BLOCK_FLOW | BLOCK_ICMP,
         .key = {.class = KEY_5TUPLE, .family = FAMILY_IP6, .protocol = 58}},
        {.type = RECORD_MAR},
    };
    struct filter *filter, *again;
    char expression[256];
    if (size >= sizeof(expression))
        return 0;
    memcpy(expression, data, size);
    expression[size] = '\0';
    if (filter_compile(&filter, expression, &names, NULL))
        return 0;
    for (size_t i = 0; i < sizeof(records) / sizeof(records[0]); i++)
        filter_match(filter, &records[i]);
    char *text = filter_text(filter);
    check(!filter_compile(&again, text, &names, NULL));
    char *same = filter_text(again);
    check(!strcmp(text, same));
    free(same);
    filter_free(again);
    free(text);
    filter_free(filter);
    return 0;
}
