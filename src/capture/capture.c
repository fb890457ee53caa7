/* SPDX-License-Identifier: Apache-2.0 */
#include "capture/capture.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/input.h"
#include "base/mem.h"
#include "capture/capture_format.h"

struct capture {
    struct input *in;
    const struct capture_format *format;
    void *reader;
    int result; /* of capture_next; once it is not 0 it stays what it is */
    struct error failure;
};

/* Those with a magic stand first; the others want to see more of the file. */
static const struct capture_format *const formats[] = {&pcap_format, &pcapng_format, &erf_format};

/* --- telling the format ----------------------------------------------------------------------- */

static const struct foreign {
    unsigned magic_size;
    uint8_t magic[8];
    const char *text;
} foreigners[] = {
    {8, {'s', 'n', 'o', 'o', 'p', 0, 0, 0}, "a snoop capture, which editcap can convert"},
    {4, {'G', 'M', 'B', 'U'}, "a Network Monitor capture, which editcap can convert"},
    {4, {'P', 'K', 3, 4}, "a zip archive, which must be unpacked"},
    {6, {'7', 'z', 0xbc, 0xaf, 0x27, 0x1c}, "a 7z archive, which must be unpacked"},
    {2, {0x83, 0x10}, "an Argus record file, which has flows and no packets"},
};

/* What it begins with: text as such, if it is some, else hexadecimal digits. */
static void describe_bytes(struct view head, char *ret, size_t size)
{
    enum { SHOWN = 16 };
    const size_t count = head.size < SHOWN ? head.size : SHOWN;
    bool is_text = true;
    for (size_t i = 0; i < count; i++)
        is_text = is_text && head.data[i] >= ' ' && head.data[i] <= '~';
    if (is_text) {
        snprintf(ret, size, "begins with '%.*s'", (int)count, (const char *)head.data);
        return;
    }
    int length = snprintf(ret, size, "begins with the bytes");
    for (size_t i = 0; i < count; i++)
        length += snprintf(ret + length, size - (size_t)length, " %02x", head.data[i]);
}

static int unknown(const struct input *in, struct view head, struct error *err)
{
    char text[128];
    if (!head.size)
        return error_set(err, "%s: empty file", input_name(in));
    describe_bytes(head, text, sizeof(text));
    for (size_t i = 0; i < ARRAY_SIZE(foreigners); i++) {
        const struct foreign *row = &foreigners[i];
        if (head.size >= row->magic_size && !memcmp(head.data, row->magic, row->magic_size))
            snprintf(text, sizeof(text), "%s", row->text);
    }
    return error_set(err, "%s: offset 0: not a capture file: %s", input_name(in), text);
}

static int find_format(struct capture *cap, struct error *err)
{
    struct view head = {0};
    for (size_t i = 0; i < ARRAY_SIZE(formats); i++) {
        /* An error may stand behind what a format needs: then reading will come to it. */
        int result = input_peek(cap->in, formats[i]->head_size, &head, err);
        if (formats[i]->matches(head)) {
            cap->format = formats[i];
            return 0;
        }
        if (result)
            return -1;
    }
    return unknown(cap->in, head, err);
}

/* --- reading ---------------------------------------------------------------------------------- */

/* Finds out the format, unless it is known. */
static int begin(struct capture *cap, struct capture **ret, struct error *err)
{
    *ret = NULL;
    if ((!cap->format && find_format(cap, err)) || cap->format->open(cap->in, &cap->reader, err)) {
        capture_close(cap);
        return -1;
    }
    *ret = cap;
    return 0;
}

static int open_as(struct capture **ret, const char *path, const struct capture_format *format,
                   struct error *err)
{
    struct capture *cap = mem_zalloc(sizeof(*cap));
    cap->format = format;
    *ret = NULL;
    if (input_open(&cap->in, path, err)) {
        free(cap);
        return -1;
    }
    return begin(cap, ret, err);
}

int capture_open(struct capture **ret, const char *path, struct error *err)
{
    return open_as(ret, path, NULL, err);
}

int capture_open_tsh(struct capture **ret, const char *path, struct error *err)
{
    return open_as(ret, path, &tsh_format, err);
}

int capture_open_memory(struct capture **ret, struct view bytes, const char *name,
                        struct error *err)
{
    struct capture *cap = mem_zalloc(sizeof(*cap));
    cap->in = input_open_memory(bytes, name);
    return begin(cap, ret, err);
}

void capture_close(struct capture *cap)
{
    if (!cap)
        return;
    if (cap->reader)
        cap->format->close(cap->reader);
    input_close(cap->in);
    free(cap);
}

int capture_next(struct capture *cap, struct frame_batch *ret, struct error *err)
{
    if (likely(!cap->result)) {
        cap->result = cap->format->next(cap->reader, ret, &cap->failure);
        if (likely(!cap->result))
            return 0;
    }
    ret->count = 0;
    if (cap->result < 0 && err)
        *err = cap->failure;
    return cap->result;
}

int capture_seek(struct capture *cap, const struct frame *frame, size_t size, struct error *err)
{
    if (input_seek(cap->in, frame->offset, size, err))
        return -1;
    cap->format->seek(cap->reader, frame);
    cap->result = 0;
    return 0;
}

bool capture_goes_back(const struct capture *cap)
{
    return input_is_mapped(cap->in);
}

uint32_t capture_setup(const struct capture *cap)
{
    return cap->format->setup ? cap->format->setup(cap->reader) : 0;
}

const char *capture_name(const struct capture *cap)
{
    return input_name(cap->in);
}

const char *capture_format(const struct capture *cap)
{
    return cap->format->name;
}

bool capture_is_stream(const struct capture *cap)
{
    return input_is_stream(cap->in);
}

uint64_t capture_raw_taken(const struct capture *cap)
{
    return input_raw_taken(cap->in);
}

uint64_t capture_raw_size(const struct capture *cap)
{
    return input_raw_size(cap->in);
}
