/* SPDX-License-Identifier: Apache-2.0 */
#include "record/xml_names.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "base/attr.h"

static const struct {
    const char *field, *name;
} originals[] = {
#define XML_NAME(field, name) {field, name},
#include "record/xml_name.def"
#undef XML_NAME
};

void xml_name(const struct field *field, char *ret, size_t size)
{
    for (size_t i = 0; i < ARRAY_SIZE(originals); i++)
        if (!strcmp(originals[i].field, field->name)) {
            snprintf(ret, size, "%s", originals[i].name);
            return;
        }
    bool is_start = true;
    size_t filled = 0;
    for (const char *at = field->json; *at && filled + 1 < size; at++) {
        if (*at != '_')
            ret[filled++] = is_start ? (char)toupper((unsigned char)*at) : *at;
        is_start = *at == '_';
    }
    ret[filled] = '\0';
}
