/* SPDX-License-Identifier: Apache-2.0 */
#include "cmd/keystroke_words.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/quantity.h"

int keystroke_words_mode(struct keystroke_options *options, const char *word, struct error *err)
{
    static const struct {
        const char *word;
        enum keystroke_mode mode;
    } known[] = {{"no", KEYSTROKES_OFF},
                 {"yes", KEYSTROKES_TCP},
                 {"tcp", KEYSTROKES_TCP},
                 {"ssh", KEYSTROKES_SSH}};
    for (size_t i = 0; i < ARRAY_SIZE(known); i++)
        if (!strcmp(word, known[i].word)) {
            options->mode = (uint8_t)known[i].mode;
            return 0;
        }
    return error_set(err, "'%s' is none of no, tcp, ssh", word);
}

/* Sizes and numbers of packets. */
static const struct count_word {
    const char *name;
    size_t offset;
    uint64_t most;
} count_words[] = {
    {"DC_MIN", offsetof(struct keystroke_options, client_least), UINT16_MAX},
    {"DC_MAX", offsetof(struct keystroke_options, client_most), UINT16_MAX},
    {"DS_MIN", offsetof(struct keystroke_options, server_least), UINT16_MAX},
    {"DS_MAX", offsetof(struct keystroke_options, server_most), UINT16_MAX},
    {"GS_MAX", offsetof(struct keystroke_options, echo_gap), KEYSTROKE_GAP_MOST},
    {"GPC_MAX", offsetof(struct keystroke_options, stroke_gap), UINT16_MAX},
};

static int take_ratio(const char *text, double *ret, struct error *err)
{
    const double most = 1000;
    char *end;
    double value = strtod(text, &end);
    if (end == text || *end || !(value >= 0 && value <= most))
        return error_set(err, "'%s' is no ratio between 0 and %.0f", text, most);
    *ret = value;
    return 0;
}

static int take_limit(struct keystroke_options *o, const char *name, const char *value,
                      struct error *err)
{
    uint64_t number;
    for (size_t i = 0; i < ARRAY_SIZE(count_words); i++)
        if (!strcmp(name, count_words[i].name)) {
            if (quantity_count(value, count_words[i].most, &number, err))
                return -1;
            *(uint32_t *)(void *)((char *)o + count_words[i].offset) = (uint32_t)number;
            return 0;
        }
    if (!strcmp(name, "ICR_MIN"))
        return take_ratio(value, &o->least_ratio, err);
    if (!strcmp(name, "ICR_MAX"))
        return take_ratio(value, &o->most_ratio, err);
    const bool is_pause = !strcmp(name, "IC_MIN");
    if (!is_pause && strcmp(name, "LCS_MAX") != 0)
        return error_set(err, "there is no such limit");
    if (quantity_count(value, UINT32_MAX, &number, err))
        return -1;
    if (is_pause)
        o->least_pause = (nsec_t)number * NSEC_PER_USEC;
    return 0; /* LCS_MAX limits nothing in argus 3.0.8, either */
}

int keystroke_words_limits(struct keystroke_options *options, const char *words, struct error *err)
{
    char *copy = mem_strdup(words);
    int result = 0;
    for (char *rest = copy, *word; !result && (word = strsep(&rest, ";")) != NULL;) {
        char *name = word + strspn(word, " ");
        char *value = strchr(name, '=');
        if (!*name)
            continue;
        if (!value) {
            result = error_set(err, "NAME=value is expected, not '%s'", name);
            continue;
        }
        *value++ = '\0';
        result = take_limit(options, name, value, err);
        if (result)
            error_prefix(err, "%s", name);
    }
    free(copy);
    return result;
}
