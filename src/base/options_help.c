/* SPDX-License-Identifier: Apache-2.0 */
#include "base/options.h"

#include <string.h>

enum { HELP_WIDTH = 79, HELP_COLUMN = 28 };

/* What every program has. */
static const struct option_group help_group = {
    "Help",
    (const struct option_spec[]){
        {.name = "help", .help = "Print this text."},
        {.name = "version", .help = "Print the version."},
        {0},
    },
};

/* --- --help ----------------------------------------------------------------------------------- */

/* Prints words from `column` on, wrapped and indented by `indent`; ends the line. */
static void print_wrapped(const char *text, int column, int indent, FILE *to)
{
    bool first = true;
    while (*text) {
        int size = (int)strcspn(text, " ");
        if (!first && column + 1 + size > HELP_WIDTH) {
            fprintf(to, "\n%*s", indent, "");
            column = indent;
            first = true;
        }
        column += fprintf(to, "%s%.*s", first ? "" : " ", size, text);
        first = false;
        text += size;
        text += strspn(text, " ");
    }
    putc('\n', to);
}

static void print_spec(const struct option_spec *spec, FILE *to)
{
    int column = 0;
    if (spec->letter)
        column += fprintf(to, "  -%c", spec->letter);
    if (spec->name)
        column += fprintf(to, spec->letter ? ", --%s" : "      --%s", spec->name);
    if (spec->value)
        column += fprintf(to, " %s", spec->value);
    if (column + 2 > HELP_COLUMN) {
        putc('\n', to);
        column = 0;
    }
    fprintf(to, "%*s", HELP_COLUMN - column, "");
    print_wrapped(spec->help, HELP_COLUMN, HELP_COLUMN, to);
}

/* True if the program has an option of this letter after all, in a group of its own. */
static bool has_letter(const struct option_table *table, char letter)
{
    for (const struct option_group *const *group = table->groups; *group; group++)
        for (const struct option_spec *spec = (*group)->specs; !option_is_end(spec); spec++)
            if (spec->letter == letter && spec->kind != OPTION_UNSUPPORTED)
                return true;
    return false;
}

/* Unsupported options have one line in common: their letters. */
static void print_unsupported(const struct option_table *table, const char *before, FILE *to)
{
    bool any = false;
    for (const struct option_group *const *group = table->groups; *group; group++) {
        for (const struct option_spec *spec = (*group)->specs; !option_is_end(spec); spec++) {
            if (spec->kind != OPTION_UNSUPPORTED || has_letter(table, spec->letter))
                continue;
            if (!any)
                fprintf(to, "%sOptions of Argus that this version does not have:\n ", before);
            fprintf(to, " %c", spec->letter);
            any = true;
        }
    }
    if (any)
        putc('\n', to);
}

static bool has_supported(const struct option_group *group)
{
    const struct option_spec *spec = group->specs;
    while (!option_is_end(spec) && spec->kind == OPTION_UNSUPPORTED)
        spec++;
    return !option_is_end(spec);
}

static void print_group(const struct option_group *group, FILE *to)
{
    fprintf(to, "\n%s:\n", group->title);
    for (const struct option_spec *spec = group->specs; !option_is_end(spec); spec++) {
        if (spec->kind != OPTION_UNSUPPORTED)
            print_spec(spec, to);
    }
}

void options_print_help(const struct option_table *table, const char *program, FILE *to)
{
    for (const char *const *line = table->usage; *line; line++)
        fprintf(to, "%s %s %s\n", line == table->usage ? "Usage:" : "      ", program, *line);
    fprintf(to, "\n%s\n", table->summary);
    for (const struct option_group *const *group = table->groups; *group; group++) {
        if (has_supported(*group))
            print_group(*group, to);
    }
    print_group(&help_group, to);
    print_unsupported(table, "\n", to);
    fprintf(to, "\nExamples:\n");
    for (const struct option_example *example = table->examples; example->command; example++) {
        fprintf(to, "  %s\n      ", example->command);
        print_wrapped(example->explanation, 6, 6, to);
    }
}

/* --- the manual page -------------------------------------------------------------------------- */

/* Text for mdoc: a line must not begin with a dot or quote, and backslashes are not escapes. */
static void print_escaped(const char *text, size_t size, FILE *to)
{
    for (size_t i = 0; i < size; i++) {
        if (text[i] == '\\')
            fprintf(to, "\\e");
        else if (text[i] == '-')
            fprintf(to, "\\-");
        else
            putc(text[i], to);
    }
}

static void print_line(const char *text, size_t size, FILE *to)
{
    if (*text == '.' || *text == '\'')
        fprintf(to, "\\&");
    print_escaped(text, size, to);
}

/* Sentences, each on a line of its own, or on more if it is long. */
static void print_prose(const char *text, FILE *to)
{
    enum { COLUMNS = 72 };
    size_t column = 0;
    while (*text) {
        size_t size = strcspn(text, " ");
        if (!column) {
            print_line(text, size, to);
        } else if (strchr(".!?", text[-2]) || column + 1 + size > COLUMNS) {
            putc('\n', to);
            print_line(text, size, to);
            column = 0;
        } else {
            putc(' ', to);
            print_escaped(text, size, to);
        }
        column += size + 1;
        text += size + (text[size] == ' ');
    }
    putc('\n', to);
}

static void print_item(const struct option_spec *spec, FILE *to)
{
    fprintf(to, ".It");
    if (spec->letter)
        fprintf(to, " Fl %c", spec->letter);
    if (spec->name)
        fprintf(to, "%s Fl -%s", spec->letter ? " ," : "", spec->name);
    if (spec->value) {
        fprintf(to, " Ar ");
        for (const char *at = spec->value; *at; at++)
            fprintf(to, *at == ' ' ? "\\ " : "%c", *at);
    }
    putc('\n', to);
    print_prose(spec->help, to);
}

static void print_items(const struct option_group *group, FILE *to)
{
    fprintf(to, ".Ss %s\n.Bl -tag -width Ds\n", group->title);
    for (const struct option_spec *spec = group->specs; !option_is_end(spec); spec++) {
        if (spec->kind != OPTION_UNSUPPORTED)
            print_item(spec, to);
    }
    fprintf(to, ".El\n");
}

void options_print_mdoc(const struct option_table *table, FILE *to)
{
    fprintf(to, ".Sh OPTIONS\n");
    for (const struct option_group *const *group = table->groups; *group; group++) {
        if (has_supported(*group))
            print_items(*group, to);
    }
    print_items(&help_group, to);
    print_unsupported(table, ".Pp\n", to);
    fprintf(to, ".Sh EXAMPLES\n");
    for (const struct option_example *example = table->examples; example->command; example++) {
        if (example != table->examples)
            fprintf(to, ".Pp\n");
        print_prose(example->explanation, to);
        fprintf(to, ".Bd -literal -offset indent\n");
        print_line(example->command, strlen(example->command), to);
        fprintf(to, "\n.Ed\n");
    }
}
