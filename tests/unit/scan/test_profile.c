/* SPDX-License-Identifier: Apache-2.0 */
#include "scan/profile.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static struct walk_steps steps;
static const uint8_t source[ADDRESS_KEY] = {4, 10, 0, 0, 1};

static int setup(void **state)
{
    assert_null(walk_begin(&steps, &walk_defaults));
    struct profile *profile = calloc(1, sizeof(*profile));
    profile->steps = &steps;
    *state = profile;
    return 0;
}

static int teardown(void **state)
{
    free(*state);
    return 0;
}

static bool touch(struct profile *profile, uint8_t host, uint16_t port, unsigned outcome)
{
    struct contact contact = {.target = {4, 10, 1, 0, host},
                              .port = port,
                              .protocol = 6,
                              .method = CONTACT_SYN,
                              .outcome = (uint8_t)outcome};
    return profile_add(profile, &contact, false);
}

/* The first failure says nothing, and 20 more decide. */
static void failures_decide(void **state)
{
    struct profile *profile = *state;
    profile_begin(profile, source);
    for (uint8_t i = 0; i < 20; i++) {
        assert_true(touch(profile, i, 22, OUTCOME_SILENT));
        assert_false(touch(profile, i, 22, OUTCOME_SILENT)); /* again: tells nothing */
    }
    assert_null(profile_end(profile));
    assert_true(touch(profile, 20, 22, OUTCOME_REFUSED));
    const struct scanner *scanner = profile_end(profile);
    assert_non_null(scanner);
    assert_int_equal(scanner->reason, REASON_WALK);
    assert_int_equal(scanner->shape, SHAPE_HORIZONTAL);
    assert_int_equal(scanner->targets, 21);
    assert_int_equal(scanner->port_total, 1);
    assert_int_equal(scanner->flows, 41);
    assert_int_equal(scanner->decided_contacts, 21);
}

static void talks_weigh_more(void **state)
{
    struct profile *profile = *state;
    profile_begin(profile, source);
    for (unsigned i = 0; i < 200; i++)
        touch(profile, (uint8_t)i, 80, i % 4 ? OUTCOME_SILENT : OUTCOME_TALKED);
    assert_null(profile_end(profile));
}

/* However long it was benign. */
static void who_begins_later_is_found(void **state)
{
    struct profile *profile = *state;
    profile_begin(profile, source);
    for (uint8_t i = 0; i < 200; i++)
        touch(profile, i, 80, OUTCOME_TALKED);
    for (uint8_t i = 0; i < 40; i++)
        touch(profile, i, 22, OUTCOME_SILENT);
    assert_non_null(profile_end(profile));
}

/* Each peer has a port of its own. */
static void peers_are_no_scan(void **state)
{
    struct profile *profile = *state;
    profile_begin(profile, source);
    for (uint8_t i = 0; i < 200; i++)
        touch(profile, i, (uint16_t)(1000 + i), OUTCOME_SILENT);
    assert_null(profile_end(profile));
}

/* Who opens TCP and closes it in due form may be looking if services are up. */
static void watchers_are_no_scan(void **state)
{
    struct profile *profile = *state;
    for (unsigned reaction = REACTION_ACK; reaction <= REACTION_RESET; reaction++) {
        profile_begin(profile, source);
        for (uint8_t i = 0; i < 100; i++) {
            struct contact contact = {.target = {4, 10, 1, 0, i},
                                      .protocol = 6,
                                      .port = 80,
                                      .outcome = OUTCOME_OPENED,
                                      .reaction = (uint8_t)reaction};
            profile_add(profile, &contact, false);
        }
        assert_int_equal(!profile_end(profile), reaction == REACTION_ACK);
    }
}

static void shapes(void **state)
{
    struct profile *profile = *state;
    profile_begin(profile, source);
    for (uint16_t port = 1; port < 60; port++)
        touch(profile, 1, port, OUTCOME_REFUSED);
    assert_int_equal(profile_end(profile)->shape, SHAPE_VERTICAL);
    profile_begin(profile, source);
    for (unsigned i = 0; i < 60; i++)
        touch(profile, (uint8_t)(i / 8), (uint16_t)(i % 8), OUTCOME_REFUSED);
    const struct scanner *scanner = profile_end(profile);
    assert_int_equal(scanner->shape, SHAPE_BLOCK);
    assert_int_equal(scanner->port_count, 8);
    assert_int_equal(scanner->ports[0].count, 8);
}

static void dark_addresses_decide(void **state)
{
    struct profile *profile = *state;
    struct contact contact = {.target = {4, 10, 1, 0, 1},
                              .protocol = 17,
                              .outcome = OUTCOME_SILENT,
                              .method = CONTACT_UDP};
    profile->dark_least = 3;
    profile_begin(profile, source);
    for (uint8_t i = 0; i < 3; i++) {
        assert_null(profile_end(profile));
        contact.target[4] = i;
        profile_add(profile, &contact, true);
    }
    assert_int_equal(profile_end(profile)->reason, REASON_DARK);
    assert_int_equal(profile_end(profile)->dark, 3);
    profile->dark_least = 0;
}

static void parameters(void **state)
{
    (void)state;
    struct walk_steps out;
    struct walk_parameters wrong = walk_defaults;
    wrong.scanner[0] = wrong.benign[0];
    assert_non_null(walk_begin(&out, &wrong));
    wrong = walk_defaults;
    wrong.false_alarm = wrong.detection;
    assert_non_null(walk_begin(&out, &wrong));
    wrong = walk_defaults;
    wrong.benign[1] = 1;
    assert_non_null(walk_begin(&out, &wrong));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(failures_decide),           cmocka_unit_test(talks_weigh_more),
        cmocka_unit_test(who_begins_later_is_found), cmocka_unit_test(peers_are_no_scan),
        cmocka_unit_test(watchers_are_no_scan),      cmocka_unit_test(shapes),
        cmocka_unit_test(dark_addresses_decide),     cmocka_unit_test(parameters),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
