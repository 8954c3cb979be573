"""What a restricted subscriber gets, through three stock clients: no byte of a masked field on the wire, whatever the codec, the key and the headers;
positions that go on over records that are not shown; groups; and masks that change under live consumers."""

import asyncio
import gzip
import json
import struct
import time

import lz4.frame
import pytest
import snappy
import zstandard
from aiokafka import AIOKafkaConsumer
from aiokafka import TopicPartition as AIOTopicPartition
from aiokafka.helpers import create_ssl_context
from confluent_kafka import Consumer, KafkaError, TopicPartition
from kafka import KafkaConsumer
from kafka import TopicPartition as PythonTopicPartition

import city as cities
from restricted import Person, Recorder, agree, publish, restricted, seeded
from test_https import Client
from wire import Wire

SCHOOL = "education/schools/*"
MASKED = {"node": SCHOOL, "fields": {"allow": ["citizenId", "ward", "born"], "mask": {"citizenId": "last4", "born": "year"}}}
INFLATERS = {
    0: lambda data: data, 1: gzip.decompress, 2: snappy.decompress, 3: lz4.frame.decompress,
    4: lambda data: zstandard.ZstdDecompressor().decompressobj().decompress(data),
}


@pytest.fixture(scope="module")
def city(tmp_path_factory):
    """A broker behind a recorder of what the school gets."""
    city = cities.City(tmp_path_factory.mktemp("city") / "state")
    school = city.certificate("education", "schools", "le-loi")
    city.recorder = Recorder(city, school)
    city.start()
    city.recorder.start()
    yield city
    city.recorder.stop()
    status = city.stop()
    assert status == 0, f"the broker ended with {status}:\n{city.log_text()}"


@pytest.fixture(scope="module")
def ward(city):
    return city.certificate("hai-chau", "one-stop", "counter-1")


@pytest.fixture(scope="module")
def school(city):
    return city.certificate("education", "schools", "le-loi")


# Three clients: each reads from an offset until its position is at the end: [(offset, key, value, headers)]


def read_confluent(city, school, name, end, start=0):
    """With the event of a partition's end, which comes when librdkafka's fetch position is the high watermark."""
    consumer = Consumer(city.librdkafka(school, **{
        "group.id": "education.read", "enable.auto.commit": False, "auto.offset.reset": "error",
        "enable.partition.eof": True}))
    consumer.assign([TopicPartition(name, 0, start)])
    found = []
    while True:
        message = consumer.poll(60)
        assert message is not None, "the partition's end did not come"
        if message.error():
            assert message.error().code() == KafkaError._PARTITION_EOF, message.error()
            assert message.offset() == end
            break
        found.append((message.offset(), message.key(), message.value(), message.headers() or []))
    consumer.close()
    return found


def read_kafka_python(city, school, name, end, start=0):
    ca, certificate, key = city.files(school)
    consumer = KafkaConsumer(
        bootstrap_servers=city.bootstrap, security_protocol="SSL", ssl_cafile=ca, ssl_certfile=certificate, ssl_keyfile=key,
        ssl_check_hostname=False, group_id=None, enable_auto_commit=False)
    partition = PythonTopicPartition(name, 0)
    consumer.assign([partition])
    consumer.seek(partition, start)
    found, deadline = [], time.monotonic() + 60
    while consumer.position(partition) < end:
        assert time.monotonic() < deadline, f"stuck at {consumer.position(partition)}"
        for records in consumer.poll(500).values():
            found += [(record.offset, record.key, record.value, record.headers) for record in records]
    consumer.close()
    return found


def read_aiokafka(city, school, name, end, start=0, isolation="read_uncommitted"):
    ca, certificate, key = city.files(school)

    async def read():
        context = create_ssl_context(cafile=ca, certfile=certificate, keyfile=key)
        context.check_hostname = False
        consumer = AIOKafkaConsumer(
            bootstrap_servers=city.bootstrap, security_protocol="SSL", ssl_context=context, enable_auto_commit=False, isolation_level=isolation)
        await consumer.start()
        try:
            partition = AIOTopicPartition(name, 0)
            consumer.assign([partition])
            consumer.seek(partition, start)
            found, deadline = [], time.monotonic() + 60
            while await consumer.position(partition) < end:
                assert time.monotonic() < deadline, f"stuck at {await consumer.position(partition)}"
                for records in (await consumer.getmany(timeout_ms=500)).values():
                    found += [(record.offset, record.key, record.value, record.headers) for record in records]
            return found
        finally:
            await consumer.stop()

    return asyncio.run(read())


def read_aiokafka_committed(*arguments, **options):
    return read_aiokafka(*arguments, isolation="read_committed", **options)


CLIENTS = [read_confluent, read_kafka_python, read_aiokafka, read_aiokafka_committed]


def ids(client):
    return client.__name__.removeprefix("read_")


def documents(found):
    return [json.loads(value[5:]) for _, _, value, _ in found]


@pytest.mark.parametrize("client", CLIENTS, ids=ids)
def test_no_byte_of_a_masked_field_is_on_the_wire(city, ward, school, client):
    random = seeded()
    name, schema = restricted(city, {**MASKED, "where": {"ward": ["hai-chau", "son-tra"]}})
    people = [Person(random) for _ in range(400)]
    for at in range(0, len(people), 50):
        publish(city, ward, name, schema, people[at:at + 50])
    city.recorder.received.clear()
    found = client(city, school, name, len(people))
    shown = [(offset, person) for offset, person in enumerate(people) if person.ward in ("hai-chau", "son-tra")]
    assert [offset for offset, *_ in found] == [offset for offset, _ in shown]
    assert documents(found) == [
        {"citizenId": "****" + person.citizen[-4:], "ward": person.ward, "born": person.born[:4] + "-01-01"} for _, person in shown]
    assert all(key is None and not list(headers) for _, key, _, headers in found)
    received = bytes(city.recorder.received)
    assert b"****" + shown[0][1].citizen[-4:].encode() in received, "the recorder saw nothing"
    for person in people:
        for secret in person.secrets:
            assert secret not in received, f"{secret!r} of {person.document}"


@pytest.mark.parametrize("codec", [0, 1, 2, 3, 4], ids=["none", "gzip", "snappy", "lz4", "zstd"])
def test_nor_in_what_is_compressed(city, ward, school, codec):
    random = seeded()
    name, schema = restricted(city, MASKED)
    people = [Person(random) for _ in range(100)]
    publish(city, ward, name, schema, people, codec=codec)
    with Wire(city, school) as connection:
        error, high, records = connection.fetch(name)
    assert (error, high) == (0, 100)
    attributes, last, base_time, top_time, producer, _, _, count = struct.unpack_from(">hiqqqhii", records, 21)
    assert (attributes & 7, last, count, producer) == (codec, 99, 100, -1) and base_time == top_time == 1_700_000_000_000
    inflated = INFLATERS[codec](records[61:])
    assert b"****" + people[7].citizen[-4:].encode() in inflated
    for person in people:
        for secret in person.secrets:
            assert secret not in inflated and secret not in records


@pytest.mark.parametrize("client", CLIENTS, ids=ids)
def test_positions_go_on_over_a_hundred_thousand_hidden_records(city, ward, school, client):
    random = seeded()
    name, schema = restricted(city, {"node": SCHOOL, "where": {"ward": ["son-tra"]}})
    hidden = [Person(random, ward="cam-le") for _ in range(2000)]
    for _ in range(50):
        publish(city, ward, name, schema, hidden, codec=4)
    one = publish(city, ward, name, schema, [Person(random, ward="son-tra")])
    for _ in range(50):
        publish(city, ward, name, schema, hidden, codec=4)
    found = client(city, school, name, 200_001)
    assert [offset for offset, *_ in found] == [one] == [100_000]


def test_a_waiting_consumer_gets_what_comes_behind_hidden_records(city, ward, school):
    random = seeded()
    name, schema = restricted(city, {"node": SCHOOL, "where": {"ward": ["son-tra"]}})
    consumer = Consumer(city.librdkafka(school, **{"group.id": "education.wait", "auto.offset.reset": "earliest"}))
    consumer.assign([TopicPartition(name, 0, 0)])
    assert consumer.poll(1) is None
    for _ in range(5):
        publish(city, ward, name, schema, [Person(random, ward="cam-le") for _ in range(3)])
        assert consumer.poll(0.3) is None
    publish(city, ward, name, schema, [Person(random, ward="son-tra")])
    message = consumer.poll(20)
    assert message is not None and not message.error() and message.offset() == 15
    consumer.close()


def test_a_group_under_a_restriction_rebalances_and_commits(city, ward, school):
    random = seeded()
    name, schema = restricted(city, {**MASKED, "where": {"ward": ["son-tra"]}}, partitions=4)
    settings = city.librdkafka(school, **{
        "group.id": "education.group", "auto.offset.reset": "earliest", "partition.assignment.strategy": "cooperative-sticky", "session.timeout.ms": 6000})
    first = Consumer(settings)
    first.subscribe([name])
    members, seen, expected = [first], [], 0
    for round in range(12):
        for partition in range(4):
            people = [Person(random) for _ in range(20)]
            publish(city, ward, name, schema, people, partition=partition)
            expected += sum(person.ward == "son-tra" for person in people)
        if round == 4:
            members.append(Consumer(settings))
            members[1].subscribe([name])
        if round == 8:
            members[0].close()
            members = members[1:]
        for _ in range(40):
            for member in members:
                message = member.poll(0.01)
                if message is not None:
                    assert not message.error(), message.error()
                    seen.append((message.partition(), message.offset()))
    deadline = time.monotonic() + 60
    while len(set(seen)) < expected and time.monotonic() < deadline:
        message = members[0].poll(0.5)
        if message is not None and not message.error():
            seen.append((message.partition(), message.offset()))
    assert len(set(seen)) == expected
    for member in members:
        member.close()


def test_a_key_comes_as_the_agreement_says(city, ward, school):
    random = seeded()
    person = Person(random)
    name, schema = restricted(city, {"node": SCHOOL, "fields": {"allow": ["ward", "$key"], "mask": {"$key": "hash"}}})
    publish(city, ward, name, schema, [person, person])
    found = read_confluent(city, school, name, 2)
    assert found[0][1] == found[1][1] and len(found[0][1]) == 32 and person.citizen.encode() not in found[0][1]
    agree(city, name, {"node": SCHOOL, "fields": {"allow": ["ward", "$key"]}})
    assert [key for _, key, _, _ in read_confluent(city, school, name, 2)] == [person.citizen.encode()] * 2


def test_masks_change_under_a_live_consumer_within_five_seconds(city, ward, school):
    random = seeded()
    name, schema = restricted(city, {"node": SCHOOL, "fields": {"allow": ["citizenId", "ward"]}})
    consumer = Consumer(city.librdkafka(school, **{"group.id": "education.live", "auto.offset.reset": "earliest"}))
    consumer.assign([TopicPartition(name, 0, 0)])
    before = Person(random)
    publish(city, ward, name, schema, [before])
    assert json.loads(consumer.poll(20).value()[5:]) == {"citizenId": before.citizen, "ward": before.ward}
    agree(city, name, MASKED)
    began = time.monotonic()
    after = Person(random)
    publish(city, ward, name, schema, [after])
    message = consumer.poll(20)
    assert json.loads(message.value()[5:])["citizenId"] == "****" + after.citizen[-4:] and time.monotonic() - began < 5
    agree(city, name)
    publish(city, ward, name, schema, [Person(random)])
    message = consumer.poll(5)
    assert message is None or message.error()
    consumer.close()


def test_the_derived_schema_is_read_by_its_id_and_hanbridge_subscribe_shows_what_the_school_gets(city, ward, school):
    random = seeded()
    name, schema = restricted(city, MASKED)
    person = Person(random)
    publish(city, ward, name, schema, [person])
    (_, _, value, _), = read_confluent(city, school, name, 1)
    derived = int.from_bytes(value[1:5], "big")
    assert derived != schema
    status, _, answer = Client(city, school).ask(f"/schemas/ids/{derived}")
    assert status == 200 and set(json.loads(answer["schema"])["properties"]) == {"citizenId", "ward", "born"}
    stranger = city.certificate("traffic", "cameras", "gate-1")
    assert Client(city, stranger).ask(f"/schemas/ids/{derived}")[0] in (403, 404)
    shown = city.hanbridge("subscribe", name, "--from", "earliest", "--max", 1, "--output", "json", profile=school)
    assert person.citizen not in shown and "****" + person.citizen[-4:] in shown
    status, _, page = Client(city, school).ask(f"/v1/topics/{name}/partitions/0/records?offset=0&limit=10")
    assert status == 200 and person.citizen not in json.dumps(page) and "****" + person.citizen[-4:] in json.dumps(page)


def test_the_ids_and_hashes_are_the_same_after_a_restart(city, ward, school):
    random = seeded()
    name, schema = restricted(city, {"node": SCHOOL, "fields": {"allow": ["citizenId"], "mask": {"citizenId": "hash"}}})
    publish(city, ward, name, schema, [Person(random)])
    before = read_confluent(city, school, name, 1)
    city.kill()
    city.start()
    assert read_confluent(city, school, name, 1) == before


def test_the_ledger_names_the_agreement_what_was_masked_and_the_records_that_were_shown(city, ward, school):
    random = seeded()
    name, schema = restricted(city, {**MASKED, "where": {"ward": ["son-tra"]}}, hanbridge__delivery="reserved")
    people = [Person(random, ward=place) for place in ("cam-le", "son-tra", "cam-le", "son-tra", "son-tra", "cam-le")]
    publish(city, ward, name, schema, people)
    found = read_confluent(city, school, name, len(people))
    assert [offset for offset, *_ in found] == [1, 3, 4]
    derived = int.from_bytes(found[0][2][1:5], "big")
    assert Client(city, school).ask(f"/v1/topics/{name}/partitions/0/records?offset=2&limit=1")[0] == 200
    auditor = city.certificate("inspectorate", "audit", "one", roles=["auditor"])

    def told():
        out = city.hanbridge("subscribe", "_audit.delivery", "--from", "earliest", "--until-end", "--output", "json", profile=auditor)
        events = [json.loads(line)["value"] for line in out.splitlines()]
        return [
            (event["type"].rpartition(".")[2], event["data"]["interface"], item) for event in events
            for item in event["data"].get("deliveries", []) if item["topic"] == name]

    deadline = time.monotonic() + 10
    while {interface for kind, interface, _ in told() if kind == "delivered"} != {"kafka", "https"}:
        assert time.monotonic() < deadline, told()
        time.sleep(0.3)
    for kind, interface, item in told():
        assert item["citation"] == f"agreement:P-{name}#1" and item["fields"] == ["born:year", "citizenId:last4", "only:citizenId,ward,born"]
        if kind == "delivered":
            assert item["offsets"] == {"kafka": "1,3-4", "https": "3"}[interface] and item["schemaIds"] == [derived]
    assert "reserved" in {kind for kind, _, _ in told()}
