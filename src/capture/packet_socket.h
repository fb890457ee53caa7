/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "base/error.h"

/*
 * Packet socket: what is to be said to the kernel about the socket of a live capture, and libpcap
 * does not say. Descriptors that are no packet sockets (of USB, netfilter and so on) are left
 * alone.
 *
 * The kernel counts a packet when the socket's filter lets it pass, so what is counted is exactly
 * what comes between packet_socket_open and packet_socket_shut.
 */

/* No packet is taken, or counted, from now on. What was taken can still be read. */
int packet_socket_shut(int descriptor, struct error *err) MUST_USE;

/* All packets are taken, again. */
int packet_socket_open(int descriptor, struct error *err) MUST_USE;

/* What goes out is not taken: of the loopback interface it is what comes in, once more. */
int packet_socket_ignore_outgoing(int descriptor, struct error *err) MUST_USE;
