/* SPDX-License-Identifier: Apache-2.0 */
/* Arbitrary text as a filter: what compiles has a text that compiles to the same text. */
#include <stdlib.h>
#include <string.h>

#include "base/check.h"
#include "filter/filter.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct record record = {.type = RECORD_FAR};
    struct filter *filter, *again;
    char expression[256];
    if (size >= sizeof(expression))
        return 0;
    memcpy(expression, data, size);
    expression[size] = '\0';
    if (filter_compile(&filter, expression, NULL, NULL))
        return 0;
    filter_match(filter, &record);
    char *text = filter_text(filter);
    check(!filter_compile(&again, text, NULL, NULL));
    char *same = filter_text(again);
    check(!strcmp(text, same));
    free(same);
    filter_free(again);
    free(text);
    filter_free(filter);
    return 0;
}
