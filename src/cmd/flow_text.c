/* SPDX-License-Identifier: Apache-2.0 */
#include "cmd/flow_text.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "record/labels.h"

enum { PROTO_TCP = 6, PROTO_UDP = 17 };
enum { END_SIZE = 64, WORD_SIZE = 96 };

static bool has_ports(const struct flow_key *identity)
{
    return (identity->kind == FLOW_IP4 || identity->kind == FLOW_IP6) &&
           (identity->protocol == PROTO_TCP || identity->protocol == PROTO_UDP);
}

/* --- to text ---------------------------------------------------------------------------------- */

static void ip_text(char ret[END_SIZE], const struct flow_key *identity, unsigned end)
{
    char addr[INET6_ADDRSTRLEN];
    bool ip4 = identity->kind == FLOW_IP4 || identity->kind == FLOW_FRAGMENT4 ||
               identity->kind == FLOW_ARP || identity->kind == FLOW_PAIR4;
    inet_ntop(ip4 ? AF_INET : AF_INET6, identity->addr[end], addr, sizeof(addr));
    if (has_ports(identity))
        snprintf(ret, END_SIZE, ip4 ? "%s:%u" : "[%s]:%u", addr, identity->port[end]);
    else
        snprintf(ret, END_SIZE, "%s", addr);
}

static void mac_text(char ret[END_SIZE], const uint8_t *mac)
{
    snprintf(ret, END_SIZE, "%02x:%02x:%02x:%02x:%02x:%02x", mac[0], mac[1], mac[2], mac[3], mac[4],
             mac[5]);
}

static const char *protocol_text(const struct flow_key *identity)
{
    switch ((enum flow_kind)identity->kind) {
    case FLOW_IP4:
    case FLOW_IP6:
    case FLOW_FRAGMENT4:
    case FLOW_FRAGMENT6:
        return label_ip_protocol(identity->protocol);
    case FLOW_ARP:
        return "arp";
    case FLOW_RARP:
        return "rarp";
    case FLOW_WLAN:
        return "wlan";
    case FLOW_ISIS:
        return "isis";
    case FLOW_ETHER:
        return "ether";
    case FLOW_PAIR4:
    case FLOW_PAIR6:
        return "ip";
    }
    return "unknown";
}

void flow_text(char ret[FLOW_TEXT_SIZE], const struct flow_key *identity)
{
    char ends[2][END_SIZE];
    for (unsigned end = 0; end < 2; end++) {
        switch ((enum flow_kind)identity->kind) {
        case FLOW_ETHER:
        case FLOW_WLAN:
        case FLOW_ISIS:
        case FLOW_RARP:
            mac_text(ends[end], identity->addr[end]);
            break;
        default:
            ip_text(ends[end], identity, end);
        }
    }
    snprintf(ret, FLOW_TEXT_SIZE, "%s %s %s", protocol_text(identity), ends[0], ends[1]);
}

/* --- from text -------------------------------------------------------------------------------- */

static int parse_protocol(const char *word, uint8_t *ret, struct error *err)
{
    char *rest;
    unsigned long number = strtoul(word, &rest, 10);
    if (label_find_ip_protocol(word, ret))
        return 0;
    if (!*word || *rest || number > UINT8_MAX)
        return error_set(err, "--flow: '%s' is no IP protocol", word);
    *ret = (uint8_t)number;
    return 0;
}

static int parse_port(const char *word, uint16_t *ret, struct error *err)
{
    char *rest;
    unsigned long number = strtoul(word, &rest, 10);
    if (*word < '0' || *word > '9' || *rest || number > UINT16_MAX)
        return error_set(err, "--flow: '%s' is no port", word);
    *ret = (uint16_t)number;
    return 0;
}

/* Divides ADDRESS:PORT and [ADDRESS]:PORT; returns the port, or NULL if there is none. */
static char *divide(char *word, char **ret_addr)
{
    char *colon = strrchr(word, ':');
    *ret_addr = word;
    if (*word == '[') {
        char *end = strchr(word, ']');
        *ret_addr = word + 1;
        if (!end)
            return NULL;
        *end = '\0';
        return end[1] == ':' ? end + 2 : NULL;
    }
    if (!colon || strchr(word, ':') != colon) /* none, or an IPv6 address alone */
        return NULL;
    *colon = '\0';
    return colon + 1;
}

static int parse_end(char *word, unsigned end, struct want *want, uint8_t *ret_kind,
                     struct error *err)
{
    char *addr, *port = divide(word, &addr);
    uint8_t *to = want->identity.addr[end];
    if (inet_pton(AF_INET, addr, to) == 1)
        *ret_kind = FLOW_IP4;
    else if (inet_pton(AF_INET6, addr, to) == 1)
        *ret_kind = FLOW_IP6;
    else
        return error_set(err, "--flow: '%s' is no IP address", addr);
    want->prefix[end] = *ret_kind == FLOW_IP4 ? 32 : 128;
    want->any_port[end] = !port;
    return port ? parse_port(port, &want->identity.port[end], err) : 0;
}

int flow_parse(const char *text, struct want *ret, struct error *err)
{
    char protocol[WORD_SIZE], ends[2][WORD_SIZE], more;
    uint8_t kinds[2];
    *ret = (struct want){.first = INT64_MIN, .last = INT64_MAX};
    if (sscanf(text, "%95s %95s %95s %c", protocol, ends[0], ends[1], &more) != 3)
        return error_set(err, "--flow: '%s' is not PROTOCOL ADDRESS:PORT ADDRESS:PORT", text);
    if (parse_protocol(protocol, &ret->identity.protocol, err) ||
        parse_end(ends[0], 0, ret, &kinds[0], err) || parse_end(ends[1], 1, ret, &kinds[1], err))
        return -1;
    if (kinds[0] != kinds[1])
        return error_set(err, "--flow: '%s' has addresses of both IP versions", text);
    ret->identity.kind = kinds[0];
    bool named_ports = !ret->any_port[0] || !ret->any_port[1];
    if (named_ports && !has_ports(&ret->identity))
        return error_set(err, "--flow: %s has no ports", protocol);
    /* What has no ports differs in what the text does not say (ICMP types, SPIs): all of it. */
    ret->is_wide = ret->any_port[0] || ret->any_port[1];
    if (!ret->is_wide)
        flow_identity_order(&ret->identity);
    return 0;
}
