/* SPDX-License-Identifier: Apache-2.0 */
#include "flow/objects.h"

enum { PROTO_ICMP = 1, PROTO_UDP = 17, PROTO_ESP = 50, PROTO_ICMP6 = 58 };
enum { ARP_REPLY = 2 };

static bool is_icmp(const struct flow *flow)
{
    return (flow->key.kind == FLOW_IP4 && flow->key.protocol == PROTO_ICMP) ||
           (flow->key.kind == FLOW_IP6 && flow->key.protocol == PROTO_ICMP6);
}

/* --- RTP and RTCP (RFC 3550) ------------------------------------------------------------------ */

enum { RTP_HEADER = 12, RTCP_HEADER = 8, RTCP_SENDER_REPORT = 200, RTCP_RECEIVER_REPORT = 201 };

/* A guess from the first packet: version 2 on ports where media may be. Readers doubt it again. */
static bool looks_like_rtp(const struct packet *p)
{
    if (p->payload.size < RTP_HEADER || p->payload.data[0] >> 6 != 2)
        return false;
    for (unsigned side = SRC; side <= DST; side++) {
        uint16_t port = side ? p->dst_port : p->src_port;
        if (port < 1024 || (port >= 7000 && port <= 7010))
            return false;
    }
    return true;
}

static bool looks_like_rtcp(const struct packet *p)
{
    uint8_t type = p->payload.data[1];
    size_t words = load_be16(p->payload.data + 2);
    return (type == RTCP_SENDER_REPORT || type == RTCP_RECEIVER_REPORT) &&
           (words + 1) * 4 <= p->app_bytes;
}

static void rtp_take(struct flow_object *object, unsigned side, const struct packet *p)
{
    struct record_rtp *rtp = &object->u.rtp;
    size_t size = object->form == NET_RTCP ? RTCP_HEADER : RTP_HEADER;
    if (p->payload.size < size)
        return;
    if (object->form == NET_RTP) {
        enum { SSRC_AT = 8, SSRC_SIZE = 4 };
        uint16_t seq = load_be16(p->payload.data + 2);
        uint16_t step = (uint16_t)(seq - object->rtp_seq[side]);
        bool same_stream = rtp->header[side][0] && !memcmp(rtp->header[side] + SSRC_AT,
                                                           p->payload.data + SSRC_AT, SSRC_SIZE);
        if (same_stream && step > 1 && step < 0x8000)
            rtp->drops[side] = (uint16_t)(rtp->drops[side] + step - 1);
        object->rtp_seq[side] = seq;
    }
    memcpy(rtp->header[side], p->payload.data, size);
}

/* --- ICMP ------------------------------------------------------------------------------------- */

enum { ICMP_OBJECT_NEEDS = 28 };

static void icmp_take(struct flow_object *object, const struct flow *flow, const struct packet *p)
{
    struct record_net_icmp *r = &object->u.icmp;
    const struct packet_icmp *icmp = &p->u.icmp;
    object->form = NET_ICMP;
    r->type = icmp->type;
    r->code = icmp->code;
    if (flow->key.kind == FLOW_IP6) {
        r->seq = icmp->checksum;
        return;
    }
    memcpy(r->addr[0], p->src, 4);
    memcpy(r->addr[1], p->dst, 4);
    if (!flow_icmp_is_error(icmp->type, false)) {
        r->seq = icmp->seq;
        return;
    }
    if (icmp->inner.size >= 20) {
        memcpy(r->addr[2], icmp->inner.data + 12, 4);
        memcpy(r->addr[3], icmp->inner.data + 16, 4);
    }
    store_be32(r->addr[4], icmp->type == 5 ? icmp->rest : 0);
}

/* --- ESP -------------------------------------------------------------------------------------- */

static void esp_take(struct record_esp *esp, const struct packet_esp *p)
{
    enum { ESP_LOST_SRC = 0x10, ESP_OUT_OF_ORDER_SRC = 0x10000 };
    if (p->seq > esp->last_seq + 1) {
        esp->lost += p->seq - esp->last_seq - 1;
        esp->status |= ESP_LOST_SRC;
    } else if (p->seq <= esp->last_seq) {
        esp->status |= ESP_OUT_OF_ORDER_SRC;
        return;
    }
    esp->last_seq = p->seq;
}

/* --- the calls -------------------------------------------------------------------------------- */

size_t flow_object_payload(const struct packet *p)
{
    return p->protocol == PROTO_UDP ? RTP_HEADER : 0;
}

bool flow_object_wanted(const struct flow *flow, const struct packet *p)
{
    switch (flow->key.kind) {
    case FLOW_IP4:
    case FLOW_IP6:
        if (is_icmp(flow))
            return p->has_upper && p->u.icmp.captured >= ICMP_OBJECT_NEEDS &&
                   !(flow->node.bits & FLOW_SEEN_TWICE);
        if (flow->key.protocol == PROTO_ESP)
            return p->has_upper;
        return flow->key.protocol == PROTO_UDP && !(flow->node.bits & FLOW_SEEN_TWICE) &&
               p->has_ports && looks_like_rtp(p);
    case FLOW_ARP:
        return p->u.arp.operation == ARP_REPLY;
    case FLOW_WLAN:
        return !(flow->node.bits & FLOW_SEEN_TWICE);
    default:
        return false;
    }
}

void flow_object_first(struct flow_object *object, const struct flow *flow, unsigned side,
                       const struct packet *p)
{
    memset(object, 0, sizeof(*object));
    switch (flow->key.kind) {
    case FLOW_ARP:
        object->form = NET_ARP;
        memcpy(object->u.arp_hardware, p->u.arp.sender_hardware, 6);
        return;
    case FLOW_WLAN:
        memcpy(object->u.ssid, p->u.wlan.ssid, sizeof(object->u.ssid));
        return;
    default:
        break;
    }
    if (is_icmp(flow)) {
        icmp_take(object, flow, p);
    } else if (flow->key.protocol == PROTO_ESP) {
        object->form = NET_ESP;
        object->u.esp = (struct record_esp){.spi = p->u.esp.spi, .last_seq = p->u.esp.seq};
    } else {
        object->form = looks_like_rtcp(p) ? NET_RTCP : NET_RTP;
        rtp_take(object, side, p);
    }
}

void flow_object_next(struct flow_object *object, unsigned side, const struct packet *p)
{
    switch (object->form) {
    case NET_ARP:
        if (p->kind == PACKET_ARP && p->u.arp.operation == ARP_REPLY)
            memcpy(object->u.arp_hardware, p->u.arp.sender_hardware, 6);
        return;
    case NET_ESP:
        if (p->has_upper)
            esp_take(&object->u.esp, &p->u.esp);
        return;
    case NET_RTP:
    case NET_RTCP:
        rtp_take(object, side, p);
        return;
    default:
        return;
    }
}
