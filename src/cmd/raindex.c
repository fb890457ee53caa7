/* SPDX-License-Identifier: Apache-2.0 */
/* raindex: makes, lists and checks the index of capture files. */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/mem.h"
#include "base/message.h"
#include "base/options.h"
#include "base/paths.h"
#include "base/quantity.h"
#include "base/temp_file.h"
#include "cmd/answer.h"
#include "cmd/index_tool.h"
#include "cmd/memory_default.h"
#include "index/build.h"
#include "index/capture_id.h"
#include "index/catalog.h"
#include "index/place.h"
#include "packet/tunnel.h"

enum raindex_option {
    OPT_READ = 1,
    OPT_READ_DIRECTORY,
    OPT_INDEX,
    OPT_CAPTURES,
    OPT_LIST,
    OPT_VERIFY,
    OPT_TUNNELS,
    OPT_COMPAT,
    OPT_MEMORY,
    OPT_TEMP,
    OPT_VERBOSE,
    OPT_QUIET,
};

static const struct option_group options_input = {
    "Input",
    (const struct option_spec[]){
        {OPT_READ, 'r', "read", OPTION_LIST, "file ...",
         "Index these captures: pcap, pcapng or ERF, plain or compressed. Those that the index has "
         "already are passed over."},
        {OPT_READ_DIRECTORY, 'R', "read-directory", OPTION_LIST, "directory ...",
         "Index all captures in the directories and below."},
        {OPT_TUNNELS, 0, "tunnels", OPTION_WORD, "list",
         "The tunnels to look into, as argus was told: none, all, or some of "
         "gre,ipip,vxlan,geneve,gtp,teredo. The default is all but teredo."},
        {OPT_COMPAT, 0, "compat", OPTION_WORD, "3.0.8", "For records of argus --compat 3.0.8."},
        {0},
    },
};

static const struct option_group options_index = {
    "Index",
    (const struct option_spec[]){
        {OPT_INDEX, 0, "index", OPTION_WORD, "directory",
         "Where the index is. It is made if it is not there."},
        {OPT_LIST, 0, "list", OPTION_FLAG, NULL,
         "Print which captures the index covers: packets, first and last time, flows, size of the "
         "index and path. Nothing is added."},
        {OPT_VERIFY, 0, "verify", OPTION_FLAG, NULL,
         "Read the captures that the index covers anew, and look whether it tells of every packet. "
         "Nothing is added."},
        {OPT_CAPTURES, 0, "captures", OPTION_LIST, "directory ...",
         "With --verify: where the captures are now, if they have moved."},
        {0},
    },
};

static const struct option_group options_general = {
    "General",
    (const struct option_spec[]){
        {OPT_MEMORY, 0, "memory", OPTION_WORD, "size",
         "The most memory to use: 64M, 2G. What does not fit goes to a temporary file. The default "
         "is half of the machine's memory, and at most 1G."},
        {OPT_TEMP, 0, "temp-dir", OPTION_WORD, "directory",
         "Where temporary files are made; the default is TMPDIR or the index itself."},
        {OPT_VERBOSE, 'v', "verbose", OPTION_FLAG, NULL, "Say what is done with each capture."},
        {OPT_QUIET, 'q', "quiet", OPTION_FLAG, NULL, "Show no progress."},
        {0},
    },
};

static const struct option_table table = {
    .summary = "Index captures, so that the packets of a flow are found in milliseconds.",
    .usage = (const char *const[]){"--index directory -r file ... [options] [- packet filter]",
                                   "--index directory --list", "--index directory --verify", NULL},
    .groups = (const struct option_group *const[]){&options_input, &options_index, &options_general,
                                                   NULL},
    .examples =
        (const struct option_example[]){
            {"raindex --index idx -r captures/*.pcap",
             "Indexes captures that are not yet indexed."},
            {"raindex --index idx --list", "Prints which captures the index covers."},
            {"raindex --index idx --verify", "Counts everything again."},
            {0},
        },
};

struct raindex {
    struct paths inputs;
    struct place place;
    char *folder, *filter, *temp_folder;
    struct decode_options decode;
    uint64_t memory;
    bool list, verify, verbose, quiet;
    bool is_partial; /* a capture was damaged, missing or not as the index says */
};

/* --- options ---------------------------------------------------------------------------------- */

static void set_text(char **text, const char *value)
{
    free(*text);
    *text = mem_strdup(value);
}

static int set_memory(struct raindex *x, const char *word, struct error *err)
{
    const uint64_t least = INDEX_MEMORY_LEAST;
    if (quantity_size(word, &x->memory, err))
        return error_prefix(err, "--memory");
    if (x->memory < least)
        return error_set(err, "--memory: at least %" PRIu64 "M is needed, not %s", least >> 20,
                         word);
    return 0;
}

static int set_compat(struct raindex *x, const char *word, struct error *err)
{
    if (strcmp(word, "3.0.8") != 0)
        return error_set(err, "--compat: only 3.0.8 is known, not '%s'", word);
    x->decode = (struct decode_options){QUIRKS_ALL_308, TUNNEL_308};
    return 0;
}

static int take_value(struct raindex *x, int event, const char *word, struct error *err)
{
    switch (event) {
    case OPT_READ:
        paths_add(&x->inputs, word);
        return 0;
    case OPT_READ_DIRECTORY:
        return paths_collect(&x->inputs, word, err);
    case OPT_INDEX:
        set_text(&x->folder, word);
        return 0;
    case OPT_CAPTURES:
        return place_add_folder(&x->place, word, err);
    case OPT_TUNNELS:
        return tunnels_parse(word, &x->decode.tunnels, err) ? error_prefix(err, "--tunnels") : 0;
    case OPT_COMPAT:
        return set_compat(x, word, err);
    case OPT_MEMORY:
        return set_memory(x, word, err);
    case OPT_TEMP:
        set_text(&x->temp_folder, word);
        return temp_file_check(word, err) ? error_prefix(err, "--temp-dir") : 0;
    default: /* OPTIONS_FILTER */
        set_text(&x->filter, word);
        return 0;
    }
}

static int take(struct raindex *x, int event, const struct option_arg *arg, struct error *err)
{
    switch (event) {
    case OPT_LIST:
        x->list = true;
        return 0;
    case OPT_VERIFY:
        x->verify = true;
        return 0;
    case OPT_VERBOSE:
        x->verbose = true;
        return 0;
    case OPT_QUIET:
        x->quiet = true;
        return 0;
    default:
        return take_value(x, event, arg->word, err);
    }
}

/* What must be given, and what cannot be given together. */
static int check_options(const struct raindex *x, struct error *err)
{
    bool only_looks = x->list || x->verify;
    if (!x->folder)
        return error_set(err, "where is the index? name its directory with --index (see --help)");
    if (only_looks && x->inputs.count)
        return error_set(err, "--list and --verify add nothing: leave out -r and -R");
    if (!only_looks && !x->inputs.count)
        return error_set(err, "nothing to index: name capture files with -r (see --help)");
    if (x->place.has_folders && !x->verify)
        return error_set(err, "--captures goes with --verify");
    return 0;
}

/* --- indexing --------------------------------------------------------------------------------- */

static void report(struct raindex *x, const struct error *err)
{
    message_error(err);
    x->is_partial = true;
}

static int make_folder(const char *folder, struct error *err)
{
    if (!mkdir(folder, 0777) || errno == EEXIST)
        return 0;
    return error_errno(err, "%s", folder);
}

/* One capture: -1 only if there is no use in trying the others. */
static void index_one(struct raindex *x, const struct index_options *options,
                      const struct catalog *catalog, const char *path)
{
    struct capture_id id;
    struct error err;
    if (capture_id_of(&id, path, &err)) {
        report(x, &err);
        return;
    }
    if (catalog_find(catalog, &id)) {
        if (x->verbose)
            message("%s: is in the index already", path);
        return;
    }
    if (index_build(options, path, &err))
        report(x, &err);
    else if (x->verbose)
        message("%s: indexed", path);
}

static int index_all(struct raindex *x, struct error *err)
{
    struct catalog catalog;
    const char *temp = x->temp_folder ? x->temp_folder : getenv("TMPDIR");
    struct index_options options = {
        .folder = x->folder,
        .filter = x->filter,
        .temp_folder = temp && *temp ? temp : x->folder,
        .memory = x->memory - INDEX_MEMORY_ASIDE,
        .decode = x->decode,
    };
    if (make_folder(x->folder, err) || catalog_read(&catalog, x->folder, err))
        return -1;
    index_progress_start(&x->inputs, x->quiet);
    for (size_t i = 0; i < x->inputs.count; i++) {
        index_one(x, &options, &catalog, x->inputs.list[i].name);
        index_progress_file(x->inputs.list[i].name);
    }
    index_progress_stop();
    catalog_release(&catalog);
    return 0;
}

/* --- looking at the index --------------------------------------------------------------------- */

static void print_segment(const struct segment *segment, const char *path, uint64_t size)
{
    const struct segment_header *info = segment_info(segment);
    char first[32] = "-", last[32] = "-";
    if (info->packets) {
        index_time_text(first, info->first);
        index_time_text(last, info->last);
    }
    double share = info->capture.size ? 100.0 * (double)size / (double)info->capture.size : 0;
    printf("%12" PRIu64 "  %-30s %-30s %10" PRIu64 " %12" PRIu64 " %6.3f%%  %s\n", info->packets,
           first, last, info->entries, size, share, path);
}

static int list_one(struct raindex *x, const char *path, struct error *err)
{
    struct segment *segment;
    struct stat status;
    const char *capture, *filter;
    (void)x;
    if (segment_open(&segment, path, err))
        return -1;
    int result = segment_texts(segment, &capture, &filter, err);
    if (!result)
        print_segment(segment, capture, stat(path, &status) ? 0 : (uint64_t)status.st_size);
    segment_close(segment);
    return result;
}

static int verify_one(struct raindex *x, const char *path, struct error *err)
{
    struct segment *segment;
    const char *old_path, *filter;
    char *capture = NULL;
    if (segment_open(&segment, path, err))
        return -1;
    int result = segment_texts(segment, &old_path, &filter, err);
    if (!result) {
        capture = place_find(&x->place, old_path, &segment_info(segment)->capture, err);
        result = capture ? index_verify(segment, capture, err) : -1;
    }
    if (!result && x->verbose)
        message("%s: is as %s says", capture, path);
    free(capture);
    segment_close(segment);
    return result;
}

static int look(struct raindex *x, int (*look_at)(struct raindex *, const char *, struct error *),
                struct error *err)
{
    struct catalog catalog;
    struct error wrong;
    if (catalog_read(&catalog, x->folder, err))
        return -1;
    for (size_t i = 0; i < catalog.count; i++)
        if (look_at(x, catalog.list[i].path, &wrong))
            report(x, &wrong);
    catalog_release(&catalog);
    return 0;
}

static int list(struct raindex *x, struct error *err)
{
    printf("%12s  %-30s %-30s %10s %12s %7s  %s\n", "Packets", "First", "Last", "Flows",
           "IndexBytes", "Share", "Capture");
    if (look(x, list_one, err))
        return -1;
    return fflush(stdout) ? error_errno(err, "standard output") : 0;
}

/* --- the program ------------------------------------------------------------------------------ */

static int parse(struct raindex *x, int argc, char **argv, struct error *err)
{
    struct options options;
    struct option_arg arg;
    int event, result = 0;
    options_init(&options, &table, argc, argv);
    while (!result && (event = options_next(&options, &arg, err)) != OPTIONS_END) {
        if (event == OPTIONS_ERROR)
            result = -1;
        else if (!(result = answer(&table, event, err)))
            result = take(x, event, &arg, err);
    }
    options_release(&options);
    return result ? result : check_options(x, err);
}

static int run(struct raindex *x, struct error *err)
{
    if (x->list && list(x, err))
        return -1;
    if (x->verify)
        return look(x, verify_one, err);
    return x->list ? 0 : index_all(x, err);
}

int main(int argc, char **argv)
{
    struct raindex x = {
        .decode = {.tunnels = TUNNEL_DEFAULT},
        .memory = memory_default(),
    };
    struct error err;
    message_init("raindex");
    place_init(&x.place);
    if (x.memory > INDEX_MEMORY_MOST)
        x.memory = INDEX_MEMORY_MOST;
    int result = parse(&x, argc, argv, &err);
    if (!result)
        result = run(&x, &err);
    if (result < 0)
        message_error(&err);
    paths_release(&x.inputs);
    place_release(&x.place);
    free(x.folder);
    free(x.filter);
    free(x.temp_folder);
    if (result < 0)
        return EXIT_FAILURE;
    return x.is_partial ? INDEX_EXIT_PARTIAL : EXIT_SUCCESS;
}
