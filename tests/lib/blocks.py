# SPDX-License-Identifier: Apache-2.0
"""The blocks of records as they lie in a file, for tests that must know what a record says before
any reader has made something of it (doc: argus-records(5)).
"""
import collections
import struct

FLOW, TIME, NET, JITTER = 0x02, 0x03, 0x30, 0x46

Block = collections.namedtuple("Block", "subtype qualifier body")


def record_at(data, offset):
    """The bytes of the record that begins there."""
    return data[offset:offset + 4 * struct.unpack_from(">H", data, offset + 2)[0]]


def blocks_of(record):
    """The blocks of a flow record by type; of several of one type, the last."""
    found, at = {}, 4
    while at + 4 <= len(record):
        kind, subtype, qualifier, words = record[at:at + 4]
        if kind & 0x80:
            words = 1
        elif subtype & 0x80:
            words |= qualifier << 8
        if not words:
            break
        found[kind & 0x7F] = Block(subtype, qualifier, record[at + 4:at + 4 * words])
        at += 4 * words
    return found


def words_of(body):
    return struct.unpack(f">{len(body) // 4}I", body[:len(body) // 4 * 4])
