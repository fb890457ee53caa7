/* SPDX-License-Identifier: Apache-2.0 */
#include "capture/pcapng_interface.h"

#include "capture/capture_format.h"

/*
 *     link type 2 | reserved 2 | snapshot length 4 | options
 *     option  code 2 | length 2 | value, padded to 4
 */
enum { FIXED = 8, OPTION_HEADER = 4 };
enum { OPTION_END = 0, IF_TSRESOL = 9, IF_TSOFFSET = 14 };

/* Half of what there is, so that durations can be added to any time of a packet. */
#define TIME_MOST    (INT64_MAX / 2)
#define SECONDS_MOST (TIME_MOST / NSEC_PER_SEC)

static uint16_t load16(const void *at, bool big_endian)
{
    return big_endian ? load_be16(at) : load_le16(at);
}

static uint64_t power_of_ten(unsigned exponent)
{
    uint64_t power = 1;
    while (exponent--)
        power *= 10;
    return power;
}

/* if_tsresol: the units of a second are 10^n, or 2^n if the highest bit is set. */
static const char *read_resolution(struct pcapng_interface *ret, struct view value)
{
    enum { NANO = 9, TEN_MOST = 19, TWO_MOST = 63 };
    if (value.size != 1)
        return "an if_tsresol that is not one byte long";
    const unsigned exponent = *value.data & 0x7f;
    const bool is_two = *value.data & 0x80;
    if (exponent > (is_two ? TWO_MOST : TEN_MOST))
        return "a resolution of time (if_tsresol) that leaves less than a second";
    if (is_two) {
        ret->unit = UNIT_IS_SHIFT;
        ret->scale = exponent;
    } else if (exponent <= NANO) {
        ret->unit = UNIT_IS_FACTOR;
        ret->scale = power_of_ten(NANO - exponent);
    } else {
        ret->unit = UNIT_IS_DIVISOR;
        ret->scale = power_of_ten(exponent - NANO);
    }
    return NULL;
}

static const char *read_offset(struct pcapng_interface *ret, struct view value, bool big_endian)
{
    if (value.size != 8)
        return "an if_tsoffset that is not 8 bytes long";
    ret->offset_s = (int64_t)(big_endian ? load_be64(value.data) : load_le64(value.data));
    return NULL;
}

static const char *read_options(struct pcapng_interface *ret, struct view options, bool big_endian)
{
    while (options.size >= OPTION_HEADER) {
        const unsigned code = load16(options.data, big_endian);
        const size_t size = load16(options.data + 2, big_endian);
        const size_t padded = OPTION_HEADER + (size + 3) / 4 * 4;
        if (code == OPTION_END)
            return NULL;
        if (padded > options.size)
            return "an option that is longer than its block";
        const struct view value = {options.data + OPTION_HEADER, size};
        const char *wrong = code == IF_TSRESOL    ? read_resolution(ret, value)
                            : code == IF_TSOFFSET ? read_offset(ret, value, big_endian)
                                                  : NULL;
        if (wrong)
            return wrong;
        options = (struct view){options.data + padded, options.size - padded};
    }
    return NULL;
}

const char *pcapng_interface_read(struct pcapng_interface *ret, struct view body, bool big_endian)
{
    if (body.size < FIXED)
        return "an interface description that is too short";
    const uint8_t *snaplen = body.data + 4;
    *ret = (struct pcapng_interface){
        .link = capture_link_type(load16(body.data, big_endian)),
        .snaplen = big_endian ? load_be32(snaplen) : load_le32(snaplen),
        .unit = UNIT_IS_FACTOR,
        .scale = NSEC_PER_USEC,
    };
    return read_options(ret, (struct view){body.data + FIXED, body.size - FIXED}, big_endian);
}

nsec_t pcapng_interface_time(const struct pcapng_interface *interface, uint64_t stamp)
{
    __uint128_t wide = stamp;
    if (interface->unit == UNIT_IS_FACTOR)
        wide *= interface->scale;
    else if (interface->unit == UNIT_IS_DIVISOR)
        wide /= interface->scale;
    else
        wide = wide * (uint64_t)NSEC_PER_SEC >> interface->scale;
    nsec_t time = wide < TIME_MOST ? (nsec_t)wide : TIME_MOST;
    if (likely(!interface->offset_s))
        return time;
    /* Both are now small enough to be added. */
    int64_t offset_s = interface->offset_s;
    offset_s = offset_s < -SECONDS_MOST  ? -SECONDS_MOST
               : offset_s > SECONDS_MOST ? SECONDS_MOST
                                         : offset_s;
    time += offset_s * NSEC_PER_SEC;
    return time < -TIME_MOST ? -TIME_MOST : time > TIME_MOST ? TIME_MOST : time;
}
