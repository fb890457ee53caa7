/* SPDX-License-Identifier: Apache-2.0 */
#include "record/wire_block.h"

/* Blocks of any length: user data, labels, correlation. Their bytes are borrowed. */

/* --- user data: the one block with a 16-bit length -------------------------------------------- */

enum { USER_SRC = 0x10, USER_DST = 0x20, USER_COMPRESSED = 0x08, USER_LONG = 0x80 };

bool wire_get_user(const struct wire_block *b, struct record *r)
{
    /* An old form has the side in the qualifier. */
    unsigned form = b->subtype & USER_LONG ? b->subtype : b->qualifier;
    unsigned side = form & USER_DST ? DST : SRC;
    if (b->body.size < 4)
        return false;
    size_t count = load_be16(b->body.data + 2), there = b->body.size - 4;
    r->user[side] = (struct record_user){
        .limit = load_be16(b->body.data),
        .compressed = form & USER_COMPRESSED,
        .bytes = {b->body.data + 4, count < there ? count : there},
    };
    r->blocks |= side ? BLOCK_DUSER : BLOCK_SUSER;
    return true;
}

static void put_user(const struct record_user *user, uint8_t side, struct wire_writer *w)
{
    uint8_t subtype = USER_LONG | side | (user->compressed ? USER_COMPRESSED : 0);
    wire_open(w, TYPE_USER, subtype, 0);
    put16(w, user->limit);
    put16(w, (uint16_t)user->bytes.size);
    put_bytes(w, user->bytes.data, user->bytes.size);
    wire_close(w);
    store_be16(w->block + 2, (uint16_t)((w->at - w->block) / 4));
}

void wire_put_suser(const struct record *r, struct wire_writer *w)
{
    put_user(&r->user[SRC], USER_SRC, w);
}

void wire_put_duser(const struct record *r, struct wire_writer *w)
{
    put_user(&r->user[DST], USER_DST, w);
}

/* --- label: text, padded with zeros ----------------------------------------------------------- */

bool wire_get_label(const struct wire_block *b, struct record *r)
{
    const uint8_t *end = memchr(b->body.data, 0, b->body.size);
    r->label = (struct view){b->body.data, end ? (size_t)(end - b->body.data) : b->body.size};
    r->blocks |= BLOCK_LABEL;
    return true;
}

void wire_put_label(const struct record *r, struct wire_writer *w)
{
    enum { LABEL_MOST = 254 * 4 - 1 }; /* the length is one byte of words; a zero ends the text */
    size_t size = r->label.size < LABEL_MOST ? r->label.size : LABEL_MOST;
    wire_open(w, TYPE_LABEL, 0, 0);
    put_bytes(w, r->label.data, size);
    put8(w, 0);
    wire_close(w);
}

/* --- correlation: kept as bytes --------------------------------------------------------------- */

bool wire_get_cor(const struct wire_block *b, struct record *r)
{
    r->cor = b->body;
    r->blocks |= BLOCK_COR;
    return true;
}

void wire_put_cor(const struct record *r, struct wire_writer *w)
{
    wire_open(w, TYPE_COR, 0, 0);
    put_bytes(w, r->cor.data, r->cor.size);
    wire_close(w);
}
