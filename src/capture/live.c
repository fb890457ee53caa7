/* SPDX-License-Identifier: Apache-2.0 */
#include "capture/live.h"

#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>

#include <pcap/pcap.h>

#include "base/mem.h"
#include "capture/capture_format.h"
#include "capture/packet_socket.h"

/*
 * libpcap hands packets out of a ring that it shares with the kernel, and may give the place of a
 * packet back before its batch is done with. So each is copied; at the usual snap length that costs
 * a few nanoseconds.
 *
 * The kernel shows packets when a block of the ring is full or BLOCK_MSEC old. Where packets of
 * several interfaces are to be put in order, those younger than HOLD wait for what the others have.
 */
enum { BLOCK_MSEC = 20, DEVICES_MOST = 64 };
static const nsec_t HOLD = 60 * NSEC_PER_MSEC;

/* As the kernel and libpcap call them. */
static const char LOOPBACK[] = "lo", ANY[] = "any";

/* What a batch of one device may take; fewer packets make a batch when they are longer. */
enum { BATCH_BYTES = 1 << 20 };

struct device {
    pcap_t *pcap; /* NULL: it failed */
    const char *name;
    int descriptor;
    uint16_t link, input;
    int most; /* packets in a batch */
    uint8_t *bytes;
    size_t used;
    struct frame_batch batch;
    unsigned at; /* frame of the batch that is next */
    uint64_t number;
    struct pcap_stat last; /* counters of libpcap, as they were */
    struct live_counts counts;
};

struct live {
    struct live_options options;
    struct device *devices;
    unsigned count;
};

/* --- set-up ----------------------------------------------------------------------------------- */

static int failed(const struct device *d, int result, struct error *err)
{
    const char *status = pcap_statustostr(result), *text = pcap_geterr(d->pcap);
    if (result == PCAP_ERROR || !strcmp(status, text))
        return error_set(err, "%s: %s", d->name, text);
    return error_set(err, "%s: %s%s%s", d->name, status, *text ? ": " : "", text);
}

static int compile(struct device *d, const char *filter, const struct live_options *o,
                   struct bpf_program *ret, struct error *err)
{
    if (!pcap_compile(d->pcap, ret, filter, o->optimize, PCAP_NETMASK_UNKNOWN))
        return 0;
    return error_set(err, "%s: packet filter '%s': %s", d->name, o->filter, pcap_geterr(d->pcap));
}

static bool is_any(const struct device *d)
{
    return strcmp(d->name, ANY) == 0;
}

/*
 * A packet on the loopback interface goes out, and comes in again. libpcap passes over the first
 * when it reads, but the kernel had counted both, and had room for both in the ring. At "any" only
 * a filter can keep it away, in a form of frames that says which interface each came from.
 */
static char *filter_of(const struct device *d, const char *wanted)
{
    unsigned loopback = is_any(d) ? if_nametoindex(LOOPBACK) : 0;
    if (!loopback)
        return mem_strdup(wanted);
    return mem_printf("not (ifindex %u and outbound)%s%s%s", loopback, *wanted ? " and (" : "",
                      wanted, *wanted ? ")" : "");
}

static int set_filter(struct device *d, const struct live_options *o, struct error *err)
{
    struct bpf_program program;
    const char *wanted = o->filter ? o->filter : "";
    if (compile(d, wanted, o, &program, err)) /* by itself it must make sense, too */
        return -1;
    pcap_freecode(&program);
    char *filter = filter_of(d, wanted);
    int result = 0;
    if (*filter && (result = compile(d, filter, o, &program, err)) == 0) {
        result = pcap_setfilter(d->pcap, &program) ? failed(d, PCAP_ERROR, err) : 0;
        pcap_freecode(&program);
    } else if (!result) {
        result = packet_socket_open(d->descriptor, err);
    }
    free(filter);
    return result;
}

static void forget_packet(u_char *arg, const struct pcap_pkthdr *header, const u_char *data)
{
    (void)arg, (void)header, (void)data;
}

/*
 * The kernel began to count when there was no ring yet, and what came then cannot be read. So the
 * capture begins when that, and what followed it into the ring, is out of the way.
 */
static int begin(struct device *d, const struct live_options *o, struct error *err)
{
    if (packet_socket_shut(d->descriptor, err))
        return -1;
    if (pcap_stats(d->pcap, &d->last))
        return failed(d, PCAP_ERROR, err);
    if (d->last.ps_recv) {
        poll(NULL, 0, 2 * BLOCK_MSEC);
        while (pcap_dispatch(d->pcap, -1, forget_packet, NULL) > 0) {
        }
        if (pcap_stats(d->pcap, &d->last))
            return failed(d, PCAP_ERROR, err);
    }
    return set_filter(d, o, err);
}

static int activate(struct device *d, const struct live_options *o, struct error *err)
{
    char text[PCAP_ERRBUF_SIZE];
    pcap_set_snaplen(d->pcap, (int)o->snaplen);
    pcap_set_promisc(d->pcap, o->promiscuous && !is_any(d));
    pcap_set_timeout(d->pcap, BLOCK_MSEC);
    pcap_set_buffer_size(d->pcap, (int)o->buffer_bytes);
    pcap_set_tstamp_precision(d->pcap, PCAP_TSTAMP_PRECISION_NANO);
    int result = pcap_activate(d->pcap);
    if (result < 0)
        return failed(d, result, err);
    if (pcap_setnonblock(d->pcap, 1, text))
        return error_set(err, "%s: %s", d->name, text);
    d->descriptor = pcap_get_selectable_fd(d->pcap);
    if (d->descriptor >= 0) /* libpcap would hand it on to programs that are run */
        fcntl(d->descriptor, F_SETFD, FD_CLOEXEC);
    if (is_any(d) && pcap_set_datalink(d->pcap, DLT_LINUX_SLL2))
        return failed(d, PCAP_ERROR, err);
    return strcmp(d->name, LOOPBACK) ? 0 : packet_socket_ignore_outgoing(d->descriptor, err);
}

static int device_open(struct device *d, const struct live_options *o, struct error *err)
{
    char text[PCAP_ERRBUF_SIZE];
    d->pcap = pcap_create(d->name, text);
    if (!d->pcap)
        return error_set(err, "%s: %s", d->name, text);
    if (activate(d, o, err) || begin(d, o, err))
        return -1;
    size_t size = (size_t)o->snaplen * FRAME_BATCH;
    if (size > BATCH_BYTES)
        size = o->snaplen > BATCH_BYTES ? o->snaplen : BATCH_BYTES;
    d->most = (int)(size / o->snaplen < FRAME_BATCH ? size / o->snaplen : FRAME_BATCH);
    d->bytes = mem_alloc(size);
    d->link = capture_link_type((uint16_t)pcap_datalink(d->pcap));
    return 0;
}

static void device_close(struct device *d)
{
    if (d->pcap)
        pcap_close(d->pcap);
    d->pcap = NULL;
}

int live_open(struct live **ret, const struct live_options *options, struct error *err)
{
    struct live *live = mem_zalloc(sizeof(*live));
    *ret = live;
    live->options = *options;
    if (options->count > DEVICES_MOST)
        return error_set(err, "%u interfaces; %d are allowed", options->count, DEVICES_MOST);
    live->devices = mem_zalloc(options->count * sizeof(*live->devices));
    while (live->count < options->count) {
        struct device *d = &live->devices[live->count];
        d->name = options->devices[live->count];
        d->input = (uint16_t)live->count++;
        if (device_open(d, options, err))
            return -1;
    }
    return 0;
}

void live_stop(struct live *live)
{
    struct error err;
    for (unsigned i = 0; i < live->count; i++)
        if (live->devices[i].pcap && packet_socket_shut(live->devices[i].descriptor, &err))
            live->options.trouble(live->options.arg, err.text);
}

void live_close(struct live *live)
{
    if (!live)
        return;
    for (unsigned i = 0; i < live->count; i++) {
        device_close(&live->devices[i]);
        free(live->devices[i].bytes);
    }
    free(live->devices);
    free(live);
}

/* --- counters --------------------------------------------------------------------------------- */

static void device_count(struct device *d)
{
    struct pcap_stat now;
    if (!d->pcap || pcap_stats(d->pcap, &now))
        return;
    d->counts.arrived += now.ps_recv - d->last.ps_recv;
    d->counts.dropped += now.ps_drop - d->last.ps_drop;
    d->counts.interface_dropped += now.ps_ifdrop - d->last.ps_ifdrop;
    d->last = now;
}

void live_count(struct live *live, struct live_counts *ret)
{
    *ret = (struct live_counts){0};
    for (unsigned i = 0; i < live->count; i++) {
        struct device *d = &live->devices[i];
        device_count(d);
        ret->arrived += d->counts.arrived;
        ret->dropped += d->counts.dropped;
        ret->interface_dropped += d->counts.interface_dropped;
    }
}

/* --- packets ---------------------------------------------------------------------------------- */

static bool has_frame(const struct device *d)
{
    return d->at < d->batch.count;
}

static const struct frame *head(const struct device *d)
{
    return &d->batch.frames[d->at];
}

/* A pcap_handler. The times of libpcap have nanoseconds where microseconds are called for. */
static void take_packet(u_char *arg, const struct pcap_pkthdr *header, const u_char *data)
{
    struct device *d = (void *)arg;
    struct frame *frame = &d->batch.frames[d->batch.count++];
    memcpy(d->bytes + d->used, data, header->caplen);
    *frame = (struct frame){
        .data = d->bytes + d->used,
        .time = header->ts.tv_sec * NSEC_PER_SEC + header->ts.tv_usec,
        .captured = header->caplen,
        .wire = header->len,
        .link = d->link,
        .input = d->input,
        .number = ++d->number,
    };
    d->used += header->caplen;
}

/* What is there now, without waiting. */
static void device_fill(struct live *live, struct device *d)
{
    d->at = d->batch.count = 0;
    d->used = 0;
    int result = pcap_dispatch(d->pcap, d->most, take_packet, (u_char *)d);
    if (result >= 0)
        return;
    struct error err;
    failed(d, result, &err);
    device_count(d);
    device_close(d);
    live->options.trouble(live->options.arg, err.text);
}

/* Fills what is empty. False if no device is left. */
static bool fill(struct live *live)
{
    bool is_any = false;
    for (unsigned i = 0; i < live->count; i++) {
        struct device *d = &live->devices[i];
        if (d->pcap && !has_frame(d))
            device_fill(live, d);
        is_any = is_any || d->pcap || has_frame(d);
    }
    return is_any;
}

/* The device whose first frame is the oldest, and may be given by now; NULL: there is none. */
static struct device *oldest(struct live *live, nsec_t now)
{
    struct device *first = NULL;
    bool all_have = true;
    for (unsigned i = 0; i < live->count; i++) {
        struct device *d = &live->devices[i];
        if (!has_frame(d))
            all_have = all_have && !d->pcap;
        else if (!first || head(d)->time < head(first)->time)
            first = d;
    }
    return first && (all_have || head(first)->time <= now - HOLD) ? first : NULL;
}

/* Puts the frames of several devices in order. */
static void merge(struct live *live, nsec_t now, struct frame_batch *ret)
{
    struct device *d;
    while (ret->count < FRAME_BATCH && (d = oldest(live, now)) != NULL)
        ret->frames[ret->count++] = d->batch.frames[d->at++];
}

static void wait_for_packets(const struct live *live, nsec_t time)
{
    struct pollfd polled[DEVICES_MOST];
    nfds_t count = 0;
    bool is_held = false;
    for (unsigned i = 0; i < live->count; i++) {
        const struct device *d = &live->devices[i];
        is_held = is_held || has_frame(d);
        if (d->pcap && !has_frame(d))
            polled[count++] = (struct pollfd){.fd = d->descriptor, .events = POLLIN};
    }
    if (is_held && time > HOLD)
        time = HOLD;
    poll(polled, count, (int)(time / NSEC_PER_MSEC));
}

int live_next(struct live *live, nsec_t now, nsec_t wait, struct frame_batch *ret)
{
    ret->count = 0;
    if (!fill(live))
        return LIVE_END;
    if (live->count == 1) {
        struct device *d = &live->devices[0];
        ret->count = d->batch.count;
        memcpy(ret->frames, d->batch.frames, d->batch.count * sizeof(*ret->frames));
        d->at = d->batch.count;
    } else {
        merge(live, now, ret);
    }
    if (ret->count)
        return 0;
    wait_for_packets(live, wait);
    return LIVE_IDLE;
}

/* --- interfaces of the machine ---------------------------------------------------------------- */

static bool is_usable(const pcap_if_t *device)
{
    return device->flags & PCAP_IF_UP && !(device->flags & PCAP_IF_LOOPBACK) &&
           strcmp(device->name, ANY) != 0;
}

int live_list_devices(char ***ret, unsigned *ret_count, struct error *err)
{
    char text[PCAP_ERRBUF_SIZE];
    pcap_if_t *all;
    size_t capacity = 0;
    *ret = NULL;
    *ret_count = 0;
    if (pcap_findalldevs(&all, text))
        return error_set(err, "the list of interfaces: %s", text);
    for (pcap_if_t *at = all; at; at = at->next)
        if (is_usable(at)) {
            *ret = mem_grow(*ret, &capacity, *ret_count + 1, sizeof(**ret));
            (*ret)[(*ret_count)++] = mem_strdup(at->name);
        }
    pcap_freealldevs(all);
    return *ret_count ? 0 : error_set(err, "there is no interface that is up");
}

char *live_default_device(struct error *err)
{
    char **names;
    unsigned count;
    if (live_list_devices(&names, &count, err))
        return NULL;
    char *first = names[0];
    for (unsigned i = 1; i < count; i++)
        free(names[i]);
    free(names);
    return first;
}
