/* SPDX-License-Identifier: Apache-2.0 */
#include "aggregate/key.h"

#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/bytes.h"
#include "base/check.h"
#include "base/hash.h"
#include "base/quantity.h"
#include "base/spelling.h"

/* --- the words of -m -------------------------------------------------------------------------- */

enum word_flag { WORD_MASK = 1, WORD_DESCENDING = 2 };

/* Words with a part of their own; `both` has a second item for the other side. */
struct word {
    const char *name;
    key_part_put *put; /* NULL: a field of the table, by this name */
    uint8_t side;
    uint8_t flags;
};

static const struct word words[] = {
    {"srcid", key_part_source, SRC, 0},
    {"proto", key_part_protocol, SRC, WORD_DESCENDING},
    {"saddr", key_part_address, SRC, WORD_MASK},
    {"daddr", key_part_address, DST, WORD_MASK},
    {"sport", key_part_port, SRC, 0},
    {"dport", key_part_port, DST, 0},
    {"smac", key_part_mac, SRC, 0},
    {"dmac", key_part_mac, DST, 0},
    {"soui", key_part_oui, SRC, 0},
    {"doui", key_part_oui, DST, 0},
    {"smpls", NULL, SRC, WORD_DESCENDING},
    {"dmpls", NULL, DST, WORD_DESCENDING},
    {"svlan", NULL, SRC, WORD_DESCENDING},
    {"dvlan", NULL, DST, WORD_DESCENDING},
    {"svid", NULL, SRC, WORD_DESCENDING},
    {"dvid", NULL, DST, WORD_DESCENDING},
    {"svpri", NULL, SRC, WORD_DESCENDING},
    {"dvpri", NULL, DST, WORD_DESCENDING},
    {"stos", NULL, SRC, WORD_DESCENDING},
    {"dtos", NULL, DST, WORD_DESCENDING},
    {"sdsb", NULL, SRC, WORD_DESCENDING},
    {"ddsb", NULL, DST, WORD_DESCENDING},
    {"sttl", NULL, SRC, 0},
    {"dttl", NULL, DST, 0},
    {"sipid", NULL, SRC, WORD_DESCENDING},
    {"dipid", NULL, DST, WORD_DESCENDING},
    {"stcpb", NULL, SRC, WORD_DESCENDING},
    {"dtcpb", NULL, DST, WORD_DESCENDING},
    {"inode", NULL, SRC, WORD_MASK},
    {"sco", NULL, SRC, 0},
    {"dco", NULL, DST, 0},
    {"sas", NULL, SRC, 0},
    {"das", NULL, DST, 0},
    {"ias", NULL, SRC, 0},
};

/* Words that stand for one or two others, and say more than what the key is. */
static const struct composite {
    const char *name, *first, *second; /* second may be NULL */
    key_part_put *turn;
    bool is_both_ends;
} composites[] = {
    {"matrix", "saddr", "daddr", key_part_address, false},
    {"macmatrix", "smac", "dmac", key_part_mac, false},
    {"addr", "saddr", NULL, NULL, true},
    {"port", "sport", NULL, NULL, true},
    {"mac", "smac", NULL, NULL, true},
};

static const struct word *find_word(const char *name, size_t size)
{
    for (size_t i = 0; i < ARRAY_SIZE(words); i++) {
        if (!strncasecmp(words[i].name, name, size) && !words[i].name[size])
            return &words[i];
    }
    return NULL;
}

static int unknown_word(const char *name, struct error *err)
{
    const char *best = NULL;
    for (size_t i = 0; i < ARRAY_SIZE(words); i++)
        spelling_consider(name, words[i].name, &best);
    if (best)
        return error_set(err, "unknown key '%s'; did you mean '%s'?", name, best);
    return error_set(err, "unknown key '%s'", name);
}

struct mask {
    uint8_t prefix, family; /* as in struct key_item */
};

static int add_item(struct key_model *model, const struct word *word, struct mask mask,
                    struct error *err)
{
    if (model->count == KEY_ITEMS_MAX)
        return error_set(err, "more than %d keys", (int)KEY_ITEMS_MAX);
    struct key_item *item = &model->items[model->count++];
    *item = (struct key_item){
        .put = word->put,
        .side = word->side,
        .prefix = mask.prefix,
        .family = mask.family,
        .descending = word->flags & WORD_DESCENDING,
    };
    if (!word->put) {
        item->field = field_find(word->name);
        if (!item->field)
            return error_set(err, "the key '%s' is not supported by this version", word->name);
    }
    return 0;
}

/* The leading ones of a mask; -1 if there is a one behind a zero. */
static int leading_ones(const uint8_t *mask, unsigned bytes)
{
    unsigned ones = 0;
    for (unsigned i = 0; i < 8 * bytes; i++) {
        bool is_set = mask[i / 8] & 0x80 >> i % 8;
        if (is_set && i != ones)
            return -1;
        ones += is_set;
    }
    return (int)ones;
}

/* "24", "64", "255.255.0.0", "ffff:ffff::"; no ones are no mask. */
static int parse_mask(const char *text, struct mask *ret, struct error *err)
{
    uint64_t bits;
    uint8_t mask[16];
    int is_ip4 = inet_pton(AF_INET, text, mask) == 1;
    if (is_ip4 || inet_pton(AF_INET6, text, mask) == 1) {
        int ones = leading_ones(mask, is_ip4 ? 4 : 16);
        if (ones < 0)
            return error_set(err, "'%s' is not a mask of leading ones", text);
        *ret = (struct mask){(uint8_t)ones, is_ip4 ? FAMILY_IP4 : FAMILY_IP6};
        return 0;
    }
    if (quantity_count(text, 128, &bits, err))
        return error_prefix(err, "mask length");
    *ret = (struct mask){.prefix = (uint8_t)bits};
    return 0;
}

/* The word is one of the table, with its mask. */
static int add_simple(struct key_model *model, const char *name, const char *mask,
                      struct error *err)
{
    struct mask bits = {0};
    const struct word *word = find_word(name, strlen(name));
    if (!word)
        return unknown_word(name, err);
    if (mask && !(word->flags & WORD_MASK))
        return error_set(err, "the key '%s' takes no mask", name);
    if (mask && parse_mask(mask, &bits, err))
        return error_prefix(err, "key '%s'", name);
    return add_item(model, word, bits, err);
}

/* Everything that can be a key. */
static int add_all(struct key_model *model, struct error *err)
{
    for (size_t i = 0; i < ARRAY_SIZE(words); i++) {
        if (add_item(model, &words[i], (struct mask){0}, err))
            return -1;
    }
    return 0;
}

static int add_word(struct key_model *model, char *name, struct error *err)
{
    char *mask = strchr(name, '/');
    if (mask)
        *mask++ = '\0';
    if (!strcasecmp(name, "none")) {
        model->is_none = true;
        return 0;
    }
    if (!strcasecmp(name, "all"))
        return add_all(model, err);
    for (size_t i = 0; i < ARRAY_SIZE(composites); i++) {
        const struct composite *composite = &composites[i];
        if (strcasecmp(name, composite->name) != 0)
            continue;
        if (composite->turn)
            model->turn = composite->turn;
        model->is_both_ends |= composite->is_both_ends;
        if (add_simple(model, composite->first, mask, err))
            return -1;
        return composite->second ? add_simple(model, composite->second, mask, err) : 0;
    }
    return add_simple(model, name, mask, err);
}

int key_model_add(struct key_model *model, const char *word, struct error *err)
{
    char name[64];
    for (;;) {
        size_t size = strcspn(word, ",");
        if (size >= sizeof(name))
            return error_set(err, "unknown key '%s'", word);
        memcpy(name, word, size);
        name[size] = '\0';
        if (add_word(model, name, err))
            return -1;
        if (!word[size])
            return 0;
        word += size + 1;
    }
}

static bool has_part(const struct key_model *model, key_part_put *put, unsigned side)
{
    for (unsigned i = 0; i < model->count; i++) {
        if (model->items[i].put == put && model->items[i].side == side)
            return true;
    }
    return false;
}

static void imply(struct key_model *model, key_part_put *put, unsigned side)
{
    if (!has_part(model, put, side))
        model->items[model->count++] = (struct key_item){.put = put, .side = (uint8_t)side};
}

/* A port means something only together with its protocol. */
void key_model_finish(struct key_model *model)
{
    model->sort_count = model->count;
    for (unsigned side = SRC; side <= DST; side++) {
        if (!has_part(model, key_part_port, side))
            continue;
        imply(model, key_part_detail, side);
        imply(model, key_part_protocol, SRC);
    }
}

void key_model_default(struct key_model *ret)
{
    *ret = (struct key_model){
        .items = {{.put = key_part_source},
                  {.put = key_part_protocol},
                  {.put = key_part_address, .side = SRC},
                  {.put = key_part_address, .side = DST},
                  {.put = key_part_port, .side = SRC},
                  {.put = key_part_port, .side = DST},
                  {.put = key_part_detail, .side = SRC},
                  {.put = key_part_detail, .side = DST}},
        .count = 8,
        .is_default = true,
    };
}

void key_model_complete(struct key_model *model, bool is_both_ends)
{
    if (is_both_ends && !model->count && !model->is_none)
        check(!key_model_add(model, "srcid,proto,saddr,sport", NULL));
    if (model->count)
        key_model_finish(model);
    else if (!model->is_none)
        key_model_default(model);
    model->is_both_ends |= is_both_ends;
}

/* --- records ---------------------------------------------------------------------------------- */

/* Clears what follows the first `prefix` bits. */
static void mask_bytes(uint8_t *addr, unsigned bytes, unsigned prefix)
{
    if (prefix % 8)
        addr[prefix / 8] &= (uint8_t)(0xff00 >> prefix % 8);
    unsigned whole = (prefix + 7) / 8;
    memset(addr + whole, 0, bytes - whole);
}

static bool is_ip(const struct record *r)
{
    return record_has(r, BLOCK_FLOW) &&
           (r->key.family == FAMILY_IP4 || r->key.family == FAMILY_IP6);
}

static unsigned address_bits(const struct record *r)
{
    return r->key.family == FAMILY_IP4 ? 32 : 128;
}

static bool is_masked(const struct key_item *item, const struct record *r)
{
    return item->prefix && (!item->family || item->family == r->key.family);
}

static void mask_address(struct record *r, unsigned side, unsigned prefix)
{
    struct record_key *key = &r->key;
    if (!is_ip(r) || prefix >= key->prefix[side] || prefix >= address_bits(r))
        return;
    record_touch(r);
    key->prefix[side] = (uint8_t)prefix;
    key->flags |= KEY_MASKED;
    mask_bytes(key->addr[side], address_bits(r) / 8, prefix);
}

void key_model_turn(const struct key_model *model, struct record *r)
{
    uint8_t source[KEY_PART_MAX], target[KEY_PART_MAX];
    if (!model->turn)
        return;
    size_t source_size = (size_t)(model->turn(source, r, SRC, 0) - source);
    size_t target_size = (size_t)(model->turn(target, r, DST, 0) - target);
    size_t shorter = source_size < target_size ? source_size : target_size;
    if (memcmp(source, target, shorter) > 0)
        key_turn(r);
}

void key_turn(struct record *r)
{
    record_touch(r);
    record_reverse(r);
    /* Readers turn TCP records that begin with a SYN+ACK, unless this says that it was done. */
    if (record_is_tcp(r))
        r->key.flags |= KEY_DIRECTION;
}

/* Nothing is left of IP flows but what is in the key. */
static void strip(const struct key_model *model, struct record *r)
{
    struct record_key *key = &r->key;
    if (!is_ip(r))
        return;
    record_touch(r);
    for (unsigned side = SRC; side <= DST; side++) {
        if (!has_part(model, key_part_address, side)) {
            memset(key->addr[side], 0, sizeof(key->addr[side]));
            key->prefix[side] = 0;
            key->flags |= KEY_MASKED;
        }
    }
    bool has_source = has_part(model, key_part_port, SRC);
    bool has_target = has_part(model, key_part_port, DST);
    if (!has_source && !has_target)
        memset(&key->u, 0, sizeof(key->u));
    if (!has_source)
        key->port[SRC] = 0;
    if (!has_target)
        key->port[DST] = 0;
    if (!has_part(model, key_part_protocol, SRC))
        key->protocol = 0;
}

void key_model_apply(const struct key_model *model, struct record *r)
{
    if (model->is_default || !record_has(r, BLOCK_FLOW))
        return;
    for (unsigned i = 0; i < model->count; i++) {
        const struct key_item *item = &model->items[i];
        if (item->put == key_part_address && is_masked(item, r))
            mask_address(r, item->side, item->prefix);
    }
    if (model->is_bare)
        strip(model, r);
}

void key_take(const struct key_model *model, struct record *to, const struct record *from)
{
    for (unsigned i = 0; i < model->count; i++) {
        const struct key_item *item = &model->items[i];
        if (item->put != key_part_address)
            continue;
        memcpy(to->key.addr[item->side], from->key.addr[item->side],
               sizeof(to->key.addr[item->side]));
        to->key.prefix[item->side] = from->key.prefix[item->side];
    }
}

/* An address as a part, masked: its kind is the first byte. A mask that is too long is none. */
static uint8_t *put_masked(uint8_t *at, const struct record *r, const struct key_item *item,
                           unsigned flip)
{
    uint8_t *end =
        item->put ? item->put(at, r, item->side, flip) : key_part_field(at, r, item->field);
    bool is_address = item->put == key_part_address ? is_ip(r) : end - at == 5 || end - at == 17;
    if (is_masked(item, r) && is_address && item->prefix < 8 * (end - at - 1))
        mask_bytes(at + 1, (unsigned)(end - at - 1), item->prefix);
    return end;
}

void key_build(const struct key_model *model, const struct record *r, bool reversed,
               struct key *ret)
{
    uint8_t *at = ret->bytes;
    for (unsigned i = 0; i < model->count; i++) {
        if (i == model->sort_count)
            ret->sort_size = (uint16_t)(at - ret->bytes);
        const struct key_item *item = &model->items[i];
        uint8_t *begin = at;
        at = put_masked(at, r, item, reversed);
        for (uint8_t *byte = begin; item->descending && byte < at; byte++)
            *byte = (uint8_t) ~*byte;
    }
    if (model->count == model->sort_count)
        ret->sort_size = (uint16_t)(at - ret->bytes);
    while ((at - ret->bytes) % 8)
        *at++ = 0;
    ret->size = (uint16_t)(at - ret->bytes);
}

/* --- hashes ----------------------------------------------------------------------------------- */

uint64_t key_hash(const struct key *key, uint64_t seed)
{
    return hash_words(seed, key->bytes, key->size / 8);
}

static const struct key_item *find_item(const struct key_model *model, key_part_put *put,
                                        unsigned side)
{
    for (unsigned i = 0; i < model->count; i++) {
        if (model->items[i].put == put && model->items[i].side == side)
            return &model->items[i];
    }
    return NULL;
}

bool key_model_has_both(const struct key_model *model)
{
    return find_item(model, key_part_address, SRC) && find_item(model, key_part_address, DST);
}

/* What both ends have in the key, with the shorter of two masks, as one end has it. */
static uint64_t end_hash(const struct key_model *model, const struct record *r, unsigned side,
                         uint64_t seed)
{
    static key_part_put *const puts[] = {key_part_address, key_part_port};
    uint8_t bytes[2 * KEY_PART_MAX + 8], *at = bytes;
    for (size_t i = 0; i < ARRAY_SIZE(puts); i++) {
        const struct key_item *source = find_item(model, puts[i], SRC);
        const struct key_item *target = find_item(model, puts[i], DST);
        if (!source || !target)
            continue;
        struct key_item item = *source;
        item.side = (uint8_t)side;
        item.family = 0;
        if (target->prefix && (!item.prefix || target->prefix < item.prefix))
            item.prefix = target->prefix;
        at = put_masked(at, r, &item, 0);
    }
    while ((at - bytes) % 8)
        *at++ = 0;
    return hash_words(seed, bytes, (unsigned)(at - bytes) / 8);
}

uint32_t key_place(const struct key_model *model, const struct record *r, uint64_t seed)
{
    uint64_t sum = end_hash(model, r, SRC, seed) + end_hash(model, r, DST, seed);
    return (uint32_t)(hash_words(seed, &sum, 1) >> 32);
}
