/* SPDX-License-Identifier: Apache-2.0 */
#include "records.h"

#include <math.h>

static nsec_t at(double seconds)
{
    return (nsec_t)llround(seconds * 1e6) * NSEC_PER_USEC;
}

void record_make_udp(struct record *r, double start, double last, uint64_t src_packets,
                     uint64_t dst_packets)
{
    memset(r, 0, sizeof(*r));
    r->type = RECORD_FAR;
    r->version = 3;
    r->cause = CAUSE_START;
    r->blocks = BLOCK_FLOW | BLOCK_TIME | BLOCK_METRIC | BLOCK_NET;
    r->key = (struct record_key){
        .class = KEY_5TUPLE,
        .family = FAMILY_IP4,
        .protocol = 17,
        .prefix = {32, 32},
        .addr = {{10, 0, 0, 1}, {10, 0, 0, 2}},
        .port = {4000, 53},
    };
    r->metric = (struct record_metric){.packets = {src_packets, dst_packets},
                                       .bytes = {src_packets * 60, dst_packets * 90}};
    for (unsigned side = SRC; side <= DST; side++) {
        r->time.has_start[side] = r->time.has_last[side] = r->metric.packets[side];
        r->time.start[side] = at(start);
        r->time.last[side] = at(last);
    }
}

static void fill_sides(struct record *r)
{
    static const uint8_t payload[] = "GET / HTTP/1.0";
    for (unsigned side = SRC; side <= DST; side++) {
        r->net.u.tcp.side[side] = (struct record_tcp_side){
            .last = at(1700000001 + side),
            .status = 0x304,
            .seq_base = 1000 + side,
            .seq = 2000 + side,
            .ack = 3000 + side,
            .windows = 4,
            .bytes = 900,
            .retrans = 2,
            .ack_bytes = 5,
            .win_bytes = 6,
            .window = 7000,
            .flags = 0x1b,
            .window_shift = 7,
        };
        r->ipattr.has[side] = r->ipattr.has_options[side] = true;
        r->ipattr.fragments[side] = side == DST;
        r->ipattr.ttl[side] = (uint8_t)(64 - side);
        r->ipattr.tos[side] = 16;
        r->ipattr.ip_id[side] = 0x1234;
        r->ipattr.options[side] = 1u << side;
        r->psize.has[side] = true;
        r->psize.min[side] = 60;
        r->psize.max[side] = 1500;
        r->psize.histogram[side] = 0x12345678;
        r->vlan.has[side] = true;
        r->vlan.tci[side] = (uint16_t)(0x6064 + side);
        r->mpls.count[side] = 1;
        r->mpls.label[side][0] = 0x641ff;
        r->encaps.bits[side] = 6;
        r->behavior.keystrokes[side] = 3;
        r->user[side] = (struct record_user){.limit = 64, .bytes = {payload, sizeof(payload) - 1}};
        for (unsigned phase = 0; phase < 2; phase++) {
            r->jitter.has[side][phase] = true;
            stat_add(&r->jitter.stat[side][phase], 1000 * 1000);
            stat_add(&r->jitter.stat[side][phase], 3000 * 1000);
        }
    }
}

void record_make_full(struct record *r)
{
    record_make_udp(r, 1700000000.25, 1700000002.5, 10, 8);
    r->blocks |= BLOCK_TRANSPORT | BLOCK_AGR | BLOCK_VLAN | BLOCK_MPLS | BLOCK_JITTER |
                 BLOCK_IPATTR | BLOCK_PSIZE | BLOCK_SUSER | BLOCK_DUSER | BLOCK_MAC | BLOCK_ICMP |
                 BLOCK_ENCAPS | BLOCK_BEHAVIOR | BLOCK_COCODE | BLOCK_LABEL | BLOCK_ASN;
    r->key.protocol = 6;
    r->time.bidirectional = true;
    r->time.start[DST] = at(1700000000.5);
    r->metric.has_app_bytes = true;
    r->metric.app_bytes[SRC] = 100000;
    r->metric.app_bytes[DST] = 7;
    r->transport = (struct record_transport){
        .flags = 3, .id_form = 1, .id_size = 4, .id = {192, 0, 2, 1}, .sequence = 42};
    r->net.form = NET_TCP_PERF;
    r->net.u.tcp = (struct record_tcp){
        .status = 0x31f, .state = 9, .options = 0x700000, .synack_usec = 120, .ackdat_usec = 80};
    r->psize.subtype = 7;
    r->mac = (struct record_mac){.addr = {{2, 0, 0, 0, 0, 1}, {2, 0, 0, 0, 0, 2}},
                                 .ethertype = 0x800,
                                 .several = {false, true}};
    r->icmp = (struct record_icmp){.kind = 1,
                                   .type = 3,
                                   .code = 1,
                                   .word = 1400,
                                   .size = 8,
                                   .reporter = {10, 9, 9, 9},
                                   .reported_to = {10, 0, 0, 1},
                                   .inner_src = {10, 0, 0, 1},
                                   .inner_dst = {10, 0, 0, 2}};
    r->encaps.changed = 4;
    r->behavior.subtype = 1;
    memcpy(r->country, "USJP", 4);
    r->label = (struct view){(const uint8_t *)"flow=web", 8};
    r->asn = (struct record_asn){.number = {64500, 64501}, .has_inode = true, .inode = 64502};
    r->agr.metric = 4;
    r->agr.count = 3;
    stat_add(&r->agr.active, 1000000);
    stat_add(&r->agr.active, 3000000);
    stat_add(&r->agr.active, 2000000);
    fill_sides(r);
}
