/* SPDX-License-Identifier: Apache-2.0 */
#include "scan/walk.h"

#include <math.h>
#include <stddef.h>

/*
 * A talk is rarer than a connection that opens, which is what the paper counts, and peers of
 * peer-to-peer networks are often gone: so benign sources succeed less often than in the paper, and
 * scanners, who ask nothing, hardly ever. Who answers an echo request is just there.
 */
const struct walk_parameters walk_defaults = {
    .benign = {0.4, 0.8},
    .scanner = {0.03, 0.3},
    .false_alarm = 0.0001,
    .detection = 0.99,
};

static bool is_probability(double p)
{
    return p > 0 && p < 1;
}

const char *walk_begin(struct walk_steps *ret, const struct walk_parameters *parameters)
{
    const double alarm = parameters->false_alarm, found = parameters->detection;
    if (!is_probability(alarm) || !is_probability(found) || alarm >= found)
        return "the rate of false alarms must be below that of detection, both between 0 and 1";
    for (unsigned i = 0; i < 2; i++) {
        const double benign = parameters->benign[i], scanner = parameters->scanner[i];
        if (!is_probability(benign) || !is_probability(scanner) || scanner >= benign)
            return "scanners must succeed less often than others, both between 0 and 1";
        ret->success[i] = log(scanner / benign);
        ret->failure[i] = log((1 - scanner) / (1 - benign));
    }
    ret->low = log((1 - found) / (1 - alarm));
    ret->high = log(found / alarm);
    return NULL;
}
