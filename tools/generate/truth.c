/* SPDX-License-Identifier: Apache-2.0 */
#include "truth.h"

#include <arpa/inet.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/mem.h"

enum { IP_ICMP = 1, IP_ICMP6 = 58 };

struct truth {
    FILE *file;
    const char *path;
};

int truth_new(struct truth **ret, const char *path, struct error *err)
{
    struct truth *truth = mem_zalloc(sizeof(*truth));
    truth->path = path;
    truth->file = fopen(path, "w");
    if (!truth->file) {
        free(truth);
        return error_errno(err, "cannot write %s", path);
    }
    fputs("kind,proto,saddr,sport,daddr,dport,spkts,sbytes,dpkts,dbytes,start,end\n", truth->file);
    *ret = truth;
    return 0;
}

/* A line for a row of which `from` was the first speaker. */
static void put_row(FILE *file, const struct session *s, int row, int from)
{
    const struct tally *tally = &s->tally[row];
    const struct ends *ends = &s->ends;
    char source[INET6_ADDRSTRLEN], target[INET6_ADDRSTRLEN], proto[8] = "arp";
    int family = ends->is_ip6 ? AF_INET6 : AF_INET;
    unsigned ports[2] = {ends->port[from], ends->port[!from]};
    unsigned protocol = row ? IP_ICMP : s->protocol;

    inet_ntop(family, ends->address[from], source, sizeof(source));
    inet_ntop(family, ends->address[!from], target, sizeof(target));
    if (protocol)
        snprintf(proto, sizeof(proto), "%u", protocol);
    if (row) { /* port unreachable */
        ports[0] = ports[1] = 3;
    } else if (protocol == IP_ICMP || protocol == IP_ICMP6) {
        ports[0] = protocol == IP_ICMP ? 8 : 128;
        ports[1] = s->u.datagram.id;
    }
    fprintf(file, "%s,%s,%s,%u,%s,%u,%" PRIu64 ",%" PRIu64 ",%" PRIu64 ",%" PRIu64, s->kind->name,
            proto, source, ports[0], target, ports[1], tally->packets[from], tally->bytes[from],
            tally->packets[!from], tally->bytes[!from]);
    fprintf(file, ",%" PRId64 ".%09" PRIu32 ",%" PRId64 ".%09" PRIu32 "\n",
            nsec_seconds(tally->first), nsec_fraction(tally->first), nsec_seconds(tally->last),
            nsec_fraction(tally->last));
}

void truth_add(struct truth *truth, const struct session *s)
{
    for (int row = 0; row < SESSION_ROWS; row++) {
        const uint64_t *packets = s->tally[row].packets;
        if (packets[FORTH] || packets[BACK])
            put_row(truth->file, s, row, row ? BACK : FORTH);
    }
}

int truth_close(struct truth *truth, struct error *err)
{
    int result = 0;
    if (fclose(truth->file) != 0)
        result = error_errno(err, "cannot write %s", truth->path);
    free(truth);
    return result;
}
