"""A record that was kept in a quarantine is known there after kill -9, and a renewed certificate corrects what the old one wrote."""

import uuid

from confluent_kafka import KafkaError, Producer

from city import run
from typed_topics import framed, stored, typed


def publish(city, who, name, value, headers=None):
    errors = []
    producer = Producer(city.librdkafka(who))
    producer.produce(name, value, headers=headers, on_delivery=lambda error, _: errors.append(error))
    assert producer.flush(30) == 0
    return errors[0]


def test_a_record_kept_before_kill_minus_nine_is_not_kept_again(own_city):
    city = own_city().start()
    ward, portal = city.certificate("hai-chau", "one-stop", "counter-1"), city.certificate("portal", "requests", "one")
    quarantine = f"portal.quarantine-{uuid.uuid4().hex[:8]}"
    city.topic(quarantine, owner="portal", subscribers=["portal/*/*"])
    name, schema = typed(city, hanbridge__quarantine=quarantine)
    records = [framed(schema, {"ward": number, "count": 1}) for number in range(40)]
    for round in range(3):
        for record in records[:20 * (round + 1)]:
            assert publish(city, ward, name, record).code() == KafkaError.INVALID_RECORD
        city.kill()
        city.start()
        # At once, and again once the quarantine was read.
        for _ in range(2):
            assert publish(city, ward, name, records[0]).code() == KafkaError.INVALID_RECORD
    kept = stored(city, portal, quarantine)
    assert sorted(kept) == sorted(records)
    assert city.stop() == 0


def test_a_renewed_certificate_corrects_what_the_old_one_wrote(own_city, tmp_path):
    city = own_city().start()
    ward, other = city.certificate("hai-chau", "one-stop", "counter-1"), city.certificate("hai-chau", "one-stop", "counter-2")
    name, schema = typed(city)
    good = framed(schema, {"ward": "Hải Châu", "count": 1})
    assert publish(city, ward, name, good) is None
    city.kill()
    city.start()
    renewed = tmp_path / "renewed"
    run("cert", "issue", "--pki", city.directory / "pki", "--agency", "hai-chau", "--unit", "one-stop", "--node", "counter-1",
        "--out", renewed)
    assert (renewed / "key.pem").read_bytes() != (ward / "key.pem").read_bytes()
    corrects = {"hanbridge-corrects": b"0/0"}
    assert publish(city, other, name, good, corrects).code() == KafkaError.INVALID_RECORD
    city.point(renewed)
    assert publish(city, renewed, name, good, corrects) is None
    assert city.stop() == 0
