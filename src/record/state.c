/* SPDX-License-Identifier: Apache-2.0 */
#include "record/state.h"

#include <string.h>

#include "base/attr.h"
#include "record/labels.h"

enum { PROTO_ICMP = 1, PROTO_UDP = 17, PROTO_ESP = 50, PROTO_ICMP6 = 58 };
enum { BOTH_SIDES = 2 };

/* --- state ------------------------------------------------------------------------------------ */

static bool has_packets(const struct record *r, unsigned side)
{
    return record_has(r, BLOCK_METRIC) && r->metric.packets[side];
}

static const char *tcp_state(const struct record *r)
{
    uint32_t status = record_tcp_status(r);
    if (!status)
        return has_packets(r, SRC) && has_packets(r, DST) ? "CON" : "INT";
    if (status & (TCPS_RESET_SRC | TCPS_RESET_DST))
        return "RST";
    if (status & (TCPS_FIN | TCPS_FINACK))
        return "FIN";
    if (status & TCPS_NORMAL_CLOSE)
        return "CLO";
    if (r->cause & CAUSE_TIMEOUT)
        return "TIM";
    if (status & TCPS_EST)
        return "CON";
    if (status & TCPS_SYNACK)
        return "ACC";
    return status & TCPS_SYN ? "REQ" : "CON";
}

static const char *packet_state(const struct record *r, bool start_matters)
{
    if (!record_has(r, BLOCK_METRIC))
        return "INT";
    if (has_packets(r, SRC) && has_packets(r, DST))
        return "CON";
    if (!has_packets(r, SRC))
        return "RSP";
    return !start_matters || r->cause & CAUSE_START ? "INT" : "REQ";
}

static const char *icmp_state(const struct record *r)
{
    if (record_has(r, BLOCK_ICMP))
        return label_icmp(r->icmp.type, r->icmp.code);
    if (r->key.flags & KEY_FRAGMENT)
        return label_icmp(0, 0);
    return label_icmp(r->key.u.icmp.type, r->key.u.icmp.code);
}

static const char *mar_state(const struct record *r)
{
    switch (r->cause) {
    case CAUSE_START:
        return "STA";
    case CAUSE_STATUS:
        return "CON";
    case CAUSE_STOP:
        return "STP";
    case CAUSE_SHUTDOWN:
        return "SHT";
    case CAUSE_ERROR:
        return r->option == 1 ? "ADN" : r->option == 2 ? "MAX" : "ERR";
    default:
        return "";
    }
}

static const char *flow_state(const struct record *r)
{
    const struct record_key *key = &r->key;
    if (!record_has(r, BLOCK_FLOW))
        return "";
    if (record_is_tcp(r))
        return tcp_state(r);
    if (key->class == KEY_ARP)
        return packet_state(r, false);
    if (key->class != KEY_5TUPLE)
        return "UNK";
    if (key->family == FAMILY_IP4 && key->protocol == PROTO_ICMP)
        return icmp_state(r);
    if (key->family == FAMILY_IP6 && key->protocol == PROTO_ICMP6)
        return label_icmp6(key->u.icmp.type, key->u.icmp.code);
    if (key->family == FAMILY_ISIS)
        return label_isis(key->u.isis.pdu_type);
    return packet_state(r, true);
}

void state_text(const struct record *r, char *ret)
{
    const char *state = r->type == RECORD_MAR     ? mar_state(r)
                        : r->cause == CAUSE_ERROR ? "ERR"
                                                  : flow_state(r);
    size_t size = strnlen(state, STATE_TEXT - 1);
    memcpy(ret, state, size);
    ret[size] = '\0';
}

/* --- direction -------------------------------------------------------------------------------- */

void direction_text(const struct record *r, char *ret)
{
    char arrow[4] = "   ";
    if (record_is_flow(r) && record_has(r, BLOCK_METRIC)) {
        bool src = r->metric.packets[SRC], dst = r->metric.packets[DST];
        arrow[0] = dst ? '<' : ' ';
        arrow[1] = src || dst ? '-' : ' ';
        arrow[2] = src ? '>' : ' ';
        if (record_is_tcp(r) && record_has(r, BLOCK_NET) && r->net.form != NET_NONE) {
            if (!(record_tcp_status(r) & (TCPS_SYN | TCPS_SYNACK)))
                arrow[1] = '?';
            else
                memcpy(arrow, " ->", 3);
        }
        if (record_has(r, BLOCK_FLOW) && r->key.class == KEY_ARP)
            memcpy(arrow, "who", 3);
    }
    memset(ret, ' ', 2);
    memcpy(ret + 2, arrow, sizeof(arrow));
}

/* --- flags ------------------------------------------------------------------------------------ */

static char encapsulation_flag(const struct record *r)
{
    static const char letters[] = "mevlpiGaP6HCASFsRwza";
    if (record_has(r, BLOCK_MAC) && (r->mac.several[SRC] || r->mac.several[DST]))
        return 'M';
    if (!record_has(r, BLOCK_ENCAPS))
        return record_has(r, BLOCK_VLAN)   ? 'v'
               : record_has(r, BLOCK_MAC)  ? 'e'
               : record_has(r, BLOCK_MPLS) ? 'm'
                                           : ' ';
    uint32_t bits = r->encaps.bits[SRC] | r->encaps.bits[DST];
    if (!bits)
        return ' ';
    if (bits & (bits - 1))
        return '*';
    unsigned bit = (unsigned)__builtin_ctz(bits);
    if (bit < sizeof(letters) - 1)
        return letters[bit];
    return bit == 22 ? 'T' : bit == 25 ? 'J' : bit == 26 ? 'E' : ' ';
}

static char icmp_flag(const struct record *r)
{
    if (!record_has(r, BLOCK_ICMP) || !(r->icmp.kind & 7))
        return ' ';
    return r->icmp.type == 3 ? 'U' : r->icmp.type == 5 ? 'R' : r->icmp.type == 11 ? 'T' : 'I';
}

/* The letter of a pair of bits, the source's below the destination's. */
static char pair_flag(uint32_t status, uint32_t src_bit, const char *src_dst_both)
{
    bool src = status & src_bit, dst = status & src_bit << 1;
    return src && dst ? src_dst_both[2] : src ? src_dst_both[0] : dst ? src_dst_both[1] : ' ';
}

uint32_t tcp_gap(const struct record_tcp_side *side)
{
    if (side->seq_base == side->ack_bytes || !side->seq || side->retrans)
        return 0;
    uint32_t span = side->seq - side->seq_base;
    if (span == side->bytes || span == side->bytes - side->win_bytes)
        return 0;
    int32_t gap = (int32_t)(span - side->bytes);
    return gap > 1 ? (uint32_t)gap - 1 : 0; /* the end of the flow has a number of its own */
}

static char tcp_loss_flag(const struct record *r)
{
    const struct record_tcp *tcp = &r->net.u.tcp;
    if (r->key.family == FAMILY_IP6)
        return tcp->side[SRC].status & (TCPS_RETRANS_SRC | TCPS_RETRANS_DST)
                   ? pair_flag(tcp->status, TCPS_RETRANS_SRC, "sd*")
                   : ' ';
    char flag = pair_flag(tcp->status, TCPS_RETRANS_SRC, "sd*");
    if (flag == ' ' && r->net.form == NET_TCP_PERF &&
        (tcp_gap(&tcp->side[SRC]) || tcp_gap(&tcp->side[DST])))
        flag = 'g';
    return flag == ' ' ? pair_flag(tcp->status, TCPS_OUT_OF_ORDER_SRC, "ir&") : flag;
}

static void net_flags(const struct record *r, char *ret)
{
    const struct record_net *net = &r->net;
    switch (net->form) {
    case NET_TCP_INIT:
    case NET_TCP_STATUS:
    case NET_TCP_PERF:
        ret[3] = tcp_loss_flag(r);
        if (r->key.family == FAMILY_IP4) {
            ret[4] = pair_flag(net->u.tcp.status, TCPS_WINSHUT_SRC, "SD@");
            ret[5] = pair_flag(net->u.tcp.status, TCPS_ECN_SRC, "xtE");
        }
        return;
    case NET_RTP:
        if (!record_is_rtp(r))
            return;
        ret[3] = pair_flag((net->u.rtp.drops[SRC] ? 1u : 0) | (net->u.rtp.drops[DST] ? 2u : 0), 1,
                           "sd*");
        if (net->qualifier & 2)
            ret[4] = 'd';
        return;
    case NET_ESP:
        if (net->u.esp.status & 0x30 && net->u.esp.lost)
            ret[3] = pair_flag(net->u.esp.status, 0x10, "sd*");
        else
            ret[3] = pair_flag(net->u.esp.status, 0x10000, "ir&");
        return;
    case NET_FRAG:
        ret[6] = net->qualifier & 2 ? 'V' : 'f';
        return;
    default:
        return;
    }
}

static char option_flag(uint32_t options)
{
    static const struct {
        uint32_t bit;
        char letter;
    } table[] = {{0x01, 'R'}, {0x02, 'T'}, {0x04, '+'}, {0x08, 'L'},
                 {0x10, 'D'}, {0x20, 'S'}, {0x40, 'A'}};
    if (!options)
        return ' ';
    if (options & (options - 1))
        return 'O';
    for (size_t i = 0; i < ARRAY_SIZE(table); i++)
        if (table[i].bit == options)
            return table[i].letter;
    return 'U';
}

void flags_text(const struct record *r, char *ret)
{
    memset(ret, ' ', 9);
    ret[9] = '\0';
    if (!record_is_flow(r))
        return;
    ret[0] = r->type == RECORD_NETFLOW ? 'N' : ' ';
    ret[1] = encapsulation_flag(r);
    ret[2] = icmp_flag(r);
    const struct record_ipattr *a = &r->ipattr;
    if (record_has(r, BLOCK_IPATTR)) {
        bool ip = record_has(r, BLOCK_FLOW) && r->key.class == KEY_5TUPLE;
        if (a->fragments[SRC] || a->fragments[DST] || (ip && r->key.flags & KEY_FRAGMENT))
            ret[6] = 'F';
        ret[7] = option_flag((a->has_options[SRC] ? a->options[SRC] : 0) |
                             (a->has_options[DST] ? a->options[DST] : 0));
    }
    if (record_has(r, BLOCK_NET | BLOCK_FLOW))
        net_flags(r, ret);
}

/* --- TCP letters ------------------------------------------------------------------------------ */

void tcp_options_text(uint32_t options, char *ret)
{
    static const struct {
        uint32_t bit;
        char letter;
    } table[] = {
        {0x00100000, 'M'}, {0x00200000, 'w'}, {0x00400000, 's'}, {0x00800000, 'S'},
        {0x01000000, 'e'}, {0x02000000, 'E'}, {0x04000000, 'T'}, {0x08000000, 'c'},
        {0x10000000, 'N'}, {0x20000000, 'O'}, {0x40000000, 'S'}, {0x80000000, 'D'},
    };
    for (size_t i = 0; i < ARRAY_SIZE(table); i++)
        ret[i] = options & table[i].bit ? table[i].letter : ' ';
    ret[ARRAY_SIZE(table)] = '\0';
}

void tcp_state_letters(const struct record *r, char *ret)
{
    static const struct {
        uint32_t bits;
        char letter;
    } table[] = {
        {TCPS_SYN, 's'},
        {TCPS_SYNACK, 'S'},
        {TCPS_EST, 'E'},
        {TCPS_FIN, 'f'},
        {TCPS_FINACK, 'F'},
        {TCPS_NORMAL_CLOSE, 'C'},
        {TCPS_RESET_SRC | TCPS_RESET_DST, 'R'},
    };
    uint32_t status = record_tcp_status(r);
    for (size_t i = 0; i < ARRAY_SIZE(table); i++)
        if (status & table[i].bits)
            *ret++ = table[i].letter;
    *ret = '\0';
}

static char *flag_letters(uint8_t flags, char *at)
{
    static const char letters[] = "FSRPAUEC";
    for (unsigned i = 0; i < 8; i++)
        if (flags & 1u << i)
            *at++ = letters[i];
    return at;
}

void tcp_flag_letters(const struct record *r, unsigned side, char *ret)
{
    const struct record_tcp *tcp = &r->net.u.tcp;
    *ret = '\0';
    if (!record_tcp_status(r))
        return;
    if (side != DST)
        ret = flag_letters(tcp->side[SRC].flags, ret);
    if (side == BOTH_SIDES)
        *ret++ = '_';
    if (side != SRC)
        ret = flag_letters(tcp->side[DST].flags, ret);
    *ret = '\0';
}
