"""Typed topics as librdkafka sees them: what violates its schema does not enter the log, and nothing else is lost or doubled."""

import json
import uuid

import pytest
from confluent_kafka import KafkaError, Producer

from typed_topics import framed, stored, typed

@pytest.fixture(scope="module")
def ward(city):
    return city.certificate("hai-chau", "one-stop", "counter-1")


@pytest.fixture(scope="module")
def portal(city):
    return city.certificate("portal", "requests", "one")


@pytest.mark.parametrize("codec", ["none", "gzip", "snappy", "lz4", "zstd"])
def test_one_bad_record_of_a_hundred_refuses_its_batch_alone(city, ward, portal, codec):
    name, schema = typed(city)
    outcomes = {}
    producer = Producer(city.librdkafka(ward, **{
        "enable.idempotence": True, "linger.ms": 200, "batch.num.messages": 100, "compression.codec": codec}))
    for number in range(400):
        document = {"ward": "Hải Châu", "count": -1 if number == 141 else number}
        producer.produce(
            name, framed(schema, document), on_delivery=lambda error, _, number=number: outcomes.update({number: error}))
    assert producer.flush(30) == 0
    failed = [number for number, error in outcomes.items() if error]
    assert 141 in failed and len(outcomes) == 400
    assert {outcomes[number].code() for number in failed} <= {KafkaError.INVALID_RECORD, KafkaError._INVALID_DIFFERENT_RECORD}
    # The records that were in the batch of the bad one are sent again, without it, by the same producer.
    again = [number for number in failed if number != 141]
    for number in again:
        producer.produce(
            name, framed(schema, {"ward": "Hải Châu", "count": number}),
            on_delivery=lambda error, _, number=number: outcomes.update({number: error}))
    assert producer.flush(30) == 0
    assert [number for number, error in outcomes.items() if error] == [141]
    counts = sorted(json.loads(value[5:])["count"] for value in stored(city, portal, name))
    assert counts == [number for number in range(400) if number != 141]


def test_a_bad_record_is_kept_in_the_quarantine_once(city, ward, portal):
    quarantine = f"portal.quarantine-{uuid.uuid4().hex[:8]}"
    city.topic(quarantine, owner="portal", subscribers=["portal/*/*"])
    name, schema = typed(city, hanbridge__quarantine=quarantine)
    bad = framed(schema, {"ward": 7, "count": 1})
    for _ in range(3):
        errors = []
        producer = Producer(city.librdkafka(ward))
        producer.produce(name, bad, on_delivery=lambda error, _: errors.append(error))
        assert producer.flush(30) == 0
        assert errors[0].code() == KafkaError.INVALID_RECORD
    assert stored(city, portal, name) == []
    assert stored(city, portal, quarantine) == [bad]


def test_what_has_no_frame_is_refused(city, ward, portal):
    name, _ = typed(city)
    errors = []
    producer = Producer(city.librdkafka(ward))
    producer.produce(name, b'{"ward":"a","count":1}', on_delivery=lambda error, _: errors.append(error))
    assert producer.flush(30) == 0
    assert errors[0].code() == KafkaError.INVALID_RECORD
