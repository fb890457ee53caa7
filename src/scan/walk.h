/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

/*
 * Walk: J. Jung, V. Paxson, A. W. Berger, H. Balakrishnan, "Fast portscan detection using
 * sequential hypothesis testing", IEEE Symposium on Security and Privacy 2004. Of a source that is
 * benign a first contact succeeds with a probability that is higher than that of a scanner's. The
 * logarithm of the likelihood ratio of the two goes up with each failure and down with each
 * success; where it passes a threshold, which follows from the errors that are allowed, the source
 * is a scanner.
 *
 * At the lower threshold the paper takes the source for benign and stops looking. Here the walk
 * stays there and goes on, so that who begins to scan later is found, too.
 */
struct walk_parameters {
    double benign[2], scanner[2]; /* probability of success; of echo requests [1], and others [0] */
    double false_alarm, detection; /* probabilities: benign taken for a scanner; scanner found */
};

extern const struct walk_parameters walk_defaults;

/* What follows from them. */
struct walk_steps {
    double success[2], failure[2]; /* below and above 0 */
    double low, high;              /* thresholds */
};

/* NULL, or what is wrong with the parameters. */
const char *walk_begin(struct walk_steps *ret, const struct walk_parameters *parameters);

/* The value after a contact; it starts at 0. */
static inline double walk_step(const struct walk_steps *steps, double value, bool is_echo,
                               bool is_success)
{
    value += is_success ? steps->success[is_echo] : steps->failure[is_echo];
    return value < steps->low ? steps->low : value;
}
