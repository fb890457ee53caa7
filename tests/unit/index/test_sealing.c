/* SPDX-License-Identifier: Apache-2.0 */
#include "index/sealing.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "index/catalog.h"

static char folder[64], capture[128];

static int make_folder(void **state)
{
    (void)state;
    snprintf(folder, sizeof(folder), "test_sealing-XXXXXX");
    return mkdtemp(folder) ? 0 : -1;
}

static int remove_folder(void **state)
{
    (void)state;
    struct catalog catalog;
    struct error err;
    if (catalog_read(&catalog, folder, &err))
        return -1;
    for (size_t i = 0; i < catalog.count; i++)
        unlink(catalog.list[i].path);
    catalog_release(&catalog);
    unlink(capture);
    return rmdir(folder);
}

static void write_capture(const char *text)
{
    snprintf(capture, sizeof(capture), "%s/capture", folder);
    FILE *file = fopen(capture, "w");
    assert_non_null(file);
    fputs(text, file);
    assert_int_equal(fclose(file), 0);
}

static size_t count_segments(void)
{
    struct catalog catalog;
    struct error err;
    assert_int_equal(catalog_read(&catalog, folder, &err), 0);
    size_t count = catalog.count;
    catalog_release(&catalog);
    return count;
}

static struct index_builder *begin(const struct index_options *options)
{
    struct index_builder *builder;
    struct error err;
    assert_int_equal(index_builder_new(&builder, options, capture, &err), 0);
    return builder;
}

static void test_one_after_the_other(void **state)
{
    (void)state;
    const struct index_options options = {.folder = folder, .temp_folder = folder};
    struct sealing sealing = {0};
    struct error err;
    for (size_t i = 0; i < 3; i++) {
        write_capture(&"abc"[i]);
        sealing_start(&sealing, begin(&options));
        assert_int_equal(sealing_wait(&sealing, &err), 0);
        assert_int_equal(count_segments(), i + 1);
    }
    assert_int_equal(sealing_wait(&sealing, &err), 0); /* nothing is in hand */
}

static void test_failure_comes_back(void **state)
{
    (void)state;
    const struct index_options options = {.folder = folder, .temp_folder = folder};
    struct sealing sealing = {0};
    struct error err;
    size_t before = count_segments();
    write_capture("something");
    struct index_builder *builder = begin(&options);
    write_capture("something else");
    sealing_start(&sealing, builder);
    assert_int_equal(sealing_wait(&sealing, &err), -1);
    assert_non_null(strstr(err.text, "has changed while it was read"));
    assert_int_equal(count_segments(), before);
    assert_int_equal(sealing_wait(&sealing, &err), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_one_after_the_other),
        cmocka_unit_test(test_failure_comes_back),
    };
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
