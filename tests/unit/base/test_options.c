/* SPDX-License-Identifier: Apache-2.0 */
#include "base/options.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { READ = 1, WRITE, NUMERIC, UNIX, DELIMITER, FIELDS, LINES, STATES, MEMORY, DIRECTORY };

static const struct option_spec input_specs[] = {
    {READ, 'r', "read", OPTION_LIST, "file ...", "read these files"},
    {DIRECTORY, 'R', NULL, OPTION_LIST_OR_FLAG, "directory ...", "read directories"},
    {0, 'S', NULL, OPTION_UNSUPPORTED, "host", "Read from a server."},
    {0},
};
static const struct option_spec output_specs[] = {
    {WRITE, 'w', "write", OPTION_WORD_PLUS, "file [filter]",
     "append the records to a file; with a filter, only those that it matches, and this text is "
     "long enough to be wrapped"},
    {NUMERIC, 'n', NULL, OPTION_FLAG, NULL, "numbers"},
    {UNIX, 'u', NULL, OPTION_FLAG, NULL, ".begins with a dot, and has a \\"},
    {DELIMITER, 'c', "delimiter", OPTION_WORD, "char", "delimiter"},
    {FIELDS, 's', "fields", OPTION_LIST, "field", "columns"},
    {LINES, 'L', NULL, OPTION_WORD, "n", "header"},
    {STATES, 'Z', NULL, OPTION_WORD, "side", "The states. Of one side."},
    {MEMORY, 0, "memory", OPTION_WORD, "size", "memory to use"},
    {0},
};
static const struct option_group input_group = {"Input", input_specs};
static const struct option_group output_group = {"Output", output_specs};
static const struct option_group *const groups[] = {&input_group, &output_group, NULL};
static const char *const usage[] = {"[options] -r file ... [- filter]", "--version", NULL};
static const struct option_example examples[] = {{"prog -r x - udp", "Prints UDP."}, {NULL, NULL}};
static const struct option_table with_filter = {"Tests.", usage, groups, examples, false};
static const struct option_table with_operands = {"Tests.", usage, groups, examples, true};

/* Splits words separated by "|" each; an empty line has none. Returns argc; free argv[0]. */
static int split(const char *line, char *argv[32])
{
    int argc = 1;
    char *rest = argv[0] = strdup(line);
    for (char *word; line[0] && argc < 32 && (word = strsep(&rest, "|"));)
        argv[argc++] = word;
    return argc;
}

/*
 * Runs the parser and gives the events as a text: "r=a" for an option of letter r with value a,
 * "w=a+b" with a second word, "filter=...", "operand=...".
 */
static void run(const struct option_table *table, const char *line, char *ret, size_t size)
{
    char *argv[32];
    int argc = split(line, argv);
    static const char *const names[] = {"", "r", "w", "n", "u", "c", "s", "L", "Z", "memory", "R"};

    struct options options;
    struct option_arg arg;
    struct error err = {""};
    ret[0] = '\0';
    FILE *to = fmemopen(ret, size, "w");
    options_init(&options, table, argc, argv);
    int event;
    while ((event = options_next(&options, &arg, &err))) {
        switch (event) {
        case OPTIONS_ERROR:
            fprintf(to, "error: %s", err.text);
            break;
        case OPTIONS_HELP:
            fputs("help", to);
            break;
        case OPTIONS_VERSION:
            fputs("version", to);
            break;
        case OPTIONS_FILTER:
            fprintf(to, "filter=%s", arg.word);
            break;
        case OPTIONS_OPERAND:
            fprintf(to, "operand=%s", arg.word);
            break;
        default:
            fputs(names[event], to);
            if (arg.word)
                fprintf(to, "=%s", arg.word);
            if (arg.second)
                fprintf(to, "+%s", arg.second);
        }
        if (event == OPTIONS_ERROR)
            break;
        putc(';', to);
    }
    fclose(to);
    options_release(&options);
    free(argv[0]);
}

struct pair {
    const char *line, *events;
};

static void check_pairs(const struct option_table *table, const struct pair *pairs, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        char events[512];
        run(table, pairs[i].line, events, sizeof(events));
        if (strcmp(events, pairs[i].events) != 0)
            fail_msg("%s\n  gives    %s\n  expected %s", pairs[i].line, events, pairs[i].events);
    }
}

static void letters(void **state)
{
    (void)state;
    static const struct pair pairs[] = {
        {"", ""},
        {"-n", "n;"},
        {"-nnu", "n;n;u;"},
        {"-n|-n|-u", "n;n;u;"},
        {"-c,", "c=,;"},
        {"-c|,", "c=,;"},
        {"-nc,", "n;c=,;"},
        {"-nc|,|-u", "n;c=,;u;"},
        {"-c-", "c=-;"},
        {"-c|", "c=;"},
        {"-Zb", "Z=b;"},
        {"-L|-1", "L=-1;"},
        {"-L-1|-n", "L=-1;n;"},
        {"-h", "help;"},
        {"-nh", "n;help;"},
        {"-n-", "n;error: unknown option -- (see --help)"},
        {"-x", "error: unknown option -x (see --help)"},
        {"-c", "error: -c needs a value: -c char"},
        {"-n|-uc", "n;u;error: -c needs a value: -c char"},
        {"-S|host", "error: -S is not supported by this version"},
        {"-nShost", "n;error: -S is not supported by this version"},
    };
    check_pairs(&with_filter, pairs, sizeof(pairs) / sizeof(pairs[0]));
}

static void lists(void **state)
{
    (void)state;
    static const struct pair pairs[] = {
        {"-r|a|b|c", "r=a;r=b;r=c;"},
        {"-ra|b|-n", "r=a;r=b;n;"},
        {"-nr|a|b", "n;r=a;r=b;"},
        {"-r|a|-r|b", "r=a;r=b;"},
        {"-r|-", "r=-;"},
        {"-r|-|-w|o", "r=-;w=o;"},
        {"-r|-|-|udp", "r=-;filter=udp;"},
        {"-r|a|-|udp|and|port 53", "r=a;filter=udp and port 53;"},
        {"-r|a|--|udp", "r=a;filter=udp;"},
        {"-r|a|-", "r=a;"},
        {"-s|-bytes|-s|-pkts|+dur", "s=-bytes;s=-pkts;s=+dur;"},
        {"-s|saddr|daddr,sport|-n", "s=saddr;s=daddr,sport;n;"},
        {"-r", "error: -r needs a value: -r file ..."},
        {"-R|a|b|-n", "R=a;R=b;n;"},
        {"-Ra|b", "R=a;R=b;"},
        {"-R|-n", "R;n;"},
        {"-nR", "n;R;"},
        {"-R", "R;"},
        {"-R|-|udp", "R;filter=udp;"},
        {"--read|a|b", "r=a;r=b;"},
        {"--read=a|b", "r=a;filter=b;"},
    };
    check_pairs(&with_filter, pairs, sizeof(pairs) / sizeof(pairs[0]));
}

static void second_words(void **state)
{
    (void)state;
    static const struct pair pairs[] = {
        {"-w|o", "w=o;"},
        {"-w|o|tcp or udp", "w=o+tcp or udp;"},
        {"-w|o|tcp|-w|p|-n", "w=o+tcp;w=p;n;"},
        {"-wo|tcp", "w=o+tcp;"},
        {"-w|-|tcp", "w=-+tcp;"},
        {"-w|-|-|tcp", "w=-;filter=tcp;"},
        {"-w|o|tcp|udp", "w=o+tcp;filter=udp;"},
        {"--write=o|tcp", "w=o;filter=tcp;"},
        {"--write|o|tcp", "w=o+tcp;"},
        {"-w", "error: -w needs a value: -w file [filter]"},
    };
    check_pairs(&with_filter, pairs, sizeof(pairs) / sizeof(pairs[0]));
}

static void names(void **state)
{
    (void)state;
    static const struct pair pairs[] = {
        {"--memory|1G", "memory=1G;"},
        {"--memory=1G", "memory=1G;"},
        {"--memory=", "memory=;"},
        {"--memory=a=b", "memory=a=b;"},
        {"--delimiter|,", "c=,;"},
        {"--help", "help;"},
        {"--version|-n", "version;n;"},
        {"--memory", "error: --memory needs a value: --memory size"},
        {"--mem=1G", "error: unknown option --mem (see --help)"},
        {"--memry=1G", "error: unknown option --memry; did you mean --memory?"},
        {"--wirte|x", "error: unknown option --wirte; did you mean --write?"},
        {"--=1", "error: unknown option -- (see --help)"},
        {"--versionx", "error: unknown option --versionx (see --help)"},
        {"--a-name-that-is-longer-than-any-option-could-be-and-then-some-more-of-it=1",
         "error: unknown option "
         "--a-name-that-is-longer-than-any-option-could-be-and-then-some-more-of-it=1 "
         "(see --help)"},
    };
    check_pairs(&with_filter, pairs, sizeof(pairs) / sizeof(pairs[0]));
}

static void lone_words(void **state)
{
    (void)state;
    static const struct pair pairs[] = {
        {"udp|-n|and|port 53", "n;filter=udp and port 53;"},
        {"-n|udp|-|-x|--help", "n;filter=udp -x --help;"},
        {"-|udp", "filter=udp;"},
        {"--", ""},
    };
    check_pairs(&with_filter, pairs, sizeof(pairs) / sizeof(pairs[0]));
    static const struct pair operands[] = {
        {"a|-n|b|--|-c", "n;operand=a;operand=b;operand=-c;"},
        {"-n", "n;"},
    };
    check_pairs(&with_operands, operands, sizeof(operands) / sizeof(operands[0]));
}

static void given_is_what_was_typed(void **state)
{
    (void)state;
    char *argv[32];
    int argc = split("--read|a|b|-nr|c|-w|d", argv);
    const char *const expected[] = {"--read", "--read", "-n", "-r", "-w"};
    struct options options;
    struct option_arg arg;
    options_init(&options, &with_filter, argc, argv);
    for (size_t i = 0; i < 5; i++) {
        assert_true(options_next(&options, &arg, NULL) > 0);
        assert_string_equal(arg.given, expected[i]);
    }
    assert_int_equal(options_next(&options, &arg, NULL), OPTIONS_END);
    assert_int_equal(options_next(&options, &arg, NULL), OPTIONS_END);
    options_release(&options);
    free(argv[0]);
}

static void help_is_wrapped(void **state)
{
    (void)state;
    char text[4096];
    FILE *to = fmemopen(text, sizeof(text), "w");
    options_print_help(&with_filter, "prog", to);
    fclose(to);
    assert_non_null(strstr(text, "Usage: prog [options] -r file ... [- filter]\n"
                                 "       prog --version\n\nTests.\n\nInput:\n"
                                 "  -r, --read file ...       read these files\n"));
    assert_non_null(strstr(text, "  -w, --write file [filter]\n"
                                 "                            append the records"));
    assert_non_null(strstr(text, "      --memory size         memory to use\n"));
    assert_non_null(strstr(text, "\nExamples:\n  prog -r x - udp\n      Prints UDP.\n"));
    assert_non_null(strstr(text, "that this version does not have:\n  S\n"));
    assert_null(strstr(text, "Read from a server"));
    for (char *line = text, *end; (end = strchr(line, '\n')); line = end + 1)
        assert_true(end - line <= 79);
}

static void manual_is_escaped(void **state)
{
    (void)state;
    char text[4096];
    FILE *to = fmemopen(text, sizeof(text), "w");
    options_print_mdoc(&with_filter, to);
    fclose(to);
    assert_non_null(strstr(text, ".It Fl w , Fl -write Ar file\\ [filter]\nappend"));
    assert_non_null(strstr(text, ".It Fl r , Fl -read Ar file\\ ...\n"));
    assert_non_null(strstr(text, "\n\\&.begins with a dot, and has a \\e\n"));
    assert_non_null(
        strstr(text, ".El\n.Pp\nOptions of Argus that this version does not have:\n  S\n"));
    assert_non_null(strstr(text, "\nThe states.\nOf one side.\n"));
    assert_non_null(strstr(text, "that it\nmatches, and this text is long enough to be wrapped\n"));
    assert_non_null(strstr(text, ".Bd -literal -offset indent\nprog \\-r x \\- udp\n.Ed\n"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(letters),         cmocka_unit_test(lists),
        cmocka_unit_test(second_words),    cmocka_unit_test(names),
        cmocka_unit_test(lone_words),      cmocka_unit_test(given_is_what_was_typed),
        cmocka_unit_test(help_is_wrapped), cmocka_unit_test(manual_is_escaped),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
