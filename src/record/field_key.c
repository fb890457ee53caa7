/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <string.h>

#include "record/community_id.h"
#include "record/field_get.h"
#include "record/labels.h"
#include "record/state.h"

enum { PROTO_ICMP = 1, PROTO_TCP = 6, PROTO_UDP = 17, PROTO_ESP = 50, PROTO_ICMP6 = 58 };
enum { TYPE_ARP = 0x0806 };

/* --- protocol --------------------------------------------------------------------------------- */

static void set_protocol(struct value *ret, const char *name, uint64_t number)
{
    ret->kind = VALUE_PROTO;
    ret->u.uint = number;
    ret->name = name;
}

static void ip_protocol(const struct record *r, struct value *ret)
{
    uint8_t form = record_has(r, BLOCK_NET) ? r->net.form : NET_NONE;
    const char *name = label_ip_protocol(r->key.protocol);
    if (r->key.protocol == PROTO_UDP && r->key.class == KEY_5TUPLE) {
        if (record_is_rtp(r))
            name = "rtp";
        else if (form == NET_RTCP)
            name = "rtcp";
        else if (form == NET_UDT && r->key.family == FAMILY_IP4)
            name = "udt";
    }
    set_protocol(ret, name, r->key.protocol);
}

static void ether_protocol(const struct record *r, struct value *ret)
{
    uint16_t type = r->key.u.ether.ethertype;
    set_protocol(ret, label_ethertype(type), type);
}

GETTER(get_protocol)
{
    (void)arg;
    if (r->type == RECORD_MAR) {
        value_text(ret, "man");
        return;
    }
    if (!record_has(r, BLOCK_FLOW))
        return;
    switch (r->key.family) {
    case FAMILY_IP4:
    case FAMILY_IP6:
        if (r->key.class == KEY_5TUPLE)
            ip_protocol(r, ret);
        else
            set_protocol(ret, "ip", 0);
        return;
    case FAMILY_ETHER:
        if (r->key.class == KEY_5TUPLE)
            ether_protocol(r, ret);
        else
            value_text(ret, "ether");
        return;
    case FAMILY_ARP:
        set_protocol(ret, "arp", TYPE_ARP);
        return;
    case FAMILY_RARP:
        value_text(ret, "rarp");
        return;
    case FAMILY_WLAN:
        value_text(ret, "wlan");
        return;
    case FAMILY_ISIS:
        value_text(ret, "isis");
        return;
    default:
        value_text(ret, "unknown");
        return;
    }
}

/* --- addresses -------------------------------------------------------------------------------- */

static void set_mac(struct value *ret, const uint8_t *mac)
{
    ret->kind = VALUE_MAC;
    memcpy(ret->u.mac, mac, 6);
}

static void isis_id(struct value *ret, const uint8_t *id, unsigned size)
{
    char tail[8] = "";
    if (size > 6)
        snprintf(tail, sizeof(tail), ".%02x", id[6]);
    if (size > 7)
        snprintf(tail, sizeof(tail), ".%02x-%02x", id[6], id[7]);
    value_text(ret, "%02x%02x.%02x%02x.%02x%02x%s", id[0], id[1], id[2], id[3], id[4], id[5], tail);
}

/* System id and LAN id of hellos; id and sequence number of link state PDUs; node id of the others.
 */
static void isis_address(const struct record *r, unsigned side, struct value *ret)
{
    const uint8_t *id = r->key.u.isis.id;
    bool hello = r->key.u.isis.pdu_type < 18, link_state = !hello && r->key.u.isis.pdu_type < 24;
    if (side == SRC)
        isis_id(ret, id, hello ? 6 : link_state ? 8 : 7);
    else if (hello)
        isis_id(ret, id + 6, 7);
    else if (link_state)
        value_text(ret, "0x%08x", load_be32(id + 8));
}

GETTER(get_address)
{
    const struct record_key *key = &r->key;
    switch (key->family) {
    case FAMILY_IP4:
    case FAMILY_IP6:
        ret->kind = key->family == FAMILY_IP4 ? VALUE_IP4 : VALUE_IP6;
        memcpy(ret->u.addr, key->addr[arg], 16);
        ret->prefix = key->prefix[arg];
        return;
    case FAMILY_ETHER:
        if (key->class == KEY_5TUPLE)
            set_mac(ret, key->u.ether.mac[arg]);
        return;
    case FAMILY_ARP:
        ret->kind = VALUE_IP4;
        memcpy(ret->u.addr, key->addr[arg], 16);
        ret->prefix = 32;
        return;
    case FAMILY_RARP:
        set_mac(ret, key->u.arp.hardware[!arg]);
        return;
    case FAMILY_WLAN:
        set_mac(ret, key->u.wlan.mac[arg]);
        return;
    case FAMILY_ISIS:
        isis_address(r, arg, ret);
        return;
    default:
        return;
    }
}

/* Classes A, B and C have networks of 8, 16 and 24 bits. */
GETTER(get_network)
{
    enum { CLASS_B = 128, CLASS_C = 192, MULTICAST = 224 };
    get_address(r, arg, ret);
    if (ret->kind != VALUE_IP4 || ret->u.addr[0] >= MULTICAST)
        return;
    unsigned size = ret->u.addr[0] < CLASS_B ? 1 : ret->u.addr[0] < CLASS_C ? 2 : 3;
    memset(ret->u.addr + size, 0, 4 - size);
    ret->prefix = (uint8_t)(8 * size);
}

GETTER(get_response)
{
    (void)arg;
    if (record_has(r, BLOCK_NET) && r->net.form == NET_ARP)
        set_mac(ret, r->net.u.arp_hardware);
}

GETTER(get_bssid)
{
    (void)arg;
    if (r->key.family == FAMILY_WLAN)
        set_mac(ret, r->key.u.wlan.bssid);
}

GETTER(get_ssid)
{
    (void)arg;
    if (r->key.family == FAMILY_WLAN)
        value_text(ret, "%.*s", (int)sizeof(r->key.u.wlan.ssid), (const char *)r->key.u.wlan.ssid);
}

/* --- ports ------------------------------------------------------------------------------------ */

static void set_port(struct value *ret, const char *protocol, uint16_t port)
{
    ret->kind = VALUE_PORT;
    ret->u.uint = port;
    ret->name = protocol;
    ret->hex_digits = 0;
}

/* What is in the place of a port, and no service: hexadecimal unless ports are numeric. */
static void set_other_port(struct value *ret, uint8_t value, uint8_t hex_digits)
{
    set_port(ret, NULL, value);
    ret->hex_digits = hex_digits;
}

static void sap_port(uint8_t sap, struct value *ret)
{
    set_other_port(ret, sap, 2);
    ret->name = label_llc_sap(sap);
}

static void icmp_port(const struct record_key *key, unsigned side, struct value *ret)
{
    if (key->flags & KEY_FRAGMENT)
        value_hex(ret, 0);
    else if (side == SRC)
        value_hex(ret, (uint64_t)key->u.icmp.code << 8 | key->u.icmp.type);
    else
        value_hex(ret, key->u.icmp.id);
}

static void ip_port(const struct record_key *key, unsigned side, struct value *ret)
{
    bool is_ip4 = key->family == FAMILY_IP4, is_fragment = key->flags & KEY_FRAGMENT;
    uint16_t port = is_ip4 && is_fragment ? 0 : key->port[side];
    if (key->protocol == PROTO_TCP)
        set_port(ret, "tcp", port);
    else if (key->protocol == PROTO_UDP)
        set_port(ret, "udp", port);
    else if (key->protocol == PROTO_ICMP && is_ip4)
        icmp_port(key, side, ret);
    else if (key->protocol == PROTO_ICMP6 && !is_ip4)
        set_other_port(ret, side == SRC ? key->u.icmp.type : key->u.icmp.code, 4);
    else if (key->protocol == PROTO_ESP && is_ip4 && side == DST)
        value_text(ret, "0x%x", is_fragment ? 0 : key->u.spi);
}

GETTER(get_port)
{
    const struct record_key *key = &r->key;
    if (key->class != KEY_5TUPLE)
        return;
    switch (key->family) {
    case FAMILY_IP4:
    case FAMILY_IP6:
        ip_port(key, arg, ret);
        return;
    case FAMILY_ETHER:
        sap_port(arg == SRC ? key->u.ether.ssap : key->u.ether.dsap, ret);
        return;
    case FAMILY_ISIS:
        if (arg == DST)
            value_text(ret, "0x%x", key->u.isis.checksum);
        return;
    default:
        return;
    }
}

GETTER(get_icmp_id)
{
    const struct record_key *key = &r->key;
    uint8_t protocol = key->family == FAMILY_IP4 ? PROTO_ICMP : PROTO_ICMP6;
    bool is_ip = key->family == FAMILY_IP4 || key->family == FAMILY_IP6;
    (void)arg;
    if (key->class == KEY_5TUPLE && is_ip && key->protocol == protocol)
        value_uint(ret, key->u.icmp.id);
}

/* --- texts of state --------------------------------------------------------------------------- */

GETTER(get_direction)
{
    (void)arg;
    ret->kind = VALUE_TEXT;
    direction_text(r, ret->text);
}

GETTER(get_flags)
{
    (void)arg;
    ret->kind = VALUE_TEXT;
    flags_text(r, ret->text);
}

GETTER(get_state)
{
    (void)arg;
    ret->kind = VALUE_TEXT;
    state_text(r, ret->text);
}

/* With the seed that everybody has; the printer can have another. */
GETTER(get_community_id)
{
    (void)arg;
    community_id(r, 0, ret);
}
