/* SPDX-License-Identifier: Apache-2.0 */
#include "packet/packet.h"

#include "base/check.h"

const char *packet_loss_name(enum packet_loss loss)
{
    static const char *const names[LOSS_COUNT] = {
        [PACKET_OK] = "accounted",
#define LOSS(id, name, text) [LOSS_##id] = name,
#include "packet/loss.def"
#undef LOSS
    };
    check((unsigned)loss < LOSS_COUNT);
    return names[loss];
}

const char *quirk_name(enum quirk quirk)
{
    static const char *const names[QUIRK_COUNT] = {
#define QUIRK(number, id, name, text) [QUIRK_##id] = name,
#include "packet/quirk.def"
#undef QUIRK
    };
    check((unsigned)quirk < QUIRK_COUNT);
    return names[quirk];
}

const char *quirk_text(enum quirk quirk)
{
    static const char *const texts[QUIRK_COUNT] = {
#define QUIRK(number, id, name, text) [QUIRK_##id] = text,
#include "packet/quirk.def"
#undef QUIRK
    };
    check((unsigned)quirk < QUIRK_COUNT);
    return texts[quirk];
}
