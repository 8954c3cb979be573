"""The delivery ledger against an independent recorder: what arrived in a client, by the bytes of its fetch answers, and what the ledger says
of it; through rebalances record for record, through kills never less. And what an auditor is told."""

import json
import random
import struct
import threading
import time
import uuid

import pytest
from confluent_kafka import Consumer
from kafka import KafkaConsumer, KafkaProducer, TopicPartition

import wire
from city import run
from wire import Wire, batch

KAFKA_STORAGE_ERROR = 56
TOPIC_AUTHORIZATION_FAILED = 29
ENDS_WITHIN_SECONDS = 5
TOLD_WITHIN_SECONDS = 1


def settings(city, directory, **more):
    authority, certificate, key = city.files(directory)
    return {
        "bootstrap_servers": city.bootstrap, "security_protocol": "SSL", "ssl_cafile": authority, "ssl_certfile": certificate,
        "ssl_keyfile": key, **more}


def topic(city, partitions=1, **configuration):
    return city.topic(
        f"portal.ledger-{uuid.uuid4().hex[:8]}.v1", partitions, owner="portal", publishers=["hai-chau/*/*"], subscribers=["portal/*/*"],
        **configuration)


def auditor(city):
    return city.certificate("inspectorate", "audit", "one", roles=["auditor"])


def ward(city):
    return city.certificate("hai-chau", "one-stop", "counter-1")


def events(city):
    out = city.hanbridge("subscribe", "_audit.delivery", "--from", "earliest", "--until-end", "--output", "json", profile=auditor(city))
    return [json.loads(line)["value"] for line in out.splitlines()]


def runs(text):
    for run_ in text.split(","):
        first, _, last = run_.partition("-")
        yield from range(int(first), int(last or first) + 1)


def told(city, name, *kinds):
    """What the ledger says of a topic: {(node, partition, offset)}."""
    found = set()
    for event in events(city):
        if event["type"].rpartition(".")[2] in kinds:
            for item in event["data"].get("deliveries", []):
                if item["topic"] == name:
                    found |= {(event["data"]["node"], item["partition"], offset) for offset in runs(item["offsets"])}
    return found


def offsets(data):
    """The offsets of the batches in a fetch answer, whole or not."""
    at = 0
    while at + 61 <= len(data):
        base, length = struct.unpack_from(">qi", data, at)
        if at + 12 + length > len(data):
            return
        yield from range(base, base + struct.unpack_from(">i", data, at + 23)[0] + 1)
        at += 12 + length


class Recorder(KafkaConsumer):
    """kafka-python, with every fetch answer noted before the client looks at it."""

    def __init__(self, city, directory, node, received, **more):
        super().__init__(**settings(city, directory, auto_offset_reset="earliest", fetch_max_wait_ms=100, **more))
        fetcher = self._fetcher
        handle = fetcher._handle_fetch_response

        def recorded(node_id, fetch_offsets, send_time, response):
            for part in response.responses:
                for partition in part.partitions:
                    received.update((node, part.topic, partition.partition_index, offset) for offset in offsets(bytes(partition.records or b"")))
            handle(node_id, fetch_offsets, send_time, response)

        fetcher._handle_fetch_response = recorded

    def drain(self):
        """Lets fetches that are under way arrive, and begins no other."""
        self.pause(*self.assignment())
        deadline = time.monotonic() + 0.5
        while time.monotonic() < deadline:
            self.poll(timeout_ms=50)


def publishing(city, name, partitions, stop):
    producer = KafkaProducer(**settings(city, ward(city), linger_ms=5))
    number = 0
    while not stop.is_set():
        producer.send(name, partition=number % partitions, value=b"x" * random.randint(1, 300))
        number += 1
        if number % 50 == 0:
            time.sleep(0.01)
    producer.flush(20)
    producer.close()


@pytest.mark.parametrize("delivery", ["coalesced", "reserved"])
def test_the_ledger_is_what_arrived_record_for_record_through_rebalances(city, delivery):
    name = topic(city, partitions=6, hanbridge__delivery=delivery)
    group = f"portal.ledger-{uuid.uuid4().hex[:6]}"
    received, stop = set(), threading.Event()
    directories = {n: city.certificate("portal", "ledger", f"m{n}") for n in range(3)}
    publisher = threading.Thread(target=publishing, args=(city, name, 6, stop))
    publisher.start()

    def member(number, seconds):
        consumer = Recorder(
            city, directories[number], f"portal/ledger/m{number}", received, group_id=group, session_timeout_ms=6000, heartbeat_interval_ms=300)
        consumer.subscribe([name])
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            consumer.poll(timeout_ms=50)
        consumer.drain()
        consumer.close()

    members = []
    for number, begins, seconds in ((0, 0, 12), (1, 2, 5), (2, 4, 6), (1, 9, 4)):
        members.append(threading.Timer(begins, member, (number, seconds)))
        members[-1].start()
    for thread in members:
        thread.join()
    stop.set()
    publisher.join()
    time.sleep(TOLD_WITHIN_SECONDS)
    expected = {(node, partition, offset) for node, of, partition, offset in received if of == name}
    assert len({node for node, _, _ in expected}) == 3 and len(expected) > 1_000
    assert told(city, name, "delivered") == expected
    assert not told(city, name, "possible")
    # Each of them says why, and a reservation goes before.
    for event in events(city):
        for item in event["data"].get("deliveries", []):
            if item["topic"] == name:
                assert item["citation"].startswith("agreement:T-") and item["policyVersion"] > 0 and item["action"] == "subscribe"
    assert told(city, name, "reserved") >= (expected if delivery == "reserved" else set())
    assert bool(told(city, name, "reserved")) == (delivery == "reserved")


def test_librdkafka_got_nothing_that_the_ledger_does_not_know(city):
    name = topic(city, partitions=2, hanbridge__classification="sensitive")
    portal = city.certificate("portal", "ledger", "rdkafka")
    with Wire(city, ward(city)) as publisher:
        for _ in range(20):
            assert publisher.produce(name, batch([b"a", b"b"]))[0] == 0
    consumer = Consumer(city.librdkafka(portal, group__id="portal.rdkafka", auto__offset__reset="earliest"))
    consumer.subscribe([name])
    got, deadline = set(), time.monotonic() + 30
    while len(got) < 40 and time.monotonic() < deadline:
        message = consumer.poll(0.2)
        if message is not None and not message.error():
            got.add(("portal/ledger/rdkafka", message.partition(), message.offset()))
    consumer.close()
    time.sleep(TOLD_WITHIN_SECONDS)
    assert len(got) == 40 and told(city, name, "delivered") == got
    ended = [ending for event in events(city) for ending in event["data"].get("ended", []) if ending["topic"] == name]
    assert [(ending["partition"], ending["lastOffset"], ending["reason"]) for ending in ended] == [(0, 39, "session-closed")]


@pytest.mark.parametrize("delivery", ["coalesced", "reserved"])
def test_through_kills_the_ledger_never_knows_less(own_city, delivery):
    city = own_city().start()
    name = topic(city, partitions=3, hanbridge__delivery=delivery)
    received, times = set(), {}
    for round_ in range(3):
        stop = threading.Event()
        directory = city.certificate("portal", "ledger", "killed")
        node = "portal/ledger/killed"
        threads = [threading.Thread(target=wire_publishing, args=(city, name, 3, stop)),
                   threading.Thread(target=wire_reading, args=(city, directory, node, name, 3, received, times, stop))]
        for thread in threads:
            thread.start()
        time.sleep(random.uniform(1.5, 3))
        city.kill()
        stop.set()
        for thread in threads:
            thread.join()
        city.start()
    assert len(received) > 300
    known = told(city, name, "delivered", "possible")
    if delivery == "reserved":
        assert received <= known, sorted(received - known)[:10]
        assert told(city, name, "possible"), "no kill hit a window that was in use"
    else:
        gaps = [event["data"]["possiblyMissing"] for event in events(city) if "possiblyMissing" in event["data"]]
        assert len(gaps) == 3
        for record in received - known:
            stamp = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(times[record]))
            assert any(gap["from"][:19] <= stamp <= gap["to"][:19] for gap in gaps), (record, stamp, gaps)
        assert len(received & known) > len(received) / 3
    assert city.stop() == 0
    city.start()
    starts = [event for event in events(city) if event["type"] == "hanbridge.delivery.started"]
    assert ["possiblyMissing" in event["data"] for event in starts] == [False, True, True, True, False]


def wire_publishing(city, name, partitions, stop):
    try:
        with Wire(city, ward(city)) as connection:
            number = 0
            while not stop.is_set():
                connection.produce(name, batch([b"x"] * 3), partition=number % partitions)
                number += 1
    except (OSError, wire.Closed, AssertionError, struct.error):
        pass


def wire_reading(city, directory, node, name, partitions, received, times, stop):
    """Reads on from where each partition was left, and notes what came whole."""
    next_ = {p: max([o + 1 for _, q, o in received if q == p], default=0) for p in range(partitions)}
    try:
        with Wire(city, directory) as connection:
            while not stop.is_set():
                for partition in range(partitions):
                    _, _, data = connection.fetch(name, offset=next_[partition], partition=partition, bytes_max=1 << 14, wait=5)
                    for offset in offsets(data or b""):
                        received.add((node, partition, offset))
                        times.setdefault((node, partition, offset), time.time())
                        next_[partition] = offset + 1
    except (OSError, wire.Closed, AssertionError, struct.error):
        pass


def test_a_thousand_sessions_lose_their_access_within_five_seconds_and_the_ledger_has_their_last_offset(own_city):
    city = own_city(settings={"limits": {"handshakesPerAddressMax": 2000}}).start()
    name, kept = topic(city, hanbridge__classification="personal"), topic(city)
    with Wire(city, ward(city)) as publisher:
        for of in (name, kept):
            assert publisher.produce(of, batch([b"a", b"b", b"c"]))[0] == 0
    nodes = [city.certificate("portal", "many", f"n{number}") for number in range(4)]
    sessions, others = [], []
    try:
        for number in range(1_000):
            sessions.append(Wire(city, nodes[number % 4]))
            assert sessions[-1].fetch(name, wait=2_000)[:2] == (0, 3)
        for number in range(20):
            others.append(Wire(city, nodes[number % 4]))
            assert others[-1].fetch(kept)[:2] == (0, 3)
        for session in sessions:
            session.send_frame(wire.header(wire.FETCH, 4) + wire.fetch_body(name, offset=3, wait=30_000, min_bytes=1))
        for document in city.documents:
            if document["topic"] == name:
                document["parties"] = [party for party in document["parties"] if "subscribe" not in party["may"]]
        city.agree()
        began = time.monotonic()
        for session in sessions:
            session.socket.settimeout(ENDS_WITHIN_SECONDS)
            answer = wire.Reader(session.receive_frame())
            answer.take("i"), answer.take("i"), answer.take("i"), answer.text(), answer.take("i")
            assert answer.take("ih")[1] == TOPIC_AUTHORIZATION_FAILED
        assert time.monotonic() - began <= ENDS_WITHIN_SECONDS
        for other in others:
            assert other.fetch(kept)[:2] == (0, 3)
        deadline = began + ENDS_WITHIN_SECONDS
        while True:
            ended = [(event["data"]["session"], ending) for event in events(city) for ending in event["data"].get("ended", []) if ending["topic"] == name]
            if len(ended) >= 1_000 or time.monotonic() > deadline + 5:
                break
            time.sleep(0.2)
    finally:
        for session in sessions + others:
            session.socket.close()
    assert len({session for session, _ in ended}) == 1_000 == len(ended)
    assert all(ending["lastOffset"] == 2 and ending["partition"] == 0 and ending["reason"] == "no-agreement" for _, ending in ended)


def test_a_strict_topic_is_not_read_while_the_ledger_cannot_be_written(own_city, mounted):
    point = mounted("small", "-t", "tmpfs", "-o", "size=16m", "tmpfs")
    city = own_city(settings={"data": str(point / "data")})
    city.data_directory = point / "data"
    city.start()
    strict, plain = topic(city, hanbridge__delivery="reserved"), topic(city)
    with Wire(city, ward(city)) as publisher:
        for of in (strict, plain):
            assert publisher.produce(of, batch([b"secret"] * 4_000))[0] == 0
            assert publisher.produce(of, batch([b"secret"] * 4_000))[0] == 0
    portal = city.certificate("portal", "requests", "one")
    with Wire(city, portal) as reader:
        assert reader.fetch(strict)[0] == 0
        filler = point / "filler"
        with open(filler, "wb", buffering=0) as file, pytest.raises(OSError):
            while True:
                file.write(b"\0" * 65536)
        # What was written ahead is used up first: each of these needs a reservation of its own.
        deadline, error, data = time.monotonic() + 120, 0, b""
        number = 0
        while error == 0 and time.monotonic() < deadline:
            error, _, data = reader.fetch(strict, offset=4_000 * (number % 2), bytes_max=1)
            number += 1
        assert error == KAFKA_STORAGE_ERROR and not data, (error, number)
        assert reader.fetch(plain)[0] == 0 and b"secret" in reader.fetch(plain)[2]
        filler.unlink()
        deadline = time.monotonic() + 20
        while reader.fetch(strict)[0] != 0:
            assert time.monotonic() < deadline, "space came back and the strict topic did not"
            time.sleep(0.2)
        assert b"secret" in reader.fetch(strict)[2]
    time.sleep(TOLD_WITHIN_SECONDS)
    assert {offset for _, _, offset in told(city, strict, "delivered")} == set(range(8_000))


def test_an_auditor_asks_who_received_a_record_and_what_a_node_received(city):
    name = topic(city, hanbridge__classification="personal")
    with Wire(city, ward(city)) as publisher:
        assert publisher.produce(name, batch([b"a", b"b", b"c"]))[0] == 0
    for node in ("first", "second"):
        with Wire(city, city.certificate("portal", "trace", node)) as connection:
            assert connection.fetch(name, wait=2_000)[0] == 0
    time.sleep(TOLD_WITHIN_SECONDS)

    def trace(*arguments):
        return city.hanbridge("audit", "trace", *arguments, profile=auditor(city))

    lines = [json.loads(line) for line in trace("--record", f"{name}/0/1", "--output", "json").splitlines()]
    assert [(line["node"], line["certainty"], line["offsets"]) for line in lines] == [
        ("portal/trace/first", "delivered", "0-2"), ("portal/trace/second", "delivered", "0-2")]
    assert all(line["citation"].startswith("agreement:T-") and line["topic"] == name and line["address"] for line in lines)
    lines = [json.loads(line) for line in trace("--node", "portal/trace/first", "--output", "json").splitlines()]
    assert [(line["topic"], line["offsets"]) for line in lines] == [(name, "0-2")]
    assert trace("--record", f"{name}/0/99", "--output", "json") == ""
    table = trace("--record", f"{name}/0/1", "--lang", "vi")
    assert "đã giao" in table and "portal/trace/second" in table and "CĂN CỨ" in table
    assert "possibly" not in trace("--node", "portal/trace/first", "--lang", "en")
    with pytest.raises(Exception, match="one of --record"):
        trace("--lang", "en")
    with pytest.raises(Exception):
        city.hanbridge("audit", "trace", "--node", "portal/trace/first", profile=ward(city))


def test_pages_over_https_are_in_the_ledger(city):
    name = topic(city, hanbridge__delivery="reserved")
    with Wire(city, ward(city)) as publisher:
        assert publisher.produce(name, batch([b"1", b"2", b"3", b"4"]))[0] == 0
    portal = city.certificate("portal", "pages", "one")
    import urllib.request
    context = wire.client_context(*city.files(portal))
    for _ in range(3):
        with urllib.request.urlopen(f"{city.endpoints['https']}/v1/topics/{name}/partitions/0/records?offset=1&limit=2", context=context, timeout=30) as page:
            assert page.status == 200 and len(json.loads(page.read())["records"]) == 2
    deadline = time.monotonic() + 5
    while told(city, name, "delivered") != {("portal/pages/one", 0, 1), ("portal/pages/one", 0, 2)}:
        assert time.monotonic() < deadline, told(city, name, "delivered")
        time.sleep(0.3)
    assert {event["data"]["interface"] for event in events(city) if event["data"].get("node") == "portal/pages/one"} == {"https"}


def test_the_audit_knows_who_signs_in_who_is_not_let_in_and_that_certificates_changed(city):
    one = city.certificate("portal", "desk", "signs-in")
    with Wire(city, one) as connection:
        connection.api_versions()
        run("cert", "revoke", one, "--pki", city.directory / "pki", "--reason", "keyCompromise")
        city.reload()
        assert wire.ends(connection.socket, ENDS_WITHIN_SECONDS)
    deadline = time.monotonic() + 15
    while True:
        out = city.hanbridge("subscribe", "_audit.access", "--from", "earliest", "--until-end", "--output", "json", profile=auditor(city))
        found = [json.loads(line)["value"] for line in out.splitlines()]
        mine = [(event["type"].rpartition(".")[2], event["data"]["action"]) for event in found if event["data"]["node"] == "portal/desk/signs-in"]
        changed = {"trust.replace", "broker.start"} <= {event["data"]["action"] for event in found}
        if {("signIn", "sign-in"), ("refusal", "sign-in")} <= set(mine) and changed:
            break
        assert time.monotonic() < deadline, (mine, found[-5:])
        time.sleep(0.3)


def test_a_replay_under_the_rules_of_the_time_shows_what_they_showed_and_the_ledger_says_so(own_city):
    city = own_city().start()
    name = topic(city)
    inspector = city.certificate("inspectorate", "audit", "one", roles=["auditor"])
    plain = city.certificate("inspectorate", "audit", "two")
    document = next(document for document in city.documents if document["topic"] == name)
    agreed = len(document["parties"])

    def agree(**more):
        document["parties"] = document["parties"][:agreed] + [
            {"node": "inspectorate/audit/*", "may": ["replay"], "purpose": ["inspection"], **more}]
        city.agree()
        # Whole seconds are named.
        time.sleep(2)
        return time.time() - 0.9

    with Wire(city, ward(city)) as publisher:
        assert publisher.produce(name, batch([b'{"citizenId":"048201","ward":"son-tra"}', b'{"citizenId":"048202","ward":"cam-le"}']))[0] == 0

    def stamp(seconds):
        return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(seconds))

    before = time.time() - 60
    whole = agree()
    whole = stamp(whole)

    def replay(*arguments, who=inspector):
        return [json.loads(line) for line in city.hanbridge("replay", name, "--purpose", "inspection", *arguments, profile=who).splitlines()]

    assert [record["offset"] for record in replay()] == [0, 1]
    then = replay("--rules-of", whole)
    assert [(record["topic"], record["partition"], record["offset"]) for record in then] == [(name, 0, 0), (name, 0, 1)]
    # Nobody was let in before there was a rule; who is no auditor is not, whatever the rules were.
    with pytest.raises(Exception, match="might not read"):
        replay("--rules-of", stamp(before), "--lang", "en")
    with pytest.raises(Exception, match="role auditor"):
        replay("--rules-of", whole, "--lang", "en", who=plain)
    assert [record["offset"] for record in replay(who=plain)] == [0, 1]
    # Without a right of today there is none of yesterday.
    document["parties"] = document["parties"][:agreed]
    city.agree()
    with pytest.raises(Exception):
        replay("--rules-of", whole)
    time.sleep(TOLD_WITHIN_SECONDS)
    items = [
        (event["data"]["interface"], item["action"], item["purpose"], item["policyVersion"]) for event in events(city)
        for item in event["data"].get("deliveries", []) if event["data"]["node"] == "inspectorate/audit/one" and item["topic"] == name]
    assert {(interface, action, purpose) for interface, action, purpose, _ in items} == {("kafka", "replay", "inspection"), ("https", "replay", "inspection")}


def test_a_replay_keeps_to_its_rate(city):
    name = topic(city)
    with Wire(city, ward(city)) as publisher:
        for _ in range(4):
            assert publisher.produce(name, batch([b"x" * 100_000] * 8))[0] == 0
    began = time.monotonic()
    out = city.hanbridge("replay", name, "--purpose", "inspection", "--rate", "1", "--raw", profile=city.certificate("portal", "requests", "one"))
    assert len(out.splitlines()) == 32 and time.monotonic() - began >= 2
