/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "base/error.h"
#include "record/record.h"

/*
 * Relay: hands records to a thread, which gives them to a function, one after the other. Records of
 * the sensor only: such as have no wire form, and borrow nothing but user data.
 */
struct relay;

/* 0, or what ends the relay. */
typedef int relay_receive(void *arg, const struct record *r, struct error *err);

/* `user_bytes` is the most of a record's user data, of a side. */
struct relay *relay_new(relay_receive *receive, void *arg, uint16_t user_bytes) MUST_USE;

/* NULL is fine. Records that were not settled may be left out. */
void relay_free(struct relay *relay);

/*
 * Itself a function that receives records; `relay` is one. Results are those of the relay's
 * function: 0, or what it returned first, perhaps for a record before.
 */
int relay_put(void *relay, const struct record *r, struct error *err) MUST_USE;

/* Waits until the function has had all records. */
int relay_settle(struct relay *relay, struct error *err) MUST_USE;
