/* SPDX-License-Identifier: Apache-2.0 */
#include "packet/cursor.h"

/*
 * IEEE 802.11. Frames with readable data become what the data are; all others make a flow of the
 * three addresses where they stand.
 *
 *    0       2          4      10     16     22         24       30    32
 *   +-------+----------+------+------+------+----------+--------+-----+---------+------
 *   | frame | duration | addr | addr | addr | sequence | addr 4 | QoS | control | LLC
 *   | ctl   |          | 1    | 2    | 3    |          | if DS  | if  | if set  |
 *   +-------+----------+------+------+------+----------+--------+-----+---------+------
 *
 * Frame control, of which the first byte has version 2 bits, type 2, subtype 4; in the second:
 */
enum { TO_DS = 0x01, FROM_DS = 0x02, PROTECTED = 0x40, ORDER = 0x80 };
enum { MANAGEMENT = 0, CONTROL = 1, DATA = 2 };
enum { SUBTYPE_NO_DATA = 4, SUBTYPE_QOS = 8 };
enum { HEADER_SIZE = 24, SSID_ELEMENT = 0, SSID_SIZE = 32 };

struct frame_control {
    uint8_t type, subtype, flags;
};

/* Where the elements of a management frame begin, of which one is the network's name; 0: none. */
static size_t elements_place(uint8_t subtype)
{
    switch (subtype) {
    case 0: /* association request */
        return HEADER_SIZE + 4;
    case 2: /* reassociation request */
        return HEADER_SIZE + 10;
    case 4: /* probe request */
        return HEADER_SIZE;
    case 5: /* probe response */
    case 8: /* beacon */
        return HEADER_SIZE + 12;
    default:
        return 0;
    }
}

static void read_ssid(uint8_t ret[SSID_SIZE], const uint8_t *h, size_t captured, uint8_t subtype)
{
    size_t place = elements_place(subtype);
    while (place && captured >= place + 2) {
        size_t size = h[place + 1];
        if (size > captured - place - 2)
            return;
        if (h[place] == SSID_ELEMENT) {
            memcpy(ret, h + place + 2, size < SSID_SIZE ? size : SSID_SIZE);
            return;
        }
        place += 2 + size;
    }
}

/* Control frames have one address or two: acknowledgements and clearances only the receiver's. */
static size_t addressed_size(struct frame_control fc)
{
    enum { WRAPPER = 7, CLEAR_TO_SEND = 12, ACKNOWLEDGEMENT = 13 };
    if (fc.type != CONTROL)
        return HEADER_SIZE;
    bool one =
        fc.subtype == WRAPPER || fc.subtype == CLEAR_TO_SEND || fc.subtype == ACKNOWLEDGEMENT;
    return one ? 10 : 16;
}

static void become_wlan(struct cursor *c, struct frame_control fc)
{
    struct packet *p = c->packet;
    uint8_t header[HEADER_SIZE] = {0};
    size_t captured = cursor_captured(c), size = addressed_size(fc);
    memcpy(header, c->at, size < captured ? size : captured);
    packet_become(p, PACKET_WLAN);
    struct packet_wlan *wlan = &p->u.wlan;
    memcpy(wlan->dst, header + 4, 6);
    memcpy(wlan->src, header + 10, 6);
    memcpy(wlan->bssid, header + 16, 6);
    memset(wlan->ssid, 0, sizeof(wlan->ssid));
    if (fc.type == MANAGEMENT)
        read_ssid(wlan->ssid, c->at, captured, fc.subtype);
    p->app_bytes = p->bytes;
    p->payload = cursor_rest(c);
}

/* Which address is whose depends on whether the frame goes to or from a distribution system. */
static void become_ether(struct packet *p, const uint8_t *h, uint8_t flags)
{
    const uint8_t *addr1 = h + 4, *addr2 = h + 10, *addr3 = h + 16, *addr4 = h + HEADER_SIZE;
    switch (flags & (TO_DS | FROM_DS)) {
    case 0:
        packet_become_ether(p, addr1, addr2, 0);
        break;
    case TO_DS:
        packet_become_ether(p, addr3, addr2, 0);
        break;
    case FROM_DS:
        packet_become_ether(p, addr1, addr3, 0);
        break;
    default:
        packet_become_ether(p, addr3, addr4, 0);
        break;
    }
}

static enum layer data_frame(struct cursor *c, struct frame_control fc)
{
    enum { QOS_SIZE = 2, HT_SIZE = 4, QOS_AGGREGATE = 0x80, ETHER_SIZE = 14 };
    const uint8_t *h = c->at;
    size_t captured = cursor_captured(c), size = HEADER_SIZE;
    bool aggregate = false;
    if ((fc.flags & (TO_DS | FROM_DS)) == (TO_DS | FROM_DS))
        size += 6;
    if (fc.subtype & SUBTYPE_QOS) {
        aggregate = captured > size && h[size] & QOS_AGGREGATE;
        size += QOS_SIZE;
        if (fc.flags & ORDER)
            size += HT_SIZE;
    }
    if (c->even)
        size = (size + 3) & ~(size_t)3;
    if (captured < size)
        return LAYER_DONE;
    become_ether(c->packet, h, fc.flags);
    cursor_skip(c, size);
    /* Several in one: the first counts. It has its own addresses and a length, like Ethernet. */
    if (aggregate && captured >= size + ETHER_SIZE) {
        packet_become_ether(c->packet, h + size, h + size + 6, 0);
        cursor_skip(c, ETHER_SIZE);
    }
    return LAYER_LLC;
}

enum layer wlan_decode(struct cursor *c)
{
    enum { CONTROL_SIZE = 2 };
    const uint8_t *h = c->at;
    if (cursor_captured(c) < CONTROL_SIZE)
        return cursor_too_short(c);
    struct frame_control fc = {h[0] >> 2 & 3, h[0] >> 4, h[1]};
    c->packet->encaps |= ENCAPS_WLAN;
    become_wlan(c, fc);
    bool readable = fc.type == DATA && !(fc.subtype & SUBTYPE_NO_DATA) && !(fc.flags & PROTECTED);
    return readable ? data_frame(c, fc) : LAYER_DONE;
}

/*
 * Radiotap (www.radiotap.org), all little-endian. Of its fields only the second, flags, matters
 * here; a time of eight bytes, aligned to eight, may come first.
 *
 *    0         1     2      4         8
 *   +---------+-----+------+---------+-----       present: bit 0 time, 1 flags, ...,
 *   | version | pad | size | present | ...                 31 another word follows
 *   +---------+-----+------+---------+-----
 */
enum layer wlan_radiotap(struct cursor *c)
{
    enum { RADIOTAP_SIZE = 8, HAS_TIME = 1, HAS_FLAGS = 2, FLAG_EVEN = 0x20 };
    const uint8_t *h = c->at;
    size_t captured = cursor_captured(c);
    if (captured < RADIOTAP_SIZE)
        return cursor_too_short(c);
    size_t size = load_le16(h + 2), place = 4;
    if (size < RADIOTAP_SIZE || size > captured)
        return cursor_too_short(c);
    uint32_t present = load_le32(h + place);
    while (place + 8 <= size && h[place + 3] & 0x80)
        place += 4;
    place += 4;
    if (present & HAS_TIME)
        place = ((place + 7) & ~(size_t)7) + 8;
    c->even = present & HAS_FLAGS && place < size && h[place] & FLAG_EVEN;
    packet_deduct(c->packet, size);
    cursor_skip(c, size);
    return LAYER_WLAN;
}

/*
 * Prism's header has a fixed size; AVS's begins with 80211000h plus its version and then its size,
 * both big-endian. The bytes of either count, as in 3.0.8.
 */
enum layer wlan_prism(struct cursor *c)
{
    enum { PRISM_SIZE = 144, AVS_SIZE = 8 };
    const uint32_t AVS_MAGIC = 0x80211000;
    size_t captured = cursor_captured(c), size = PRISM_SIZE;
    if (captured >= AVS_SIZE && (load_be32(c->at) & 0xFFFFF000) == AVS_MAGIC)
        size = load_be32(c->at + 4);
    if (size < AVS_SIZE || size > captured)
        return cursor_too_short(c);
    cursor_skip(c, size);
    return LAYER_WLAN;
}
