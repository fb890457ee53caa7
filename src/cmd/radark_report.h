/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "record/value_text.h"
#include "scan/detector.h"

/* What radark prints: a line for each scanner, in the form that the options want. */
struct radark_report {
    const struct detector *detector;
    const struct print_options *print;
    const struct walk_steps *steps;
    bool knows_local;
    struct value_text text;      /* of `print` */
    bool has_begun, has_answers; /* that the table has its titles */
};

/* Times have a date if the user says nothing else of them. */
void radark_report_init(struct radark_report *report, const struct detector *detector,
                        struct print_options *print);
void radark_report_scanner(struct radark_report *report, const struct scanner *scanner);

/* A line for what answered scanner `id` and nobody before. */
void radark_report_answer(struct radark_report *report, const struct answer *answer, uint32_t id);

/* Behind the last line. */
void radark_report_end(struct radark_report *report, bool only_answers);
