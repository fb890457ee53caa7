/* SPDX-License-Identifier: Apache-2.0 */
#include "flow/keying.h"

#include <string.h>
#include <strings.h>

enum { PROTO_ICMP = 1, PROTO_ICMP6 = 58 };
enum { ARP_REPLY = 2 };

/* --- words ------------------------------------------------------------------------------------ */

static const struct key_word {
    const char *name;
    uint8_t bases; /* 1 << enum flow_basis */
    uint8_t parts;
} key_words[] = {
    {"CLASSIC_5_TUPLE", 1 << FLOW_BASIS_TUPLE, 0},
    {"LAYER_3_MATRIX", 1 << FLOW_BASIS_IP_PAIR, 0},
    {"LAYER_2_MATRIX", 1 << FLOW_BASIS_MAC_PAIR, 0},
    {"LAYER_2", 0, FLOW_KEY_ETHER},
    {"VLAN", 0, FLOW_KEY_VLAN},
    {"LOCAL_MPLS", 0, FLOW_KEY_MPLS},
    {"COMPLETE_MPLS", 0, FLOW_KEY_LABELS},
};

static const struct key_word *find_word(const char *name, size_t size)
{
    for (size_t i = 0; i < ARRAY_SIZE(key_words); i++)
        if (strlen(key_words[i].name) == size && !strncasecmp(key_words[i].name, name, size))
            return &key_words[i];
    return NULL;
}

/* A tuple has the addresses of IP in it; those of Ethernet beside either are a part of the key. */
static void set_bases(struct flow_keying *keying, unsigned bases)
{
    while (!(bases >> keying->basis & 1))
        keying->basis++;
    if (bases >> FLOW_BASIS_MAC_PAIR & 1 && keying->basis != FLOW_BASIS_MAC_PAIR)
        keying->parts |= FLOW_KEY_ETHER;
}

int flow_keying_parse_key(const char *text, struct flow_keying *ret, struct error *err)
{
    struct flow_keying keying = {.one_way = ret->one_way};
    unsigned bases = 0;
    for (const char *at = text;; at++) {
        at += strspn(at, " ");
        size_t whole = strcspn(at, "+"), size = whole;
        while (size && at[size - 1] == ' ')
            size--;
        const struct key_word *word = find_word(at, size);
        if (!word)
            return error_set(err,
                             "'%.*s' is no part of a flow key; there are CLASSIC_5_TUPLE, "
                             "LAYER_3_MATRIX, LAYER_2_MATRIX, LAYER_2, VLAN, LOCAL_MPLS and "
                             "COMPLETE_MPLS",
                             (int)(size < 40 ? size : 40), at);
        keying.parts |= word->parts;
        bases |= word->bases;
        at += whole;
        if (!*at)
            break;
    }
    if (!bases)
        return error_set(err, "'%s' lacks CLASSIC_5_TUPLE, LAYER_3_MATRIX or LAYER_2_MATRIX", text);
    set_bases(&keying, bases);
    *ret = keying;
    return 0;
}

int flow_keying_parse_type(const char *text, struct flow_keying *ret, struct error *err)
{
    static const char *const names[] = {"bidirectional", "unidirectional"};
    enum { LEAST = 2 };
    size_t size = strlen(text);
    for (unsigned i = 0; i < ARRAY_SIZE(names); i++)
        if (size >= LEAST && !strncasecmp(text, names[i], size)) {
            ret->one_way = i;
            return 0;
        }
    return error_set(err, "'%s' is none of Bidirectional, Unidirectional", text);
}

/* --- headers around a packet ------------------------------------------------------------------ */

/* `second`: who sent the frame is the second end of the key. */
static uint32_t hash_ether(const struct packet *p, bool second)
{
    struct {
        uint8_t mac[2][6];
        uint16_t ethertype, unused;
    } header = {.ethertype = p->has_mac ? p->ethertype : 0};
    if (p->has_mac) {
        memcpy(header.mac[second], p->mac_src, sizeof(p->mac_src));
        memcpy(header.mac[!second], p->mac_dst, sizeof(p->mac_dst));
    }
    _Static_assert(sizeof(header) == 16, "hashed by words");
    return (uint32_t)(hash_words(0, &header, 2) >> 32);
}

/*
 * The mark of a key has room for a VLAN and a label as they are. Of link addresses and stacks of
 * labels it has hashes: two flows that only these tell apart are taken for one once in 2^32 times.
 */
static void extend(struct flow_key *key, const struct packet *p, unsigned parts, bool second)
{
    enum { VLAN_BITS = 12, VLAN_MASK = 0xfff, LABEL_SHIFT = 12 };
    if (!parts || key->kind == FLOW_ISIS)
        return;
    if (parts & FLOW_KEY_VLAN && p->has_vlan)
        key->mark ^= p->vlan_tci & VLAN_MASK;
    if (parts & FLOW_KEY_MPLS && p->has_mpls)
        key->mark ^= p->mpls >> LABEL_SHIFT << VLAN_BITS;
    if (parts & FLOW_KEY_LABELS && p->has_mpls)
        key->mark ^= p->mpls_stack;
    if (parts & FLOW_KEY_ETHER)
        key->mark ^= hash_ether(p, second);
}

/* --- one direction ---------------------------------------------------------------------------- */

static bool is_icmp(const struct flow_key *key)
{
    return (key->kind == FLOW_IP4 && key->protocol == PROTO_ICMP) ||
           (key->kind == FLOW_IP6 && key->protocol == PROTO_ICMP6);
}

/* Puts the sender first, and says of a reply that it is one. */
static void make_one_way(struct flow_key *key, bool *second, const struct packet *p,
                         uint32_t quirks)
{
    const bool is_folded = key->kind == FLOW_ARP || (key->kind == FLOW_IP4 && is_icmp(key));
    if (is_folded && quirk_is(quirks, QUIRK_ONE_WAY_REPLIES))
        return;
    if (is_icmp(key) && p->has_upper)
        key->type = p->u.icmp.type;
    if (!*second)
        return;
    if (key->kind == FLOW_ARP)
        flow_key_arp_reply(key, p);
    else
        flow_key_exchange(key, true);
    *second = false;
}

/* --- pairs ------------------------------------------------------------------------------------ */

bool flow_key_of_pair(struct flow_key *ret, const struct packet *p, enum flow_basis basis,
                      bool *ret_second)
{
    bool is_ip = p->kind == PACKET_IP4 || p->kind == PACKET_IP6;
    if (basis == FLOW_BASIS_MAC_PAIR && p->has_mac)
        *ret_second = flow_key_ether(ret, p);
    else if (basis == FLOW_BASIS_IP_PAIR && is_ip)
        *ret_second = flow_key_ip_pair(ret, p);
    else
        return false;
    return true;
}

static void forget_upper(struct packet *p)
{
    p->frag = FRAG_NONE;
    p->has_ports = p->has_tcp = p->has_upper = false;
}

/* --- the calls -------------------------------------------------------------------------------- */

void keyed_packet_rekey(struct keyed_packet *p, const struct flow_keying *keying, uint32_t quirks)
{
    if (flow_key_of_pair(&p->key, &p->packet, keying->basis, &p->is_second))
        forget_upper(&p->packet);
    if (keying->one_way)
        make_one_way(&p->key, &p->is_second, &p->packet, quirks);
    extend(&p->key, &p->packet, keying->parts, p->is_second);
    keyed_packet_name(p);
}

void flow_key_of_fragment(struct flow_key *ret, const struct packet *packet,
                          const struct flow_keying *keying)
{
    flow_key_fragment(ret, packet);
    extend(ret, packet, keying->parts, false);
}

/* An error comes back on the way that the datagram went: its frame's sender is the other end. */
bool flow_key_of_quoted(struct flow_key *ret, const struct packet *error,
                        const struct packet *inner, const struct flow_keying *keying,
                        uint32_t quirks)
{
    bool second = flow_key_build(ret, inner, quirks);
    if (keying->one_way)
        make_one_way(ret, &second, inner, quirks);
    extend(ret, error, keying->parts, !second);
    return second;
}
