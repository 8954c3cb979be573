"""What one reads for: declared in the client id of any client, in a header over HTTPS, implied where there is only one; denials; and
agreements that end by the clock under live consumers."""

import asyncio
import datetime
import json
import shutil
import subprocess
import time
import uuid

import pytest
from aiokafka import AIOKafkaConsumer
from aiokafka.helpers import create_ssl_context
from confluent_kafka import Consumer, KafkaError
from kafka import KafkaConsumer
from kafka.errors import TopicAuthorizationFailedError

import wire
from city import Refused
from test_https import Client
from wire import Wire, batch

TOPIC_AUTHORIZATION_FAILED = 29


@pytest.fixture(scope="module")
def ward(city):
    return city.certificate("hai-chau", "one-stop", "counter-1")


@pytest.fixture(scope="module")
def school(city):
    """Two purposes to choose from; the client files declare none."""
    return city.certificate("education", "schools", "le-loi")


@pytest.fixture(scope="module")
def clinic(city):
    """One purpose."""
    return city.certificate("health", "clinics", "one")


@pytest.fixture(scope="module")
def auditor(city):
    return city.certificate("inspectorate", "audit", "one", roles=["auditor"])


@pytest.fixture(scope="module")
def name(city, ward):
    name = f"health.p-{uuid.uuid4().hex[:8]}.v1"
    city.topic(name)
    city.agree({"id": "PURPOSES", "topic": name, "owner": "health", "parties": [
        {"node": "hai-chau/*/*", "may": ["publish"]},
        {"node": "education/schools/*", "may": ["subscribe"], "purpose": ["enrolment-check", "school-meals"]},
        {"node": "health/clinics/*", "may": ["subscribe"], "purpose": ["care"]},
        {"node": "inspectorate/audit/*", "may": ["replay"]},
    ]})
    with Wire(city, ward) as publisher:
        assert publisher.produce(name, batch([b"one", b"two"]))[0] == 0
    return name


def fetched(connection, name, client):
    connection.send_frame(wire.header(wire.FETCH, 4, client=client) + wire.fetch_body(name))
    answer = wire.Reader(connection.receive_frame())
    assert answer.take("iii")[2] == 1 and answer.text() == name and answer.take("i") == 1
    return answer.take("ih")[1]


def test_the_purpose_is_that_of_each_request(city, name, school):
    with Wire(city, school) as connection:
        for client, error in (
            ("a", TOPIC_AUTHORIZATION_FAILED), ("a;purpose=school-meals;", 0), ("purpose=enrolment-check", 0), (None, TOPIC_AUTHORIZATION_FAILED),
            ("purpose=marketing;", TOPIC_AUTHORIZATION_FAILED), ("x;purpose=school-meals;y", 0), ("purpose=School;", TOPIC_AUTHORIZATION_FAILED),
        ):
            assert fetched(connection, name, client) == error, client


def test_confluent_kafka_declares_its_purpose_in_the_client_id(city, name, school):
    def read(client_id, group):
        consumer = Consumer(city.librdkafka(school, client__id=client_id, group__id=f"education.{group}", auto__offset__reset="earliest"))
        consumer.subscribe([name])
        values, deadline = [], time.monotonic() + 30
        try:
            while len(values) < 2 and time.monotonic() < deadline:
                message = consumer.poll(0.5)
                if message is not None and message.error():
                    return message.error().code()
                if message is not None:
                    values.append(message.value())
            consumer.commit(asynchronous=False)
        finally:
            consumer.close()
        return values

    group = uuid.uuid4().hex
    assert read("reader", group) == KafkaError.TOPIC_AUTHORIZATION_FAILED
    assert read("reader;purpose=school-meals;", group) == [b"one", b"two"]


def test_kafka_python_and_aiokafka_declare_it_too(city, name, school):
    authority, certificate, key = city.files(school)
    tls = {"bootstrap_servers": city.bootstrap, "security_protocol": "SSL"}

    def kafka_python(client_id):
        consumer = KafkaConsumer(
            name, **tls, ssl_cafile=authority, ssl_certfile=certificate, ssl_keyfile=key, client_id=client_id, auto_offset_reset="earliest",
            consumer_timeout_ms=15_000)
        try:
            return [next(consumer).value for _ in range(2)]
        finally:
            consumer.close()

    assert kafka_python("py;purpose=enrolment-check;") == [b"one", b"two"]
    with pytest.raises(TopicAuthorizationFailedError):
        kafka_python("py;purpose=other;")

    async def aiokafka(client_id):
        context = create_ssl_context(cafile=authority, certfile=certificate, keyfile=key)
        consumer = AIOKafkaConsumer(name, **tls, ssl_context=context, client_id=client_id, auto_offset_reset="earliest")
        await consumer.start()
        try:
            return [(await asyncio.wait_for(consumer.getone(), 15)).value for _ in range(2)]
        finally:
            await consumer.stop()

    assert asyncio.run(aiokafka("aio;purpose=enrolment-check")) == [b"one", b"two"]


@pytest.mark.skipif(shutil.which("kcat") is None, reason="kcat is not installed")
def test_kcat_reads_with_the_client_files_that_declare_it(city, name):
    meals = city.certificate("education", "schools", "meals", purpose="school-meals")
    done = subprocess.run(
        ["kcat", *[f"-X{key}={value}" for key, value in city.librdkafka(meals).items()], "-C", "-t", name, "-o", "beginning", "-e", "-q"],
        capture_output=True, text=True, timeout=60)
    assert done.returncode == 0 and done.stdout.split() == ["one", "two"], done.stderr


def test_our_own_subscriber_says_which_purposes_there_are(city, name, school, clinic):
    def subscribe(who, *more):
        return city.hanbridge("subscribe", name, "--from", "earliest", "--until-end", *more, profile=who)

    with pytest.raises(Refused) as refused:
        subscribe(school)
    assert refused.value.status == 1 and "enrolment-check, school-meals" in refused.value.stderr and "--purpose" in refused.value.stderr
    with pytest.raises(Refused) as refused:
        subscribe(school, "--purpose", "marketing", "--lang", "vi")
    assert "“marketing”" in refused.value.stderr and "enrolment-check, school-meals" in refused.value.stderr and "mục đích" in refused.value.stderr
    assert subscribe(school, "--purpose", "school-meals").split() == ["one", "two"]
    assert subscribe(city.certificate("education", "schools", "meals", purpose="school-meals")).split() == ["one", "two"]
    assert subscribe(clinic).split() == ["one", "two"]  # implied


def test_https_says_what_one_may_read_for(city, name, school, clinic, ward):
    path = f"/v1/topics/{name}"

    def reading(who, **headers):
        status, _, document = Client(city, who).ask(path, **headers)
        assert status == 200
        return document["reading"]

    both = ["enrolment-check", "school-meals"]
    assert reading(school) == {"allowed": False, "implied": False, "purposes": both, "anyPurpose": False}
    assert reading(school, Hanbridge_Purpose="school-meals") == {
        "allowed": True, "purpose": "school-meals", "implied": False, "purposes": both, "anyPurpose": False}
    for bad in ("marketing", "School Meals", ""):
        assert not reading(school, Hanbridge_Purpose=bad)["allowed"]
    assert reading(clinic) == {"allowed": True, "purpose": "care", "implied": True, "purposes": ["care"], "anyPurpose": False}
    assert reading(ward) == {"allowed": False, "implied": False, "purposes": [], "anyPurpose": False}


def test_pages_over_https_are_read_for_the_purpose_of_the_header(city, name, school, clinic, ward):
    path = f"/v1/topics/{name}/partitions/0/records"
    for purpose in ("school-meals", "enrolment-check"):
        status, _, page = Client(city, school).ask(path, Hanbridge_Purpose=purpose)
        assert status == 200 and page["highWatermark"] == 2 and len(page["records"]) == 2
    assert Client(city, clinic).ask(path)[0] == 200  # implied
    none = Client(city, school).problem(403, path)["detail"]
    other = Client(city, school).problem(403, path, Hanbridge_Purpose="marketing")["detail"]
    bad = Client(city, school).problem(403, path, Hanbridge_Purpose="School Meals")["detail"]
    assert all("enrolment-check, school-meals" in detail for detail in (none, other, bad)) and "“marketing”" in other
    assert "enrolment-check" not in Client(city, ward).problem(403, path)["detail"]


def audited(city, auditor, wanted, seconds=15):
    deadline = time.monotonic() + seconds
    while True:
        out = city.hanbridge("subscribe", "_audit.access", "--from", "earliest", "--until-end", "--output", "json", profile=auditor)
        events = [json.loads(line)["value"] for line in out.splitlines()]
        found = [event for event in events if wanted(event)]
        if found:
            return found
        assert time.monotonic() < deadline, events[-5:]
        time.sleep(0.3)


def test_the_audit_says_for_what_records_were_read(city, name, school, clinic, auditor):
    with Wire(city, clinic) as connection:
        assert fetched(connection, name, "plain") == 0
    with Wire(city, school) as connection:
        assert fetched(connection, name, "purpose=school-meals") == 0
        assert fetched(connection, name, "purpose=marketing") == TOPIC_AUTHORIZATION_FAILED

    def by(node, outcome, purpose):
        return audited(city, auditor, lambda event: event["subject"] == f"topic:{name}" and event["data"]["node"] == node
                       and event["data"]["outcome"] == outcome and event["data"].get("purpose") == purpose)[0]

    implied = by("health/clinics/one", "allowed", "care")
    assert implied["type"] == "hanbridge.audit.access" and implied["data"]["purposeImplied"] is True
    assert implied["data"]["reason"] == "agreement:PURPOSES#2" and implied["data"]["policyVersion"] > 0
    assert "purposeImplied" not in by("education/schools/le-loi", "allowed", "school-meals")["data"]
    assert by("education/schools/le-loi", "refused", "marketing")["data"]["reason"] == "purpose-not-agreed"


def test_a_replay_is_for_a_declared_purpose_and_outside_of_groups(city, name, auditor):
    with Wire(city, auditor) as connection:
        assert fetched(connection, name, "inspector") == TOPIC_AUTHORIZATION_FAILED
        assert fetched(connection, name, "inspector;purpose=case-17;") == 0
    out = city.hanbridge("subscribe", name, "--from", "earliest", "--until-end", "--purpose", "case-17", profile=auditor)
    assert out.split() == ["one", "two"]


def test_a_denial_beats_what_others_allow_and_ends_with_its_agreement(city, ward):
    name = city.topic(f"portal.d-{uuid.uuid4().hex[:8]}.v1", owner="portal", publishers=["hai-chau/*/*"], subscribers=["portal/*/*"])
    one, two = city.certificate("portal", "desk", "one"), city.certificate("portal", "desk", "two")
    with Wire(city, one) as first, Wire(city, two) as second, Wire(city, ward) as publisher:
        assert first.fetch(name)[0] == second.fetch(name)[0] == 0
        denial = f"DENY-{uuid.uuid4().hex[:6]}"
        city.agree({"id": denial, "topic": "portal.*", "owner": "portal", "parties": [
            {"node": "portal/desk/two", "deny": ["subscribe"]}, {"node": "*/*/*", "deny": ["administer"]}]})
        assert first.fetch(name)[0] == 0 and second.fetch(name)[0] == TOPIC_AUTHORIZATION_FAILED
        assert publisher.produce(name, batch())[0] == 0
        with pytest.raises(Refused):
            city.hanbridge("topic", "delete", name)
        city.documents = [document for document in city.documents if document["id"] != denial]
        city.agree()
        assert second.fetch(name)[0] == 0


def test_an_agreement_that_ends_by_the_clock_ends_live_consumers_within_five_seconds(city, ward):
    """The consumers' fetches wait for half a minute; nothing is published."""
    name = f"portal.ends-{uuid.uuid4().hex[:8]}.v1"
    city.topic(name)
    end = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(seconds=6)
    city.agree(
        {"id": f"SHORT-{name}", "topic": name, "owner": "portal", "until": end.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
         "parties": [{"node": "sport/clubs/*", "may": ["subscribe"]}]},
        {"id": f"LONG-{name}", "topic": name, "owner": "portal", "parties": [{"node": "portal/*/*", "may": ["subscribe"]}]})
    clubs = [Wire(city, city.certificate("sport", "clubs", "one")) for _ in range(20)]
    others = [Wire(city, city.certificate("portal", "desk", "one")) for _ in range(20)]
    try:
        for connection in clubs + others:
            connection.send_frame(wire.header(wire.FETCH, 4) + wire.fetch_body(name, wait=30_000, min_bytes=1))
        for connection in clubs:
            connection.socket.settimeout(20)
            answer = wire.Reader(connection.receive_frame())
            assert answer.take("iii")[2] == 1 and answer.text() == name and answer.take("i") == 1
            assert answer.take("ih")[1] == TOPIC_AUTHORIZATION_FAILED
        late = (datetime.datetime.now(datetime.timezone.utc) - end).total_seconds()
        assert 0 <= late <= 5, late
        for connection in others:
            connection.socket.settimeout(0.05)
            with pytest.raises(TimeoutError):
                connection.receive_frame()
    finally:
        for connection in clubs + others:
            connection.socket.close()
    city.logged("agreements ended", f"SHORT-{name}")
