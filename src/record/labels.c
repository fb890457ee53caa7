/* SPDX-License-Identifier: Apache-2.0 */
#include "record/labels.h"

#include <stddef.h>
#include <string.h>

#include "base/attr.h"

static const char *const ip_protocols[256] = {
#define IP_PROTOCOL(number, label) [number] = label,
#include "record/ip_protocol.def"
#undef IP_PROTOCOL
};

const char *label_ip_protocol(uint8_t protocol)
{
    return ip_protocols[protocol] ? ip_protocols[protocol] : "unas";
}

bool label_find_ip_protocol(const char *label, uint8_t *ret)
{
    for (unsigned i = 0; i < ARRAY_SIZE(ip_protocols); i++)
        if (ip_protocols[i] && !strcmp(ip_protocols[i], label)) {
            *ret = (uint8_t)i;
            return true;
        }
    return false;
}

static const struct {
    uint16_t first, last;
    const char *label;
} ethertypes[] = {
#define ETHERTYPE(first, last, label) {first, last, label},
#include "record/ethertype.def"
#undef ETHERTYPE
};

const char *label_ethertype(uint16_t type)
{
    size_t low = 0, high = ARRAY_SIZE(ethertypes);
    while (low < high) {
        size_t middle = (low + high) / 2;
        if (ethertypes[middle].last < type)
            low = middle + 1;
        else
            high = middle;
    }
    return low < ARRAY_SIZE(ethertypes) && ethertypes[low].first <= type ? ethertypes[low].label
                                                                         : NULL;
}

const char *label_llc_sap(uint8_t sap)
{
    static const char *const saps[256] = {
#define LLC_SAP(number, label) [number] = label,
#include "record/llc_sap.def"
#undef LLC_SAP
    };
    return saps[sap];
}

/* --- ICMP: an empty label is one, too --------------------------------------------------------- */

enum { ICMP_UNREACHABLE = 3 };

const char *label_icmp(uint8_t type, uint8_t code)
{
    static const char *const types[] = {
        "ECR", "",    "",    NULL,  "SRC", "RED", "AHA", "",    "ECO", "RTA", "RTS", "TXD",
        "PAR", "TST", "TSR", "IRQ", "IRR", "MAS", "MSR", "SEC", "ROB", "ROB", "ROB", "ROB",
        "ROB", "ROB", "ROB", "ROB", "ROB", "ROB", "TRC", "DCE", "MHR", "WAY", "IAH", "MRQ",
        "MRP", "DNQ", "DNP", "SKP", "PHO", "NRS", "NRA", "NNS", "NNA", "PTB",
    };
    static const char *const unreachable[] = {
        "URN",   "URH",    "URO",    "URP",    "URF",    "URS",   "URNU",  "URHU",
        "URISO", "URNPRO", "URHPRO", "URNTOS", "URHTOS", "URFIL", "URPRE", "URCUT",
    };
    if (type == ICMP_UNREACHABLE)
        return code < ARRAY_SIZE(unreachable) ? unreachable[code] : "UR";
    return type < ARRAY_SIZE(types) ? types[type] : "UNK";
}

const char *label_icmp6(uint8_t type, uint8_t code)
{
    static const struct {
        uint8_t type, codes; /* codes: how many have a label, 0: the type has one for all */
        const char *labels[8];
    } table[] = {
        {1, 8, {"URNR", "URAD", "URBS", "URAR", "URP", "URSF", "URRR", "URES"}},
        {2, 0, {"PTB"}},
        {3, 2, {"TXT", "TXR"}},
        {4, 3, {"PPH", "PPNH", "PPO"}},
        {128, 0, {"ECO"}},
        {129, 0, {"ECR"}},
        {130, 0, {"MRQ"}},
        {131, 0, {"MHR"}},
        {133, 0, {"NRS"}},
        {134, 0, {"NRA"}},
        {135, 0, {"NNS"}},
        {136, 0, {"NNA"}},
        {137, 0, {"RED"}},
        {143, 0, {"MHR"}},
    };
    for (size_t i = 0; i < ARRAY_SIZE(table); i++) {
        if (table[i].type != type)
            continue;
        if (!table[i].codes)
            return table[i].labels[0];
        return code < table[i].codes ? table[i].labels[code] : "UNK";
    }
    return "UNK";
}

const char *label_isis(uint32_t pdu_type)
{
    static const char *const labels[] = {"L1-IIH",  "L2-IIH",  NULL,     "L1-LSP", NULL,
                                         "L2-LSP",  NULL,      NULL,     NULL,     "L1-CSNP",
                                         "L2-CSNP", "L1-PSNP", "L2-PSNP"};
    const uint32_t first = 15;
    if (pdu_type < first || pdu_type - first >= ARRAY_SIZE(labels) || !labels[pdu_type - first])
        return "UNK";
    return labels[pdu_type - first];
}

/* RFC 2474, 2597 and 3246. */
static const struct {
    uint8_t code;
    const char *label;
} code_points[] = {
    {0, "cs0"},   {8, "cs1"},   {16, "cs2"},  {24, "cs3"},  {32, "cs4"},  {40, "cs5"},
    {48, "cs6"},  {56, "cs7"},  {10, "af11"}, {12, "af12"}, {14, "af13"}, {18, "af21"},
    {20, "af22"}, {22, "af23"}, {26, "af31"}, {28, "af32"}, {30, "af33"}, {34, "af41"},
    {36, "af42"}, {38, "af43"}, {46, "ef"},
};

const char *label_disa(uint8_t code)
{
    static const struct {
        uint8_t code;
        const char *label;
    } names[] = {
        {0, "BE"},     {9, "HPHTD"},  {10, "SHTD"},  {12, "SHTD"},  {14, "SHTD"},
        {16, "OAM"},   {17, "HPLLD"}, {18, "SHLLD"}, {20, "SHLLD"}, {22, "SHLLD"},
        {25, "HPMMS"}, {26, "SMMS"},  {28, "SMMS"},  {30, "SMMS"},  {32, "SM"},
        {38, "Video"}, {40, "US"},    {46, "Voice"}, {48, "NC"},
    };
    for (size_t i = 0; i < ARRAY_SIZE(names); i++)
        if (names[i].code == code)
            return names[i].label;
    return NULL;
}

const char *label_dscp(uint8_t code)
{
    for (size_t i = 0; i < ARRAY_SIZE(code_points); i++)
        if (code_points[i].code == code)
            return code_points[i].label;
    return NULL;
}

bool label_find_dscp(const char *label, uint8_t *ret)
{
    for (size_t i = 0; i < ARRAY_SIZE(code_points); i++)
        if (!strcmp(code_points[i].label, label)) {
            *ret = code_points[i].code;
            return true;
        }
    return false;
}
