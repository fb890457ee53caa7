/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stddef.h>

#include "record/field.h"

/*
 * The attribute that a field is in XML: as argus 3.0.8 calls it, or else the words of its JSON name
 * ("src_port": "SrcPort"). Puts at most `size` bytes.
 */
void xml_name(const struct field *field, char *ret, size_t size);
