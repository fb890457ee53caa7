/* SPDX-License-Identifier: Apache-2.0 */
#include "filter/words.h"

#include <string.h>

#include "base/attr.h"
#include "base/spelling.h"
#include "filter/tests.h"

static const struct head_word head_words[] = {
    {"host", HEAD_HOST},     {"net", HEAD_NET},         {"port", HEAD_PORT},
    {"proto", HEAD_PROTO},   {"srcid", HEAD_SOURCE_ID}, {"inode", HEAD_INODE},
    {"encaps", HEAD_ENCAPS}, {"spi", HEAD_SPI},         {"co", HEAD_COUNTRY},
    {"label", HEAD_LABEL},   {"ports", HEAD_PORT},
};

static const struct flag_word flag_words[] = {
    {"fin", test_tcp_flag, 0x01, 0},
    {"syn", test_tcp_flag, 0x02, 0},
    {"reset", test_tcp_flag, 0x04, 0},
    {"rst", test_tcp_flag, 0x04, 0},
    {"push", test_tcp_flag, 0x08, 0},
    {"ack", test_tcp_flag, 0x10, 0},
    {"urg", test_tcp_flag, 0x20, 0},
    {"ece", test_tcp_flag, 0x40, 0},
    {"cwr", test_tcp_flag, 0x80, 0},
    {"retrans", test_retransmitted, TCPS_RETRANS_SRC, 0},
    {"drop", test_retransmitted, TCPS_RETRANS_SRC, 0},
    {"outoforder", test_side_status, TCPS_OUT_OF_ORDER_SRC, 0},
    {"ooo", test_side_status, TCPS_OUT_OF_ORDER_SRC, 0},
    {"winshut", test_side_status, TCPS_WINSHUT_SRC, 0},
    {"ecn", test_side_status, TCPS_ECN_SRC, 0},
    {"frag", test_fragment, 0, 0},
    {"fragonly", test_fragment_only, 0, 0},
    {"multipath", test_multipath, 0, 0},
    {"mpath", test_multipath, 0, 0},
    {"hello", test_isis, 15, 17}, /* a side is allowed, and makes no difference */
    {"lsp", test_isis, 18, 20},
    {"csnp", test_isis, 24, 25},
    {"psnp", test_isis, 26, 27},
};

/* The number of IPv4 and that of IPv6; 0xff: it has none. */
#define ICMP(four, six) ((four) | (six) << 8)

static const struct state_word state_words[] = {
    {"anon", test_true, 0, 0, false},
    {"inbound", test_true, 0, 0, false},
    {"outbound", test_false, 0, 0, false},
    {"man", test_record_type, RECORD_MAR, 0, false},
    {"mar", test_record_type, RECORD_MAR, 0, false},
    {"event", test_record_type, RECORD_EVENT, 0, false},
    {"index", test_record_type, RECORD_INDEX, 0, false},
    {"far", test_flow_record, 0, 0, false},
    {"start", test_cause, CAUSE_START, CAUSE_START, false},
    {"init", test_cause, CAUSE_START, CAUSE_START, false},
    {"stop", test_cause, CAUSE_STOP, CAUSE_STOP, false},
    {"status", test_cause, CAUSE_STATUS, CAUSE_STATUS, false},
    {"timeout", test_cause, CAUSE_TIMEOUT, CAUSE_TIMEOUT, false},
    {"shut", test_cause, CAUSE_SHUTDOWN, CAUSE_SHUTDOWN, false},
    {"error", test_cause, 0xf0, CAUSE_ERROR, false},
    {"ip", test_ip, 0, 0, false},
    {"ipv4", test_ip, FAMILY_IP4, 0, false},
    {"ipv6", test_ip, FAMILY_IP6, 0, false},
    {"arp", test_family, FAMILY_ARP, 0, false},
    {"rarp", test_family, FAMILY_RARP, 0, false},
    {"tcp", test_protocol, 6, 0, false},
    {"udp", test_protocol, 17, 0, false},
    {"icmp", test_protocol, 1, 0, false},
    {"igmp", test_protocol, 2, 0, false},
    {"icmp6", test_protocol, 58, 0, false},
    {"esp", test_protocol, 50, 0, false},
    {"gre", test_protocol, 47, 0, false},
    {"sctp", test_protocol, 132, 0, false},
    {"rtp", test_net_form, NET_RTP, 0, false},
    {"rtcp", test_net_form, NET_RTCP, 0, false},
    {"udt", test_net_form, NET_UDT, 0, false},
    {"vlan", test_block, BLOCK_VLAN, 0, false},
    {"mpls", test_block, BLOCK_MPLS, 0, false},
    {"cocode", test_block, BLOCK_COCODE, 0, false},
    {"icmpmap", test_block, BLOCK_ICMP, 0, false},
    {"isis", test_family, FAMILY_ISIS, 0, false},
    {"synack", test_status, TCPS_SYNACK, 0, false},
    {"finack", test_status, TCPS_FINACK, 0, false},
    {"normal", test_status, TCPS_NORMAL_CLOSE, 0, false},
    {"wait", test_status, TCPS_CLOSE_WAIT, 0, false},
    {"con", test_connected, 0, 0, false},
    {"est", test_connected, 0, 0, false},
    {"avail", test_connected, 0, 0, false},
    {"echo", test_echo, 0, 0, false},
    {"unreach", test_icmp, ICMP(3, 1), 1, false},
    {"redirect", test_icmp, ICMP(5, 137), 2, false},
    {"timexed", test_icmp, ICMP(11, 3), 4, false},
    {"unrnet", test_unreachable, ICMP(0, 0), 0, false},
    {"unrhost", test_unreachable, ICMP(1, 3), 0, false},
    {"unrproto", test_unreachable, ICMP(2, 0xff), 0, false},
    {"unrport", test_unreachable, ICMP(3, 4), 0, false},
    {"unrfrag", test_unreachable, ICMP(4, 0xff), 0, false},
    {"unrsrcpath", test_unreachable, ICMP(5, 0xff), 0, false},
    {"unrfilter", test_unreachable, ICMP(13, 1), 0, false},
    {"rtr", test_igmp, 0x11, 0, false},
    {"mbr", test_igmp, 0x11, 1, false},
    {"lvg", test_igmp, 0x17, 0, false},
    {"multicast", test_multicast, 0, 0, true},
    {"mss", test_tcp_options, 0x00100000, 0, false},
    {"wscale", test_tcp_options, 0x00200000, 0, false},
    {"selackok", test_tcp_options, 0x00400000, 0, false},
    {"selack", test_tcp_options, 0x00800000, 0, false},
    {"tcpecho", test_tcp_options, 0x01000000, 0, false},
    {"tcpechoreply", test_tcp_options, 0x02000000, 0, false},
    {"tcptimestamp", test_tcp_options, 0x04000000, 0, false},
    {"tcpcc", test_tcp_options, 0x08000000, 0, false},
    {"tcpccnew", test_tcp_options, 0x10000000, 0, false},
    {"tcpccecho", test_tcp_options, 0x20000000, 0, false},
    {"secn", test_tcp_options, 0x40000000, 0, false},
    {"decn", test_tcp_options, 0x80000000, 0, false},
    {"tcpopt", test_tcp_options, 0xfff00000, 0, false},
};

/*
 * Fields can be named by their own names, and those of both sides without the letter of the side.
 * These are other names for them, and those for which the sum of both sides has never been meant.
 */
static const struct metric_word metric_words[] = {
    {"pkts", "pkts", true},
    {"pkt", "pkts", true},
    {"bytes", "bytes", true},
    {"byte", "bytes", true},
    {"appbytes", "appbytes", true},
    {"appbyte", "appbytes", true},
    {"data", "appbytes", true},
    {"rate", "rate", true},
    {"load", "load", true},
    {"loss", "loss", true},
    {"ploss", "ploss", true},
    {"nstroke", "nstroke", true},
    {"nstrokes", "nstroke", true},
    {"mid", "mpls", true},
    {"dsbyte", "dsb", true},
    {"inter", "intpkt", true},
    {"intpktidle", "intpktidl", true},
    {"jitter", "jit", true},
    {"jitidle", "jitidl", true},
    {"base", "tcpb", true},
    {"asn", "as", true},
    {"avgdur", "mean", false},
    {"pcratio", "pcr", false},
    {"abratio", "abr", false},
};

#define FIND(table, name)                                                                          \
    for (size_t i = 0; i < ARRAY_SIZE(table); i++)                                                 \
        if (!strcmp((table)[i].name, name))                                                        \
            return &(table)[i];                                                                    \
    return NULL

const struct head_word *head_word_find(const char *name)
{
    FIND(head_words, name);
}

const struct flag_word *flag_word_find(const char *name)
{
    FIND(flag_words, name);
}

const struct state_word *state_word_find(const char *name)
{
    FIND(state_words, name);
}

const struct metric_word *metric_word_find(const char *name)
{
    FIND(metric_words, name);
}

const char *word_at(size_t index)
{
    static const char *const others[] = {
        "and",  "or",    "not", "src",  "dst",     "ether",   "link",  "fddi",   "ppp",
        "slip", "mask",  "in",  "type", "code",    "gateway", "local", "remote", "broadcast",
        "eq",   "equal", "ne",  "gt",   "greater", "gte",     "lt",    "less",   "lte",
    };
    if (index < ARRAY_SIZE(others))
        return others[index];
    index -= ARRAY_SIZE(others);
    if (index < ARRAY_SIZE(head_words))
        return head_words[index].name;
    index -= ARRAY_SIZE(head_words);
    if (index < ARRAY_SIZE(flag_words))
        return flag_words[index].name;
    index -= ARRAY_SIZE(flag_words);
    if (index < ARRAY_SIZE(state_words))
        return state_words[index].name;
    index -= ARRAY_SIZE(state_words);
    if (index < ARRAY_SIZE(metric_words))
        return metric_words[index].name;
    return value_word_at(index - ARRAY_SIZE(metric_words));
}

const char *word_hint(const char *name)
{
    static const struct {
        const char *name, *hint;
    } hints[] = {
        {"broadcast", "say 'ip broadcast' or 'ether broadcast'"},
        {"hosts", "say 'host (A and B)'"},
        {"nets", "say 'net (A or B)'"},
        {"ip6", "say 'ipv6'"},
        {"icmpv6", "say 'icmp6'"},
        {"neq", "say 'ne' or '!='"},
        {"deldur", "no record has it"},
        {"delstime", "no record has it"},
        {"delltime", "no record has it"},
    };
    for (size_t i = 0; i < ARRAY_SIZE(hints); i++)
        if (!strcmp(hints[i].name, name))
            return hints[i].hint;
    if (strchr(name, '['))
        return "a flow record has no bytes of packets";
    if (strpbrk(name, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") && !strpbrk(name, "abcdefghijklmnopqrstuvwxyz"))
        return "words are in lower case";
    return NULL;
}

#define CONSIDER(table, name, best)                                                                \
    for (size_t i = 0; i < ARRAY_SIZE(table); i++)                                                 \
    spelling_consider(name, (table)[i].name, best)

const char *word_suggest(const char *name)
{
    const char *best = NULL;
    CONSIDER(head_words, name, &best);
    CONSIDER(flag_words, name, &best);
    CONSIDER(state_words, name, &best);
    CONSIDER(metric_words, name, &best);
    for (size_t i = 0; i < field_count; i++)
        spelling_consider(name, field_table[i].name, &best);
    return best;
}
