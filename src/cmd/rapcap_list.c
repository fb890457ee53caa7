/* SPDX-License-Identifier: Apache-2.0 */
#include "cmd/rapcap_list.h"

#include <inttypes.h>
#include <stdio.h>

#include "cmd/flow_text.h"
#include "cmd/index_tool.h"

static const char *reason_text(enum found_reason reason)
{
    static const char *const texts[] = {
        [FOUND_PACKET] = "packet", [FOUND_FRAGMENT] = "fragment", [FOUND_ERROR] = "icmp-error"};
    return texts[reason];
}

/* RFC 4180: quotes where they are needed. */
static void put_csv(const char *text)
{
    bool plain = true;
    for (const char *at = text; *at; at++)
        plain = plain && *at != '"' && *at != ',' && *at != '\n' && *at != '\r';
    if (plain) {
        fputs(text, stdout);
        return;
    }
    putchar('"');
    for (const char *at = text; *at; at++) {
        if (*at == '"')
            putchar('"');
        putchar(*at);
    }
    putchar('"');
}

static void put_json(const char *text)
{
    putchar('"');
    for (const unsigned char *at = (const unsigned char *)text; *at; at++) {
        if (*at == '"' || *at == '\\')
            printf("\\%c", *at);
        else if (*at < ' ')
            printf("\\u%04x", *at);
        else
            putchar(*at);
    }
    putchar('"');
}

void rapcap_list_head(enum rapcap_list form)
{
    if (form == LIST_TEXT)
        printf("%8s %-47s %10s %12s %-30s %-10s %s\n", "Record", "Flow", "Packet", "Offset", "Time",
               "Kind", "File");
    else if (form == LIST_CSV)
        printf("record,flow,file,packet,offset,time,kind\r\n");
}

void rapcap_list_line(enum rapcap_list form, const struct finder *finder, const struct found *found,
                      const struct want *want)
{
    char flow[FLOW_TEXT_SIZE], time[INDEX_TIME_SIZE];
    const char *path = finder_path(finder, found->file), *reason = reason_text(found->reason);
    flow_text(flow, &want->identity);
    index_time_text(time, found->time);
    switch (form) {
    case LIST_NONE:
        return;
    case LIST_TEXT:
        printf("%8" PRIu64 " %-47s %10" PRIu64 " %12" PRIu64 " %-30s %-10s %s\n", want->number,
               flow, found->number, found->offset, time, reason, path);
        return;
    case LIST_CSV:
        printf("%" PRIu64 ",%s,", want->number, flow);
        put_csv(path);
        printf(",%" PRIu64 ",%" PRIu64 ",%s,%s\r\n", found->number, found->offset, time, reason);
        return;
    case LIST_JSON:
        printf("{\"record\":%" PRIu64 ",\"flow\":\"%s\",\"file\":", want->number, flow);
        put_json(path);
        printf(",\"packet\":%" PRIu64 ",\"offset\":%" PRIu64 ",\"time\":\"%s\",\"kind\":\"%s\"}\n",
               found->number, found->offset, time, reason);
        return;
    }
}
