/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/quantity.h"
#include "cmd/address_set.h"
#include "cmd/cmd.h"
#include "cmd/radark_report.h"
#include "cmd/radark_split.h"
#include "cmd/tool.h"
#include "cmd/tool_limits.h"
#include "cmd/tool_options.h"

/* radark: who scans. */

enum {
    OWN_DARK = TOOL_OWN,
    OWN_LOCAL,
    OWN_DARK_LEAST,
    OWN_BENIGN,
    OWN_SCANNER,
    OWN_FALSE_ALARM,
    OWN_DETECTION,
    OWN_LABEL,
    OWN_STATE,
    OWN_ANSWERS,
};

enum { DARK_LEAST_DEFAULT = 10 };

struct settings {
    struct tool_limits limits;
    struct paths dark;  /* -f */
    struct paths local; /* words of -L */
    struct walk_parameters walk;
    uint64_t dark_least;
    const char *label_path; /* --label; NULL: not given */
    const char *state_path; /* --state; NULL: not given */
    bool only_answers;
};

static const struct option_group own_options = {
    "Scanners",
    (const struct option_spec[]){
        {OWN_LOCAL, 'L', "local", OPTION_LIST, "network ...",
         "These networks are inside; @file: those of a file of addresses. Their addresses that no "
         "record shows to have sent anything, are dark. If not given: RA_LOCAL of the start-up "
         "files."},
        {OWN_DARK, 'f', "dark-file", OPTION_WORD, "file",
         "The addresses, networks and ranges of this file are dark: nobody has them. May be "
         "repeated."},
        {OWN_DARK_LEAST, 0, "dark", OPTION_WORD, "n",
         "Who touches so many dark addresses is a scanner; 10 if not given, 0: never."},
        {OWN_STATE, 0, "state", OPTION_WORD, "file",
         "What answered a scanner is new if it is not in this file, to which all that answered is "
         "added in the end. It need not be there."},
        {OWN_BENIGN, 0, "success-benign", OPTION_WORD, "p[,p]",
         "Probability that a first contact of a benign source becomes a talk: 0.4 if not given; "
         "behind a comma: that an echo request of it is answered, 0.8."},
        {OWN_SCANNER, 0, "success-scanner", OPTION_WORD, "p[,p]",
         "The same of scanners: 0.03,0.3."},
        {OWN_FALSE_ALARM, 0, "false-alarm", OPTION_WORD, "p",
         "The probability to take a benign source for a scanner, in one test: 0.0001."},
        {OWN_DETECTION, 0, "detection", OPTION_WORD, "p",
         "The probability to find a scanner: 0.99."},
        {0},
    },
};

static const struct option_group print_options = {
    "Printing",
    (const struct option_spec[]){
        {OWN_ANSWERS, 0, "answers", OPTION_FLAG, NULL,
         "Print new answers alone, not the scanners."},
        {TOOL_CSV, 0, "csv", OPTION_FLAG, NULL, "Print comma separated values (RFC 4180)."},
        {TOOL_JSON, 0, "json", OPTION_FLAG, NULL, "Print JSON, an object a line."},
        {TOOL_UNIX_TIME, 'u', "unix-time", OPTION_FLAG, NULL,
         "Print times as seconds since 1970-01-01 UTC."},
        {TOOL_PRECISION, 'p', "precision", OPTION_WORD, "digits",
         "Digits after the decimal point of such times; 6 if not given."},
        {TOOL_TIME_FORMAT, 0, "time-format", OPTION_WORD, "format",
         "Print times in this format of strftime(3), with %f for the digits of the fraction."},
        {TOOL_ZONE, 0, "tz", OPTION_WORD, "zone",
         "Print times of this time zone (UTC, Europe/Berlin) instead of the local one."},
        {TOOL_MODE, 'M', "mode", OPTION_LIST, "mode ...", "Modes of ra, as TZ=zone and json."},
        {TOOL_NOTHING, 'n', "numeric", OPTION_FLAG, NULL, "Accepted, and changes nothing."},
        {TOOL_QUIET, 'q', "quiet", OPTION_FLAG, NULL, "Print nothing."},
        {0},
    },
};

static const struct option_group write_options = {
    "Writing",
    (const struct option_spec[]){
        {TOOL_WRITE, 'w', "write", OPTION_WORD_PLUS, "file [filter]",
         "Append all flow records of scanners to an argus file; - is standard output, and then "
         "nothing is printed. A second word is a filter for this file. May be repeated."},
        {TOOL_REJECTED, 'E', "write-rest", OPTION_WORD, "file",
         "Append all other records to an argus file; those that the filter rejects come first."},
        {OWN_LABEL, 0, "label", OPTION_WORD, "file",
         "Append all records to an argus file, those of scanners with the label scan=Id."},
        {0},
    },
};

static const struct option_table table = {
    .summary = "Finds the sources that scan.",
    .usage = (const char *const[]){"[options] -r file ... [- filter]", NULL},
    .groups = (const struct option_group *const[]){&tool_input_options, &own_options,
                                                   &print_options, &write_options,
                                                   &tool_memory_options, &tool_verbose_options,
                                                   &tool_unsupported_options, NULL},
    .examples =
        (const struct option_example[]){
            {"radark -r flows.argus -L 10.0.0.0/8", "Who scans us, and who of us scans?"},
            {"radark -R archive/2026/11/28 --json", "The same of a whole day, for programs."},
            {"radark -r flows.argus -w scans.argus -E rest.argus",
             "Takes the scans out of a file, so that the rest is cheap to keep."},
            {"radark -r flows.argus -f dark.txt --dark 1",
             "Lists everybody who touched an address that nobody has."},
            {0},
        },
};

/* --- options ---------------------------------------------------------------------------------- */

static int parse_real(const char *text, char **end, double *ret)
{
    *ret = strtod(text, end);
    return *end == text ? -1 : 0;
}

/* "p", or "p,p" of which the second is of echo requests. */
static int set_pair(double *pair, const struct option_arg *arg, struct error *err)
{
    char *end;
    double value[2] = {0, pair[1]};
    int result = parse_real(arg->word, &end, &value[0]);
    if (!result && *end == ',')
        result = parse_real(end + 1, &end, &value[1]);
    if (result || *end)
        return error_set(err, "%s: '%s' is no probability", arg->given, arg->word);
    pair[0] = value[0];
    pair[1] = value[1];
    return 0;
}

static int set_one(double *value, const struct option_arg *arg, struct error *err)
{
    char *end;
    if (parse_real(arg->word, &end, value) || *end)
        return error_set(err, "%s: '%s' is no probability", arg->given, arg->word);
    return 0;
}

static int take(void *self, int event, const struct option_arg *arg, struct error *err)
{
    struct settings *settings = self;
    switch (event) {
    case OWN_DARK:
        paths_add(&settings->dark, arg->word);
        return 0;
    case OWN_LOCAL:
        paths_add(&settings->local, arg->word);
        return 0;
    case OWN_DARK_LEAST:
        return quantity_count(arg->word, UINT32_MAX, &settings->dark_least, err)
                   ? error_prefix(err, "--dark")
                   : 0;
    case OWN_BENIGN:
        return set_pair(settings->walk.benign, arg, err);
    case OWN_SCANNER:
        return set_pair(settings->walk.scanner, arg, err);
    case OWN_LABEL:
        settings->label_path = arg->word;
        return 0;
    case OWN_STATE:
        settings->state_path = arg->word;
        return 0;
    case OWN_ANSWERS:
        settings->only_answers = true;
        return 0;
    case TOOL_MODE:
        return strcmp(arg->word, "xml") != 0
                   ? TOOL_UNKNOWN
                   : error_set(err, "-M xml: the report is text, --csv or --json");
    case OWN_FALSE_ALARM:
        return set_one(&settings->walk.false_alarm, arg, err);
    case OWN_DETECTION:
        return set_one(&settings->walk.detection, arg, err);
    default:
        return tool_limits_take(&settings->limits, event, arg, err);
    }
}

static void release(struct settings *settings)
{
    paths_release(&settings->dark);
    paths_release(&settings->local);
}

static void clear(void *self)
{
    struct settings *settings = self;
    release(settings);
    *settings = (struct settings){.walk = walk_defaults, .dark_least = DARK_LEAST_DEFAULT};
}

static const struct tool_program program = {.options = &table, .take = take, .clear = clear};

/* --- sets of addresses ------------------------------------------------------------------------ */

struct sets {
    struct prefix_set *local, *dark; /* NULL: not known */
    bool is_wrong;                   /* lines of files were wrong, and were reported */
};

static void release_sets(struct sets *sets)
{
    prefix_set_free(sets->local);
    prefix_set_free(sets->dark);
}

static int load_local(struct prefix_set **ret, const struct settings *settings, const char *rc,
                      struct error *err)
{
    struct prefix_set *set = prefix_set_new();
    int result = 0;
    for (size_t i = 0; !result && i < settings->local.count; i++)
        result = address_set_add_words(set, settings->local.list[i].name, err);
    if (result)
        error_prefix(err, "-L");
    if (!settings->local.count && address_set_add_words(set, rc, err)) {
        error_prefix(err, "RA_LOCAL");
        result = -1;
    }
    prefix_set_build(set);
    *ret = set;
    return result;
}

static int load_sets(const struct tool *tool, struct sets *sets, const struct settings *settings,
                     struct error *err)
{
    const char *rc = tool->settings.local;
    if ((settings->local.count || rc) && load_local(&sets->local, settings, rc, err))
        return -1;
    if (settings->dark.count &&
        address_set_load(&sets->dark, &settings->dark, &sets->is_wrong, err))
        return -1;
    return 0;
}

/* --- the program ------------------------------------------------------------------------------ */

/* Records on standard output leave no room for a report. */
static bool is_quiet(const struct tool_settings *tool, const struct settings *settings)
{
    bool is_taken = settings->label_path && !strcmp(settings->label_path, "-");
    for (size_t i = 0; i < tool->outputs.count; i++)
        is_taken |= !strcmp(tool->outputs.specs[i].path, "-");
    is_taken |= tool->rejected_path && !strcmp(tool->rejected_path, "-");
    return is_taken || tool->quiet;
}

/* What is found, and where it goes. */
struct run {
    struct tool *tool;
    const struct settings *settings;
    struct sets sets;
    struct detector_options options;
    struct detector *detector;
    struct radark_split split;
};

static int read_records(struct run *run, struct error *err)
{
    struct record *r;
    int result = 0;
    while (!result && tool_next(run->tool, &r)) {
        result = detector_add(run->detector, r, err);
        if (!result)
            result = radark_split_add(&run->split, r, err);
    }
    return result;
}

static int report_scanners(struct run *run, struct radark_report *out, struct error *err)
{
    const struct scanner *scanner;
    int result;
    while (!(result = detector_next(run->detector, &scanner, err)))
        radark_report_scanner(out, scanner);
    return result < 0 ? -1 : 0;
}

static int report_answers(struct run *run, struct radark_report *out, struct error *err)
{
    const struct answer *answer;
    uint32_t id;
    int result;
    while (!(result = detector_next_answer(run->detector, &answer, &id, err)))
        radark_report_answer(out, answer, id);
    return result < 0 ? -1 : 0;
}

/* CSV and JSON have one table, so that programs know what they read. */
static int report(struct run *run, struct error *err)
{
    struct radark_report out;
    const bool only_answers = run->settings->only_answers;
    if (is_quiet(&run->tool->settings, run->settings))
        return 0;
    radark_report_init(&out, run->detector, &run->tool->settings.print);
    out.steps = &run->options.steps;
    out.knows_local = run->sets.local;
    if (!only_answers && report_scanners(run, &out, err))
        return -1;
    if ((only_answers || out.print->form == PRINT_TEXT) && report_answers(run, &out, err))
        return -1;
    radark_report_end(&out, only_answers);
    return fflush(stdout) && errno != EPIPE ? error_errno(err, "standard output") : 0;
}

static int detect(struct run *run, struct error *err)
{
    const struct settings *settings = run->settings;
    if (radark_split_begin(&run->split, run->tool, settings->label_path, settings->limits.folder,
                           err))
        return -1;
    run->options.local = run->sets.local;
    run->options.dark = run->sets.dark;
    run->options.dark_least = settings->dark_least;
    run->options.learns_dark = run->sets.local && settings->dark_least;
    run->options.memory_bytes = settings->limits.memory_bytes;
    run->options.folder = settings->limits.folder;
    run->options.state_path = settings->state_path;
    run->detector = detector_new(&run->options);
    if (read_records(run, err) || detector_finish(run->detector, err) || report(run, err))
        return -1;
    if (radark_split_write(&run->split, run->detector, err))
        return -1;
    return tool_output_flush(&run->tool->output, err) < 0 ? -1 : 0;
}

static int prepare(struct run *run, struct settings *settings, struct error *err)
{
    const char *wrong = walk_begin(&run->options.steps, &settings->walk);
    if (wrong)
        return error_set(err, "%s", wrong);
    if (tool_limits_complete(&settings->limits, DETECTOR_MEMORY_LEAST, err))
        return -1;
    return load_sets(run->tool, &run->sets, settings, err);
}

static void scan(struct tool *tool, struct settings *settings)
{
    struct run run = {.tool = tool, .settings = settings};
    struct error err;
    const bool is_good = !prepare(&run, settings, &err) && !detect(&run, &err);
    if (!is_good)
        tool_fail(tool, &err);
    if (radark_split_end(&run.split, &err))
        tool_fail(tool, &err);
    else if (is_good && !tool->has_failed && detector_commit(run.detector, &err))
        tool_fail(tool, &err);
    tool->has_failed |= run.sets.is_wrong;
    detector_free(run.detector);
    release_sets(&run.sets);
}

int radark_main(int argc, char **argv)
{
    struct tool tool;
    struct settings settings = {.walk = walk_defaults, .dark_least = DARK_LEAST_DEFAULT};
    if (tool_begin(&tool, &program, &settings, argc, argv))
        scan(&tool, &settings);
    release(&settings);
    return tool_end(&tool);
}
