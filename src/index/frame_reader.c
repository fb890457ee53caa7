/* SPDX-License-Identifier: Apache-2.0 */
#include "index/frame_reader.h"

#include <stdlib.h>

#include "base/mem.h"
#include "capture/capture.h"

struct frame_reader {
    struct segment *segment;
    char *path;
    struct capture *capture;
    uint32_t next_resume; /* of the segment's list */
    uint64_t came_to;     /* offset of the last frame that was loaded */
    struct frame_batch batch;
    unsigned at; /* frame of the batch */
};

/* The next batch; the capture must go on, because the segment has more of it. */
static int load(struct frame_reader *r, struct error *err)
{
    int result = capture_next(r->capture, &r->batch, err);
    r->at = 0;
    if (result == CAPTURE_END)
        return error_set(err, "%s: ends in front of packets that its index has", r->path);
    if (!result)
        r->came_to = r->batch.frames[r->batch.count - 1].offset;
    return result;
}

/* Opens the file anew, and reads its beginning and what that says about frames. */
static int begin(struct frame_reader *r, struct error *err)
{
    capture_close(r->capture);
    r->capture = NULL;
    r->next_resume = 0;
    return capture_open(&r->capture, r->path, err) || load(r, err) ? -1 : 0;
}

int frame_reader_open(struct frame_reader **ret, struct segment *segment, const char *path,
                      struct error *err)
{
    struct frame_reader *r = mem_zalloc(sizeof(*r));
    r->segment = segment;
    r->path = mem_strdup(path);
    if (begin(r, err)) {
        frame_reader_close(r);
        return -1;
    }
    *ret = r;
    return 0;
}

void frame_reader_close(struct frame_reader *r)
{
    if (!r)
        return;
    capture_close(r->capture);
    free(r->path);
    free(r);
}

static int seek(struct frame_reader *r, const struct frame *frame, size_t size, struct error *err)
{
    r->batch.count = r->at = 0;
    return capture_seek(r->capture, frame, size, err);
}

/* Reads on from a resume until the file has said what comes there, unless it has been read. */
static int pass_resume(struct frame_reader *r, const struct segment_resume *resume,
                       struct error *err)
{
    struct frame frame = {.offset = resume->offset, .number = 1};
    if (capture_setup(r->capture) >= resume->setup)
        return 0;
    if (seek(r, &frame, SEGMENT_PAGE, err))
        return -1;
    while (capture_setup(r->capture) < resume->setup)
        if (load(r, err))
            return -1;
    return 0;
}

/* Visits the places that say how the frames at `offset` are to be read. */
static int pass_resumes(struct frame_reader *r, uint64_t offset, struct error *err)
{
    const struct segment_header *info = segment_info(r->segment);
    for (; r->next_resume < info->resume_count; r->next_resume++) {
        struct segment_resume resume;
        if (segment_resume(r->segment, r->next_resume, &resume, err))
            return -1;
        if (resume.offset >= offset)
            return 0;
        if (pass_resume(r, &resume, err))
            return -1;
    }
    return 0;
}

/* A frame of the batch at hand is gone to by its place in it. */
static bool go_within(struct frame_reader *r, const struct frame *frame)
{
    for (unsigned i = 0; i < r->batch.count; i++) {
        if (r->batch.frames[i].offset != frame->offset)
            continue;
        r->at = i;
        return true;
    }
    return false;
}

/* What was read of sections behind the frame is not true for it. */
static bool is_too_far(const struct frame_reader *r, const struct frame *frame)
{
    if (frame->offset > r->came_to)
        return false;
    return segment_info(r->segment)->resume_count || !capture_goes_back(r->capture);
}

int frame_reader_go(struct frame_reader *r, const struct frame *frame, size_t size,
                    struct error *err)
{
    if (go_within(r, frame))
        return 0;
    if (is_too_far(r, frame)) {
        if (begin(r, err))
            return -1;
        if (go_within(r, frame))
            return 0;
    }
    return pass_resumes(r, frame->offset, err) || seek(r, frame, size, err) ? -1 : 0;
}

int frame_reader_next(struct frame_reader *r, const struct frame **ret, struct error *err)
{
    if (r->at == r->batch.count && load(r, err))
        return -1;
    *ret = &r->batch.frames[r->at++];
    return 0;
}
