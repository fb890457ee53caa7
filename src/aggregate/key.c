/* SPDX-License-Identifier: Apache-2.0 */
#include "aggregate/key.h"

#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/bytes.h"
#include "base/check.h"
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
    {"smac", NULL, SRC, 0},
    {"dmac", NULL, DST, 0},
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
    {"inode", NULL, SRC, 0},
    {"sco", NULL, SRC, 0},
    {"dco", NULL, DST, 0},
    {"sas", NULL, SRC, 0},
    {"das", NULL, DST, 0},
    {"ias", NULL, SRC, 0},
};

/* Keys of racluster that this version does not have. */
static const char *const unsupported[] = {"addr", "port", "mac", "macmatrix",
                                          "all",  "soui", "doui"};

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
    for (size_t i = 0; i < ARRAY_SIZE(unsupported); i++) {
        if (!strcasecmp(name, unsupported[i]))
            return error_set(err, "the key '%s' is not supported by this version", name);
    }
    for (size_t i = 0; i < ARRAY_SIZE(words); i++) {
        if (spelling_is_near(name, words[i].name))
            return error_set(err, "unknown key '%s'; did you mean '%s'?", name, words[i].name);
    }
    return error_set(err, "unknown key '%s'", name);
}

static int add_item(struct key_model *model, const struct word *word, uint8_t prefix,
                    struct error *err)
{
    if (model->count == KEY_ITEMS_MAX)
        return error_set(err, "more than %d keys", (int)KEY_ITEMS_MAX);
    struct key_item *item = &model->items[model->count++];
    *item = (struct key_item){
        .put = word->put,
        .side = word->side,
        .prefix = prefix,
        .descending = word->flags & WORD_DESCENDING,
    };
    if (!word->put) {
        item->field = field_find(word->name);
        if (!item->field)
            return error_set(err, "the key '%s' is not supported by this version", word->name);
    }
    return 0;
}

/* "24", "64", "255.255.0.0": the number of leading ones, 1 to 128. */
static int parse_prefix(const char *text, uint8_t *ret, struct error *err)
{
    uint64_t bits;
    uint8_t dotted[4];
    if (inet_pton(AF_INET, text, dotted) == 1) {
        uint32_t mask = load_be32(dotted), rest = ~mask;
        if (!mask || (rest & (rest + 1)))
            return error_set(err, "'%s' is not a mask of leading ones", text);
        *ret = (uint8_t)(32 - __builtin_popcount(rest));
        return 0;
    }
    if (quantity_count(text, 128, &bits, err))
        return error_prefix(err, "mask length");
    *ret = (uint8_t)bits;
    return 0;
}

static int add_word(struct key_model *model, char *name, struct error *err)
{
    uint8_t prefix = 0;
    char *slash = strchr(name, '/');
    if (slash)
        *slash = '\0';
    bool matrix = !strcasecmp(name, "matrix");
    const struct word *word = find_word(matrix ? "saddr" : name, strlen(matrix ? "saddr" : name));
    if (!strcasecmp(name, "none")) {
        model->is_none = true;
        return 0;
    }
    if (!word)
        return unknown_word(name, err);
    if (slash && !(word->flags & WORD_MASK))
        return error_set(err, "the key '%s' takes no mask", name);
    if (slash && parse_prefix(slash + 1, &prefix, err))
        return error_prefix(err, "key '%s'", name);
    if (!matrix)
        return add_item(model, word, prefix, err);
    model->is_matrix = true;
    if (add_item(model, word, prefix, err))
        return -1;
    return add_item(model, find_word("daddr", strlen("daddr")), prefix, err);
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

/* --- records ---------------------------------------------------------------------------------- */

static void mask_address(struct record *r, unsigned side, unsigned prefix)
{
    struct record_key *key = &r->key;
    unsigned bits = key->family == FAMILY_IP4 ? 32 : 128;
    if ((key->family != FAMILY_IP4 && key->family != FAMILY_IP6) || prefix >= key->prefix[side] ||
        prefix >= bits)
        return;
    record_touch(r);
    key->prefix[side] = (uint8_t)prefix;
    key->flags |= KEY_MASKED;
    uint8_t *addr = key->addr[side];
    if (prefix % 8)
        addr[prefix / 8] &= (uint8_t)(0xff00 >> prefix % 8);
    unsigned whole = (prefix + 7) / 8;
    memset(addr + whole, 0, bits / 8 - whole);
}

static bool source_is_higher(const struct record *r)
{
    uint8_t source[KEY_PART_MAX], target[KEY_PART_MAX];
    uint8_t *source_end = key_part_address(source, r, SRC, 0);
    uint8_t *target_end = key_part_address(target, r, DST, 0);
    check(source_end - source == target_end - target);
    return memcmp(source, target, (size_t)(source_end - source)) > 0;
}

void key_turn(struct record *r)
{
    record_touch(r);
    record_reverse(r);
    /* Readers turn TCP records that begin with a SYN+ACK, unless this says that it was done. */
    if (record_is_tcp(r))
        r->key.flags |= KEY_DIRECTION;
}

void key_model_apply(const struct key_model *model, struct record *r)
{
    if (model->is_default || !record_has(r, BLOCK_FLOW))
        return;
    if (model->is_matrix && source_is_higher(r))
        key_turn(r);
    for (unsigned i = 0; i < model->count; i++) {
        const struct key_item *item = &model->items[i];
        if (item->put == key_part_address && item->prefix)
            mask_address(r, item->side, item->prefix);
    }
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
        at =
            item->put ? item->put(at, r, item->side, reversed) : key_part_field(at, r, item->field);
        for (uint8_t *byte = begin; item->descending && byte < at; byte++)
            *byte = (uint8_t) ~*byte;
    }
    if (model->count == model->sort_count)
        ret->sort_size = (uint16_t)(at - ret->bytes);
    while ((at - ret->bytes) % 8)
        *at++ = 0;
    ret->size = (uint16_t)(at - ret->bytes);
}
