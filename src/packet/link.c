/* SPDX-License-Identifier: Apache-2.0 */
#include "packet/cursor.h"

/*
 * The link types of capture files (www.tcpdump.org/linktypes.html), and what a frame of each begins
 * with. `skip` bytes stand before the layer. `deduct` bytes of them, besides what the layer itself
 * deducts, are not counted as bytes of the flow:
 *
 *   - frames of local networks count whole, as they were on the wire;
 *   - what the capturing system put before them does not count (SLL, radiotap, PPI, pflog, ...),
 *     except for Prism's and AVS's headers and Juniper's cookie, which 3.0.8 counts;
 *   - headers of links between two ends do not count (NULL, PPP, HDLC, frame relay, SLIP), nor
 *     those of ARCNET.
 *
 * Where libpcap's number (DLT_) is not that of files (LINKTYPE_), both are here.
 */
static const struct link {
    uint8_t layer; /* enum layer */
    uint8_t skip, deduct;
    uint32_t encaps;
} links[] = {
    [0] = {LAYER_NULL_LOOP, 0, 0, 0},
    [1] = {LAYER_ETHERNET, 0, 0, 0},
    [6] = {LAYER_TOKEN_RING, 0, 0, 0},
    [7] = {LAYER_ARCNET, 0, 0, ENCAPS_ARCNET},
    [8] = {LAYER_IP, 16, 16, ENCAPS_SLIP},
    [9] = {LAYER_PPP_LINK, 0, 0, 0},
    [10] = {LAYER_FDDI, 0, 0, ENCAPS_FDDI},
    [11] = {LAYER_LLC, 0, 0, ENCAPS_ATM},    /* RFC 1483 (DLT_) */
    [12] = {LAYER_IP, 0, 0, 0},              /* raw IP (DLT_) */
    [14] = {LAYER_IP, 0, 0, 0},              /* the same, on OpenBSD */
    [15] = {LAYER_IP, 24, 24, ENCAPS_SLIP},  /* BSD/OS SLIP (DLT_) */
    [16] = {LAYER_BSDOS_PPP, 0, 0, 0},       /* BSD/OS PPP (DLT_) */
    [50] = {LAYER_PPP_LINK, 0, 0, 0},        /* PPP or Cisco HDLC */
    [51] = {LAYER_PPPOE, 0, 8, 0},           /* PPPoE without Ethernet */
    [100] = {LAYER_LLC, 0, 0, ENCAPS_ATM},   /* RFC 1483 */
    [101] = {LAYER_IP, 0, 0, 0},             /* raw IP */
    [102] = {LAYER_IP, 24, 24, ENCAPS_SLIP}, /* BSD/OS SLIP */
    [103] = {LAYER_BSDOS_PPP, 0, 0, 0},      /* BSD/OS PPP */
    [104] = {LAYER_CISCO_HDLC, 0, 0, 0},
    [105] = {LAYER_WLAN, 0, 0, 0},
    [106] = {LAYER_LLC, 0, 0, ENCAPS_ATM}, /* classical IP over ATM */
    [107] = {LAYER_FRAME_RELAY, 0, 0, 0},
    [108] = {LAYER_NULL_LOOP, 0, 0, 0},     /* OpenBSD loopback */
    [109] = {LAYER_IP, 12, 12, ENCAPS_SPI}, /* OpenBSD IPsec */
    [112] = {LAYER_CISCO_HDLC, 0, 0, 0},    /* NetBSD's number for it */
    [113] = {LAYER_SLL, 0, 0, 0},
    [117] = {LAYER_PFLOG, 0, 0, 0},
    [119] = {LAYER_PRISM, 0, 0, 0},
    [122] = {LAYER_IP_OVER_FC, 0, 0, 0},
    [123] = {LAYER_LLC, 4, 4, ENCAPS_ATM}, /* SunATM */
    [127] = {LAYER_RADIOTAP, 0, 0, 0},
    [129] = {LAYER_ARCNET_LINUX, 0, 0, ENCAPS_ARCNET},
    [138] = {LAYER_ETHERTYPE, 16, 0, 0},           /* Apple's IP over FireWire */
    [163] = {LAYER_PRISM, 0, 0, 0},                /* 802.11 with an AVS header */
    [166] = {LAYER_PPP_LINK, 0, 0, 0},             /* PPP with the direction as its address byte */
    [178] = {LAYER_JUNIPER, 0, 0, ENCAPS_JUNIPER}, /* Ethernet */
    [179] = {LAYER_JUNIPER, 0, 0, ENCAPS_JUNIPER}, /* PPP */
    [180] = {LAYER_JUNIPER, 0, 0, ENCAPS_JUNIPER}, /* frame relay */
    [181] = {LAYER_JUNIPER, 0, 0, ENCAPS_JUNIPER}, /* Cisco HDLC */
    [192] = {LAYER_PPI, 0, 0, 0},
    [197] = {LAYER_ERF, 0, 0, 0},
    [204] = {LAYER_PPP_LINK, 1, 1, 0},    /* a byte of direction before PPP */
    [205] = {LAYER_CISCO_HDLC, 1, 1, 0},  /* ... Cisco HDLC */
    [206] = {LAYER_FRAME_RELAY, 1, 1, 0}, /* ... frame relay */
    [219] = {LAYER_MPLS, 0, 0, 0},
    [226] = {LAYER_IP, 24, 24, 0}, /* Solaris ipnet */
    [228] = {LAYER_IP, 0, 0, 0},   /* IPv4 */
    [229] = {LAYER_IP, 0, 0, 0},   /* IPv6 */
    [239] = {LAYER_NFLOG, 0, 0, 0},
    [240] = {LAYER_ETHERNET, 4, 4, 0},   /* Hilscher */
    [241] = {LAYER_ETHERNET, 12, 12, 0}, /* Hilscher, with the preamble */
    [242] = {LAYER_ETHERTYPE, 40, 0, 0}, /* IP over InfiniBand */
    [258] = {LAYER_PKTAP, 0, 0, 0},
    [274] = {LAYER_ETHERNET, 8, 8, 0}, /* with the preamble */
    [276] = {LAYER_SLL2, 0, 0, 0},
    [281] = {LAYER_DSA_BROADCOM, 0, 0, 0},
    [282] = {LAYER_ETHERNET, 4, 0, 0}, /* Broadcom's switch tag before the frame */
    [284] = {LAYER_DSA_MARVELL, 0, 0, 0},
    [285] = {LAYER_DSA_MARVELL, 0, 0, 0}, /* within an Ethertype */
};

/*
 * The other types that are registered hold no addresses that are read here (radio, buses, telephone
 * signalling): their packets are one flow for each type, and so are accounted for. Numbers that are
 * nobody's or the user's own are not known.
 */
static const struct link_range {
    uint16_t first, last;
} links_without_addresses[] = {
    {2, 5},     {99, 99},   {114, 116}, {118, 118}, {120, 121}, {124, 126}, {128, 128},
    {130, 137}, {139, 146}, {164, 165}, {167, 177}, {182, 191}, {193, 196}, {198, 203},
    {207, 207}, {209, 218}, {220, 225}, {227, 227}, {230, 238}, {243, 257}, {259, 273},
    {275, 275}, {277, 280}, {283, 283}, {286, 301},
};

static const struct link *link_find(uint16_t number)
{
    static const struct link without_addresses = {LAYER_DONE, 0, 0, 0};
    if (number < ARRAY_SIZE(links) && links[number].layer)
        return &links[number];
    for (size_t i = 0; i < ARRAY_SIZE(links_without_addresses); i++)
        if (number >= links_without_addresses[i].first && number <= links_without_addresses[i].last)
            return &without_addresses;
    return NULL;
}

bool packet_link_known(uint16_t link)
{
    return link_find(link);
}

enum layer link_decode(struct cursor *c)
{
    struct packet *p = c->packet;
    const struct link *link = link_find(c->link);
    if (!link) {
        c->loss = LOSS_LINK_TYPE;
        return LAYER_DONE;
    }
    if (cursor_captured(c) <= link->skip)
        return cursor_too_short(c);
    p->ethertype = c->link;
    p->dsap = p->ssap = 0;
    p->encaps |= link->encaps;
    packet_deduct(p, link->deduct);
    cursor_skip(c, link->skip);
    return (enum layer)link->layer;
}
