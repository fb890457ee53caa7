/* SPDX-License-Identifier: Apache-2.0 */
#include "describe.h"

#include <arpa/inet.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

struct text {
    char *at;
    size_t room;
};

static void say(struct text *t, const char *format, ...) __attribute__((format(printf, 2, 3)));

static void say(struct text *t, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    int size = vsnprintf(t->at, t->room, format, args);
    va_end(args);
    if (size < 0 || (size_t)size >= t->room)
        return;
    t->at += size;
    t->room -= (size_t)size;
}

static void say_hex(struct text *t, const uint8_t *bytes, size_t size)
{
    for (size_t i = 0; i < size; i++)
        say(t, "%02x", bytes[i]);
}

static void say_macs(struct text *t, const struct packet *p)
{
    say_hex(t, p->mac_src, 6);
    say(t, ">");
    say_hex(t, p->mac_dst, 6);
}

static void say_ip(struct text *t, const struct packet *p)
{
    char src[INET6_ADDRSTRLEN], dst[INET6_ADDRSTRLEN];
    int family = p->kind == PACKET_IP4 ? AF_INET : AF_INET6;
    inet_ntop(family, p->src, src, sizeof(src));
    inet_ntop(family, p->dst, dst, sizeof(dst));
    say(t, "%s %s>%s %u", p->kind == PACKET_IP4 ? "ip4" : "ip6", src, dst, p->protocol);
    if (p->has_ports)
        say(t, " %u>%u", p->src_port, p->dst_port);
    if (p->has_tcp)
        say(t, " tcp");
    if (p->has_upper)
        say(t, " upper");
    if (p->frag == FRAG_FIRST)
        say(t, " first=%x", p->frag_id);
    if (p->frag == FRAG_LATER)
        say(t, " later=%x+%u", p->frag_id, p->frag_bytes);
}

static void say_flow(struct text *t, const struct packet *p)
{
    switch ((enum packet_kind)p->kind) {
    case PACKET_IP4:
    case PACKET_IP6:
        say_ip(t, p);
        return;
    case PACKET_ETHER:
        say(t, "ether ");
        say_macs(t, p);
        if (p->ethertype)
            say(t, " type=%04x", p->ethertype);
        else
            say(t, " llc=%02x:%02x", p->dsap, p->ssap);
        return;
    case PACKET_ARP:
    case PACKET_RARP:
        say(t, "%s %u ", p->kind == PACKET_ARP ? "arp" : "rarp", p->u.arp.operation);
        say_hex(t, p->u.arp.sender_protocol, 4);
        say(t, ">");
        say_hex(t, p->u.arp.target_protocol, 4);
        return;
    case PACKET_WLAN:
        say(t, "wlan ");
        say_hex(t, p->u.wlan.dst, 6);
        say(t, "<");
        say_hex(t, p->u.wlan.src, 6);
        say(t, " ");
        say_hex(t, p->u.wlan.bssid, 6);
        if (p->u.wlan.ssid[0])
            say(t, " '%.32s'", (const char *)p->u.wlan.ssid);
        return;
    case PACKET_ISIS:
        say(t, "isis %u ", p->u.isis.pdu_type);
        say_hex(t, p->u.isis.id, sizeof(p->u.isis.id));
        return;
    case PACKET_LINK:
        say(t, "link type=%04x", p->ethertype);
        return;
    }
}

static void say_encaps(struct text *t, uint32_t encaps)
{
    static const char *const names[32] = {
        "mpls",   "eth",     "vlan",   "llc",   "ppp",    "isl", "gre",    "ah",
        "ip",     "ip6",     "hdlc",   "chdlc", "atm",    "sll", "fddi",   "slip",
        "arcnet", "wlan",    "prism",  "avs",   "?",      "?",   "teredo", "?",
        "spi",    "juniper", "erspan", "vxlan", "geneve", "gtp", "?",      "?",
    };
    const char *before = " ";
    for (unsigned bit = 0; bit < 32; bit++) {
        if (!(encaps >> bit & 1))
            continue;
        say(t, "%s%s", before, names[bit]);
        before = "+";
    }
}

void packet_describe(enum packet_loss loss, const struct packet *p, char ret[DESCRIPTION_SIZE])
{
    static const uint8_t usual_src[6] = {2, 0, 0, 0, 0, 1}, usual_dst[6] = {2, 0, 0, 0, 0, 2};
    struct text t = {ret, DESCRIPTION_SIZE};
    if (loss) {
        say(&t, "lost: %s", packet_loss_name(loss));
        return;
    }
    say_flow(&t, p);
    say(&t, " bytes=%u app=%u data=%zu", p->bytes, p->app_bytes, p->payload.size);
    say_encaps(&t, p->encaps);
    if (p->has_vlan)
        say(&t, " vlan=%04x", p->vlan_tci);
    if (p->has_mpls)
        say(&t, " mpls=%08x", p->mpls);
    bool usual = !memcmp(p->mac_src, usual_src, 6) && !memcmp(p->mac_dst, usual_dst, 6);
    if (p->has_mac && p->kind != PACKET_ETHER && !usual) {
        say(&t, " mac=");
        say_macs(&t, p);
    }
}
