/* SPDX-License-Identifier: Apache-2.0 */
#include "record/pack.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* A record whose every byte says where it stands, with these blocks. */
static struct record made_up(uint32_t blocks)
{
    static const uint8_t bytes[] = "source data, target data, a label, a correlation";
    struct record r;
    for (size_t i = 0; i < sizeof(r); i++)
        ((uint8_t *)&r)[i] = (uint8_t)(i * 7 + i / 256);
    r.type = RECORD_FAR;
    r.blocks = blocks;
    r.user[SRC].bytes = (struct view){bytes, 11};
    r.user[DST].bytes = (struct view){bytes + 13, 11};
    r.label = (struct view){bytes + 26, 7};
    r.cor = (struct view){bytes + 35, 13};
    r.unknown = (struct view){bytes, 3};
    return r;
}

static void check_view(const struct view *got, const struct view *expected)
{
    assert_int_equal(got->size, expected->size);
    assert_memory_equal(got->data, expected->data, expected->size);
}

#define check_member(member)                                                                       \
    assert_memory_equal(&got.member, &expected.member, sizeof(expected.member))

static void check_round(uint32_t blocks)
{
    struct record expected = made_up(blocks), got;
    size_t size = pack_size(&expected);
    uint8_t *packed = malloc(size); /* exactly, so that sanitizers see a byte too many */
    pack_write(&expected, packed);
    memset(&got, 0xff, sizeof(got));
    pack_read(packed, &got);

    assert_int_equal(got.type, expected.type);
    assert_int_equal(got.cause, expected.cause);
    assert_int_equal(got.version, expected.version);
    assert_int_equal(got.option, expected.option);
    assert_int_equal(got.blocks, blocks);
    assert_int_equal(got.offset, expected.offset);
    assert_int_equal(got.wire.size, 0);
    if (blocks & BLOCK_FLOW)
        check_member(key);
    if (blocks & BLOCK_NET)
        check_member(net);
    if (blocks & BLOCK_AGR)
        check_member(agr);
    if (blocks & BLOCK_COCODE)
        check_member(country);
    if (blocks & BLOCK_SUSER) {
        assert_int_equal(got.user[SRC].limit, expected.user[SRC].limit);
        check_view(&got.user[SRC].bytes, &expected.user[SRC].bytes);
    }
    if (blocks & BLOCK_DUSER)
        check_view(&got.user[DST].bytes, &expected.user[DST].bytes);
    if (blocks & BLOCK_LABEL)
        check_view(&got.label, &expected.label);
    if (blocks & BLOCK_COR)
        check_view(&got.cor, &expected.cor);
    if (blocks & BLOCK_UNKNOWN)
        check_view(&got.unknown, &expected.unknown);
    free(packed);
}

static void every_block(void **state)
{
    (void)state;
    check_round(0);
    const uint32_t all = BLOCK_UNKNOWN | (BLOCK_UNKNOWN - 1);
    for (uint32_t block = 1; block <= BLOCK_UNKNOWN; block <<= 1) {
        check_round(block);
        check_round(all & ~block);
    }
    check_round(all);
}

static void all_members_survive(void **state)
{
    (void)state;
    const uint32_t all = BLOCK_UNKNOWN | (BLOCK_UNKNOWN - 1);
    struct record expected = made_up(all), got;
    uint8_t *packed = malloc(pack_size(&expected));
    pack_write(&expected, packed);
    memset(&got, 0, sizeof(got));
    pack_read(packed, &got);
    check_member(time);
    check_member(metric);
    check_member(transport);
    check_member(encaps);
    check_member(ipattr);
    check_member(vlan);
    check_member(mpls);
    check_member(jitter);
    check_member(psize);
    check_member(mac);
    check_member(icmp);
    check_member(behavior);
    check_member(asn);
    free(packed);
}

static void views_may_be_empty(void **state)
{
    (void)state;
    struct record r = made_up(BLOCK_LABEL), got;
    r.label = (struct view){NULL, 0};
    uint8_t *packed = malloc(pack_size(&r));
    pack_write(&r, packed);
    pack_read(packed, &got);
    assert_int_equal(got.label.size, 0);
    free(packed);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_block),
        cmocka_unit_test(all_members_survive),
        cmocka_unit_test(views_may_be_empty),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
