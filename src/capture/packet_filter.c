/* SPDX-License-Identifier: Apache-2.0 */
#include "capture/packet_filter.h"

#include <pcap/pcap.h>
#include <stdlib.h>

#include "base/mem.h"

enum { SNAPLEN_MOST = 262144 };

struct program {
    uint16_t link;
    struct bpf_program code;
};

struct packet_filter {
    char *expression;
    bool optimize;
    struct program *programs; /* one for each link type seen */
    size_t count, capacity;
};

/* Capture files and libpcap number a few link types differently. */
static int dlt_of_link(uint16_t link)
{
    static const struct {
        uint16_t link;
        int dlt;
    } table[] = {
        {101, DLT_RAW}, {100, DLT_ATM_RFC1483}, {102, DLT_SLIP_BSDOS}, {103, DLT_PPP_BSDOS}};
    for (size_t i = 0; i < ARRAY_SIZE(table); i++)
        if (table[i].link == link)
            return table[i].dlt;
    return link;
}

static int compile(struct packet_filter *filter, uint16_t link, struct error *err)
{
    pcap_t *dead = pcap_open_dead(dlt_of_link(link), SNAPLEN_MOST);
    if (!dead)
        return error_set(err, "packet filter: libpcap knows no link type %u", link);
    struct program program = {.link = link};
    int result = pcap_compile(dead, &program.code, filter->expression, filter->optimize,
                              PCAP_NETMASK_UNKNOWN);
    if (result)
        error_set(err, "packet filter '%s': %s", filter->expression, pcap_geterr(dead));
    pcap_close(dead);
    if (result)
        return -1;
    filter->programs =
        mem_grow(filter->programs, &filter->capacity, filter->count + 1, sizeof(*filter->programs));
    filter->programs[filter->count++] = program;
    return 0;
}

int packet_filter_new(struct packet_filter **ret, const char *expression, bool optimize,
                      struct error *err)
{
    struct packet_filter *filter = mem_zalloc(sizeof(*filter));
    filter->expression = mem_strdup(expression);
    filter->optimize = optimize;
    if (compile(filter, DLT_EN10MB, err)) {
        packet_filter_free(filter);
        return -1;
    }
    *ret = filter;
    return 0;
}

void packet_filter_free(struct packet_filter *filter)
{
    if (!filter)
        return;
    for (size_t i = 0; i < filter->count; i++)
        pcap_freecode(&filter->programs[i].code);
    free(filter->programs);
    free(filter->expression);
    free(filter);
}

const char *packet_filter_instruction(const struct packet_filter *filter, unsigned number)
{
    const struct bpf_program *code = &filter->programs[0].code;
    return number < code->bf_len ? bpf_image(&code->bf_insns[number], (int)number) : NULL;
}

int packet_filter_match(struct packet_filter *filter, const struct frame *frame, bool *ret,
                        struct error *err)
{
    size_t i = 0;
    while (i < filter->count && filter->programs[i].link != frame->link)
        i++;
    if (i == filter->count && compile(filter, frame->link, err))
        return -1;
    const struct bpf_insn *code = filter->programs[i].code.bf_insns;
    *ret = bpf_filter(code, frame->data, frame->wire, frame->captured) != 0;
    return 0;
}
