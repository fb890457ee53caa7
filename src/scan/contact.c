/* SPDX-License-Identifier: Apache-2.0 */
#include "scan/contact.h"

#include <netinet/in.h>

#include "base/bytes.h"

enum { FIN = 1, SYN = 2, RST = 4, PSH = 8, ACK = 16, URG = 32 };
enum { ECHO = 8, TIMESTAMP = 13, INFORMATION = 15, MASK = 17, ECHO6 = 128 };
enum { PORT_SERVERS_END = 1024 };

/* Kinds of ICMP errors in records. */
enum { ERROR_UNREACHABLE = 1, ERROR_TIME_EXCEEDED = 4 };

static bool had_error(const struct record *r, uint8_t kind)
{
    return record_has(r, BLOCK_ICMP) && r->icmp.kind == kind;
}

static bool is_unreachable(const struct record *r)
{
    return had_error(r, ERROR_UNREACHABLE);
}

static bool has_data(const struct record *r)
{
    return r->metric.has_app_bytes && r->metric.app_bytes[SRC] + r->metric.app_bytes[DST] > 0;
}

/* --- TCP -------------------------------------------------------------------------------------- */

/* Probes that no connection begins with. */
static bool find_stealth(const struct record *r, uint8_t source, uint8_t target, uint8_t *ret)
{
    if ((source | target) & SYN || (target && !(target & RST)) || has_data(r))
        return false;
    switch (source & (FIN | PSH | ACK | URG | RST)) {
    case 0:
        *ret = CONTACT_NULL;
        return true;
    case FIN:
        *ret = CONTACT_FIN;
        return true;
    case FIN | PSH | URG:
        *ret = CONTACT_XMAS;
        return true;
    case ACK:
        *ret = CONTACT_ACK;
        return true;
    default:
        return false;
    }
}

static uint8_t outcome_of_syn(const struct record *r, uint8_t source, uint8_t target)
{
    const bool has_talked = has_data(r) || (source | target) & PSH;
    if (target & SYN)
        return has_talked ? OUTCOME_TALKED : OUTCOME_OPENED;
    if (target & RST)
        return OUTCOME_REFUSED;
    if (target)
        return OUTCOME_UNCLEAR;
    if (source & ACK) /* it was answered, and we do not see that side */
        return has_talked ? OUTCOME_TALKED : OUTCOME_UNCLEAR;
    return is_unreachable(r) ? OUTCOME_REFUSED : OUTCOME_SILENT;
}

static void judge_tcp(struct contact *contact, const struct record *r)
{
    const struct record_tcp *tcp = record_tcp(r);
    contact->method = CONTACT_SYN;
    contact->outcome = OUTCOME_UNCLEAR;
    if (!tcp)
        return;
    const uint8_t source = tcp->side[SRC].flags, target = tcp->side[DST].flags;
    if (find_stealth(r, source, target, &contact->method))
        contact->outcome = target || is_unreachable(r) ? OUTCOME_REFUSED : OUTCOME_SILENT;
    else if (source & SYN)
        contact->outcome = outcome_of_syn(r, source, target);
    else if (target && (has_data(r) || (source | target) & PSH))
        contact->outcome = OUTCOME_TALKED;
    if (contact->outcome == OUTCOME_TALKED || (target & SYN && source & ACK))
        contact->reaction |= REACTION_ACK;
    if (target & SYN && source & RST)
        contact->reaction |= REACTION_RESET;
}

/* --- UDP, ICMP -------------------------------------------------------------------------------- */

static uint8_t outcome_of_datagram(const struct record *r)
{
    if (r->metric.packets[DST])
        return OUTCOME_TALKED;
    return is_unreachable(r) ? OUTCOME_REFUSED : OUTCOME_SILENT;
}

static void judge_udp(struct contact *contact, const struct record *r)
{
    contact->method = CONTACT_UDP;
    contact->outcome = outcome_of_datagram(r);
    /* From a service to a client: the answer to what we did not see. */
    if (contact->outcome == OUTCOME_SILENT && r->key.port[SRC] < PORT_SERVERS_END &&
        r->key.port[DST] >= PORT_SERVERS_END)
        contact->outcome = OUTCOME_UNCLEAR;
}

static bool judge_icmp(struct contact *contact, const struct record *r)
{
    const uint8_t type = r->key.u.icmp.type;
    contact->method = CONTACT_ICMP;
    contact->outcome = outcome_of_datagram(r);
    contact->port = type;
    if (contact->protocol == IPPROTO_ICMPV6)
        return type == ECHO6;
    return type == ECHO || type == TIMESTAMP || type == INFORMATION || type == MASK;
}

/* --- all -------------------------------------------------------------------------------------- */

static bool is_group(const uint8_t *address, uint8_t family)
{
    return family == FAMILY_IP4 ? address[0] >= 224 : address[0] == 0xff;
}

static bool judge(struct contact *contact, const struct record *r)
{
    switch (contact->protocol) {
    case IPPROTO_TCP:
        judge_tcp(contact, r);
        return true;
    case IPPROTO_UDP:
        judge_udp(contact, r);
        return true;
    case IPPROTO_ICMP:
    case IPPROTO_ICMPV6:
        return judge_icmp(contact, r);
    default:
        return false;
    }
}

bool contact_of_record(struct contact *ret, const struct record *r)
{
    const struct record_key *key = &r->key;
    const unsigned size = record_address_size(r);
    if (!size || key->family == FAMILY_ARP || key->class != KEY_5TUPLE ||
        key->flags & KEY_FRAGMENT || is_group(key->addr[DST], key->family) ||
        !record_has(r, BLOCK_METRIC) || !r->metric.packets[SRC])
        return false;
    *ret = (struct contact){.first = record_start(r), .last = record_last(r)};
    address_key_put(ret->source, key->addr[SRC], size);
    address_key_put(ret->target, key->addr[DST], size);
    ret->protocol = key->protocol;
    ret->port = key->port[DST];
    if (!judge(ret, r))
        return false;
    /* It died on its way, as packets of traceroute do. */
    if (ret->outcome != OUTCOME_TALKED && had_error(r, ERROR_TIME_EXCEEDED))
        ret->outcome = OUTCOME_UNCLEAR;
    return true;
}

const char *contact_method_name(unsigned method)
{
    static const char *const names[] = {"syn", "fin", "null", "xmas", "ack", "udp", "icmp"};
    return names[method];
}

/* --- rows ------------------------------------------------------------------------------------- */

/* Times as numbers that sort. */
static const uint64_t time_bias = UINT64_C(1) << 63;

void contact_put(uint8_t *to, const struct contact *contact)
{
    memcpy(to, contact->source, ADDRESS_KEY);
    to += ADDRESS_KEY;
    store_be64(to, (uint64_t)contact->first + time_bias);
    to += 8;
    memcpy(to, contact->target, ADDRESS_KEY);
    to += ADDRESS_KEY;
    to[0] = contact->protocol;
    store_be16(to + 1, contact->port);
    to[3] = contact->method;
    to[4] = contact->outcome;
    to[5] = contact->reaction;
    store_be64(to + 6, (uint64_t)contact->last + time_bias);
    to[14] = (uint8_t)(contact->number >> 32);
    store_be32(to + 15, (uint32_t)contact->number);
}

void contact_get(struct contact *ret, const uint8_t *row)
{
    memcpy(ret->source, row, ADDRESS_KEY);
    row += ADDRESS_KEY;
    ret->first = (nsec_t)(load_be64(row) - time_bias);
    row += 8;
    memcpy(ret->target, row, ADDRESS_KEY);
    row += ADDRESS_KEY;
    ret->protocol = row[0];
    ret->port = load_be16(row + 1);
    ret->method = row[3];
    ret->outcome = row[4];
    ret->reaction = row[5];
    ret->last = (nsec_t)(load_be64(row + 6) - time_bias);
    ret->number = (uint64_t)row[14] << 32 | load_be32(row + 15);
}
