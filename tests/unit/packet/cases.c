/* SPDX-License-Identifier: Apache-2.0 */
#include "cases.h"

#include <ctype.h>
#include <stdlib.h>

const struct case_list *const case_lists[CASE_LISTS] = {&cases_link,  &cases_ether,  &cases_ip,
                                                        &cases_upper, &cases_tunnel, &cases_wlan};

static uint8_t digit(char c)
{
    return (uint8_t)(c <= '9' ? c - '0' : (c | 32) - 'a' + 10);
}

size_t hex_bytes(const char *hex, uint8_t *ret, size_t size)
{
    size_t count = 0;
    for (; *hex; hex++) {
        if (*hex == ' ')
            continue;
        if (!isxdigit((unsigned char)hex[0]) || !isxdigit((unsigned char)hex[1]) || count == size)
            abort(); /* a mistake in the test */
        ret[count++] = (uint8_t)(digit(hex[0]) << 4 | digit(hex[1]));
        hex++;
    }
    return count;
}

struct frame case_frame(const struct packet_case *c, uint8_t bytes[CASE_FRAME_MAX])
{
    uint32_t size = (uint32_t)hex_bytes(c->hex, bytes, CASE_FRAME_MAX);
    return (struct frame){
        .data = bytes,
        .captured = c->captured ? c->captured : size,
        .wire = c->wire ? c->wire : size,
        .link = c->link,
    };
}

struct decode_options case_options(const struct packet_case *c)
{
    return (struct decode_options){
        .quirks = c->quirks,
        .tunnels = c->tunnels ? c->tunnels : TUNNEL_DEFAULT,
    };
}
