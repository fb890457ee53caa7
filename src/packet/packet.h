/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/bytes.h"
#include "base/clock.h"
#include "packet/frame.h"

/*
 * Packet: what the meter needs to know of one frame, found by packet_decode in one pass over its
 * headers. No allocation, no state; pointers borrow the frame's bytes.
 *
 * A packet is described by the innermost header that was reached. Everything that could be read
 * of the layers around it (tags, labels, link addresses) is kept beside.
 */

/* What the flow key is made of. */
enum packet_kind {
    PACKET_IP4,
    PACKET_IP6,
    PACKET_ETHER, /* anything on Ethernet that is nothing else, LLC included */
    PACKET_ARP,
    PACKET_RARP,
    PACKET_WLAN, /* 802.11 management, control, null and protected frames */
    PACKET_ISIS,
    PACKET_LINK, /* link control without addresses (PPP LCP, SLARP, CDP, unknown families) */
};

enum packet_loss {
    PACKET_OK,
#define LOSS(id, name, text) LOSS_##id,
#include "packet/loss.def"
#undef LOSS
    LOSS_COUNT,
};

const char *packet_loss_name(enum packet_loss loss);

/* Encapsulations seen around the packet: the bits of the Argus encapsulation block. */
enum packet_encaps {
    ENCAPS_MPLS = 1u << 0,
    ENCAPS_ETHER = 1u << 1,
    ENCAPS_8021Q = 1u << 2,
    ENCAPS_LLC = 1u << 3,
    ENCAPS_PPP = 1u << 4,
    ENCAPS_ISL = 1u << 5,
    ENCAPS_GRE = 1u << 6,
    ENCAPS_AH = 1u << 7,
    ENCAPS_IP = 1u << 8, /* IPv4 around the packet */
    ENCAPS_IP6 = 1u << 9,
    ENCAPS_HDLC = 1u << 10,
    ENCAPS_CHDLC = 1u << 11,
    ENCAPS_ATM = 1u << 12,
    ENCAPS_SLL = 1u << 13,
    ENCAPS_FDDI = 1u << 14,
    ENCAPS_SLIP = 1u << 15,
    ENCAPS_ARCNET = 1u << 16,
    ENCAPS_WLAN = 1u << 17,
    ENCAPS_PRISM = 1u << 18,
    ENCAPS_AVS = 1u << 19,
    ENCAPS_TEREDO = 1u << 22,
    ENCAPS_SPI = 1u << 24,
    ENCAPS_JUNIPER = 1u << 25,
    ENCAPS_ERSPAN = 1u << 26,
    ENCAPS_VXLAN = 1u << 27,  /* ours: no 3.0.8 letter */
    ENCAPS_GENEVE = 1u << 28, /* ours */
    ENCAPS_GTP = 1u << 29,    /* ours */
};

/* IPv4 options seen (bits of the Argus IP attribute block). */
enum packet_ip_option {
    IPOPT_BIT_RECORD_ROUTE = 0x01,
    IPOPT_BIT_TIMESTAMP = 0x02,
    IPOPT_BIT_SECURITY = 0x04,
    IPOPT_BIT_LOOSE_ROUTE = 0x08,
    IPOPT_BIT_SATELLITE = 0x10,
    IPOPT_BIT_STRICT_ROUTE = 0x20,
    IPOPT_BIT_ROUTER_ALERT = 0x40,
};

enum packet_frag {
    FRAG_NONE,  /* a whole datagram (an IPv6 atomic fragment too) */
    FRAG_FIRST, /* offset 0, more to come: ports are here */
    FRAG_LATER, /* offset > 0: no upper header */
};

enum {
    TCP_FIN = 1,
    TCP_SYN = 2,
    TCP_RST = 4,
    TCP_PSH = 8,
    TCP_ACK = 16,
    TCP_URG = 32,
    TCP_ECE = 64,
    TCP_CWR = 128
};

/* TCP options of one segment: the option bits of the Argus TCP block. */
enum packet_tcp_option {
    TCPOPT_BITS_AT = 20, /* the first of these bits */
    TCPOPT_BIT_MSS = 0x00100000,
    TCPOPT_BIT_WSCALE = 0x00200000,
    TCPOPT_BIT_SACK_OK = 0x00400000,
    TCPOPT_BIT_SACK = 0x00800000,
    TCPOPT_BIT_ECHO = 0x01000000,
    TCPOPT_BIT_ECHO_REPLY = 0x02000000,
    TCPOPT_BIT_TIMESTAMP = 0x04000000,
    TCPOPT_BIT_CC = 0x08000000,
    TCPOPT_BIT_CC_NEW = 0x10000000,
    TCPOPT_BIT_CC_ECHO = 0x20000000,
    TCPOPT_BIT_SRC_ECN = 0x40000000, /* set by the meter, never by the decoder */
    TCPOPT_BIT_DST_ECN = 0x80000000,
};

struct packet_tcp {
    uint32_t seq, ack;
    uint32_t options; /* enum packet_tcp_option */
    uint16_t window;  /* unscaled */
    uint8_t flags;
    uint8_t window_shift; /* of a window scale option in this segment, else 0 */
};

struct packet_icmp { /* ICMP and ICMPv6 */
    uint8_t type, code;
    uint16_t id, seq;   /* second word of echo-like messages; value as a network integer */
    uint16_t checksum;  /* bytes 2-3 */
    uint32_t rest;      /* second word, network integer: gateway, MTU */
    struct view inner;  /* of an error: the quoted datagram; else empty */
    uint32_t captured;  /* bytes of the ICMP message that were captured */
    uint8_t target[16]; /* ICMPv6 neighbour discovery target, else zero */
};

struct packet_igmp {
    uint8_t type, code;
    uint8_t group[4];
};

struct packet_esp {
    uint32_t spi, seq;
};

struct packet_arp { /* also RARP */
    uint16_t hardware_type, protocol_type, operation;
    uint8_t hardware_size, protocol_size; /* as claimed */
    /* At most 16 bytes each are kept of what was captured; the rest is zero. */
    uint8_t sender_hardware[16], sender_protocol[16];
    uint8_t target_hardware[16], target_protocol[16];
};

struct packet_wlan {
    uint8_t dst[6], src[6], bssid[6];
    uint8_t ssid[32]; /* of beacons, probes and associations; zero padded */
};

struct packet_isis {
    uint32_t pdu_type; /* 15, 16 hello; 18, 20 link state; 24..27 sequence numbers */
    uint8_t version;
    uint8_t id[14]; /* as the ISIS flow key of the record format stores it, zero padded */
    uint32_t checksum;
};

/* What most flows are told by stands in front, so that it lies close together. */
struct packet {
    nsec_t time;
    uint32_t bytes;     /* what the flow counts: wire length less the link's deduction */
    uint32_t app_bytes; /* application bytes by the length fields of the headers */
    uint32_t encaps;    /* enum packet_encaps */
    uint16_t ip_id;     /* IPv4 identification, network integer; 0 for IPv6 */
    uint16_t src_port, dst_port;
    /*
     * Of the innermost Ethernet header that was read; 0 for LLC. Of PACKET_LINK: the protocol
     * number of the link's header, or the LINKTYPE_ if it has none.
     */
    uint16_t ethertype;
    uint8_t kind;     /* enum packet_kind */
    uint8_t protocol; /* upper protocol of IPv4 and IPv6 */
    uint8_t frag;     /* enum packet_frag */
    bool has_ports;   /* TCP and UDP: src_port and dst_port were read */
    bool has_tcp;     /* 20 bytes of TCP header were captured: u.tcp is valid */
    bool has_upper;   /* the u member of other protocols is valid */
    bool has_mac;     /* link addresses of the innermost Ethernet header (or synthesised) */
    bool has_vlan, has_mpls;
    uint8_t ttl, tos;   /* of the innermost IP header: hop limit and traffic class of IPv6 */
    uint8_t ip_options; /* enum packet_ip_option */

    struct view payload; /* captured application bytes */

    union {
        struct packet_tcp tcp;
        struct packet_icmp icmp;
        struct packet_igmp igmp;
        struct packet_esp esp;
        struct packet_arp arp;
        struct packet_wlan wlan;
        struct packet_isis isis;
    } u;

    uint8_t src[16],
        dst[16];      /* IP addresses in network order; IPv4 in the first four bytes, zero after */
    uint32_t frag_id; /* identification of a fragment, IPv4 or IPv6 */
    uint32_t frag_bytes; /* of a later fragment: its data, which are in nobody's app_bytes */
    uint32_t flow_label; /* of IPv6 */
    uint32_t mpls;       /* label word of the outermost label */
    uint16_t vlan_tci;   /* of the innermost tag, all 16 bits */
    uint8_t dsap, ssap;  /* of LLC frames */
    uint8_t mac_src[6], mac_dst[6];
    uint32_t mpls_stack; /* hash of all labels, from the outermost on */
};

/* Named deviations, see quirk.def. */
enum quirk {
#define QUIRK(number, id, name, text) QUIRK_##id = number,
#include "packet/quirk.def"
#undef QUIRK
    QUIRK_COUNT,
};

#define QUIRKS_ALL_308 ((1u << QUIRK_COUNT) - 1)

static inline bool quirk_is(uint32_t quirks, enum quirk quirk)
{
    return quirks >> quirk & 1;
}

const char *quirk_name(enum quirk quirk);
const char *quirk_text(enum quirk quirk);

enum packet_tunnel {
    TUNNEL_GRE = 1u << 0,
    TUNNEL_IPIP = 1u << 1, /* IPv4 and IPv6 in either */
    TUNNEL_VXLAN = 1u << 2,
    TUNNEL_GENEVE = 1u << 3,
    TUNNEL_GTP = 1u << 4,
    TUNNEL_TEREDO = 1u << 5,
    TUNNEL_ALL = (1u << 6) - 1,
    TUNNEL_DEFAULT = TUNNEL_ALL & ~TUNNEL_TEREDO, /* Teredo on any port is a guess */
    TUNNEL_308 = TUNNEL_GRE,
};

struct decode_options {
    uint32_t quirks;  /* bits 1 << enum quirk */
    uint32_t tunnels; /* enum packet_tunnel */
};

/*
 * Decodes one frame. Every byte is bounds-checked; any input gives PACKET_OK or a named loss, after
 * which *ret means nothing. What could be read of a damaged frame makes a flow, so a loss is rare:
 * a link type that is not known, or a frame without a whole link header.
 */
enum packet_loss packet_decode(const struct frame *frame, const struct decode_options *options,
                               struct packet *ret);

/*
 * Decodes the IP datagram (version by its first nibble) that an ICMP error quotes. Only kind,
 * addresses, protocol, ports, frag and frag_id, u of ICMP, and ip_id are meaningful. False when
 * its IP header is not whole.
 */
bool packet_decode_inner(struct view datagram, const struct decode_options *options,
                         struct packet *ret);

/* True for errors, which quote the datagram that they are about; IPv4's unknown types count so. */
bool packet_icmp_is_error(uint8_t type, bool ip6);

/* True if what follows this Ethertype is decoded, so that few frames of it are flows of Ethernet.
 */
bool packet_ethertype_known(uint16_t type);

/* True if frames of this LINKTYPE_ can be decoded. */
bool packet_link_known(uint16_t link);
