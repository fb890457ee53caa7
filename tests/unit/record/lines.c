/* SPDX-License-Identifier: Apache-2.0 */
#include "lines.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

static char *slurp(const char *path)
{
    enum { MOST = 1 << 16 };
    FILE *file = fopen(path, "re");
    assert_non_null(file);
    char *text = malloc(MOST);
    text[fread(text, 1, MOST - 1, file)] = '\0';
    fclose(file);
    return text;
}

char *printed(const struct print_options *options, const char *columns,
              const struct record *records, size_t count)
{
    char path[] = "/tmp/panoptes-print-XXXXXX";
    struct error err;
    struct output *out;
    close(mkstemp(path));
    assert_int_equal(output_open(&out, path, &err), 0);
    struct printer *printer = printer_new(options);
    if (columns && printer_select(printer, columns, &err))
        fail_msg("%s", err.text);
    for (size_t i = 0; i < count; i++)
        assert_int_equal(printer_print(printer, &records[i], out, &err), 0);
    printer_free(printer);
    assert_int_equal(output_close(out, &err), 0);
    char *text = slurp(path);
    unlink(path);
    return text;
}
