/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "base/attr.h"
#include "base/text.h"
#include "record/print.h"

/* What print_json.c makes of each kind of value. */
static const char *type_of(const struct field *field)
{
    static const char number[] = "\"type\": \"number\"", integer[] = "\"type\": \"integer\"",
                      text[] = "\"type\": \"string\"";
    if (field->blocks == BLOCK_MPLS) /* text if several entries are chosen */
        return "\"type\": [\"integer\", \"string\"]";
    switch (field->kind) {
    case VALUE_UINT:
    case VALUE_INT:
        return integer;
    case VALUE_PORT: /* service access points of LLC have names */
        return "\"type\": [\"integer\", \"string\"]";
    case VALUE_REAL:
    case VALUE_SPAN:
        return number;
    case VALUE_TIME:
        return "\"type\": \"string\", \"format\": \"date-time\"";
    case VALUE_NONE: /* made by the printer */
        return strcmp(field->name, "rank") ? number : integer;
    case VALUE_BYTES:
        return strcmp(field->name, "label")
                   ? "\"type\": \"string\", \"contentEncoding\": \"base64\""
                   : text;
    default:
        return text;
    }
}

static void add_property(struct text *text, const struct field *field, bool is_first)
{
    text_add(text, is_first ? "\n" : ",\n");
    text_add(text, "    \"");
    text_add(text, field->json);
    text_add(text, "\": {");
    text_add(text, type_of(field));
    text_add(text, ", \"description\": \"");
    text_add(text, field->help); /* has neither quotes nor backslashes: a test looks */
    text_add(text, "\"}");
}

char *printer_json_schema(void)
{
    struct text text = {0};
    bool is_first = true;
    text_add(&text, "{\n"
                    "  \"$schema\": \"https://json-schema.org/draft/2020-12/schema\",\n"
                    "  \"title\": \"Flow record\",\n"
                    "  \"type\": \"object\",\n"
                    "  \"additionalProperties\": false,\n"
                    "  \"properties\": {");
    for (size_t i = 0; i < field_count; i++) {
        if (!field_table[i].json)
            continue;
        add_property(&text, &field_table[i], is_first);
        is_first = false;
    }
    text_add(&text, "\n  }\n}\n");
    return text.bytes;
}
