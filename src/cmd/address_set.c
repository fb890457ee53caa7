/* SPDX-License-Identifier: Apache-2.0 */
#include "cmd/address_set.h"

#include "base/address_file.h"
#include "base/message.h"

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
