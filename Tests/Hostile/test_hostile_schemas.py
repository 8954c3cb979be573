"""Schemas made to hurt whoever compiles them or checks records by them, and schemas whose code lists change under them."""

import json
import struct
import time
import uuid

import pytest
from confluent_kafka.schema_registry import Schema, SchemaReference, SchemaRegistryError

from typed_topics import registry
from wire import ERRORS, Wire, batch

# What is not bounded takes hours; a machine that others keep busy takes its time, too.
SECONDS_MAX = 120
MEMORY_MAX = 128 << 20


@pytest.fixture
def topic(city):
    name = f"portal.schemas-{uuid.uuid4().hex[:8]}.v1"
    return city.topic(
        name, owner="portal", publishers=["hai-chau/*/*"], subscribers=["hai-chau/*/*"], hanbridge__schema__subject=f"{name}-value")


@pytest.fixture(autouse=True)
def bounded(city):
    memory, began = city.memory(), time.monotonic()
    yield
    assert time.monotonic() - began < SECONDS_MAX
    assert city.memory() - memory < MEMORY_MAX


def register(city, subject, schema, references=(), kind="JSON"):
    text = schema if isinstance(schema, str) else json.dumps(schema)
    return registry(city).register_schema(subject, Schema(text, kind, list(references)))


def refused(city, subject, schema, references=(), kind="JSON"):
    with pytest.raises(SchemaRegistryError) as found:
        register(city, subject, schema, references, kind)
    assert found.value.error_code == 42201, found.value
    assert 0 < len(found.value.error_message) < 4000
    return found.value.error_message


def judged(connection, topic, schema, *documents):
    """The places of the documents that were refused."""
    values = [b"\0" + struct.pack(">i", schema) + json.dumps(document, ensure_ascii=False).encode() for document in documents]
    error, sentence, _ = connection.produce(topic, batch(values))
    assert error in (0, ERRORS["INVALID_RECORD"]), sentence
    return sorted(connection.record_errors) if error else []


def test_records_are_checked_by_an_enum_of_a_megabyte(city, ward, topic):
    codes = [f"code-{n:06}" for n in range(65_000)]
    schema = register(city, f"{topic}-value", {"properties": {"code": {"enum": codes}}})
    with Wire(city, ward) as connection:
        assert judged(connection, topic, schema, *[{"code": codes[n * 97 % len(codes)]} for n in range(5000)]) == []
        assert judged(connection, topic, schema, *[{"code": codes[n]} for n in range(98)], {"code": "none"}) == [98]


@pytest.mark.parametrize("kind, schema", [
    ("JSON", '{"not":' * 100_000 + "true" + "}" * 100_000), ("JSON", "[" * 900_000),
    ("JSON", '{"enum":["' + "x" * (1 << 20) + '"]}'), ("JSON", '{"pattern":"(a)\\\\1"}'), ("JSON", '{"pattern":"' + "(" * 100_000 + '"}'),
    ("JSON", '{"pattern":"((a{1000}){1000}){1000}"}'), ("JSON", '{"$ref":"nobody.json"}'), ("JSON", '{"multipleOf":0}'),
    ("JSON", '{"maximum":1e999999999999}x'),
    ("AVRO", '{"type":"array","items":' * 40_000 + '"int"' + "}" * 40_000), ("AVRO", '{"type":"fixed","name":"F","size":-1}'),
    ("AVRO", '{"type":"record","name":"R","fields":[{"name":"r","type":"R"}]'), ("AVRO", '"nobody"'),
    ("PROTOBUF", 'syntax = "proto3"; ' + "message M { " * 50_000 + "}" * 50_000), ("PROTOBUF", 'syntax = "proto3"; message M { N n = 1; }'),
    ("PROTOBUF", 'syntax = "proto3"; import "nobody.proto"; message M {}'), ("PROTOBUF", "/*" + "x" * 1_000_000),
])
def test_a_hostile_schema_is_refused(city, topic, kind, schema):
    refused(city, f"{topic}-value", schema, kind=kind)
    with pytest.raises(SchemaRegistryError):
        registry(city).get_latest_version(f"{topic}-value")


def test_a_schema_that_refers_to_itself_without_end_hurts_nobody(city, ward, topic):
    try:
        schema = register(city, f"{topic}-value", {"allOf": [{"$ref": "#"}]})
    except SchemaRegistryError as error:
        assert error.error_code == 42201
        return
    with Wire(city, ward) as connection:
        assert judged(connection, topic, schema, {}) == [0]


def test_references_that_fan_out_are_followed_once_each(city, ward, topic):
    """Each refers to the one before it twice: 2^60 ways through them."""
    before = []
    for n in range(60):
        one = {"$ref": f"part-{n - 1}.json"}
        register(city, f"{topic}-part-{n}", {"properties": {"a": one, "b": one}} if n else {"type": "integer"}, before)
        before = [SchemaReference(f"part-{n}.json", f"{topic}-part-{n}", 1)]
    schema = register(city, f"{topic}-value", {"$ref": "part-59.json"}, before)
    document = 7
    for _ in range(59):
        document = {"a": document}
    wrong = json.loads(json.dumps(document).replace("7", '"seven"'))
    with Wire(city, ward) as connection:
        assert judged(connection, topic, schema, document, wrong) == [1]


def test_a_code_list_that_changes_changes_nothing_for_who_names_the_version_before(city, ward, topic):
    wards = f"{topic}-wards"
    client = registry(city)
    client.set_compatibility(wards, "NONE")
    client.set_compatibility(f"{topic}-value", "NONE")
    register(city, wards, {"enum": ["hai-chau", "son-tra"]})
    first = register(city, f"{topic}-value", {"properties": {"ward": {"x-codelist": f"{wards}@1"}}})
    old, new, none = {"ward": "hai-chau"}, {"ward": "lien-chieu"}, {"ward": "nowhere"}
    with Wire(city, ward) as connection:
        assert judged(connection, topic, first, old, new, none) == [1, 2]
        register(city, wards, {"enum": ["lien-chieu", "son-tra"]})
        assert judged(connection, topic, first, old, new, none) == [1, 2]
        second = register(city, f"{topic}-value", {"properties": {"ward": {"x-codelist": f"{wards}@2"}}})
        assert judged(connection, topic, second, old, new, none) == [0, 2]
        # In one batch, each by its own.
        values = [b"\0" + struct.pack(">i", schema) + b'{"ward":"hai-chau"}' for schema in (first, second, first)]
        assert connection.produce(topic, batch(values))[0] == ERRORS["INVALID_RECORD"]
        assert sorted(connection.record_errors) == [1]
        # A version that somebody refers to stays; one whose referrer is gone may go, and records of the other are as they were.
        with pytest.raises(SchemaRegistryError) as found:
            client.delete_version(wards, 1)
        assert found.value.error_code == 42206
        client.delete_version(f"{topic}-value", 1)
        assert judged(connection, topic, first, old) == [0], "its version was deleted"
        assert judged(connection, topic, second, new) == []
