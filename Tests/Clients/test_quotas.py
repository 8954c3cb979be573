"""Quotas as stock clients meet them: they slow down by themselves, the rate is held, what cannot be slowed down is refused by name, and one
noisy replay leaves live subscribers their part. Rates are judged by the bytes that went through in a time, from below: nothing here fails
because a machine is slow."""

import json
import time
import urllib.request
import uuid

import pytest
from confluent_kafka import Consumer, Producer, TopicPartition
from kafka import KafkaConsumer, KafkaProducer
from kafka import TopicPartition as PythonTopicPartition

import wire
from city import Refused
from wire import Closed, Wire, batch

RATE = 200_000
PIECE = 20_000
POLICY_VIOLATION = 44


def lines(text):
    return [json.loads(line) for line in text.splitlines()]


@pytest.fixture
def place(city):
    """A topic, and an agency of its own that publishes to it and reads it."""
    agency = f"busy-{uuid.uuid4().hex[:8]}"
    node = city.certificate(agency, "desk", "one")
    topic = city.topic(f"{agency}.flow.v1", owner=agency, publishers=[f"{agency}/*/*"], subscribers=[f"{agency}/*/*"])
    yield city, agency, node, topic
    for row in lines(city.hanbridge("quota", "list", "--output", "json")):
        if row["entity"].startswith(agency):
            city.hanbridge("quota", "clear", row["entity"], row["quota"])


def python(city, node, kind, *topics, **settings):
    ca, certificate, key = city.files(node)
    return kind(
        *topics, bootstrap_servers=city.bootstrap, security_protocol="SSL", ssl_cafile=ca, ssl_certfile=certificate, ssl_keyfile=key,
        ssl_check_hostname=False, **settings)


def held_for(bytes, rate=RATE, largest=PIECE):
    """The least time in which so much can have gone through: a second's worth comes at once, and the last piece is paid for afterwards."""
    return (bytes - rate - 2 * largest) / rate


def metric(city, name, agency, quota):
    page = urllib.request.urlopen(f"{city.endpoints['health']}/metrics").read().decode()
    for line in page.splitlines():
        if line.startswith(name + "{") and f'agency="{agency}"' in line and f'quota="{quota}"' in line:
            return float(line.rsplit(" ", 1)[1])
    return 0.0


def fill(city, node, topic, count, size=PIECE):
    with Wire(city, node) as connection:
        for _ in range(count):
            assert connection.produce(topic, batch([b"x" * size]))[0] == 0


# Rates


def test_a_producer_of_librdkafka_is_held_to_its_rate_and_told_so(place):
    city, agency, node, topic = place
    city.hanbridge("quota", "set", f"{agency}/*", f"producer_byte_rate={RATE}")
    told = []
    producer = Producer(
        city.librdkafka(node, throttle_cb=lambda event: told.append(event.throttle_time), linger__ms=0, batch__size=PIECE, compression__type="none")
        | {"throttle_cb": lambda event: told.append(event.throttle_time)})
    began = time.monotonic()
    for _ in range(40):
        producer.produce(topic, value=b"x" * PIECE)
        producer.poll(0)
    assert producer.flush(60) == 0
    assert time.monotonic() - began >= held_for(40 * PIECE)
    assert max(told, default=0) > 0
    assert metric(city, "hanbridge_quota_throttled_microseconds_total", agency, "producer_byte_rate") > 0


def test_a_producer_of_kafka_python_is_held_to_its_rate(place):
    city, agency, node, topic = place
    city.hanbridge("quota", "set", f"{agency}/desk/one", f"producer_byte_rate={RATE}")
    producer = python(city, node, KafkaProducer, linger_ms=0, batch_size=PIECE, acks="all")
    began = time.monotonic()
    sent = [producer.send(topic, value=b"x" * PIECE) for _ in range(40)]
    for each in sent:
        each.get(60)
    assert time.monotonic() - began >= held_for(40 * PIECE)
    producer.close()


def test_a_consumer_of_librdkafka_is_held_to_its_rate_and_told_so(place):
    city, agency, node, topic = place
    fill(city, node, topic, 40)
    city.hanbridge("quota", "set", f"{agency}/*", f"consumer_byte_rate={RATE}")
    told, count = [], 0
    consumer = Consumer(
        city.librdkafka(node, group__id=f"{agency}.g", fetch__max__bytes=2 * PIECE, message__max__bytes=2 * PIECE, fetch__message__max__bytes=PIECE)
        | {"throttle_cb": lambda event: told.append(event.throttle_time)})
    consumer.assign([TopicPartition(topic, 0, 0)])
    began = time.monotonic()
    while count < 40:
        message = consumer.poll(30)
        assert message is not None and message.error() is None, message and message.error()
        count += 1
    assert time.monotonic() - began >= held_for(40 * PIECE, largest=2 * PIECE)
    consumer.close()
    assert max(told, default=0) > 0


def test_a_consumer_of_kafka_python_is_held_to_its_rate(place):
    city, agency, node, topic = place
    fill(city, node, topic, 40)
    city.hanbridge("quota", "set", f"{agency}/*", f"consumer_byte_rate={RATE}")
    consumer = python(
        city, node, KafkaConsumer, group_id=None, enable_auto_commit=False, fetch_max_bytes=2 * PIECE, max_partition_fetch_bytes=2 * PIECE)
    consumer.assign([PythonTopicPartition(topic, 0)])
    consumer.seek_to_beginning()
    began, count = time.monotonic(), 0
    while count < 40:
        assert time.monotonic() - began < 60
        count += sum(len(records) for records in consumer.poll(timeout_ms=1000).values())
    assert time.monotonic() - began >= held_for(40 * PIECE, largest=2 * PIECE)
    consumer.close()


# What cannot be slowed down


def test_connections_beyond_a_quota_are_closed_and_counted(place):
    city, agency, node, topic = place
    city.hanbridge("quota", "set", f"{agency}/*", "connections_max=2")
    with Wire(city, node) as first, Wire(city, node) as second:
        first.api_versions()
        second.api_versions()
        with pytest.raises((Closed, OSError)):
            with Wire(city, node) as third:
                third.api_versions()
        first.api_versions()
    assert metric(city, "hanbridge_quota_refusals_total", agency, "connections_max") >= 1


def test_an_agency_that_holds_what_it_may_is_refused_by_name_and_goes_on_once_there_is_space(place):
    city, agency, node, topic = place
    city.hanbridge("topic", "alter", topic, "--config", f"hanbridge.owner={agency}")
    city.hanbridge("quota", "set", f"{agency}/*", "stored_bytes_max=100000")
    with Wire(city, node) as connection:
        answers = [connection.produce(topic, batch([b"x" * PIECE])) for _ in range(10)]
        refused = [sentence for error, sentence, _ in answers if error == POLICY_VIOLATION]
        assert answers[0][0] == 0 and refused and all("stored_bytes_max" in sentence for sentence in refused)
        city.hanbridge("quota", "clear", f"{agency}/*", "stored_bytes_max")
        assert connection.produce(topic, batch([b"x" * PIECE]))[0] == 0
    assert metric(city, "hanbridge_quota_refusals_total", agency, "stored_bytes_max") == len(refused)


# People


def test_operators_alone_see_and_set_quotas_and_hear_what_is_wrong_with_one(place):
    city, agency, node, topic = place
    city.hanbridge("quota", "set", f"{agency}/*", "request_rate=50.5", "connections_max=10")
    city.hanbridge("quota", "set", f"{agency}/desk/one", "request_rate=1000")
    rows = {(row["entity"], row["quota"]): row["value"] for row in lines(city.hanbridge("quota", "list", "--output", "json"))}
    assert rows[f"{agency}/*", "request_rate"] == 50.5 and rows[f"{agency}/desk/one", "request_rate"] == 1000
    city.hanbridge("quota", "clear", f"{agency}/*", "request_rate")
    listed = city.hanbridge("quota", "list", "--lang", "vi")
    assert "HẠN MỨC" in listed and f"{agency}/*" in listed and "50.5" not in listed
    for arguments, words in [
        ((f"{agency}/*", "request_percentage=50"), "request_rate"), ((f"{agency}/*", "request_rate=0"), "above 0"), ((agency, "request_rate=1"), "agency/*"),
        ((f"{agency}/*", "request_rate"), "request_rate"), ((f"{agency}/desk/one", "stored_bytes_max=5"), "agency/*"),
    ]:
        with pytest.raises(Refused) as refusal:
            city.hanbridge("quota", "set", *arguments)
        assert words in refusal.value.stderr, refusal.value.stderr
    for command in (["list"], ["set", f"{agency}/*", "request_rate=1"], ["clear", f"{agency}/*", "connections_max"]):
        with pytest.raises(Refused) as refusal:
            city.hanbridge("quota", *command, profile=node)
        assert refusal.value.status == 1 and "operator" in refusal.value.stderr


# One noisy replay


@pytest.mark.parametrize("quota", [None, 500_000])
def test_a_noisy_replay_does_not_keep_a_live_subscriber_waiting(place, quota):
    city, agency, node, topic = place
    noisy = city.certificate(agency, "replay", "one")
    fill(city, node, topic, 60, size=500_000)
    if quota:
        city.hanbridge("quota", "set", f"{agency}/replay/one", f"consumer_byte_rate={quota}")
    replays = [Wire(city, noisy) for _ in range(8)]
    request = wire.header(wire.FETCH, 4) + wire.fetch_body(topic, bytes_max=4 << 20)
    live = Consumer(city.librdkafka(node, group__id=f"{agency}.live"))
    live.assign([TopicPartition(topic, 0, 60)])
    try:
        began, replayed, waits = time.monotonic(), 0, []
        for replay in replays:
            replay.send_frame(request)
        with Wire(city, node) as publisher:
            for number in range(10):
                sent = time.monotonic()
                assert publisher.produce(topic, batch([b"live %d" % number]))[0] == 0
                message = live.poll(20)
                assert message is not None and message.error() is None and message.value() == b"live %d" % number
                waits.append(time.monotonic() - sent)
                # Each begins again from offset 0, as soon as it is answered.
                for replay in wire_ready(replays):
                    replayed += len(replay.receive_frame())
                    replay.send_frame(request)
        elapsed = time.monotonic() - began
        print(f"\nreplayed {replayed / elapsed / 1e6:.1f} MB/s, a live record took {sorted(waits)[5]:.3f} s, {max(waits):.3f} at most")
        assert max(waits) < 10
        if quota:
            # A second's worth, and one answer that is paid for afterwards by each connection.
            assert replayed <= quota * (elapsed + 1) + len(replays) * (4 << 20) + (1 << 20)
    finally:
        for replay in replays:
            replay.socket.close()
        live.close()


def wire_ready(connections):
    import select
    ready = select.select([each.socket for each in connections], [], [], 0)[0]
    return [each for each in connections if each.socket in ready]
