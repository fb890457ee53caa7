/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "base/attr.h"
#include "record/field.h"

/* Getters of the field table: each fills in the value, or leaves it VALUE_NONE. */

enum { AGR_MEAN, AGR_DEVIATION, AGR_SUM, AGR_MIN, AGR_MAX };
enum { TCP_BOTH, TCP_SYNACK, TCP_ACKDAT };
enum { JITTER_ACTIVE, JITTER_IDLE, JITTER_ALL };
enum { JITTER_MEAN, JITTER_DEVIATION, JITTER_LEAST, JITTER_MOST };
enum { SIZE_LEAST, SIZE_MOST };

/* Arguments that say more than a side. */
#define JITTER(side, phase, what) ((side) | (phase) << 1 | (what) << 3)
#define SIZE(side, what)          ((side) | (what) << 1)

#define GETTER(name) void name(const struct record *r, unsigned arg, struct value *ret)

/* field_time.c */
GETTER(get_start);
GETTER(get_last);
GETTER(get_duration);
GETTER(get_agr);
GETTER(get_transactions);
GETTER(get_jitter);
GETTER(get_jitter_shape);

/* field_count.c */
GETTER(get_packets);
GETTER(get_bytes);
GETTER(get_app_bytes);
GETTER(get_ratio);
GETTER(get_app_share);
GETTER(get_rate);
GETTER(get_load);
GETTER(get_loss);
GETTER(get_loss_percent);
GETTER(get_size);
GETTER(get_mean_size);
GETTER(get_size_shape);
GETTER(get_keystrokes);

/* field_key.c */
GETTER(get_protocol);
GETTER(get_address);
GETTER(get_network);
GETTER(get_port);
GETTER(get_direction);
GETTER(get_flags);
GETTER(get_state);
GETTER(get_community_id);
GETTER(get_icmp_id);
GETTER(get_response);
GETTER(get_bssid);
GETTER(get_ssid);

/* field_tcp.c */
GETTER(get_gap);
GETTER(get_round_trip);
GETTER(get_tcp_base);
GETTER(get_window);
GETTER(get_tcp_limit);
GETTER(get_tcp_options);

/* field_attribute.c */
GETTER(get_none);
GETTER(get_zero);
GETTER(get_zero_share);
GETTER(get_sequence);
GETTER(get_source_id);
GETTER(get_cause);
GETTER(get_offset);
GETTER(get_tos);
GETTER(get_dscp);
GETTER(get_ttl);
GETTER(get_hops);
GETTER(get_ip_id);
GETTER(get_mac);
GETTER(get_vlan);
GETTER(get_vlan_id);
GETTER(get_vlan_priority);
GETTER(get_mpls);
GETTER(get_encapsulation);
GETTER(get_inode);
GETTER(get_country);
GETTER(get_as);
GETTER(get_label);
GETTER(get_user);

static inline void value_uint(struct value *ret, uint64_t v)
{
    ret->kind = VALUE_UINT;
    ret->u.uint = v;
    ret->hex_digits = 0;
}

static inline void value_hex(struct value *ret, uint64_t v)
{
    value_uint(ret, v);
    ret->hex_digits = 4;
}

static inline void value_real(struct value *ret, double v)
{
    ret->kind = VALUE_REAL;
    ret->u.real = v;
}

static inline void value_span(struct value *ret, nsec_t v)
{
    ret->kind = VALUE_SPAN;
    ret->u.time = v;
}

static inline void value_time(struct value *ret, nsec_t v)
{
    ret->kind = VALUE_TIME;
    ret->u.time = v;
}

/* Text up to what a value has room for. */
void value_text(struct value *ret, const char *format, ...) PRINTF_LIKE(2, 3);
