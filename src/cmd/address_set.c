/* SPDX-License-Identifier: Apache-2.0 */
#include "cmd/address_set.h"

#include <stdlib.h>
#include <string.h>

#include "base/address_file.h"
#include "base/mem.h"
#include "base/message.h"

static int add_file(struct prefix_set *set, const char *path, struct error *err)
{
    struct address_file_counts counts;
    if (address_file_add(path, set, 0, &counts, err))
        return -1;
    if (!counts.wrong)
        return 0;
    address_file_wrong(&counts, err);
    return -1;
}

static int add_word(struct prefix_set *set, const char *word, struct error *err)
{
    struct prefix prefix;
    if (*word == '@')
        return add_file(set, word + 1, err);
    if (!prefix_parse(word, strlen(word), &prefix))
        return error_set(err, "'%s' is no network", word);
    return prefix_set_add(set, &prefix, 0, err);
}

int address_set_add_words(struct prefix_set *set, const char *words, struct error *err)
{
    char *copy = mem_strdup(words), *rest = copy, *word;
    int result = 0;
    while (!result && (word = strsep(&rest, " ,\t")))
        if (*word)
            result = add_word(set, word, err);
    free(copy);
    return result;
}

int address_set_load(struct prefix_set **ret, const struct paths *files, bool *ret_wrong,
                     struct error *err)
{
    struct prefix_set *set = prefix_set_new();
    *ret_wrong = false;
    for (size_t i = 0; i < files->count; i++) {
        struct address_file_counts counts;
        if (address_file_add(files->list[i].name, set, 0, &counts, err)) {
            prefix_set_free(set);
            return -1;
        }
        if (!counts.wrong)
            continue;
        struct error wrong;
        address_file_wrong(&counts, &wrong);
        message_error(&wrong);
        *ret_wrong = true;
    }
    prefix_set_build(set);
    *ret = set;
    return 0;
}
