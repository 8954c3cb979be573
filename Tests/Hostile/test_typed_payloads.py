"""Documents made to hurt whoever checks them, through the whole way of a record: each gets a clear error, or is taken, in bounded time and
memory."""

import json
import struct
import time
import uuid

import pytest
from confluent_kafka.schema_registry import Schema

from typed_topics import registry
from wire import ERRORS, Wire, batch

DEPTH = 100_000
SECONDS_MAX = 10
MEMORY_MAX = 96 << 20

JSON = json.dumps({
    "properties": {
        "n": {"type": "number", "multipleOf": 0.01, "maximum": 10}, "i": {"type": "integer"}, "s": {"type": "string", "maxLength": 5},
        "u": {"uniqueItems": True}, "p": {"pattern": "^(a+)+$"}},
})
AVRO = json.dumps({
    "type": "record", "name": "R", "fields": [
        {"name": "a", "type": {"type": "array", "items": "long"}}, {"name": "z", "type": {"type": "array", "items": "null"}},
        {"name": "m", "type": {"type": "map", "values": "string"}}, {"name": "b", "type": "bytes"},
        {"name": "r", "type": ["null", "R"]}],
})
PROTOBUF = """
syntax = "proto3";
message R { R r = 1; string s = 2; repeated int64 p = 3; map<string, int64> m = 4; bytes b = 5; }
"""


def zigzag(number):
    number = (number << 1) ^ (number >> 63)
    out = bytearray()
    while number > 0x7F:
        out.append(number & 0x7F | 0x80)
        number >>= 7
    return bytes(out + bytes([number]))


def plain_varint(number):
    out = bytearray()
    while number > 0x7F:
        out.append(number & 0x7F | 0x80)
        number >>= 7
    return bytes(out + bytes([number]))


def nested_protobuf(depth):
    lengths, size = [], 0
    for _ in range(depth):
        head = b"\x0a" + plain_varint(size)
        lengths.append(head)
        size += len(head)
    return b"".join(reversed(lengths))


HUGE = 1 << 62
DOCUMENTS = {
    "JSON": {
        "arrays 100,000 levels deep": b"[" * DEPTH + b"]" * DEPTH,
        "arrays that never end": b"[" * 900_000,
        "objects 100,000 levels deep": b'{"r":' * DEPTH + b"1" + b"}" * DEPTH,
        "a lone surrogate, escaped": b'{"s":"\\ud800"}',
        "a low surrogate first": b'{"s":"\\udc00\\ud800"}',
        "a surrogate in UTF-8": b'{"s":"\xed\xa0\x80"}',
        "overlong UTF-8": b'{"s":"\xc0\xaf"}',
        "half a character": b'{"s":"\xe1\xba',
        "a byte order mark": b'\xef\xbb\xbf{}',
        "an exponent beyond everything": b'{"n":1e999999999999999999999}',
        "a large exponent": b'{"n":1e400}',
        "a number of 900,000 digits": b'{"n":' + b"9" * 900_000 + b"}",
        "an integer by exponent that is none": b'{"i":1e-999999999}',
        "the same key 50,000 times": b"{" + b",".join([b'"k":1'] * 50_000) + b"}",
        "equal items among 40,000": b'{"u":[' + b",".join(b"%d" % n for n in range(40_000)) + b",0]}",
        "a pattern's worst case": b'{"p":"' + b"a" * 30_000 + b'!"}',
        "nothing": b"",
        "NUL": b"\0" * 1000,
    },
    "AVRO": {
        "a block of 2^62 longs": zigzag(HUGE),
        "a block of 2^62 longs with a size": zigzag(-HUGE) + zigzag(8) + b"\x02" * 8,
        "a block of -2^63 longs": zigzag(-(1 << 63)) + zigzag(8),
        "2^62 nulls": zigzag(0) + zigzag(HUGE) + zigzag(0) * 4,
        "2^62 nulls in 1,000 blocks": zigzag(0) + zigzag(HUGE // 1000) * 1000 + zigzag(0) * 4,
        "a map of 2^62": zigzag(0) * 2 + zigzag(HUGE),
        "bytes of 2^62": zigzag(0) * 3 + zigzag(HUGE),
        "bytes of -1": zigzag(0) * 3 + zigzag(-1),
        "a varint that never ends": b"\xff" * 1000,
        "records 100,000 levels deep": (zigzag(0) * 4 + zigzag(1)) * DEPTH,
        "a branch that is none": zigzag(0) * 4 + zigzag(2),
        "something behind the end": zigzag(0) * 5 + b"\0",
        "nothing": b"",
    },
    "PROTOBUF": {
        "a length past the end": b"\0" + b"\x12\x7f" + b"a",
        "a length of 2^63": b"\0" + b"\x12" + plain_varint(1 << 63) + b"a",
        "a length of 2^32 - 1": b"\0" + b"\x12" + plain_varint((1 << 32) - 1) + b"a",
        "a packed field past the end": b"\0" + b"\x1a\x08\x01",
        "a varint of eleven bytes": b"\0" + b"\x18" + b"\xff" * 11,
        "field 0": b"\0" + b"\x00\x01",
        "wire type 7": b"\0" + b"\x0f",
        "a group that never ends": b"\0" + b"\x53" * DEPTH,
        "groups that were never begun": b"\0" + b"\x54",
        "text that is not UTF-8": b"\0" + b"\x12\x01\xff",
        "messages 100,000 levels deep": b"\0" + nested_protobuf(DEPTH),
        "an index path of 2^62": zigzag(HUGE),
        "an index path of -1": zigzag(-1),
        "a message that is none": zigzag(1) + zigzag(7),
        "nothing": b"",
    },
}
SCHEMAS = {"JSON": JSON, "AVRO": AVRO, "PROTOBUF": PROTOBUF}


@pytest.fixture(scope="module")
def typed(city):
    topics = {}
    for kind, text in SCHEMAS.items():
        name = f"portal.hostile-{kind.lower()}-{uuid.uuid4().hex[:8]}.v1"
        city.topic(
            name, owner="portal", publishers=["hai-chau/*/*"], subscribers=["hai-chau/*/*"], hanbridge__schema__subject=f"{name}-value")
        topics[kind] = name, registry(city).register_schema(f"{name}-value", Schema(text, kind))
    return topics


@pytest.mark.parametrize("codec", [0, 4], ids=["plain", "zstd"])
@pytest.mark.parametrize("kind, name", [(kind, name) for kind, documents in DOCUMENTS.items() for name in documents])
def test_a_hostile_document(city, ward, typed, kind, name, codec):
    topic, schema = typed[kind]
    document = DOCUMENTS[kind][name]
    frame = b"\0" + struct.pack(">i", schema)
    memory, began = city.memory(), time.monotonic()
    with Wire(city, ward) as connection:
        for place in range(2):
            values = [frame + document] if place == 0 else [frame + document] * max(1, 900_000 // (len(document) + 100))
            error, sentence, _ = connection.produce(topic, batch(values[:100], codec=codec))
            assert error == ERRORS["INVALID_RECORD"], (error, sentence)
            assert connection.record_errors and all(0 < len(told) < 4000 for told in connection.record_errors.values())
        assert connection.fetch(topic)[1] == 0
    assert time.monotonic() - began < SECONDS_MAX
    assert city.memory() - memory < MEMORY_MAX


def test_a_frame_that_lies(city, ward, typed):
    topic, schema = typed["JSON"]
    with Wire(city, ward) as connection:
        for frame in [b"", b"\0", b"\0\0\0\0", b"\1" + struct.pack(">i", schema), b"\0" + struct.pack(">i", -1),
                      b"\0" + struct.pack(">i", (1 << 31) - 1), b"\0" + struct.pack(">i", schema + 1)]:
            error, sentence, _ = connection.produce(topic, batch([frame + b"{}" if len(frame) == 5 else frame]))
            assert error == ERRORS["INVALID_RECORD"], (frame, sentence)
        assert connection.fetch(topic)[1] == 0


def test_an_answer_is_bounded_however_many_records_are_bad(city, ward, typed):
    """A batch of many bad records in each of many partitions: a small request must not make a huge answer."""
    topic, schema = typed["JSON"]
    bad = b"\0" + struct.pack(">i", schema) + b'{"n":"a","i":"b","s":7,"p":"b"}'
    memory = city.memory()
    with Wire(city, ward) as connection:
        error, _, _ = connection.produce(topic, batch([bad] * 1000, codec=4))
        assert error == ERRORS["INVALID_RECORD"] and len(connection.record_errors) == 100
    assert city.memory() - memory < MEMORY_MAX
