/* SPDX-License-Identifier: Apache-2.0 */
#include "cmd/source_metrics.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "net/reader.h"

static nsec_t now(void)
{
    return 0;
}

static void add(struct reader *reader, unsigned number)
{
    struct endpoint endpoint = {.port = 1};
    snprintf(endpoint.name, sizeof(endpoint.name), "source%u:1", number);
    (void)reader_add(reader, &endpoint);
}

static unsigned occurrences(const char *text, const char *word)
{
    unsigned count = 0;
    while ((text = strstr(text, word)) != NULL) {
        text += strlen(word);
        count++;
    }
    return count;
}

static char *shown(struct source_metrics *metrics)
{
    char *bytes;
    size_t size;
    FILE *text = open_memstream(&bytes, &size);
    source_metrics_write(metrics, text, "p");
    fclose(text);
    return bytes;
}

/* A name stands in each family once, however many are read, and whichever is read twice. */
static void names_stand_once(void **state)
{
    (void)state;
    for (unsigned sources = 1; sources <= 20; sources++) {
        struct source_metrics *metrics = source_metrics_new();
        struct reader *reader = reader_new(
            &(struct reader_options){.stop_descriptor = -1, .wake_descriptor = -1, .now = now});
        for (unsigned i = 0; i < sources; i++)
            add(reader, i);
        add(reader, 0);
        add(reader, sources - 1);
        source_metrics_show(metrics, reader);
        char *text = shown(metrics), name[64];
        for (unsigned i = 0; i < sources; i++) {
            snprintf(name, sizeof(name), "p_source_up{source=\"source%u:1\"} 0\n", i);
            assert_int_equal(occurrences(text, name), 1);
        }
        assert_int_equal(occurrences(text, "p_source_up{"), sources);
        free(text);
        reader_free(reader);
        source_metrics_free(metrics);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_stand_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
