/* SPDX-License-Identifier: Apache-2.0 */
/* Arbitrary text as a file of rules: the set of their filters finds what one after the other does.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "aggregate/rules.h"
#include "base/check.h"
#include "filter/filter_set.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Every name is of a host with an address. */
static unsigned find_host(const char *name, struct host_address *ret, unsigned most)
{
    check(most >= 1);
    ret[0] = (struct host_address){FAMILY_IP4, {10, 0, 0, (uint8_t)name[0]}};
    return 1;
}

static const struct record records[] = {
    {.type = RECORD_FAR},
    {.type = RECORD_FAR,
     .blocks = BLOCK_FLOW,
     .key = {.class = KEY_5TUPLE,
             .family = FAMILY_IP4,
             .protocol = 6,
             .port = {1, 80},
             .addr = {{10, 0, 0, 1}, {10, 0, 0, 2}}}},
    {.type = RECORD_FAR,
     .blocks = BLOCK_FLOW,
     .key = {.class = KEY_5TUPLE,
             .family = FAMILY_IP6,
             .protocol = 17,
             .port = {53, 2},
             .addr = {{0xfd, [15] = 1}, {0xfd, [15] = 2}}}},
    {.type = RECORD_MAR},
};

static void look_up(const struct rules *rules)
{
    const struct filter **filters = calloc(rules->count + 1, sizeof(*filters));
    for (size_t i = 0; i < rules->count; i++)
        filters[i] = rules->list[i].filter;
    struct filter_set *set = filter_set_new(filters, rules->count);
    for (size_t i = 0; i < sizeof(records) / sizeof(records[0]); i++) {
        size_t expected = 0;
        while (expected < rules->count && filters[expected] &&
               !filter_match(filters[expected], &records[i]))
            expected++;
        check(filter_set_find(set, 0, &records[i]) == expected);
    }
    filter_set_free(set);
    free(filters);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const struct filter_names names = {.find_host = find_host};
    const struct rule_options options = {.names = &names};
    struct rules rules = {0};
    char path[64];
    int file = memfd_create("rules", MFD_CLOEXEC);
    check(file >= 0);
    check(write(file, data, size) == (ssize_t)size);
    snprintf(path, sizeof(path), "/proc/self/fd/%d", file);
    struct error err = {0};
    if (rules_read(&rules, path, &options, &err))
        check(err.text[0]);
    look_up(&rules);
    rules_release(&rules);
    close(file);
    return 0;
}
