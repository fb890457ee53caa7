/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdbool.h>

#include "base/error.h"
#include "packet/frame.h"

/*
 * Pcap writer: frames as a capture file, pcap with nanoseconds or pcapng. Write errors come back
 * as from base/output.h, OUTPUT_CLOSED among them.
 */
struct pcap_writer;

/*
 * `path` "-" is standard output. A file is written beside its place and moved there by
 * pcap_writer_close, so that what was there before stays until the new one is whole.
 */
int pcap_writer_open(struct pcap_writer **ret, const char *path, bool pcapng,
                     struct error *err) MUST_USE;

/*
 * pcap has one link type for all frames: another one is an error. `comment` (pcapng only, NULL:
 * none) is put at the packet.
 */
int pcap_writer_frame(struct pcap_writer *writer, const struct frame *frame, const char *comment,
                      struct error *err) MUST_USE;

/* Writes the rest (a capture without frames, if there were none) and frees, whatever happens. */
int pcap_writer_close(struct pcap_writer *writer, struct error *err) MUST_USE;

/* Takes back what was not closed: the file under its name stays as it was. NULL is fine. */
void pcap_writer_abandon(struct pcap_writer *writer);
