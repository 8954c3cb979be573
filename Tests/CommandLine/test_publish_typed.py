"""Typed topics: documents are framed and encoded, bad ones are named with line, field and rule, and the others go in."""

import json
import uuid

import pytest

from commands import everything, fails, lines
from city import Refused

SCHEMA = {
    "type": "object", "required": ["ward", "count"], "additionalProperties": False,
    "properties": {
        "ward": {"type": "string"}, "count": {"type": "integer", "minimum": 0}, "share": {"type": "number"}, "open": {"type": "boolean"},
        "place": {"type": "object"}},
}
AVRO = {
    "type": "record", "name": "Reading", "fields": [
        {"name": "ward", "type": "string"}, {"name": "count", "type": "int"}, {"name": "note", "type": ["null", "string"], "default": None}]}


def registered(city, name, schema, tmp_path, suffix="json"):
    file = tmp_path / f"{uuid.uuid4().hex}.{suffix}"
    file.write_text(json.dumps(schema) if not isinstance(schema, str) else schema)
    return lines(city.hanbridge("schema", "register", file, "--subject", f"{name}-value", "--output", "json"))[0]["id"]


def typed(city, tmp_path, schema=SCHEMA, suffix="json", partitions=1, **configuration):
    name = f"portal.typed-{uuid.uuid4().hex[:8]}.v1"
    city.topic(
        name, partitions, owner="portal", publishers=["hai-chau/*/*"], subscribers=["portal/*/*"],
        **{"hanbridge__schema__subject": f"{name}-value", **configuration})
    return name, registered(city, name, schema, tmp_path, suffix)


def refused(call):
    """A command that ends with 1, and what it said on stdout as JSON lines."""
    with pytest.raises(Refused) as error:
        call()
    assert error.value.status == 1, error.value
    return lines(error.value.stdout), error.value.stderr


def test_json_documents_are_framed_and_come_out_without_the_frame(city, ward, portal, tmp_path):
    name, schema = typed(city, tmp_path)
    documents = [{"ward": "Hải Châu", "count": n} for n in range(20)]
    city.hanbridge("publish", name, profile=ward, input="\n".join(json.dumps(document, ensure_ascii=False) for document in documents))
    records = lines(city.hanbridge("subscribe", name, "--from", "earliest", "--until-end", "--output", "json", profile=portal))
    assert [record["value"] for record in records] == documents
    assert {record["schemaId"] for record in records} == {schema}
    table = city.hanbridge("subscribe", name, "--from", "earliest", "--max", "1", profile=portal)
    assert json.loads(table) == documents[0]


def test_a_plain_topic_gets_the_bare_document(city, ward, portal, tmp_path):
    name, _ = typed(city, tmp_path, hanbridge__schema__framing="plain")
    city.hanbridge("publish", name, profile=ward, input='{"ward":"a","count":1}\n')
    (record,) = lines(city.hanbridge("subscribe", name, "--from", "earliest", "--until-end", "--output", "json", profile=portal))
    assert record["value"] == {"ward": "a", "count": 1} and "schemaId" not in record


def test_bad_records_are_left_out_and_named_and_the_others_keep_their_order(city, ward, portal, tmp_path):
    name, _ = typed(city, tmp_path)
    # More than a refusal names at once, in more than one batch.
    bad = {n for n in range(5000) if n % 7 == 3}
    documents = [{"ward": "x" * 100, "count": -1 if n in bad else n} for n in range(5000)]
    said, why = refused(lambda: city.hanbridge(
        "publish", name, "--output", "json", profile=ward, input="\n".join(map(json.dumps, documents))))
    *named, summary = said
    assert summary["records"] == 5000 - len(bad) and summary["refused"] == len(bad)
    assert sorted(entry["line"] - 1 for entry in named) == sorted(bad)
    assert all([(e["path"], e["rule"]) for e in entry["errors"]] == [("/count", "minimum")] for entry in named)
    assert str(len(bad)) in why
    assert [value["count"] for value in everything(city, portal, name)] == [n for n in range(5000) if n not in bad]


def test_over_several_partitions_nothing_is_lost_or_doubled(city, ward, portal, tmp_path):
    name, _ = typed(city, tmp_path, partitions=4)
    documents = [{"ward": f"w{n % 50}", "count": n if n % 11 else -n - 1} for n in range(3000)]
    said, _ = refused(lambda: city.hanbridge(
        "publish", name, "--key", "ward", "--output", "json", profile=ward, input="\n".join(map(json.dumps, documents))))
    assert said[-1]["refused"] == len([n for n in range(3000) if n % 11 == 0])
    counts = [value["count"] for value in everything(city, portal, name)]
    assert sorted(counts) == [n for n in range(3000) if n % 11]


def test_people_read_a_table_with_line_field_and_rule(city, ward, tmp_path):
    name, _ = typed(city, tmp_path)
    file = tmp_path / "readings.jsonl"
    file.write_text('{"ward":"a","count":1}\n\n{"ward":"b"}\n{"ward":5,"count":2}\n')
    with pytest.raises(Refused) as error:
        city.hanbridge("publish", name, file, profile=ward)
    rows = [line.split() for line in error.value.stdout.splitlines()]
    assert rows[0][:3] == ["LINE", "FIELD", "RULE"]
    assert ["3", "/", "required"] in [row[:3] for row in rows] and ["4", "/ward", "type"] in [row[:3] for row in rows]
    assert "Published 1 record" in error.value.stdout and "2 records were refused" in error.value.stderr


def test_a_vietnamese_clerk_reads_why_in_vietnamese(city, ward, tmp_path):
    name, _ = typed(city, tmp_path)
    with pytest.raises(Refused) as error:
        city.hanbridge("publish", name, "--lang", "vi", profile=ward, input='{"ward":"a","count":-1}\n{"ward":2,"count":1}\n')
    assert "phải từ 0 trở lên" in error.value.stdout and "phải là chuỗi" in error.value.stdout
    assert "Có 2 bản ghi bị từ chối" in error.value.stderr


def test_every_record_bad_publishes_nothing(city, ward, portal, tmp_path):
    name, _ = typed(city, tmp_path)
    said, _ = refused(lambda: city.hanbridge("publish", name, "--output", "json", profile=ward, input='{"ward":1}\n' * 250))
    assert said[-1]["records"] == 0 and said[-1]["refused"] == 250
    assert everything(city, portal, name) == []


def test_csv_columns_are_what_the_schema_says(city, ward, portal, tmp_path):
    name, _ = typed(city, tmp_path)
    file = tmp_path / "readings.csv"
    file.write_text('ward;count;share;open;place\r\n7;3;0.5;true;"{""lat"":16.06}"\r\nb;4;;;\r\n')
    city.hanbridge("publish", name, file, "--key", "ward", profile=ward)
    assert everything(city, portal, name) == [
        {"ward": "7", "count": 3, "share": 0.5, "open": True, "place": {"lat": 16.06}}, {"ward": "b", "count": 4}]


def test_a_csv_column_that_the_schema_does_not_have_is_named(city, ward, portal, tmp_path):
    name, _ = typed(city, tmp_path)
    file = tmp_path / "readings.csv"
    file.write_text("ward,counts\na,1\n")
    fails(1, "counts", "line 1", "count, open", call=lambda: city.hanbridge("publish", name, file, profile=ward))
    assert everything(city, portal, name) == []


def test_avro_is_written_from_json_and_printed_as_json(city, ward, portal, tmp_path):
    name, schema = typed(city, tmp_path, AVRO, "avsc")
    documents = [{"ward": "Sơn Trà", "count": 3, "note": "gấp"}, {"ward": "a", "count": -1}]
    city.hanbridge("publish", name, profile=ward, input="\n".join(json.dumps(document) for document in documents))
    assert everything(city, portal, name) == [documents[0], {**documents[1], "note": None}]
    file = tmp_path / "readings.csv"
    file.write_text("ward,count\nb,12\n")
    city.hanbridge("publish", name, file, profile=ward)
    assert everything(city, portal, name)[2] == {"ward": "b", "count": 12, "note": None}


def test_a_document_that_cannot_be_written_as_avro_is_left_out(city, ward, portal, tmp_path):
    name, _ = typed(city, tmp_path, AVRO, "avsc")
    said, _ = refused(lambda: city.hanbridge(
        "publish", name, "--output", "json", profile=ward, input='{"ward":"a","count":"x"}\n{"ward":"b","count":1}\n{"ward":"c","count":1,"nota":"d"}\n'))
    assert [(entry["line"], entry["errors"][0]["path"], entry["errors"][0]["rule"]) for entry in said[:-1]] == [
        (1, "/count", "type"), (3, "/nota", "unknown-field")]
    assert [value["ward"] for value in everything(city, portal, name)] == ["b"]


def test_protobuf_is_written_from_json_and_printed_as_json(city, ward, portal, tmp_path):
    name, schema = typed(city, tmp_path, (
        'syntax = "proto3"; import "google/protobuf/timestamp.proto";'
        "message Reading { string ward = 1; int32 count = 2; google.protobuf.Timestamp at = 3; repeated double values = 4; }"), "proto")
    documents = [{"ward": "Sơn Trà", "count": 3, "at": "2026-11-23T01:15:00Z", "values": [0.5, 2.0]}, {"ward": "a"}]
    said, _ = refused(lambda: city.hanbridge(
        "publish", name, "--output", "json", profile=ward,
        input="\n".join(json.dumps(document) for document in [documents[0], {"ward": 5}, documents[1], {"wards": "x"}])))
    assert [(entry["line"], entry["errors"][0]["path"], entry["errors"][0]["rule"]) for entry in said[:-1]] == [
        (2, "/ward", "type"), (4, "/wards", "unknown-field")]
    assert everything(city, portal, name) == documents


def test_what_confluents_serializers_write_is_printed_as_json(city, ward, portal, tmp_path):
    from confluent_kafka import Producer
    from confluent_kafka.schema_registry import SchemaRegistryClient
    from confluent_kafka.schema_registry.avro import AvroSerializer
    from confluent_kafka.serialization import MessageField, SerializationContext

    name, _ = typed(city, tmp_path, AVRO, "avsc")
    ca, certificate, key = city.files(ward)
    registry = SchemaRegistryClient({
        "url": city.endpoints["https"], "ssl.ca.location": ca, "ssl.certificate.location": certificate, "ssl.key.location": key})
    serializer = AvroSerializer(registry, json.dumps(AVRO), conf={"auto.register.schemas": False, "use.latest.version": True})
    producer = Producer(city.librdkafka(ward))
    document = {"ward": "Hải Châu", "count": 7, "note": None}
    producer.produce(name, serializer(document, SerializationContext(name, MessageField.VALUE)))
    assert producer.flush(20) == 0
    assert everything(city, portal, name) == [document]


def test_raw_bytes_are_sent_as_they_are(city, ward, portal, tmp_path):
    name, schema = typed(city, tmp_path, AVRO, "avsc")
    file = tmp_path / "record.bin"
    file.write_bytes(b"\0" + schema.to_bytes(4, "big") + b"\x02a\x02\x00")
    city.hanbridge("publish", name, file, "--format", "raw", profile=ward)
    assert everything(city, portal, name) == [{"ward": "a", "count": 1, "note": None}]


def test_typed_keys_are_framed_too(city, ward, portal, tmp_path):
    name, _ = typed(city, tmp_path)
    file = tmp_path / "key.json"
    file.write_text('{"type":"string","minLength":2}')
    city.hanbridge("schema", "register", file, "--subject", f"{name}-key")
    city.hanbridge("topic", "alter", name, "--config", f"hanbridge.schema.key.subject={name}-key")
    said, _ = refused(lambda: city.hanbridge(
        "publish", name, "--key", "ward", "--output", "json", profile=ward, input='{"ward":"ab","count":1}\n{"ward":"c","count":1}\n'))
    assert [(entry["line"], entry["errors"][0]["path"], entry["errors"][0]["rule"]) for entry in said[:-1]] == [(2, "key:", "minLength")]
    (record,) = lines(city.hanbridge("subscribe", name, "--from", "earliest", "--until-end", "--output", "json", profile=portal))
    assert record["key"] == '"ab"'


def test_corrections_are_shown(city, ward, portal, tmp_path):
    from confluent_kafka import Producer

    name, schema = typed(city, tmp_path)
    city.hanbridge("publish", name, profile=ward, input='{"ward":"a","count":1}\n')
    producer = Producer(city.librdkafka(ward))
    producer.produce(
        name, b"\0" + schema.to_bytes(4, "big") + b'{"ward":"a","count":2}', headers={"hanbridge-corrects": b"0/0"},
        on_delivery=lambda error, _: pytest.fail(str(error)) if error else None)
    assert producer.flush(20) == 0
    records = lines(city.hanbridge("subscribe", name, "--from", "earliest", "--until-end", "--output", "json", profile=portal))
    assert [record.get("corrects") for record in records] == [None, "0/0"]
    table = city.hanbridge("subscribe", name, "--from", "earliest", "--until-end", profile=portal)
    assert [json.loads(line)["count"] for line in table.splitlines()] == [1, 2]


def test_a_pinned_version_is_the_one_that_is_written(city, ward, portal, tmp_path):
    name, first = typed(city, tmp_path)
    second = registered(city, name, {**SCHEMA, "properties": {**SCHEMA["properties"], "more": {"type": "string"}}}, tmp_path)
    assert first != second
    city.hanbridge("topic", "alter", name, "--config", "hanbridge.schema.version=1")
    city.hanbridge("publish", name, profile=ward, input='{"ward":"a","count":1}\n')
    (record,) = lines(city.hanbridge("subscribe", name, "--from", "earliest", "--until-end", "--output", "json", profile=portal))
    assert record["schemaId"] == first


def test_a_subject_that_is_not_registered_is_named_with_what_to_do(city, ward, tmp_path):
    name = f"portal.typed-{uuid.uuid4().hex[:8]}.v1"
    city.topic(name, owner="portal", publishers=["hai-chau/*/*"], hanbridge__schema__subject=f"{name}-value")
    fails(1, f"{name}-value", "hanbridge schema register",
          call=lambda: city.hanbridge("publish", name, profile=ward, input='{"ward":"a","count":1}\n'))
