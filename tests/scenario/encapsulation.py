# SPDX-License-Identifier: Apache-2.0
"""What stands around a packet, and which layer makes the flow."""
import struct

from lib.packets import (AH, ESP, ETHER_ARP, ETHER_IP6, ETHER_MPLS, ETHER_PPPOE, IP6, IPIP, MAC_A,
                         MAC_B, UDP, arp, ether, gre, ip4, ip6, mpls, raw, tcp, udp)

from case import Case, HOSTS, HOSTS6, ab, ab6, between

rs = between("R", "S")
INNER, INNER6 = ab(udp(1000, 2000)), ab6(udp(1000, 2000))
ALSO = ["sbytes", "senc", "flgs"]


def ah(following, upper, icv=12):
    return raw(AH, struct.pack(">BBHII", following, (12 + icv) // 4 - 2, 0, 7, 1) + bytes(icv) +
               upper.data)


def pppoe(packet, protocol=0x0021):
    return ether(struct.pack(">BBHHH", 0x11, 0, 5, len(packet) + 2, protocol) + packet,
                 ethertype=ETHER_PPPOE)


def llc(dsap, ssap, data=bytes(40)):
    body = bytes([dsap, ssap, 3]) + data
    return ether(body, ethertype=len(body))


def snap(packet, ethertype=0x0800):
    body = bytes.fromhex("aaaa03000000") + struct.pack(">H", ethertype) + packet
    return ether(body, ethertype=len(body))


VXLAN = rs(udp(5555, 4789, bytes.fromhex("0800000000000500") + ether(INNER)))
GENEVE = rs(udp(5555, 6081, bytes.fromhex("0000655800000500") + ether(INNER)))
GTP = rs(udp(2152, 2152, struct.pack(">BBHI", 0x30, 255, len(INNER), 7) + INNER))

CASES = [
    Case("plain", [(0, INNER)],
         ["17 A:1000 -> B:2000 1/0 0-0 Start 1 sbytes=42 senc=e flgs=e"], also=ALSO),
    Case("VLAN tag", [(0, ether(INNER, tags=[0x6064]))],
         ["17 A:1000 -> B:2000 1/0 0-0 Start 1 sbytes=46 senc=ev flgs=* svlan=0x6064"],
         also=ALSO + ["svlan"]),
    Case("two VLAN tags: the inner one is recorded", [(0, ether(INNER, tags=[5, 6]))],
         ["17 A:1000 -> B:2000 1/0 0-0 Start 1 sbytes=50 senc=ev flgs=* svlan=0x0006"],
         also=ALSO + ["svlan"]),
    Case("outer tag of 802.1ad", [(0, ether(INNER, tags=[(0x88A8, 5), 6]))],
         ["17 A:1000 -> B:2000 1/0 0-0 Start 1 sbytes=50 senc=ev flgs=* svlan=0x0006"],
         compat=["34984 a:0 -> b:0 1/0 0-0 Start 1 sbytes=50 senc=e flgs=e svlan="],
         also=ALSO + ["svlan"]),
    Case("MPLS: the outer label is recorded",
         [(0, ether(mpls(INNER, [100, 200]), ethertype=ETHER_MPLS))],
         ["17 A:1000 -> B:2000 1/0 0-0 Start 1 sbytes=50 senc=me flgs=* smpls=100"],
         also=ALSO + ["smpls"]),
    Case("IPv6 in MPLS", [(0, ether(mpls(INNER6, [100]), ethertype=ETHER_MPLS))],
         ["17 A:1000 -> B:2000 1/0 0-0 Start 1 sbytes=66 senc=me flgs=*"], also=ALSO),
    Case("PPPoE", [(0, pppoe(INNER))],
         ["17 A:1000 -> B:2000 1/0 0-0 Start 1 sbytes=50 senc=ep flgs=*"], also=ALSO),
    Case("PPPoE, IPv6", [(0, pppoe(INNER6, 0x0057))],
         ["17 A:1000 -> B:2000 1/0 0-0 Start 1 sbytes=70 senc=ep flgs=*"], also=ALSO),
    Case("PPPoE, LCP", [(0, pppoe(bytes(20), 0xC021))],
         ["34916 a:0 -> b:0 1/0 0-0 Start 1 sbytes=42 senc=ep flgs=*"], also=ALSO),
    Case("GRE", [(0, rs(gre(INNER)))],
         ["17 A:1000 -> B:2000 1/0 0-0 Start 1 sbytes=66 senc=eG flgs=*"], also=ALSO),
    Case("GRE, IPv6", [(0, rs(gre(INNER6, ETHER_IP6)))],
         ["17 A:1000 -> B:2000 1/0 0-0 Start 1 sbytes=86 senc=eG flgs=*"], also=ALSO),
    Case("GRE, Ethernet", [(0, rs(gre(ether(INNER), 0x6558)))],
         ["17 A:1000 -> B:2000 1/0 0-0 Start 1 sbytes=80 senc=eG flgs=*"], also=ALSO),
    Case("GRE of an unknown protocol", [(0, rs(gre(bytes(20), 0x1234)))],
         ["47 R -> S 1/0 0-0 Start 1 sbytes=58 senc=eG flgs=*"], also=ALSO),
    Case("IP in IP", [(0, rs(raw(IPIP, INNER)))],
         ["17 A:1000 -> B:2000 1/0 0-0 Start 1 sbytes=62 senc=eP flgs=*"],
         compat=["4 R -> S 1/0 0-0 Start 1 sbytes=62 senc=e flgs=e"], also=ALSO),
    Case("IPv6 in IPv4", [(0, rs(raw(IP6, INNER6)))],
         ["17 A:1000 -> B:2000 1/0 0-0 Start 1 sbytes=82 senc=eP flgs=*"],
         compat=["41 R -> S 1/0 0-0 Start 1 sbytes=82 senc=e flgs=e"], also=ALSO),
    Case("VXLAN", [(0, VXLAN)],
         ["17 A:1000 -> B:2000 1/0 0-0 Start 1 sbytes=92"],
         compat=["17 R:5555 -> S:4789 1/0 0-0 Start 1 sbytes=92"], also=["sbytes"]),
    Case("Geneve", [(0, GENEVE)],
         ["17 A:1000 -> B:2000 1/0 0-0 Start 1 sbytes=92"],
         compat=["17 R:5555 -> S:6081 1/0 0-0 Start 1 sbytes=92"], also=["sbytes"]),
    Case("GTP", [(0, GTP)],
         ["17 A:1000 -> B:2000 1/0 0-0 Start 1 sbytes=78"],
         compat=["17 R:2152 -> S:2152 1/0 0-0 Start 1 sbytes=78"], also=["sbytes"]),
    Case("authentication header", [(0, ab(ah(UDP, udp(1000, 2000))))],
         ["17 A:1000 -> B:2000 1/0 0-0 Start 1 sbytes=66 senc=ea flgs=*"],
         compat=["17 A:0 -> B:0 1/0 0-0 Start 1 sbytes=66 senc=ea flgs=*"], also=ALSO),
    Case("IPv6 with hop-by-hop options",
         [(0, ab6(udp(1000, 2000), extensions=[(0, bytes(8))]))],
         ["17 A:1000 -> B:2000 1/0 0-0 Start 1 sbytes=70 senc=e flgs=e"], also=ALSO),
    Case("ESP over IPv6", [(0, ab6(raw(ESP, struct.pack(">II", 5, 1) + bytes(40))))],
         ["50 A -> B 1/0 0-0 Start 1 sbytes=102 senc=e flgs=e"],
         original=[],
         also=ALSO),
    Case("IPv4 options: router alert", [(0, ab(udp(1, 2), options=bytes.fromhex("94040000")))],
         ["17 A:1 -> B:2 1/0 0-0 Start 1 sbytes=46 senc=e flgs=e     A"],
         also=ALSO),
    Case("LLC", [(0, llc(0x42, 0x42))],
         ["0 a:66 -> b:66 1/0 0-0 Start 1 sbytes=57 senc=el flgs=*"], also=ALSO),
    Case("LLC with SNAP", [(0, snap(INNER))],
         ["17 A:1000 -> B:2000 1/0 0-0 Start 1 sbytes=50 senc=el flgs=*"], also=ALSO),
    Case("an unknown Ethertype", [(0, ether(bytes(50), ethertype=0x1234))],
         ["4660 a:0 -> b:0 1/0 0-0 Start 1 sbytes=64 senc=e flgs=e"], also=ALSO),
    Case("IPv4 of total length 0, as segmentation offload leaves it",
         [(0, ether(ip4(HOSTS["A"], HOSTS["B"], tcp(1, 2, "A", data=100), length=0)))],
         ["6 A:1 ?> B:2 1/0 0-0 Start 1 sbytes=154 senc=e flgs=e"],
         compat=["2048 a:0 -> b:0 1/0 0-0 Start 1 sbytes=154 senc=e flgs=e"],
         also=ALSO),
    Case("UDP of an IP length too short for its ports",
         [(0, ip4(HOSTS["A"], HOSTS["B"], udp(1, 2, 20), length=24))],
         ["17 A:0 -> B:0 1/0 0-0 Start 1 sbytes=62 senc=e flgs=e"], also=ALSO),
    Case("ARP in GRE is counted", [(0, rs(gre(arp(1, "10.0.0.1", "10.0.0.2"), ETHER_ARP)))],
         ["2054 A who B 1/0 0-0 Start 1 sbytes=66 senc=eG flgs=*"], original=[], also=ALSO),
    Case("traffic class and hop limit of IPv6",
         [(0, ip6(HOSTS6["A"], HOSTS6["B"], udp(1, 2), hop=9, traffic_class=0xB8,
                  label=0x12345))],
         ["17 A:1 -> B:2 1/0 0-0 Start 1 sttl=9 stos=184"],
         compat=["17 A:1 -> B:2 1/0 0-0 Start 1 sttl=9 stos=52"], also=["sttl", "stos"]),
    Case("TTL and TOS are those of the last packet",
         [(0, ab(udp(1, 2), ttl=9, tos=4)), (1, ab(udp(1, 2), ttl=8, tos=8))],
         ["17 A:1 -> B:2 2/0 0-1 Start 1 sttl=8 stos=8"],
         also=["sttl", "stos"]),
    Case("MAC addresses", [(0, ether(INNER, MAC_A, MAC_B)), (1, ether(INNER, MAC_B, MAC_B))],
         ["17 A:1000 -> B:2000 2/0 0-1 Start 1 smac=a dmac=b flgs=M"],
         options=["-m"], also=["smac", "dmac", "flgs"]),
]
