/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "cases.h"
#include "describe.h"

/* Every frame of the tables comes out as the table says. */
static void frame_is_decoded(void **state)
{
    const struct packet_case *c = *state;
    uint8_t bytes[CASE_FRAME_MAX];
    struct frame frame = case_frame(c, bytes);
    struct decode_options options = case_options(c);
    struct packet packet;
    memset(&packet, 0xA5, sizeof(packet));
    enum packet_loss loss = packet_decode(&frame, &options, &packet);
    char text[DESCRIPTION_SIZE];
    packet_describe(loss, &packet, text);
    assert_string_equal(text, c->wanted);
}

int main(void)
{
    size_t count = 0;
    for (size_t i = 0; i < CASE_LISTS; i++)
        count += case_lists[i]->count;
    struct CMUnitTest *tests = calloc(count, sizeof(*tests));
    assert_non_null(tests);
    size_t n = 0;
    for (size_t i = 0; i < CASE_LISTS; i++)
        for (size_t k = 0; k < case_lists[i]->count; k++, n++)
            tests[n] = (struct CMUnitTest){
                .name = case_lists[i]->cases[k].name,
                .test_func = frame_is_decoded,
                .initial_state = (void *)&case_lists[i]->cases[k],
            };
    int failed = _cmocka_run_group_tests("packet cases", tests, count, NULL, NULL);
    free(tests);
    return failed;
}
