/* SPDX-License-Identifier: Apache-2.0 */
#include "packet/cursor.h"

/*
 * The link types of capture files (www.tcpdump.org/linktypes.html), and what a frame of each begins
 * with. `skip` bytes stand before the layer. `deduct` bytes of them, or as many as the layer itself
 * deducts, are not counted as bytes of the flow:
 *
 *   - frames of local networks count whole, as they were on the wire;
 *   - what the capturing system put before them does not count (SLL, radiotap, PPI, pflog, ...),
 *     except before 802.11 frames with Prism or AVS headers and Juniper's cookie, which 3.0.8
 *     counts;
 *   - headers of point-to-point links do not count (NULL, PPP, HDLC, frame relay, SLIP, ARCNET).
 *
 * Types without a row cannot be decoded. Types of LAYER_DONE are known to hold no addresses that we
 * could read: their packets make one flow for each type, and so are accounted for.
 */
struct link {
    uint8_t layer; /* enum layer */
    uint8_t skip, deduct;
    uint32_t encaps;
};

/* Values that libpcap's DLT_ and the file formats' LINKTYPE_ have apart are here under both. */
static const struct link links[] = {
    [0] = {LAYER_NULL_LOOP, 0, 0, 0},
    [1] = {LAYER_ETHERNET, 0, 0, 0},
    [2 ... 5] = {LAYER_DONE, 0, 0, 0}, /* experimental Ethernet, AX.25, Pronet, Chaosnet */
    [6] = {LAYER_TOKEN_RING, 0, 0, 0},
    [7] = {LAYER_ARCNET, 0, 0, ENCAPS_ARCNET},
    [8] = {LAYER_IP, 16, 16, ENCAPS_SLIP},
    [9] = {LAYER_PPP_LINK, 0, 0, 0},
    [10] = {LAYER_FDDI, 0, 0, ENCAPS_FDDI},
    [11] = {LAYER_LLC, 0, 0, ENCAPS_ATM}, /* RFC 1483 (DLT_) */
    [12] = {LAYER_IP, 0, 0, 0},           /* raw IP (DLT_) */
    [14] = {LAYER_IP, 0, 0, 0},           /* the same of OpenBSD (DLT_) */
    [15] = {LAYER_IP, 24, 24, ENCAPS_SLIP},
    [16] = {LAYER_BSDOS_PPP, 0, 0, 0},
    [50] = {LAYER_PPP_LINK, 0, 0, 0},
    [51] = {LAYER_PPPOE, 0, 8, 0},
    [99] = {LAYER_DONE, 0, 0, 0},            /* Symantec firewall */
    [100] = {LAYER_LLC, 0, 0, ENCAPS_ATM},   /* RFC 1483 */
    [101] = {LAYER_IP, 0, 0, 0},             /* raw IP */
    [102] = {LAYER_IP, 24, 24, ENCAPS_SLIP}, /* BSD/OS SLIP */
    [103] = {LAYER_BSDOS_PPP, 0, 0, 0},      /* BSD/OS PPP */
    [104] = {LAYER_CISCO_HDLC, 0, 0, 0},     /* Cisco HDLC */
    [105] = {LAYER_WLAN, 0, 0, 0},           /* 802.11 */
    [106] = {LAYER_LLC, 0, 0, ENCAPS_ATM},   /* classical IP over ATM */
    [107] = {LAYER_FRAME_RELAY, 0, 0, 0},    /* frame relay */
    [108] = {LAYER_NULL_LOOP, 0, 0, 0},      /* OpenBSD loopback */
    [109] = {LAYER_IP, 12, 12, ENCAPS_SPI},  /* OpenBSD IPsec */
    [112] = {LAYER_CISCO_HDLC, 0, 0, 0},     /* the same as 104, of NetBSD */
    [113] = {LAYER_SLL, 0, 0, 0},            /* Linux cooked */
    [114 ... 116] = {LAYER_DONE, 0, 0, 0},   /* LocalTalk, Econet, ipfilter */
    [117] = {LAYER_PFLOG, 0, 0, 0},          /* OpenBSD packet filter's log */
    [118] = {LAYER_DONE, 0, 0, 0},           /* Cisco IOS */
    [119] = {LAYER_PRISM, 0, 0, 0},          /* 802.11 with a Prism or AVS header */
    [120 ... 121] = {LAYER_DONE, 0, 0, 0},   /* Aironet, HHDLC */
    [122] = {LAYER_IP_OVER_FC, 0, 0, 0},     /* RFC 2625 */
    [123] = {LAYER_LLC, 4, 4, ENCAPS_ATM},   /* SunATM */
    [124 ... 126] = {LAYER_DONE, 0, 0, 0},   /* RapidIO, PCI Express, Aurora */
    [127] = {LAYER_RADIOTAP, 0, 0, 0},       /* 802.11 with a radiotap header */
    [128] = {LAYER_DONE, 0, 0, 0},           /* TZSP */
    [129] = {LAYER_ARCNET_LINUX, 0, 0, ENCAPS_ARCNET},
    [130 ... 137] = {LAYER_DONE, 0, 0, 0}, /* Juniper's, without a frame that is told */
    [138] = {LAYER_ETHERTYPE, 16, 0, 0},   /* Apple's IP over FireWire */
    [139 ... 146] = {LAYER_DONE, 0, 0, 0}, /* SS7, DOCSIS, IrDA, ... */
    [163] = {LAYER_PRISM, 0, 0, 0},        /* 802.11 with an AVS header */
    [164 ... 165] = {LAYER_DONE, 0, 0, 0}, /* Juniper, BACnet */
    [166] = {LAYER_PPP_LINK, 0, 0, 0},     /* PPP with the direction as its address byte */
    [167 ... 176] = {LAYER_DONE, 0, 0, 0}, /* Juniper, GPRS, Gcom, ERF (old) */
    [177] = {LAYER_DONE, 0, 0, 0},         /* LAPD */
    [178 ... 181] = {LAYER_JUNIPER, 0, 0, ENCAPS_JUNIPER}, /* Ethernet, PPP, frame relay, HDLC */
    [182 ... 191] = {LAYER_DONE, 0, 0, 0},                 /* USB, Bluetooth, CAN, ... */
    [192] = {LAYER_PPI, 0, 0, 0},                          /* per-packet information */
    [193 ... 196] = {LAYER_DONE, 0, 0, 0},
    [197] = {LAYER_ERF, 0, 0, 0}, /* Endace */
    [198 ... 203] = {LAYER_DONE, 0, 0, 0},
    [204] = {LAYER_PPP_LINK, 1, 1, 0},    /* a byte of direction, and PPP */
    [205] = {LAYER_CISCO_HDLC, 1, 1, 0},  /* and Cisco HDLC */
    [206] = {LAYER_FRAME_RELAY, 1, 1, 0}, /* and frame relay */
    [207] = {LAYER_DONE, 0, 0, 0},
    [209 ... 218] = {LAYER_DONE, 0, 0, 0},
    [219] = {LAYER_MPLS, 0, 0, 0},
    [220 ... 225] = {LAYER_DONE, 0, 0, 0},
    [226] = {LAYER_IP, 24, 24, 0},         /* Solaris ipnet */
    [227] = {LAYER_DONE, 0, 0, 0},         /* CAN */
    [228 ... 229] = {LAYER_IP, 0, 0, 0},   /* IPv4, IPv6 */
    [230 ... 238] = {LAYER_DONE, 0, 0, 0}, /* 802.15.4, D-Bus, ... */
    [239] = {LAYER_NFLOG, 0, 0, 0},        /* Linux netfilter's log */
    [240] = {LAYER_ETHERNET, 4, 4, 0},     /* Hilscher, and with the preamble: */
    [241] = {LAYER_ETHERNET, 12, 12, 0},
    [242] = {LAYER_ETHERTYPE, 40, 0, 0}, /* IP over InfiniBand */
    [243 ... 257] = {LAYER_DONE, 0, 0, 0},
    [258] = {LAYER_PKTAP, 0, 0, 0}, /* Apple */
    [259 ... 271] = {LAYER_DONE, 0, 0, 0},
    [272 ... 273] = {LAYER_DONE, 0, 0, 0},
    [274] = {LAYER_ETHERNET, 8, 8, 0}, /* Ethernet with its preamble */
    [275] = {LAYER_DONE, 0, 0, 0},
    [276] = {LAYER_SLL2, 0, 0, 0}, /* Linux cooked, second version */
    [277 ... 280] = {LAYER_DONE, 0, 0, 0},
    [281] = {LAYER_DSA_BROADCOM, 0, 0, 0}, /* Ethernet with a tag of Broadcom's switches */
    [282] = {LAYER_ETHERNET, 4, 0, 0},     /* the tag before the frame */
    [283] = {LAYER_DONE, 0, 0, 0},
    [284 ... 285] = {LAYER_DSA_MARVELL, 0, 0, 0}, /* Marvell's tag, and within an Ethertype */
    [286 ... 301] = {LAYER_DONE, 0, 0, 0},
};

static const struct link *link_find(uint16_t link)
{
    return link < ARRAY_SIZE(links) && links[link].layer ? &links[link] : NULL;
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
