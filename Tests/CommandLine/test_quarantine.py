"""What a quarantine keeps is listed, shown, corrected and published again with a link, or dropped."""

import json
import uuid

import pytest

from city import Refused
from commands import everything, fails, lines

SCHEMA = {"type": "object", "required": ["ward", "count"], "properties": {"ward": {"type": "string"}, "count": {"type": "integer", "minimum": 0}}}


@pytest.fixture
def topics(city, tmp_path):
    """(topic, its quarantine): the ward publishes; the portal deals with what was refused."""
    name = f"portal.fix-{uuid.uuid4().hex[:8]}.v1"
    quarantine = f"{name}.quarantine"
    city.topic(quarantine, 2, owner="portal", publishers=["portal/*/*"], subscribers=["portal/*/*"], hanbridge__schema__subject="none")
    city.topic(
        name, 2, owner="portal", publishers=["hai-chau/*/*", "portal/*/*"], subscribers=["portal/*/*"],
        hanbridge__schema__subject=f"{name}-value", hanbridge__quarantine=quarantine)
    file = tmp_path / "schema.json"
    file.write_text(json.dumps(SCHEMA))
    city.hanbridge("schema", "register", file, "--subject", f"{name}-value")
    return name, quarantine


def publish_refused(city, ward, name, *documents):
    with pytest.raises(Refused) as error:
        city.hanbridge("publish", name, "--key", "ward", "--output", "json", profile=ward, input="\n".join(map(json.dumps, documents)))
    *named, _ = lines(error.value.stdout)
    return [entry["quarantine"] for entry in sorted(named, key=lambda entry: entry["line"])]


def listed(city, who, *arguments):
    return lines(city.hanbridge("quarantine", "list", *arguments, "--output", "json", profile=who))


def test_an_entry_is_listed_and_shown_with_what_it_was(city, ward, portal, topics):
    name, quarantine = topics
    entries = publish_refused(city, ward, name, {"ward": "a", "count": -1}, {"ward": "b", "count": 1}, {"ward": "a", "count": "x"})
    for topic in topics:
        found = {entry["entry"]: entry for entry in listed(city, portal, topic)}
        assert set(found) == set(entries) and all(entry.startswith(quarantine) for entry in entries)
    first = found[entries[0]]
    assert first["publisher"] == "User:hai-chau/one-stop/counter-1" and first["origin"].startswith(f"{name}/") and first["state"] == "open"
    assert [(e["path"], e["rule"]) for e in first["violations"]] == [("/count", "minimum")]
    (shown,) = lines(city.hanbridge("quarantine", "show", entries[0], "--output", "json", profile=portal))
    assert shown["value"] == {"ward": "a", "count": -1} and shown["key"] == "a"
    # For people the document alone is on stdout, so that it goes into a file.
    assert json.loads(city.hanbridge("quarantine", "show", entries[1], profile=portal)) == {"ward": "a", "count": "x"}


def test_a_corrected_record_is_published_with_a_link_and_the_entry_is_done(city, ward, portal, topics, tmp_path):
    name, quarantine = topics
    (entry,) = publish_refused(city, ward, name, {"ward": "a", "count": -1}, {"ward": "a", "count": 5})
    file = tmp_path / "corrected.json"
    file.write_text('{\n  "ward": "a",\n  "count": 1\n}\n')
    (done,) = lines(city.hanbridge("quarantine", "fix", entry, file, "--output", "json", profile=portal))
    topic, partition, offset = done["record"].split("/")
    assert topic == name
    records = lines(city.hanbridge("subscribe", name, "--from", "earliest", "--until-end", "--output", "json", profile=portal))
    (fixed,) = [record for record in records if (record["partition"], record["offset"]) == (int(partition), int(offset))]
    assert fixed["value"] == {"ward": "a", "count": 1} and fixed["key"] == "a"
    # The key's partition, where its other records are.
    assert fixed["partition"] == [record["partition"] for record in records if record["value"]["count"] == 5][0]
    assert headers(city, portal, name, int(partition), int(offset))["hanbridge-quarantined"] == entry.encode()
    assert listed(city, portal, name) == []
    assert [row["state"] for row in listed(city, portal, name, "--all")] == ["fixed"]
    (shown,) = lines(city.hanbridge("quarantine", "show", entry, "--output", "json", profile=portal))
    assert shown["record"] == done["record"] and shown["state"] == "fixed"
    fails(1, entry, "fixed", call=lambda: city.hanbridge("quarantine", "fix", entry, file, profile=portal))
    fails(1, entry, "fixed", call=lambda: city.hanbridge("quarantine", "drop", entry, profile=portal))


def test_a_correction_that_was_published_before_is_not_published_again(city, ward, portal, topics):
    """As after a kill between the publishing and the note in the quarantine."""
    from confluent_kafka import Producer

    name, _ = topics
    (entry,) = publish_refused(city, ward, name, {"ward": "a", "count": -1}, {"ward": "a", "count": 5})
    (good,) = lines(city.hanbridge("subscribe", name, "--from", "earliest", "--until-end", "--output", "json", profile=portal))
    frame = delivered(city, portal, name, good["partition"], good["offset"]).value()[:5]
    producer = Producer(city.librdkafka(portal))
    stored = []
    producer.produce(
        name, frame + b'{"ward":"a","count":1}', headers={"hanbridge-quarantined": entry}, partition=1,
        on_delivery=lambda error, message: stored.append(error or f"{name}/1/{message.offset()}"))
    producer.flush(20)
    (done,) = lines(city.hanbridge("quarantine", "fix", entry, "--output", "json", profile=portal, input='{"ward":"a","count":1}'))
    assert [done["record"]] == stored
    assert len(everything(city, portal, name)) == 2
    assert [row["state"] for row in listed(city, portal, name, "--all")] == ["fixed"]


def headers(city, who, name, partition, offset):
    return dict(delivered(city, who, name, partition, offset).headers() or [])


def delivered(city, who, name, partition, offset):
    from confluent_kafka import Consumer, TopicPartition

    consumer = Consumer(city.librdkafka(who, **{"group.id": "portal.headers"}))
    consumer.assign([TopicPartition(name, partition, offset)])
    message = consumer.poll(20)
    consumer.close()
    assert message is not None and not message.error()
    return message


def test_a_correction_that_is_none_changes_nothing(city, ward, portal, topics):
    name, _ = topics
    (entry,) = publish_refused(city, ward, name, {"ward": "a", "count": -1})
    fails(1, "/count", "minimum", call=lambda: city.hanbridge("quarantine", "fix", entry, profile=portal, input='{"ward":"a","count":-2}'))
    fails(1, "JSON", call=lambda: city.hanbridge("quarantine", "fix", entry, profile=portal, input='{"ward":'))
    assert [row["entry"] for row in listed(city, portal, name)] == [entry]
    assert everything(city, portal, name) == []


def test_dropped_entries_are_done_with_their_reason(city, ward, portal, topics):
    name, _ = topics
    entries = publish_refused(city, ward, name, {"ward": "a", "count": -1}, {"ward": "b", "count": -1}, {"ward": "c", "count": -1})
    city.hanbridge("quarantine", "drop", entries[0], entries[2], "--reason", "gửi nhầm", profile=portal)
    assert [row["entry"] for row in listed(city, portal, name)] == [entries[1]]
    (shown,) = lines(city.hanbridge("quarantine", "show", entries[2], "--output", "json", profile=portal))
    assert (shown["state"], shown["reason"]) == ("dropped", "gửi nhầm")
    assert everything(city, portal, name) == []


def test_what_is_no_entry_is_refused(city, portal, topics):
    _, quarantine = topics
    fails(1, f"{quarantine}/0/0", call=lambda: city.hanbridge("quarantine", "show", f"{quarantine}/0/0", profile=portal))
    fails(2, "entry", call=lambda: city.hanbridge("quarantine", "show", quarantine, profile=portal))


def test_a_quarantine_is_for_those_whom_an_agreement_lets_read_it(city, ward, portal, topics):
    name, quarantine = topics
    (entry,) = publish_refused(city, ward, name, {"ward": "a", "count": -1})
    for command in (["list", quarantine], ["show", entry], ["drop", entry]):
        fails(1, "TOPIC_AUTHORIZATION_FAILED", call=lambda: city.hanbridge("quarantine", *command, profile=ward))


def test_what_the_list_does_not_show_it_counts(city, ward, portal, topics):
    name, _ = topics
    publish_refused(city, ward, name, *[{"ward": "a", "count": -n - 1} for n in range(7)])
    assert len(listed(city, portal, name, "--max", "3")) == 3
    assert "4 more" in city.hanbridge("quarantine", "list", name, "--max", "3", profile=portal)
