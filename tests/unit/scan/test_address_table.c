/* SPDX-License-Identifier: Apache-2.0 */
#include "scan/address_table.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "base/bytes.h"

enum { COUNT = 5000 };

static void key_of(uint8_t *key, uint32_t number)
{
    uint8_t address[4];
    store_be32(address, number);
    address_key_put(key, address, 4);
}

/* In memory, and in a file from some size on. */
static void check(uint64_t memory)
{
    struct address_table table = {.memory_most = memory, .folder = "/tmp"};
    uint8_t key[ADDRESS_KEY];
    struct error err;
    for (uint32_t i = 0; i < COUNT; i++) {
        key_of(key, 3 * i);
        assert_int_equal(address_table_add(&table, key, &err), 0);
        address_table_find(&table, key)->id = i;
    }
    assert_int_equal(table.is_mapped, memory < COUNT * sizeof(struct address_entry));
    for (uint32_t i = 0; i < COUNT; i++) {
        key_of(key, 3 * i);
        assert_int_equal(address_table_find(&table, key)->id, i);
        key_of(key, 3 * i + 1);
        assert_null(address_table_find(&table, key));
    }
    address_table_release(&table);
}

static void addresses_are_found(void **state)
{
    (void)state;
    check(UINT64_MAX);
    check(20000);
    check(0);
}

static void folder_that_is_not_there(void **state)
{
    (void)state;
    struct address_table table = {.folder = "/nowhere"};
    uint8_t key[ADDRESS_KEY] = {4};
    struct error err;
    assert_null(address_table_find(&table, key));
    assert_int_equal(address_table_add(&table, key, &err), -1);
    assert_non_null(strstr(err.text, "/nowhere"));
    address_table_release(&table);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(addresses_are_found),
        cmocka_unit_test(folder_that_is_not_there),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
