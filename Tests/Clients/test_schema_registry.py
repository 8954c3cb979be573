"""The schema registry as confluent-kafka's own client and serializers see it, and as any HTTP client does."""

import base64
import http.client
import json
import uuid

import pytest
from confluent_kafka import Consumer, Producer, TopicPartition
from confluent_kafka.schema_registry import Schema, SchemaReference, SchemaRegistryClient, SchemaRegistryError
from confluent_kafka.schema_registry.avro import AvroDeserializer, AvroSerializer
from confluent_kafka.schema_registry.json_schema import JSONDeserializer, JSONSerializer
from confluent_kafka.schema_registry.protobuf import ProtobufDeserializer, ProtobufSerializer
from confluent_kafka.serialization import MessageField, SerializationContext

import wire
from city import ROOT, Refused, run

VENDOR = "application/vnd.schemaregistry.v1+json"


class Registry:
    """HTTP/1.1 with the certificate of a node."""

    def __init__(self, city, node=None):
        files = city.files(node or city.admin)
        host, _, port = city.endpoints["https"].removeprefix("https://").rpartition(":")
        self.connection = http.client.HTTPSConnection(host, int(port), context=wire.client_context(*files), timeout=20)

    def ask(self, method, path, body=None, content_type=VENDOR):
        headers = {"Content-Type": content_type} if body is not None else {}
        self.connection.request(method, path, body=json.dumps(body) if isinstance(body, (dict, list)) else body, headers=headers)
        answer = self.connection.getresponse()
        data = answer.read()
        assert answer.headers["Content-Type"] == VENDOR, (method, path, answer.status, data)
        return answer.status, json.loads(data)

    def done(self, method, path, body=None):
        status, document = self.ask(method, path, body)
        assert status == 200, (method, path, document)
        return document

    def refused(self, code, method, path, body=None, **options):
        status, document = self.ask(method, path, body, **options)
        assert (status, document["error_code"]) == (code if code < 1000 else code // 100, code), document
        assert document["message"] and set(document) == {"error_code", "message"}
        return document["message"]


def client(city, node=None):
    ca, certificate, key = city.files(node or city.admin)
    return SchemaRegistryClient({
        "url": city.endpoints["https"], "ssl.ca.location": ca, "ssl.certificate.location": certificate, "ssl.key.location": key})


def schema(*fields, optional=(), **more):
    properties = {name: {"type": "string"} for name in (*fields, *optional)}
    return {"type": "object", "properties": properties, "required": list(fields), "additionalProperties": False, **more}


def record(*fields, optional=()):
    """The same in Avro."""
    listed = [{"name": name, "type": "string"} for name in fields] + [{"name": name, "type": "string", "default": ""} for name in optional]
    return {"type": "record", "name": "R", "fields": listed}


def body(document, **more):
    return {"schema": json.dumps(document), "schemaType": "JSON", **more}


@pytest.fixture
def admin(city):
    return Registry(city)


@pytest.fixture
def subject():
    return f"test-{uuid.uuid4().hex[:8]}"


@pytest.fixture(scope="module")
def health(city):
    """A topic of the agency health, and its people."""
    name = f"health.typed-{uuid.uuid4().hex[:8]}.v1"
    city.topic(name, owner="health", publishers=["health/ward/*", "health/station/*"], subscribers=["education/schools/*"])
    return name


def audited(city):
    """The subjects and actions of every event of the audit so far."""
    auditor = city.certificate("city", "audit", "one", roles=["auditor"])
    consumer = Consumer(city.librdkafka(auditor, group__id="city.audit", auto__offset__reset="earliest", enable__partition__eof=True))
    consumer.subscribe(["_audit.access"])
    events = []
    while True:
        message = consumer.poll(20)
        assert message is not None
        if message.error():
            break
        events.append(json.loads(message.value()))
    consumer.close()
    return events


# The API


def test_register_read_and_delete(admin, subject):
    versions = f"/subjects/{subject}/versions"
    first, second = schema("a"), schema("a", optional=["b"])
    assert admin.refused(40401, "GET", versions)
    one = admin.done("POST", versions, body(first))
    assert one["version"] == 1
    assert admin.done("POST", versions, {**body(first), "schema": json.dumps(first, indent=2)})["id"] == one["id"]
    two = admin.done("POST", versions, body(second))
    assert (two["id"], two["version"]) == (one["id"] + 1, 2)
    assert admin.done("POST", f"/subjects/{subject}-b/versions", body(first))["id"] == one["id"]

    assert admin.done("GET", versions) == [1, 2]
    assert subject in admin.done("GET", "/subjects") and admin.done("GET", f"/subjects?subjectPrefix={subject}-") == [f"{subject}-b"]
    found = admin.done("GET", f"{versions}/1")
    assert found == {"subject": subject, "version": 1, "id": one["id"], "schemaType": "JSON", "schema": json.dumps(first)}
    assert admin.done("GET", f"{versions}/latest") == admin.done("GET", f"{versions}/-1") == admin.done("GET", f"{versions}/2")
    assert admin.done("GET", f"{versions}/2/schema") == second
    assert admin.done("POST", f"/subjects/{subject}", body(first)) == found
    assert admin.done("GET", f"/schemas/ids/{one['id']}") == {"schema": json.dumps(first), "schemaType": "JSON"}
    assert admin.done("GET", f"/schemas/ids/{one['id']}?fetchMaxId=true")["maxId"] == two["id"]
    assert admin.done("GET", f"/schemas/ids/{one['id']}/schema") == first
    assert admin.done("GET", f"/schemas/ids/{one['id']}/subjects") == [subject, f"{subject}-b"]
    assert admin.done("GET", f"/schemas/ids/{one['id']}/versions?limit=1&offset=1") == [{"subject": f"{subject}-b", "version": 1}]
    assert set(admin.done("GET", "/schemas/types")) == {"JSON", "AVRO", "PROTOBUF"}
    assert [entry["version"] for entry in admin.done("GET", f"/schemas?subjectPrefix={subject}")] == [1, 2, 1]
    assert [entry["version"] for entry in admin.done("GET", f"/schemas?subjectPrefix={subject}&latestOnly=true")] == [2, 1]
    assert admin.done("GET", "/contexts") == ["."]

    for code, method, path in (
        (40402, "GET", f"{versions}/9"), (42202, "GET", f"{versions}/x"), (42202, "GET", f"{versions}/0"), (40403, "GET", "/schemas/ids/99999"),
        (40403, "GET", "/schemas/ids/x"), (40407, "DELETE", f"{versions}/1?permanent=true"), (40405, "DELETE", f"/subjects/{subject}?permanent=true"),
    ):
        admin.refused(code, method, path)
    admin.refused(40403, "POST", f"/subjects/{subject}", body(schema("z")))
    admin.refused(40401, "POST", f"/subjects/{subject}-none", body(first))

    assert admin.done("DELETE", f"{versions}/1") == 1
    admin.refused(40406, "DELETE", f"{versions}/1")
    admin.refused(40402, "GET", f"{versions}/1")
    assert admin.done("GET", f"{versions}/1?deleted=true")["deleted"] is True
    assert admin.done("GET", f"{versions}?deleted=true") == [1, 2] and admin.done("GET", f"{versions}?deletedOnly=true") == [1]
    assert admin.done("DELETE", f"{versions}/1?permanent=true") == 1
    assert admin.done("DELETE", f"/subjects/{subject}") == [2]
    admin.refused(40404, "DELETE", f"/subjects/{subject}")
    assert subject not in admin.done("GET", "/subjects") and subject in admin.done("GET", "/subjects?deleted=true")
    assert admin.done("GET", f"/subjects?deletedOnly=true&subjectPrefix={subject}") == [subject]
    assert admin.done("DELETE", f"/subjects/{subject}?permanent=true") == [2]
    admin.refused(40401, "DELETE", f"/subjects/{subject}?permanent=true")
    admin.refused(40403, "GET", f"/schemas/ids/{two['id']}")


def test_compatibility_says_why_not(admin, subject):
    path = f"/compatibility/subjects/{subject}/versions"
    def avro(document):
        return {"schema": json.dumps(document)}

    admin.done("POST", f"/subjects/{subject}/versions", avro(record("a")))
    worse, fine = avro(record("a", "b")), avro(record("a", optional=["b"]))
    for target in (path, f"{path}/latest", f"{path}/1"):
        assert admin.done("POST", target, fine) == {"is_compatible": True}
        assert admin.done("POST", target, worse) == {"is_compatible": False}
        told = admin.done("POST", f"{target}?verbose=true", worse)
        assert told["is_compatible"] is False and "errorType" in told["messages"][0] and "BACKWARD" in told["messages"][-1]
    admin.refused(40402, "POST", f"{path}/9", fine)
    admin.refused(42201, "POST", path, avro({"type": "cat"}))
    assert admin.done("POST", f"{path}?verbose=true", avro({"type": "cat"}))["is_compatible"] is False
    message = admin.refused(409, "POST", f"/subjects/{subject}/versions", worse)
    assert "errorType" in message


def test_config_and_mode(admin, subject):
    assert admin.done("GET", "/config") == {"compatibilityLevel": "BACKWARD"}
    admin.refused(40408, "GET", f"/config/{subject}")
    assert admin.done("GET", f"/config/{subject}?defaultToGlobal=true")["compatibilityLevel"] == "BACKWARD"
    assert admin.done("PUT", f"/config/{subject}", {"compatibility": "full", "normalize": True}) == {"compatibility": "FULL", "normalize": True}
    assert admin.done("GET", f"/config/{subject}") == {"compatibilityLevel": "FULL", "normalize": True}
    assert admin.done("DELETE", f"/config/{subject}") == {"compatibilityLevel": "FULL", "normalize": True}
    admin.refused(40401, "DELETE", f"/config/{subject}")
    admin.refused(42203, "PUT", f"/config/{subject}", {"compatibility": "SIDEWAYS"})
    admin.refused(42203, "PUT", f"/config/{subject}", {"compatibility": "FULL", "alias": "x"})

    assert admin.done("GET", "/mode") == {"mode": "READWRITE"}
    admin.refused(40409, "GET", f"/mode/{subject}")
    assert admin.done("GET", f"/mode/{subject}?defaultToGlobal=true") == {"mode": "READWRITE"}
    admin.refused(42204, "PUT", f"/mode/{subject}", {"mode": "SIDEWAYS"})
    assert admin.done("PUT", f"/mode/{subject}", {"mode": "READONLY"}) == {"mode": "READONLY"}
    admin.refused(42205, "POST", f"/subjects/{subject}/versions", body(schema("a")))
    assert admin.done("DELETE", f"/mode/{subject}") == {"mode": "READONLY"}
    admin.done("POST", f"/subjects/{subject}/versions", body(schema("a")))
    admin.refused(42205, "PUT", f"/mode/{subject}", {"mode": "IMPORT"})
    admin.refused(42205, "POST", f"/subjects/{subject}/versions", body(schema("a", optional=["b"]), id=70_000))
    admin.done("PUT", f"/mode/{subject}?force=true", {"mode": "IMPORT"})
    imported = admin.done("POST", f"/subjects/{subject}/versions", body(schema("q", "r"), id=70_000, version=9))
    assert (imported["id"], imported["version"]) == (70_000, 9)
    admin.done("DELETE", f"/mode/{subject}")


def test_references_are_followed_and_kept(admin, subject):
    wards = admin.done("POST", f"/subjects/{subject}-wards/versions", body({"enum": ["hai-chau", "son-tra"]}))
    reference = {"name": "wards.json", "subject": f"{subject}-wards", "version": 1}
    address = {"type": "object", "properties": {"ward": {"$ref": "wards.json"}}}
    admin.refused(42201, "POST", f"/subjects/{subject}/versions", body(address))
    one = admin.done("POST", f"/subjects/{subject}/versions", body(address, references=[reference]))
    assert admin.done("GET", f"/schemas/ids/{one['id']}")["references"] == [reference]
    assert admin.done("GET", f"/subjects/{subject}-wards/versions/1/referencedby") == [one["id"]]
    message = admin.refused(42206, "DELETE", f"/subjects/{subject}-wards")
    assert str(one["id"]) in message
    admin.refused(42206, "DELETE", f"/subjects/{subject}-wards/versions/1")
    admin.refused(42201, "POST", f"/subjects/{subject}/versions", body(address, references=[{**reference, "version": 2}]))
    # A code list is referred to without being named in `references`.
    coded = admin.done(
        "POST", f"/subjects/{subject}-coded/versions", body({"type": "string", "x-codelist": f"{subject}-wards@1"}))
    assert admin.done("GET", f"/subjects/{subject}-wards/versions/1/referencedby") == [one["id"], coded["id"]]
    admin.refused(42201, "POST", f"/subjects/{subject}-coded/versions", body({"type": "string", "x-codelist": f"{subject}-wards@7"}))
    assert wards["id"] < one["id"]


def test_what_is_not_right_is_refused_and_changes_nothing(admin, subject):
    versions = f"/subjects/{subject}/versions"
    for code, sent in (
        (400, "{"), (400, "[]"), (400, {"schemaType": "JSON"}), (42201, {"schema": "{}", "schemaType": "XML"}),
        (42201, {"schema": '{"type": "cat"}', "schemaType": "JSON"}), (42201, {"schema": "{", "schemaType": "JSON"}),
        (42201, {"schema": "{}"}), (42201, body({}, metadata={"tags": {}})), (42201, body({}, ruleSet={"domainRules": []})),
        (42201, body({}, references=[{"name": "a", "subject": "b", "version": 0}])),
        (42201, {"schema": "[" * 100_000, "schemaType": "JSON"}), (42201, {"schema": '"' + "x" * (1 << 20) + '"', "schemaType": "JSON"}),
        (42201, body({}, references=[{"name": f"n{i}", "subject": "b", "version": 1} for i in range(10_000)])),
    ):
        admin.refused(code, "POST", versions, sent)
    admin.refused(415, "POST", versions, "{}", content_type="text/plain")
    admin.refused(413, "POST", versions, "x" * ((4 << 20) + 1))
    admin.refused(42208, "POST", f"/subjects/{'x' * 256}/versions", body({}))
    admin.refused(42208, "POST", "/subjects/_own/versions", body({}))
    admin.refused(40401, "GET", versions)
    assert admin.done("POST", "/subjects/" + "x%2Fy%20z-" + subject + "/versions", body({"title": "x"}))["version"] == 1
    for kind in ("application/json", "application/vnd.schemaregistry+json", VENDOR + "; charset=utf-8"):
        status, _ = admin.ask("POST", versions, body({}), content_type=kind)
        assert status == 200


# Who may


def test_subjects_follow_topics(city, admin, health):
    subject = f"{health}-value"
    steward = Registry(city, city.certificate("health", "office", "linh", roles=["steward"]))
    ward, school = (Registry(city, city.certificate(*who)) for who in (("health", "ward", "one"), ("education", "schools", "one")))
    stranger = Registry(city, city.certificate("sport", "clubs", "one"))
    other_steward = Registry(city, city.certificate("transport", "office", "minh", roles=["steward"]))
    path = f"/subjects/{subject}/versions"
    for node in (ward, school, stranger, other_steward):
        node.refused(40301, "POST", path, body(schema("a")))
    one = steward.done("POST", path, body(schema("a")))
    for node in (ward, school, steward):
        assert node.done("GET", f"{path}/latest")["id"] == one["id"]
        assert subject in node.done("GET", "/subjects") and node.done("GET", f"/schemas/ids/{one['id']}")["schemaType"] == "JSON"
    for node in (stranger, other_steward):
        node.refused(40301, "GET", path)
        node.refused(40301, "GET", f"/schemas/ids/{one['id']}")
        node.refused(40301, "POST", f"/subjects/{subject}", body(schema("a")))
        node.refused(40301, "POST", f"/compatibility/subjects/{subject}/versions", body(schema("a")))
        assert subject not in node.done("GET", "/subjects")
    ward.refused(40301, "PUT", f"/config/{subject}", {"compatibility": "NONE"})
    steward.refused(40301, "PUT", "/config", {"compatibility": "NONE"})
    steward.refused(40301, "PUT", "/mode", {"mode": "READONLY"})
    ward.refused(40301, "DELETE", f"/subjects/{subject}")
    events = [event for event in audited(city) if event["subject"] == f"subject:{subject}"]
    assert {"schema.register", "administer", "describe"} == {event["data"]["action"] for event in events}


# confluent-kafka's own client


def test_the_client_of_confluent_kafka(city, subject):
    registry = client(city)
    text = json.dumps(schema("a"))
    first = registry.register_schema(subject, Schema(text, "JSON"))
    assert registry.register_schema(subject, Schema(text, "JSON"), normalize_schemas=True) == first
    assert registry.get_schema(first).schema_str == text
    found = registry.lookup_schema(subject, Schema(text, "JSON"))
    assert (found.schema_id, found.version, found.subject) == (first, 1, subject)
    assert registry.get_latest_version(subject).schema_id == first and registry.get_version(subject, 1).schema.schema_type == "JSON"
    assert registry.get_versions(subject) == [1] and subject in registry.get_subjects()
    avro = f"{subject}-avro"
    registry.register_schema(avro, Schema(json.dumps(record("a")), "AVRO"))
    assert registry.test_compatibility(avro, Schema(json.dumps(record("a", optional=["b"])), "AVRO"))
    assert not registry.test_compatibility(avro, Schema(json.dumps(record("a", "b")), "AVRO"))
    with pytest.raises(SchemaRegistryError) as refused:
        registry.register_schema(avro, Schema(json.dumps(record("a", "b")), "AVRO"))
    assert refused.value.http_status_code == 409
    registry.set_compatibility(subject, "NONE")
    assert registry.get_compatibility(subject) == "NONE"
    assert registry.get_config(subject).compatibility_level == "NONE"
    registry.delete_config(subject)
    registry.update_mode(subject, "READONLY")
    assert registry.get_mode(subject) == "READONLY"
    registry.delete_mode(subject)
    assert registry.get_global_mode() == "READWRITE"
    assert subject in registry.get_subjects_by_schema_id(first)
    assert (subject, 1) in [(entry.subject, entry.version) for entry in registry.get_schema_versions(first)]
    assert set(registry.get_schema_types()) == {"JSON", "AVRO", "PROTOBUF"}
    assert registry.get_contexts() == ["."]
    assert registry.delete_version(subject, 1) == 1
    assert registry.delete_version(subject, 1, permanent=True) == 1
    with pytest.raises(SchemaRegistryError) as refused:
        client(city).get_latest_version(subject)  # one that remembers nothing
    assert refused.value.error_code == 40401


# Its serializers, through the broker


@pytest.fixture
def people(city, health):
    """The ward that publishes with the steward's schema, and the school that subscribes."""
    return city.certificate("health", "station", "one", roles=["steward"]), city.certificate("education", "schools", "two")


def carry(city, topic, people, value):
    """Publishes a value and takes it back."""
    ward, school = people
    producer = Producer(city.librdkafka(ward))
    placed = []
    producer.produce(topic, value, on_delivery=lambda error, message: placed.append((error, message.offset())))
    assert producer.flush(20) == 0 and placed[0][0] is None, placed
    consumer = Consumer(city.librdkafka(school, group__id=f"education.{uuid.uuid4().hex[:6]}"))
    consumer.assign([TopicPartition(topic, 0, placed[0][1])])
    message = consumer.poll(20)
    consumer.close()
    assert message is not None and not message.error()
    return message.value()


def typed(city):
    name = f"health.typed-{uuid.uuid4().hex[:8]}.v1"
    return city.topic(name, owner="health", publishers=["health/station/*"], subscribers=["education/schools/*"])


def test_json_serializer_with_references(city, people):
    topic = typed(city)
    ward, school = people
    registry = client(city, ward)
    wards = f"wards-{uuid.uuid4().hex[:6]}"
    registry.register_schema(wards, Schema(json.dumps({"enum": ["hai-chau", "son-tra"]}), "JSON"))
    text = json.dumps({
        "$schema": "http://json-schema.org/draft-07/schema#", "title": "Vaccination", "type": "object",
        "properties": {"citizen": {"type": "string"}, "ward": {"$ref": "wards.json"}}, "required": ["citizen", "ward"]})
    sent = Schema(text, "JSON", [SchemaReference("wards.json", wards, 1)])
    context = SerializationContext(topic, MessageField.VALUE)
    value = {"citizen": "Nguyễn Văn An", "ward": "hai-chau"}
    payload = JSONSerializer(sent, registry)(value, context)
    assert payload[0] == 0 and registry.get_latest_version(f"{topic}-value").schema_id == int.from_bytes(payload[1:5], "big")
    back = JSONDeserializer(None, schema_registry_client=client(city, school))
    assert back(carry(city, topic, people, payload), context) == value


def test_avro_serializer_with_references(city, people):
    topic = typed(city)
    ward, school = people
    registry = client(city, ward)
    code = f"codes-{uuid.uuid4().hex[:6]}"
    registry.register_schema(code, Schema('{"type": "enum", "name": "danang.Ward", "symbols": ["HAI_CHAU", "SON_TRA"]}', "AVRO"))
    text = json.dumps({"type": "record", "name": "Vaccination", "namespace": "danang", "fields": [
        {"name": "citizen", "type": "string"}, {"name": "ward", "type": "danang.Ward"}, {"name": "dose", "type": "int", "default": 1}]})
    sent = Schema(text, "AVRO", [SchemaReference("danang.Ward", code, 1)])
    context = SerializationContext(topic, MessageField.VALUE)
    value = {"citizen": "Trần Thị Bình", "ward": "SON_TRA", "dose": 2}
    payload = AvroSerializer(registry, sent)(value, context)
    back = AvroDeserializer(client(city, school))
    assert back(carry(city, topic, people, payload), context) == value


def test_protobuf_serializer_with_references(city, people):
    from google.protobuf import descriptor_pb2, descriptor_pool, message_factory, timestamp_pb2

    topic = typed(city)
    ward, school = people
    unique = uuid.uuid4().hex[:6]

    def file(name, *messages, dependencies=()):
        made = descriptor_pb2.FileDescriptorProto(name=name, package=f"danang.t{unique}", syntax="proto3", dependency=dependencies)
        for message, fields in messages:
            made_message = made.message_type.add(name=message)
            for number, (field, kind, type_name) in enumerate(fields, 1):
                made_message.field.add(name=field, number=number, type=kind, type_name=type_name, label=1)
        return made

    field = descriptor_pb2.FieldDescriptorProto
    place = file(f"place_{unique}.proto", ("Place", [("ward", field.TYPE_STRING, None)]))
    record = file(
        f"record_{unique}.proto", ("Other", [("x", field.TYPE_INT32, None)]),
        ("Record", [("citizen", field.TYPE_STRING, None), ("place", field.TYPE_MESSAGE, f".danang.t{unique}.Place"),
                    ("at", field.TYPE_MESSAGE, ".google.protobuf.Timestamp")]),
        dependencies=[place.name, "google/protobuf/timestamp.proto"])
    pool = descriptor_pool.DescriptorPool()
    pool.AddSerializedFile(timestamp_pb2.DESCRIPTOR.serialized_pb)
    for made in (place, record):
        pool.AddSerializedFile(made.SerializeToString())
    kind = message_factory.GetMessageClass(pool.FindMessageTypeByName(f"danang.t{unique}.Record"))
    value = kind(citizen="Lê Văn Cường")
    value.place.ward = "hai-chau"
    value.at.seconds = 1_795_372_800
    context = SerializationContext(topic, MessageField.VALUE)
    registry = client(city, ward)
    payload = ProtobufSerializer(kind, registry, {"use.deprecated.format": False})(value, context)
    assert registry.get_latest_version(f"{topic}-value").schema.references[0].name in (place.name, "google/protobuf/timestamp.proto")
    back = ProtobufDeserializer(kind, {"use.deprecated.format": False}, schema_registry_client=client(city, school))
    assert back(carry(city, topic, people, payload), context) == value


def test_a_protobuf_schema_is_told_as_text_and_as_descriptor(admin, subject):
    """Clients in Python register and ask for descriptors, others texts; both are one schema."""
    from google.protobuf import descriptor_pb2

    name = f"M{uuid.uuid4().hex[:8]}"
    text = f'syntax = "proto3"; // a note\npackage t; message {name} {{ optional string a = 1; map<string, {name}> b = 2; }}'
    one = admin.done("POST", f"/subjects/{subject}/versions", {"schema": text, "schemaType": "PROTOBUF"})["id"]
    assert admin.done("GET", f"/schemas/ids/{one}")["schema"] == text
    encoded = admin.done("GET", f"/schemas/ids/{one}?format=serialized")["schema"]
    descriptor = descriptor_pb2.FileDescriptorProto.FromString(base64.b64decode(encoded))
    assert [field.name for field in descriptor.message_type[0].field] == ["a", "b"] and descriptor.message_type[0].nested_type[0].options.map_entry
    assert admin.done("POST", f"/subjects/{subject}-b/versions", {"schema": encoded, "schemaType": "PROTOBUF"})["id"] == one

    descriptor.message_type[0].field[0].name = "renamed"
    changed = base64.b64encode(descriptor.SerializeToString()).decode()
    two = admin.done("POST", f"/subjects/{subject}/versions", {"schema": changed, "schemaType": "PROTOBUF"})["id"]
    assert two != one and admin.done("GET", f"/schemas/ids/{two}?format=serialized")["schema"] == changed
    assert "optional string renamed = 1;" in admin.done("GET", f"/schemas/ids/{two}")["schema"]
    broken = {"schema": text.replace("string a", "int32 a"), "schemaType": "PROTOBUF"}
    assert "FIELD_SCALAR_KIND_CHANGED" in admin.refused(409, "POST", f"/subjects/{subject}/versions", broken)


# Kept in git


def test_a_set_is_registered_whole_or_not_at_all(city, admin, tmp_path, subject):
    folder = tmp_path / "schemas"
    (folder / "wards").mkdir(parents=True)
    (folder / "wards" / "schema.json").write_text(json.dumps({"enum": ["hai-chau", "son-tra"]}))
    (folder / "a.json").write_text(json.dumps({"type": "object", "properties": {"ward": {"type": "string", "x-codelist": f"{subject}-wards@1"}}}))
    (folder / "b.avsc").write_text('{"type": "record", "name": "B", "fields": [{"name": "x", "type": "long"}]}')
    (folder / "schemas.yaml").write_text(f"""
{subject}-wards:
  file: wards/schema.json
{subject}-a:
  file: a.json
  compatibility: FULL
  references: {{wards.json: {subject}-wards}}
{subject}-b: {{file: b.avsc}}
""")
    rows = [json.loads(line) for line in city.hanbridge("schema", "register", folder, "--dry-run", "--output", "json").splitlines()]
    assert [row["outcome"] for row in rows] == ["would-register"] * 3
    assert admin.done("GET", f"/subjects?subjectPrefix={subject}") == []
    for outcome in ("registered", "unchanged"):
        rows = [json.loads(line) for line in city.hanbridge("schema", "register", folder, "--output", "json").splitlines()]
        assert [(row["subject"], row["version"], row["outcome"]) for row in rows] == [
            (f"{subject}-{name}", 1, outcome) for name in ("wards", "a", "b")]
    assert admin.done("GET", f"/config/{subject}-a") == {"compatibilityLevel": "FULL"}
    assert admin.done("GET", f"/subjects/{subject}-b/versions/1/schema")["name"] == "B"

    # One is not compatible: nothing is registered.
    (folder / "wards" / "schema.json").write_text(json.dumps({"enum": ["hai-chau", "son-tra", "cam-le"]}))
    (folder / "b.avsc").write_text('{"type": "record", "name": "B", "fields": [{"name": "y", "type": "long"}]}')
    with pytest.raises(Refused) as refused:
        city.hanbridge("schema", "register", folder)
    assert refused.value.status == 1 and f"{subject}-b" in refused.value.stderr and "READER_FIELD_MISSING_DEFAULT_VALUE" in refused.value.stderr
    assert admin.done("GET", f"/subjects/{subject}-wards/versions") == [1]

    assert json.loads(city.hanbridge("schema", "get", f"{subject}-wards")) == {"enum": ["hai-chau", "son-tra"]}
    listed = [json.loads(line) for line in city.hanbridge("schema", "list", "--prefix", subject, "--output", "json").splitlines()]
    assert [(row["subject"], row["version"], row["type"]) for row in listed] == [
        (f"{subject}-a", 1, "JSON"), (f"{subject}-b", 1, "AVRO"), (f"{subject}-wards", 1, "JSON")]
    (folder / "c.json").write_text(json.dumps({"type": "object", "properties": {"w": {"$ref": "w.json"}}}))
    city.hanbridge("schema", "register", folder / "c.json", "--subject", f"{subject}-c", "--reference", f"w.json={subject}-wards")
    assert json.loads(city.hanbridge("schema", "get", f"{subject}-c", "--output", "json"))["references"] == [
        {"name": "w.json", "subject": f"{subject}-wards", "version": 1}]


def test_the_schemas_that_are_shipped_check_and_register(city, admin):
    checked = [json.loads(line) for line in run("schema", "check", ROOT / "Schemas", "--output", "json").splitlines()]
    assert len(checked) == 11 and all(row["error"] is None for row in checked)
    city.hanbridge("schema", "register", ROOT / "Schemas")
    assert {code["const"] for code in admin.done("GET", "/subjects/wards/versions/1/schema")["oneOf"]} >= {"hai-chau", "son-tra"}


# The store


def test_the_registry_survives_a_kill_and_a_backup(own_city):
    city = own_city().start()
    registry = client(city)
    first = registry.register_schema("wards", Schema('{"enum": ["a"]}', "JSON"))
    registry.set_compatibility("wards", "FULL")
    city.kill()
    city.start()
    registry = client(city)
    assert registry.get_schema(first).schema_str == '{"enum": ["a"]}' and registry.get_compatibility("wards") == "FULL"
    assert registry.register_schema("other", Schema('{"enum": ["b"]}', "JSON")) == first + 1
    assert city.stop() == 0
    run("check", "--config", city.configuration_file)
