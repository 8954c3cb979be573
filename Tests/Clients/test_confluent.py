"""confluent-kafka (librdkafka) as it comes, configured by the client files that `cert issue` writes."""

import time
import uuid

import pytest
from confluent_kafka import Consumer, KafkaError, KafkaException, Producer, TopicPartition
from confluent_kafka.admin import (
    AdminClient, AlterConfigOpType, ConfigEntry, ConfigResource, NewPartitions, NewTopic, OffsetSpec, ResourceType)

from stored_batches import batches

CODECS = ["none", "gzip", "snappy", "lz4", "zstd"]


@pytest.fixture(scope="module")
def ward(city):
    return city.certificate("hai-chau", "one-stop", "counter-1")


@pytest.fixture(scope="module")
def portal(city):
    return city.certificate("portal", "requests", "one")


def topic(city, partitions=1, **configuration):
    return city.topic(
        f"portal.t-{uuid.uuid4().hex[:8]}.v1", partitions, owner="portal", publishers=["hai-chau/*/*"],
        subscribers=["portal/*/*"], **configuration)


def produce(city, who, name, values, partition=None, **settings):
    outcomes = []
    producer = Producer(city.librdkafka(who, **settings))
    for index, value in enumerate(values):
        options = {} if partition is None else {"partition": partition}
        producer.produce(
            name, value=value, key=str(index).encode(), headers=[("n", str(index).encode())],
            on_delivery=lambda error, message: outcomes.append((error, message)), **options)
        producer.poll(0)
    assert producer.flush(30) == 0
    return outcomes


def consume(consumer, count, seconds=30):
    got, deadline = [], time.monotonic() + seconds
    while len(got) < count and time.monotonic() < deadline:
        message = consumer.poll(0.2)
        if message is None:
            continue
        assert message.error() is None, message.error()
        got.append(message)
    return got


def subscriber(city, who, group, **settings):
    return Consumer(city.librdkafka(who, group__id=group, auto__offset__reset="earliest", **settings))


@pytest.mark.parametrize("codec", CODECS)
def test_every_codec_round_trips_and_is_stored_compressed(city, ward, portal, codec):
    name = topic(city)
    marker = uuid.uuid4().hex
    values = [(f"{marker} xin chào Đà Nẵng {n} " * 20).encode() for n in range(200)]
    outcomes = produce(city, ward, name, values, compression__type=codec, linger__ms=50)
    assert all(error is None for error, _ in outcomes)
    assert [message.offset() for _, message in outcomes] == list(range(200))

    consumer = subscriber(city, portal, f"portal.{codec}")
    consumer.subscribe([name])
    got = consume(consumer, 200)
    consumer.close()
    assert [message.value() for message in got] == values
    assert [message.headers() for message in got] == [[("n", str(n).encode())] for n in range(200)]

    stored = [(kind, data) for kind, _, data in batches(city.data)]
    if codec == "none":
        assert any(kind == "none" and marker.encode() in data for kind, data in stored)
    else:
        plain = sum(data.count(marker.encode()) for kind, data in stored if kind == "none")
        assert plain == 0, "the values are stored uncompressed"
        assert any(kind == codec for kind, _ in stored)


def test_null_values_and_keys_arrive_as_null(city, ward, portal):
    name = topic(city, rights=("publish", "tombstone"))
    producer = Producer(city.librdkafka(ward))
    producer.produce(name, value=None, key=b"k")
    producer.produce(name, value=b"v", key=None)
    producer.produce(name, value=b"", key=b"", headers={"h": None})
    assert producer.flush(10) == 0
    consumer = subscriber(city, portal, "portal.null")
    consumer.assign([TopicPartition(name, 0, 0)])
    got = [(m.key(), m.value(), m.headers()) for m in consume(consumer, 3)]
    consumer.close()
    assert got == [(b"k", None, None), (None, b"v", None), (b"", b"", [("h", None)])]


@pytest.mark.parametrize("strategy", ["range", "roundrobin", "cooperative-sticky"])
def test_a_group_of_two_shares_the_partitions_and_one_takes_over(city, ward, portal, strategy):
    name = topic(city, partitions=4)
    group = f"portal.share-{strategy}"
    settings = {"partition__assignment__strategy": strategy, "session__timeout__ms": 6000}
    first, second = (subscriber(city, portal, group, **settings) for _ in range(2))
    first.subscribe([name])
    second.subscribe([name])
    deadline = time.monotonic() + 40
    while time.monotonic() < deadline:
        first.poll(0.1)
        second.poll(0.1)
        if len(first.assignment()) == 2 and len(second.assignment()) == 2:
            break
    assert {p.partition for p in first.assignment()} | {p.partition for p in second.assignment()} == {0, 1, 2, 3}
    assert len(first.assignment()) == len(second.assignment()) == 2

    first.close()
    deadline = time.monotonic() + 40
    while len(second.assignment()) != 4 and time.monotonic() < deadline:
        second.poll(0.1)
    assert len(second.assignment()) == 4
    for partition in range(4):
        produce(city, ward, name, [f"{partition}".encode()], partition=partition)
    got = consume(second, 4)
    second.close()
    assert sorted(m.value() for m in got) == [b"0", b"1", b"2", b"3"]


def test_a_static_member_that_returns_keeps_its_partitions_without_a_rebalance(city, ward, portal):
    name = topic(city, partitions=2)
    settings = {"group__instance__id": "desk-1", "session__timeout__ms": 10000}
    member = subscriber(city, portal, "portal.static", **settings)
    member.subscribe([name])
    produce(city, ward, name, [b"a"], partition=0)
    assert len(consume(member, 1)) == 1
    before = member.memberid()
    member.commit(asynchronous=False)
    member.close()  # a static member does not leave the group
    again = subscriber(city, portal, "portal.static", **settings)
    again.subscribe([name])
    produce(city, ward, name, [b"b"], partition=0)
    assert [m.value() for m in consume(again, 1)] == [b"b"]
    assert again.memberid() != before
    again.close()


def test_committed_offsets_are_where_the_group_goes_on(city, ward, portal):
    name = topic(city)
    produce(city, ward, name, [str(n).encode() for n in range(10)])
    consumer = subscriber(city, portal, "portal.commits", enable__auto__commit=False)
    consumer.subscribe([name])
    got = consume(consumer, 4)
    consumer.commit(offsets=[TopicPartition(name, 0, 4)], asynchronous=False)
    consumer.close()
    assert len(got) >= 4
    again = subscriber(city, portal, "portal.commits", enable__auto__commit=False)
    again.subscribe([name])
    assert [m.value() for m in consume(again, 6)] == [str(n).encode() for n in range(4, 10)]
    assert again.committed([TopicPartition(name, 0)])[0].offset == 4
    again.close()


def test_offsets_are_found_by_time_earliest_and_latest(city, ward, portal):
    name = topic(city)
    producer = Producer(city.librdkafka(ward))
    for n in range(5):
        producer.produce(name, value=str(n).encode(), timestamp=1_700_000_000_000 + n * 1000)
        producer.flush(10)
    consumer = subscriber(city, portal, "portal.times")
    assert consumer.get_watermark_offsets(TopicPartition(name, 0), timeout=10) == (0, 5)
    found = consumer.offsets_for_times([TopicPartition(name, 0, 1_700_000_002_500)], timeout=10)
    assert found[0].offset == 3
    past = consumer.offsets_for_times([TopicPartition(name, 0, 1_800_000_000_000)], timeout=10)
    assert past[0].offset in (-1, 5)  # librdkafka turns "none" into the end
    consumer.close()
    admin = AdminClient(city.librdkafka(city.admin))
    largest = admin.list_offsets({TopicPartition(name, 0): OffsetSpec.max_timestamp()})
    assert next(iter(largest.values())).result(10).offset == 4


def test_log_append_time_is_the_brokers_clock(city, ward, portal):
    name = topic(city, **{"message__timestamp__type": "LogAppendTime"})
    before = int(time.time() * 1000)
    producer = Producer(city.librdkafka(ward))
    producer.produce(name, value=b"x", timestamp=1)
    producer.flush(10)
    consumer = subscriber(city, portal, "portal.appendtime")
    consumer.assign([TopicPartition(name, 0, 0)])
    kind, stamp = consume(consumer, 1)[0].timestamp()
    consumer.close()
    assert kind == 2 and before - 1000 <= stamp <= int(time.time() * 1000) + 1000


def test_an_operator_administers_topics(city):
    admin = AdminClient(city.librdkafka(city.admin))
    name = f"portal.admin-{uuid.uuid4().hex[:6]}.v1"
    admin.create_topics([NewTopic(name, num_partitions=2, replication_factor=1, config={"retention.ms": "3600000"})])[name].result(10)
    with pytest.raises(KafkaException) as again:
        admin.create_topics([NewTopic(name, num_partitions=2, replication_factor=1)])[name].result(10)
    assert again.value.args[0].code() == KafkaError.TOPIC_ALREADY_EXISTS
    admin.create_partitions([NewPartitions(name, 5)])[name].result(10)
    assert len(admin.list_topics(name, timeout=10).topics[name].partitions) == 5

    resource = ConfigResource(ResourceType.TOPIC, name)
    entries = admin.describe_configs([resource])[resource].result(10)
    assert entries["retention.ms"].value == "3600000" and not entries["retention.ms"].is_default
    change = ConfigResource(ResourceType.TOPIC, name)
    change.add_incremental_config(ConfigEntry("retention.ms", "7200000", incremental_operation=AlterConfigOpType.SET))
    next(iter(admin.incremental_alter_configs([change]).values())).result(10)
    assert admin.describe_configs([resource])[resource].result(10)["retention.ms"].value == "7200000"
    bad = ConfigResource(ResourceType.TOPIC, name)
    bad.add_incremental_config(ConfigEntry("cleanup.policy", "compact", incremental_operation=AlterConfigOpType.SET))
    with pytest.raises(KafkaException) as refused:
        next(iter(admin.incremental_alter_configs([bad]).values())).result(10)
    assert refused.value.args[0].code() == KafkaError.INVALID_CONFIG
    with pytest.raises(KafkaException) as refused:
        other = name + "x"
        admin.create_topics([NewTopic(other, num_partitions=1, replication_factor=3)])[other].result(10)
    assert refused.value.args[0].code() == KafkaError.INVALID_REPLICATION_FACTOR
    admin.delete_topics([name])[name].result(10)
    assert name not in admin.list_topics(timeout=10).topics


@pytest.mark.parametrize("name", ["..", ".", "a/b", "a\0b", "x" * 250, "", "đà-nẵng"])
def test_bad_topic_names_are_refused(city, name):
    admin = AdminClient(city.librdkafka(city.admin))
    with pytest.raises((KafkaException, ValueError)) as refused:
        admin.create_topics([NewTopic(name, num_partitions=1, replication_factor=1)])[name].result(10)
    if isinstance(refused.value, KafkaException):
        assert refused.value.args[0].code() in (KafkaError.TOPIC_EXCEPTION, KafkaError._INVALID_ARG)


def test_records_and_groups_are_deleted(city, ward, portal):
    name = topic(city)
    produce(city, ward, name, [str(n).encode() for n in range(10)])
    admin = AdminClient(city.librdkafka(city.admin))
    low = next(iter(admin.delete_records([TopicPartition(name, 0, 6)]).values())).result(10)
    assert low.low_watermark == 6
    consumer = subscriber(city, portal, "portal.deleted")
    consumer.subscribe([name])
    assert [m.value() for m in consume(consumer, 4)] == [b"6", b"7", b"8", b"9"]
    consumer.commit(asynchronous=False)
    groups = {g.group_id for g in admin.list_consumer_groups().result(10).valid}
    assert "portal.deleted" in groups
    described = admin.describe_consumer_groups(["portal.deleted"])["portal.deleted"].result(10)
    assert len(described.members) == 1 and described.state.name == "STABLE"
    with pytest.raises(KafkaException) as busy:
        admin.delete_consumer_groups(["portal.deleted"])["portal.deleted"].result(10)
    assert busy.value.args[0].code() == KafkaError.NON_EMPTY_GROUP
    consumer.close()
    admin.delete_consumer_groups(["portal.deleted"])["portal.deleted"].result(10)


def test_what_no_agreement_covers_is_refused(city, ward, portal):
    name = topic(city)
    outcomes = produce(city, portal, name, [b"x"])
    assert outcomes[0][0].code() == KafkaError.TOPIC_AUTHORIZATION_FAILED
    stranger = city.certificate("tax", "registry", "one")
    admin = AdminClient(city.librdkafka(stranger))
    assert name not in admin.list_topics(timeout=10).topics
    consumer = subscriber(city, stranger, "portal.not-mine")
    consumer.subscribe([name])
    with pytest.raises(KafkaException) as refused:
        deadline = time.monotonic() + 10
        while time.monotonic() < deadline:
            message = consumer.poll(0.2)
            if message is not None and message.error():
                raise KafkaException(message.error())
    assert refused.value.args[0].code() in (KafkaError.GROUP_AUTHORIZATION_FAILED, KafkaError.TOPIC_AUTHORIZATION_FAILED)
    consumer.close()
    with pytest.raises(KafkaException) as refused:
        admin.delete_topics([name])[name].result(10)
    assert refused.value.args[0].code() == KafkaError.TOPIC_AUTHORIZATION_FAILED
    unknown = "portal.no-such-topic"
    with pytest.raises(KafkaException) as refused:
        admin.delete_topics([unknown])[unknown].result(10)
    assert refused.value.args[0].code() == KafkaError.TOPIC_AUTHORIZATION_FAILED


def test_the_brokers_own_topics_are_nobodys_to_write_or_delete(city):
    admin = AdminClient(city.librdkafka(city.admin))
    with pytest.raises(KafkaException) as refused:
        admin.delete_topics(["_audit.access"])["_audit.access"].result(10)
    assert refused.value.args[0].code() in (KafkaError.TOPIC_AUTHORIZATION_FAILED, KafkaError.POLICY_VIOLATION)
    outcomes = produce(city, city.admin, "_audit.access", [b"x"])
    assert outcomes[0][0].code() == KafkaError.TOPIC_AUTHORIZATION_FAILED


def test_an_idempotent_producer_survives_a_killed_broker_without_gap_or_duplicate(own_city):
    city = own_city()
    port = 0
    city.start()
    port = int(city.bootstrap.rsplit(":", 1)[1])
    city.configure({"listeners": {"kafka": f"127.0.0.1:{port}"}})
    ward, portal = city.certificate("hai-chau", "one-stop", "counter-1"), city.certificate("portal", "requests", "one")
    name = topic(city, partitions=2)
    outcomes = []
    producer = Producer(city.librdkafka(ward, enable__idempotence=True, linger__ms=5, message__timeout__ms=60000))
    for n in range(3000):
        producer.produce(name, value=str(n).encode(), partition=n % 2, on_delivery=lambda e, m: outcomes.append((e, m)))
        producer.poll(0)
        if n in (700, 1500, 2200):
            producer.poll(0.05)
            city.kill()
            city.start()
    assert producer.flush(60) == 0
    assert [e for e, _ in outcomes if e is not None] == []
    consumer = subscriber(city, portal, "portal.exactly")
    consumer.subscribe([name])
    got = consume(consumer, 3000, seconds=60)
    time.sleep(0)
    assert consumer.poll(1.0) is None
    consumer.close()
    for partition in range(2):
        values = [int(m.value()) for m in got if m.partition() == partition]
        assert values == [n for n in range(3000) if n % 2 == partition]
