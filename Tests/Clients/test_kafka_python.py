"""kafka-python (pure Python), which negotiates other versions than librdkafka and joins groups in its own way."""

import threading
import time
import uuid

import pytest
from kafka import KafkaConsumer, KafkaProducer, OffsetAndMetadata, TopicPartition
from kafka.admin import ConfigResource, ConfigResourceType, KafkaAdminClient, NewPartitions, NewTopic
from kafka.errors import GroupAuthorizationFailedError, KafkaError, TopicAuthorizationFailedError

from stored_batches import batches


def settings(city, directory, **more):
    authority, certificate, key = city.files(directory)
    return {
        "bootstrap_servers": city.bootstrap, "security_protocol": "SSL", "ssl_cafile": authority, "ssl_certfile": certificate,
        "ssl_keyfile": key, **more}


@pytest.fixture(scope="module")
def ward(city):
    return city.certificate("hai-chau", "one-stop", "counter-1")


@pytest.fixture(scope="module")
def portal(city):
    return city.certificate("portal", "requests", "one")


def topic(city, partitions=1, **configuration):
    return city.topic(
        f"portal.k-{uuid.uuid4().hex[:8]}.v1", partitions, owner="portal", publishers=["hai-chau/*/*"],
        subscribers=["portal/*/*"], **configuration)


def consume(consumer, count, seconds=30):
    got, deadline = [], time.monotonic() + seconds
    while len(got) < count and time.monotonic() < deadline:
        for records in consumer.poll(timeout_ms=200).values():
            got.extend(records)
    return got


@pytest.mark.parametrize("codec", [None, "gzip", "snappy", "lz4", "zstd"])
def test_every_codec_round_trips_and_is_stored_compressed(city, ward, portal, codec):
    name = topic(city)
    marker = uuid.uuid4().hex
    values = [f"{marker} Sơn Trà {n} ".encode() * 20 for n in range(100)]
    producer = KafkaProducer(**settings(city, ward, compression_type=codec, linger_ms=50))
    sent = [producer.send(name, value=value, key=b"k", headers=[("h", b"1")]) for value in values]
    producer.flush(20)
    assert [future.get(10).offset for future in sent] == list(range(100))
    producer.close()
    consumer = KafkaConsumer(**settings(city, portal, auto_offset_reset="earliest"))
    consumer.assign([TopicPartition(name, 0)])
    got = consume(consumer, 100)
    consumer.close()
    assert [record.value for record in got] == values
    assert all(list(record.headers) == [("h", b"1")] for record in got)
    stored = list(batches(city.data))
    assert any(kind == (codec or "none") for kind, _, _ in stored)
    if codec:
        assert not any(kind == "none" and marker.encode() in data for kind, _, data in stored)


def test_a_group_of_two_shares_the_partitions_and_one_takes_over(city, ward, portal):
    name = topic(city, partitions=4)
    members = [
        KafkaConsumer(**settings(
            city, portal, group_id="portal.kpy", auto_offset_reset="earliest", session_timeout_ms=6000, heartbeat_interval_ms=500))
        for _ in range(2)]
    for member in members:
        member.subscribe([name])
    stop = threading.Event()

    def poll(member):
        while not stop.is_set():
            member.poll(timeout_ms=100)

    threads = [threading.Thread(target=poll, args=(member,)) for member in members]
    for thread in threads:
        thread.start()
    deadline = time.monotonic() + 40
    while time.monotonic() < deadline and [len(m.assignment()) for m in members] != [2, 2]:
        time.sleep(0.1)
    shared = [len(m.assignment()) for m in members]
    stop.set()
    for thread in threads:
        thread.join()
    assert shared == [2, 2]
    members[0].close()
    deadline = time.monotonic() + 40
    while time.monotonic() < deadline and len(members[1].assignment()) != 4:
        members[1].poll(timeout_ms=100)
    assert len(members[1].assignment()) == 4
    producer = KafkaProducer(**settings(city, ward))
    for partition in range(4):
        producer.send(name, value=str(partition).encode(), partition=partition)
    producer.flush(10)
    producer.close()
    assert sorted(r.value for r in consume(members[1], 4)) == [b"0", b"1", b"2", b"3"]
    members[1].close()


def test_committed_offsets_come_back(city, ward, portal):
    name = topic(city)
    partition = TopicPartition(name, 0)
    producer = KafkaProducer(**settings(city, ward))
    for n in range(5):
        producer.send(name, value=str(n).encode())
    producer.flush(10)
    producer.close()
    consumer = KafkaConsumer(**settings(city, portal, group_id="portal.kpy-commit", enable_auto_commit=False, auto_offset_reset="earliest"))
    consumer.assign([partition])
    consumer.commit({partition: OffsetAndMetadata(3, "ghi chú", -1)})
    assert consumer.committed(partition) == 3
    assert consumer.beginning_offsets([partition]) == {partition: 0} and consumer.end_offsets([partition]) == {partition: 5}
    consumer.close()
    again = KafkaConsumer(**settings(city, portal, group_id="portal.kpy-commit", enable_auto_commit=False, auto_offset_reset="earliest"))
    again.assign([partition])
    assert [r.value for r in consume(again, 2)] == [b"3", b"4"]
    again.close()


def test_an_idempotent_producer_numbers_its_batches(city, ward):
    name = topic(city)
    producer = KafkaProducer(**settings(city, ward, enable_idempotence=True, acks="all"))
    sent = [producer.send(name, value=str(n).encode()) for n in range(500)]
    producer.flush(20)
    assert [future.get(10).offset for future in sent] == list(range(500))
    producer.close()


def test_an_operator_administers_topics(city):
    admin = KafkaAdminClient(**settings(city, city.admin))
    name = f"portal.kadmin-{uuid.uuid4().hex[:6]}.v1"
    admin.create_topics([NewTopic(name, 1, 1, topic_configs={"retention.ms": "60000"})])
    assert name in {t if isinstance(t, str) else t["name"] for t in admin.list_topics()}
    admin.create_partitions({name: NewPartitions(3)})
    described = admin.describe_topics([name])
    assert len(described[0]["partitions"]) == 3
    configurations = admin.describe_configs([ConfigResource(ConfigResourceType.TOPIC, name)])
    assert "60000" in str(configurations)
    admin.delete_topics([name])
    admin.close()


def test_what_no_agreement_covers_is_refused(city, portal):
    name = topic(city)
    producer = KafkaProducer(**settings(city, portal, max_block_ms=10000, enable_idempotence=False))
    with pytest.raises(TopicAuthorizationFailedError):
        producer.send(name, value=b"x").get(10)
    producer.close()
    stranger = city.certificate("tax", "registry", "one")
    consumer = KafkaConsumer(**settings(city, stranger, group_id="portal.kpy"))
    consumer.subscribe([name])
    with pytest.raises((GroupAuthorizationFailedError, TopicAuthorizationFailedError)):
        for _ in range(50):
            consumer.poll(timeout_ms=200)
    consumer.close()
    with pytest.raises(KafkaError):
        KafkaAdminClient(**settings(city, stranger)).delete_topics([name])
