"""Publishing over HTTPS as any HTTP client does it, and the records as librdkafka reads them."""

import base64
import http.client
import json
import threading
import uuid

import pytest
from confluent_kafka import Consumer, KafkaError, Producer, TopicPartition
from confluent_kafka.schema_registry import Schema, SchemaRegistryClient

import wire

SCHEMA = {
    "type": "object", "required": ["ward", "count"],
    "properties": {"ward": {"type": "string"}, "count": {"type": "integer", "minimum": 0}, "urgent": {"type": "boolean"}},
}
GOOD, BAD = {"ward": "Hải Châu", "count": 3}, {"ward": "Hải Châu", "count": -1}
ENVELOPES = "application/vnd.hanbridge.records+json"


class Client:
    def __init__(self, city, node):
        host, _, port = city.endpoints["https"].removeprefix("https://").rpartition(":")
        self.connection = http.client.HTTPSConnection(host, int(port), context=wire.client_context(*city.files(node)), timeout=40)

    def post(self, topic, body, type="application/json", query="", **headers):
        """(status, headers, document)"""
        if not isinstance(body, (bytes, str)):
            body = json.dumps(body, ensure_ascii=False)
        headers = {"Content-Type": type, **{name.replace("_", "-"): value for name, value in headers.items()}}
        self.connection.request("POST", f"/v1/topics/{topic}/records{query}", body=body.encode() if isinstance(body, str) else body, headers=headers)
        answer = self.connection.getresponse()
        data = answer.read()
        return answer.status, answer.headers, json.loads(data)

    def get(self, path):
        self.connection.request("GET", path)
        answer = self.connection.getresponse()
        data = answer.read()
        return answer.status, answer.headers, json.loads(data)

    def published(self, topic, body, *arguments, **options):
        status, _, document = self.post(topic, body, *arguments, **options)
        assert status == 200, document
        assert document["appended"] + document["refused"] == len(document["records"])
        return document["records"]


@pytest.fixture(scope="module")
def ward(city):
    return city.certificate("hai-chau", "one-stop", "counter-1")


@pytest.fixture(scope="module")
def portal(city):
    return city.certificate("portal", "requests", "one")


@pytest.fixture(scope="module")
def client(city, ward):
    return Client(city, ward)


def registry(city):
    ca, certificate, key = city.files(city.admin)
    return SchemaRegistryClient({
        "url": city.endpoints["https"], "ssl.ca.location": ca, "ssl.certificate.location": certificate, "ssl.key.location": key})


def typed(city, partitions=1, schema=json.dumps(SCHEMA), kind="JSON", **configuration):
    name = f"portal.http-{uuid.uuid4().hex[:8]}.v1"
    city.topic(
        name, partitions, owner="portal", publishers=["hai-chau/*/*"], subscribers=["portal/*/*"],
        hanbridge__schema__subject=f"{name}-value", **configuration)
    return name, registry(city).register_schema(f"{name}-value", Schema(schema, kind))


def stored(city, who, name, partitions=1):
    """[(partition, offset, key, value, headers)]"""
    consumer = Consumer(city.librdkafka(who, **{"group.id": "portal.http", "auto.offset.reset": "earliest", "enable.partition.eof": True}))
    consumer.assign([TopicPartition(name, partition, 0) for partition in range(partitions)])
    found, ended = [], set()
    while len(ended) < partitions:
        message = consumer.poll(20)
        assert message is not None, "the partition's end did not come"
        if message.error():
            assert message.error().code() == KafkaError._PARTITION_EOF, message.error()
            ended.add(message.partition())
        else:
            found.append((message.partition(), message.offset(), message.key(), message.value(), message.headers()))
    consumer.close()
    return sorted(found)


def framed(schema, document):
    return b"\0" + schema.to_bytes(4, "big") + json.dumps(document, ensure_ascii=False).encode()


def test_the_good_ones_go_in_and_the_bad_ones_are_told_about(city, client, portal):
    name, schema = typed(city)
    records = client.published(name, [GOOD, BAD, GOOD])
    assert [record.get("offset") for record in records] == [0, None, 1]
    assert records[1]["status"] == 422
    assert [(fault["path"], fault["rule"]) for fault in records[1]["errors"]] == [("/count", "minimum")]
    assert [value for _, _, _, value, _ in stored(city, portal, name)] == [framed(schema, GOOD)] * 2


def test_where_none_goes_in_the_answer_is_a_problem_with_the_same_list(city, client, portal):
    name, _ = typed(city)
    status, headers, problem = client.post(name, BAD)
    assert (status, headers["Content-Type"]) == (422, "application/problem+json")
    assert problem["type"] == "urn:hanbridge:problem:records-refused"
    assert problem["records"][0]["errors"][0]["path"] == "/count"
    status, headers, spoken = client.post(name, BAD, Accept_Language="vi")
    assert headers["Content-Language"] == "vi" and spoken["title"] == "Bản ghi không hợp lệ"
    assert stored(city, portal, name) == []


def test_lines_and_tables_name_their_lines(city, client, portal):
    name, schema = typed(city)
    lines = "\n".join([json.dumps(GOOD), "", "{", json.dumps(BAD)])
    records = client.published(name, lines, "application/x-ndjson")
    assert [(record["line"], "offset" in record) for record in records] == [(1, True), (3, False), (4, False)]
    table = 'ward,count,urgent\n"Sơn Trà",7,TRUE\n0101,0,\nHải Châu,x,\n'
    records = client.published(name, table, "text/csv; charset=utf-8")
    assert [(record["line"], "offset" in record) for record in records] == [(2, True), (3, True), (4, False)]
    assert [json.loads(value[5:]) for _, _, _, value, _ in stored(city, portal, name)[1:]] == [
        {"ward": "Sơn Trà", "count": 7, "urgent": True}, {"ward": "0101", "count": 0}]


def test_keys_go_where_the_kafka_client_would_send_them(city, client, ward, portal):
    name, schema = typed(city, partitions=5)
    documents = [{"ward": f"ward-{number}", "count": number} for number in range(40)]
    records = client.published(name, documents, query="?key=ward")
    producer = Producer(city.librdkafka(ward, partitioner="murmur2"))
    theirs = {}
    for document in documents:
        producer.produce(
            name, framed(schema, document), key=document["ward"],
            on_delivery=lambda error, message: theirs.update({message.key().decode(): message.partition()}))
    assert producer.flush(30) == 0
    assert {document["ward"]: record["partition"] for document, record in zip(documents, records)} == theirs
    assert len(set(theirs.values())) == 5
    assert {key for _, _, key, _, _ in stored(city, portal, name, 5)} == {document["ward"].encode() for document in documents}


def test_an_envelope_carries_everything_that_a_record_has(city, client, portal):
    name, schema = typed(city, partitions=3)
    envelope = {"key": "P-2", "value": GOOD, "headers": {"trace": "7f", "none": None}, "partition": 2, "timestamp": 1795372800000}
    framed_value = base64.b64encode(framed(schema, GOOD)).decode()
    records = client.published(name, [envelope, {"valueBase64": framed_value, "partition": 0}], ENVELOPES, query="?framed=true")
    assert [(record["partition"], record["offset"]) for record in records] == [(2, 0), (0, 0)]
    found = stored(city, portal, name, 3)
    assert found == [
        (0, 0, None, framed(schema, GOOD), None), (2, 0, b"P-2", framed(schema, GOOD), [("trace", b"7f"), ("none", None)])]


def test_avro_and_protobuf_records_are_documents_or_bytes(city, client, portal):
    avro, identifier = typed(city, schema='{"type":"record","name":"R","fields":[{"name":"n","type":"int"}]}', kind="AVRO")
    assert client.published(avro, [{"n": 1}, {"n": "x"}])[0]["offset"] == 0
    assert client.published(avro, b"\x02", "application/octet-stream")[0]["offset"] == 1
    assert client.post(avro, b"\x02\x02", "application/octet-stream")[0] == 422
    assert {value for _, _, _, value, _ in stored(city, portal, avro)} == {b"\0" + identifier.to_bytes(4, "big") + b"\x02"}
    proto, identifier = typed(city, schema='syntax = "proto3"; message R { int32 n = 1; }', kind="PROTOBUF")
    assert client.published(proto, b"\x08\x05", "application/octet-stream")[0]["offset"] == 0
    assert stored(city, portal, proto)[0][3] == b"\0" + identifier.to_bytes(4, "big") + b"\0\x08\x05"


def test_a_chosen_schema_is_the_one_that_is_written(city, client, portal):
    name, first = typed(city)
    second = registry(city).register_schema(f"{name}-value", Schema(json.dumps({**SCHEMA, "title": "two"}), "JSON"))
    client.published(name, GOOD)
    client.published(name, GOOD, query="?schemaVersion=1")
    client.published(name, GOOD, Hanbridge_Schema_Id=str(first))
    assert [int.from_bytes(value[1:5], "big") for _, _, _, value, _ in stored(city, portal, name)] == [second, first, first]
    assert client.post(name, GOOD, query="?schemaVersion=7")[0] == 422
    assert client.post(name, GOOD, query="?schemaVersion=x")[0] == 400


def test_refused_records_are_kept_in_the_quarantine(city, client):
    quarantine = f"portal.quarantine-{uuid.uuid4().hex[:8]}"
    city.topic(quarantine, owner="portal", hanbridge__schema__subject="none", hanbridge__owner="portal")
    name, _ = typed(city, hanbridge__quarantine=quarantine, hanbridge__owner="portal")
    for _ in range(2):
        assert client.published(name, [GOOD, BAD])[1]["quarantine"] == f"{quarantine}/0/0"


def test_refusals_have_the_statuses_of_the_table(city, client, portal):
    name, _ = typed(city, max__message__bytes=2000)
    stranger = Client(city, city.certificate("traffic", "cameras", "gate-1"))
    there, nowhere = stranger.post(name, GOOD), stranger.post("portal.nothing", GOOD)
    assert there[0] == nowhere[0] == 403
    assert there[2]["detail"].replace(name, "") == nowhere[2]["detail"].replace("portal.nothing", "")
    assert client.post(name, "{", "application/json")[0] == 400
    assert client.post(name, "a", "text/plain")[0] == 415
    assert client.post(name, {**GOOD, "ward": "x" * 3000})[0] == 413
    assert client.post(name, GOOD, query="?partition=7")[0] == 422
    assert client.post("_audit.access", GOOD)[0] == 403
    assert stored(city, portal, name) == []


# Reading


def test_pages_follow_each_other_by_the_address_in_the_answer(city, client, portal):
    name, schema = typed(city, partitions=2)
    documents = [{"ward": f"ward-{number}", "count": number} for number in range(25)]
    client.published(name, documents, query="?key=ward&partition=1")
    reader = Client(city, portal)
    seen, path = [], f"/v1/topics/{name}/partitions/1/records?offset=0&limit=10"
    while True:
        status, _, page = reader.get(path)
        assert status == 200, page
        assert reader.get(path)[2] == page, "asked again, it is the same page"
        if not page["records"]:
            break
        seen += page["records"]
        path = page["next"]
    assert [record["value"] for record in seen] == documents
    assert [record["key"] for record in seen] == [document["ward"] for document in documents]
    assert {record["schemaId"] for record in seen} == {schema} and [record["offset"] for record in seen] == list(range(25))
    assert reader.get(f"/v1/topics/{name}/partitions/1/records?offset=26")[0] == 410
    assert reader.get(f"/v1/topics/{name}/partitions/2/records")[0] == 404
    assert client.get(f"/v1/topics/{name}/partitions/1/records")[0] == 403
    assert client.get("/v1/topics/portal.nothing/partitions/0/records")[0] == 403


def test_a_page_waits_for_its_first_record(city, client, portal):
    name, _ = typed(city)
    answers = []
    reader = threading.Thread(target=lambda: answers.append(
        Client(city, portal).get(f"/v1/topics/{name}/partitions/0/records?offset=0&waitMs=20000")))
    reader.start()
    client.published(name, GOOD)
    reader.join(timeout=15)
    assert answers[0][2]["records"][0]["value"] == GOOD


def test_avro_comes_as_json_and_bytes_as_base64(city, client, portal):
    name, identifier = typed(city, schema='{"type":"record","name":"R","fields":[{"name":"n","type":"int"}]}', kind="AVRO")
    client.published(name, b"\x02", "application/octet-stream")
    record = Client(city, portal).get(f"/v1/topics/{name}/partitions/0/records")[2]["records"][0]
    assert (record["schemaId"], record["value"]) == (identifier, {"n": 1})
    untyped = f"portal.bytes-{uuid.uuid4().hex[:8]}"
    city.topic(untyped, owner="portal", publishers=["hai-chau/*/*"], subscribers=["portal/*/*"], hanbridge__schema__subject="none")
    client.published(untyped, b"\xff\0", "application/octet-stream")
    record = Client(city, portal).get(f"/v1/topics/{untyped}/partitions/0/records")[2]["records"][0]
    assert base64.b64decode(record["valueBase64"]) == b"\xff\0"


# Once, however often


def test_a_retry_gets_the_first_answer_and_appends_nothing(city, client, portal):
    name, _ = typed(city, partitions=3)
    key = f'"{uuid.uuid4()}"'
    first = client.published(name, [GOOD, BAD, GOOD], Idempotency_Key=key)
    for _ in range(3):
        assert client.published(name, [GOOD, BAD, GOOD], Idempotency_Key=key) == first
    assert client.published(name, [GOOD, BAD, GOOD], Idempotency_Key=key.strip('"')) == first
    assert len(stored(city, portal, name, 3)) == 2
    status, _, problem = client.post(name, [GOOD], Idempotency_Key=key)
    assert (status, problem["type"]) == (422, "urn:hanbridge:problem:idempotency-key-reused")
    assert client.post(name, [GOOD, BAD, GOOD], query="?partition=1", Idempotency_Key=key)[0] == 422
    other = Client(city, city.certificate("hai-chau", "one-stop", "counter-2"))
    assert other.published(name, [GOOD], Idempotency_Key=key)[0]["offset"] >= 0, "each node has its own keys"


@pytest.mark.parametrize("key", ["", '""', "x" * 256, "a b", "khóa".encode().decode("latin-1")])
def test_a_key_that_is_none_is_refused(city, client, key):
    name, _ = typed(city)
    assert client.post(name, GOOD, Idempotency_Key=key)[0] == 400


def test_many_at_once_with_one_key_append_once(city, ward, portal):
    name, _ = typed(city)
    key, answers = f'"{uuid.uuid4()}"', []

    def publish():
        answers.append(Client(city, ward).post(name, [GOOD] * 50, Idempotency_Key=key))

    threads = [threading.Thread(target=publish) for _ in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    documents = [document for status, _, document in answers if status == 200]
    assert documents and all(document == documents[0] for document in documents)
    for status, headers, document in answers:
        assert status in (200, 409), document
        assert status == 200 or headers["Retry-After"] == "1"
    assert len(stored(city, portal, name)) == 50


def test_the_answer_is_the_same_after_a_restart(own_city):
    city = own_city().start()
    ward, portal = city.certificate("hai-chau", "one-stop", "counter-1"), city.certificate("portal", "requests", "one")
    name, _ = typed(city)
    key = f'"{uuid.uuid4()}"'
    first = Client(city, ward).published(name, [GOOD, BAD], Idempotency_Key=key)
    city.kill()
    city.start()
    assert Client(city, ward).published(name, [GOOD, BAD], Idempotency_Key=key) == first
    assert len(stored(city, portal, name)) == 1
