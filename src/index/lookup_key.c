/* SPDX-License-Identifier: Apache-2.0 */
#include "index/lookup_key.h"

#include "flow/keying.h"

bool lookup_quoted(struct flow_key *ret, const struct packet *p,
                   const struct decode_options *options)
{
    enum { PROTO_ICMP = 1, PROTO_ICMP6 = 58 };
    bool ip6 = p->kind == PACKET_IP6;
    bool is_icmp =
        (p->kind == PACKET_IP4 && p->protocol == PROTO_ICMP) || (ip6 && p->protocol == PROTO_ICMP6);
    if (!is_icmp || !p->has_upper || p->frag == FRAG_LATER ||
        !flow_icmp_is_error(p->u.icmp.type, ip6))
        return false;
    struct packet quoted;
    struct flow_key key;
    struct decode_options plain = {.quirks = options->quirks, .tunnels = 0};
    if (!packet_decode_inner(p->u.icmp.inner, &plain, &quoted))
        return false;
    flow_key_build(&key, &quoted, options->quirks);
    flow_identity_of_key(ret, &key);
    return true;
}

static void add_pair(struct lookup_keys *ret, const struct packet *p, enum flow_basis basis)
{
    struct lookup_key *pair = &ret->list[ret->count];
    bool second;
    if (!flow_key_of_pair(&pair->identity, p, basis, &second))
        return;
    flow_identity_of_key(&pair->identity, &pair->identity);
    pair->reason = LOOKUP_PAIR;
    ret->count += !flow_key_equal(&pair->identity, &ret->list[0].identity);
}

void lookup_keys_of_packet(struct lookup_keys *ret, const struct packet *p,
                           const struct decode_options *options)
{
    ret->second = flow_key_build(&ret->flow, p, options->quirks);
    flow_identity_of_key(&ret->list[0].identity, &ret->flow);
    ret->list[0].reason = p->frag == FRAG_LATER ? LOOKUP_FRAGMENT : LOOKUP_FLOW;
    ret->count = 1;
    if (lookup_quoted(&ret->list[1].identity, p, options)) {
        ret->list[1].reason = LOOKUP_ERROR;
        ret->count = 2;
    }
    add_pair(ret, p, FLOW_BASIS_IP_PAIR);
    add_pair(ret, p, FLOW_BASIS_MAC_PAIR);
}

void lookup_fragments_of(struct flow_key *ret, const struct packet *first)
{
    struct flow_key key;
    flow_key_fragment(&key, first);
    flow_identity_of_key(ret, &key);
}
