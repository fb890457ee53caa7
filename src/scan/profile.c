/* SPDX-License-Identifier: Apache-2.0 */
#include "scan/profile.h"

#include <string.h>

#include "base/hash.h"

void profile_begin(struct profile *profile, const uint8_t source[ADDRESS_KEY])
{
    memset(&profile->scanner, 0, sizeof(profile->scanner));
    memcpy(profile->scanner.address, source, ADDRESS_KEY);
    memset(profile->methods, 0, sizeof(profile->methods));
    profile->failures = 0;
    profile->value = 0;
    profile->port_count = 0;
    distinct_clear(&profile->endpoints);
    distinct_clear(&profile->targets);
    distinct_clear(&profile->port_set);
    distinct_clear(&profile->dark);
}

/* --- contacts --------------------------------------------------------------------------------- */

static uint64_t hash_of(const struct contact *contact, bool with_address, bool with_port)
{
    enum { WORDS = 3 };
    uint8_t bytes[8 * WORDS] = {0};
    if (with_address)
        memcpy(bytes, contact->target, ADDRESS_KEY);
    if (with_port) {
        bytes[ADDRESS_KEY] = contact->protocol;
        memcpy(bytes + ADDRESS_KEY + 1, &contact->port, sizeof(contact->port));
    }
    return hash_words(0, bytes, WORDS);
}

static void count_port(struct profile *profile, const struct contact *contact)
{
    for (unsigned i = 0; i < profile->port_count; i++) {
        struct scan_port *port = &profile->ports[i];
        if (port->port == contact->port && port->protocol == contact->protocol) {
            port->count++;
            return;
        }
    }
    if (profile->port_count < PORTS_KEPT)
        profile->ports[profile->port_count++] =
            (struct scan_port){1, contact->port, contact->protocol};
}

static void decide(struct profile *profile, const struct contact *contact)
{
    struct scanner *scanner = &profile->scanner;
    if (profile->value >= profile->steps->high)
        scanner->reason = REASON_WALK;
    else if (profile->dark_least && distinct_count(&profile->dark) >= profile->dark_least)
        scanner->reason = REASON_DARK;
    else
        return;
    scanner->decided = contact->first;
    scanner->decided_contacts = scanner_contacts(scanner);
    scanner->decided_failures = profile->failures;
    scanner->decided_dark = distinct_count(&profile->dark);
    scanner->value = profile->value;
}

static void count_first(struct profile *profile, const struct contact *contact, bool is_dark)
{
    struct scanner *scanner = &profile->scanner;
    const bool is_success = contact->outcome == OUTCOME_TALKED;
    profile->methods[contact->method]++;
    profile->failures += !is_success;
    const bool is_new_target = distinct_add(&profile->targets, hash_of(contact, true, false));
    const bool is_new_port = distinct_add(&profile->port_set, hash_of(contact, false, true));
    if (is_dark)
        distinct_add(&profile->dark, hash_of(contact, true, false));
    count_port(profile, contact);
    if (scanner->reason)
        return;
    /*
     * Peers of peer-to-peer networks have a port of their own each; scans repeat ports or hosts.
     * And who watches services opens TCP in due form, and asks nothing.
     */
    const bool is_apart = !is_success && is_new_target && is_new_port;
    const bool is_watch = contact->outcome == OUTCOME_OPENED && contact->reaction & REACTION_ACK;
    if (!is_apart && !is_watch)
        profile->value =
            walk_step(profile->steps, profile->value, contact->method == CONTACT_ICMP, is_success);
    decide(profile, contact);
}

bool profile_add(struct profile *profile, const struct contact *contact, bool is_dark)
{
    struct scanner *scanner = &profile->scanner;
    if (!scanner->flows++ || contact->first < scanner->first)
        scanner->first = contact->first;
    if (scanner->flows == 1 || contact->last > scanner->last)
        scanner->last = contact->last;
    scanner->acks += !!(contact->reaction & REACTION_ACK);
    scanner->resets += !!(contact->reaction & REACTION_RESET);
    if (!distinct_add(&profile->endpoints, hash_of(contact, true, true)))
        return false;
    scanner->outcomes[contact->outcome]++;
    if (contact->outcome != OUTCOME_UNCLEAR)
        count_first(profile, contact, is_dark);
    return true;
}

/* --- the end ---------------------------------------------------------------------------------- */

uint64_t scanner_contacts(const struct scanner *scanner)
{
    uint64_t sum = 0;
    for (unsigned i = 0; i < OUTCOME_UNCLEAR; i++)
        sum += scanner->outcomes[i];
    return sum;
}

static uint8_t shape_of(const struct scanner *scanner)
{
    const bool is_wide = scanner->targets > SHAPE_FEW, is_deep = scanner->port_total > SHAPE_FEW;
    if (is_wide && is_deep)
        return SHAPE_BLOCK;
    return scanner->targets >= scanner->port_total ? SHAPE_HORIZONTAL : SHAPE_VERTICAL;
}

static uint8_t method_of(const struct profile *profile)
{
    uint8_t most = 0;
    for (uint8_t i = 1; i < CONTACT_METHODS; i++)
        if (profile->methods[i] > profile->methods[most])
            most = i;
    return most;
}

static bool is_more(const struct scan_port *a, const struct scan_port *b)
{
    if (a->count != b->count)
        return a->count > b->count;
    return a->protocol != b->protocol ? a->protocol < b->protocol : a->port < b->port;
}

/* The ports that were tried most often of those that are kept. */
static void choose_ports(struct profile *profile)
{
    struct scanner *scanner = &profile->scanner;
    while (scanner->port_count < PORTS_SHOWN && profile->port_count) {
        unsigned most = 0;
        for (unsigned i = 1; i < profile->port_count; i++)
            if (is_more(&profile->ports[i], &profile->ports[most]))
                most = i;
        struct scan_port *to = &scanner->ports[scanner->port_count++];
        to->count = profile->ports[most].count;
        to->port = profile->ports[most].port;
        to->protocol = profile->ports[most].protocol;
        profile->ports[most] = profile->ports[--profile->port_count];
    }
}

const struct scanner *profile_end(struct profile *profile)
{
    struct scanner *scanner = &profile->scanner;
    if (!scanner->reason)
        return NULL;
    scanner->targets = distinct_count(&profile->targets);
    scanner->targets_estimated = profile->targets.is_estimated;
    scanner->port_total = distinct_count(&profile->port_set);
    scanner->ports_estimated = profile->port_set.is_estimated;
    scanner->dark = distinct_count(&profile->dark);
    scanner->shape = shape_of(scanner);
    scanner->method = method_of(profile);
    choose_ports(profile);
    return scanner;
}
