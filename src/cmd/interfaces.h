/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"
#include "cmd/source_id.h"

/*
 * The interfaces that a sensor listens at, as users say them:
 *
 *     eth0 eth0/7 eth0/"gate"      one interface, with its own source identifier
 *     any                          all interfaces, as the kernel shows them
 *     all                          all interfaces that are up, without loopback
 *     bond:eth0,eth1/7             as one
 *     dup:eth0,eth1                as one: each has a direction
 *     dup:[bond:eth0,eth1],eth2    groups in groups: as one, too
 *     ind:eth0/1,eth1/2 ind:all    each for itself
 *
 * Interfaces that are as one share a flow table: they are a *station*. An interface stands in the
 * list as often as it is named.
 */
struct station_spec {
    bool has_id;
    struct source_id id;
};

struct interface_spec {
    char *device;
    unsigned station;
};

struct interfaces {
    struct interface_spec *list;
    struct station_spec *stations;
    size_t count, capacity;
    size_t station_count, station_capacity;
};

/*
 * Adds what a word says. `joins`: to the station before, as the second word of `-i eth0 eth1` does,
 * unless it is a group itself. Asks the system for `all`.
 */
int interfaces_add(struct interfaces *interfaces, const char *word, bool joins,
                   struct error *err) MUST_USE;
void interfaces_release(struct interfaces *interfaces);
