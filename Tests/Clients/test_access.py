"""Who gets in and what they may do, while it changes: revocation, expiry, agreements that end, files that are wrong, authorities of
others, and what the audit says of it all."""

import json
import re
import subprocess
import time
import urllib.request
import uuid

import pytest
import yaml
from confluent_kafka import Consumer, KafkaError, KafkaException, TopicPartition
from confluent_kafka.admin import AdminClient, NewTopic

import forge
import wire
from city import run
from wire import Closed, Wire, batch, ends

TOPIC_AUTHORIZATION_FAILED = 29
ENDS_WITHIN_SECONDS = 5


def topic(city, **who):
    return city.topic(f"portal.ac-{uuid.uuid4().hex[:8]}.v1", owner="portal", **who)


def revoke(city, directory):
    run("cert", "revoke", directory, "--pki", city.directory / "pki", "--reason", "keyCompromise")


def served(city, files):
    try:
        with Wire(city, files) as connection:
            connection.api_versions()
    except Closed:
        return False
    return True


# Certificates


@pytest.mark.parametrize("told_by", ["SIGHUP", "the file alone"])
def test_a_revoked_certificate_ends_its_live_connections_and_no_others(city, told_by):
    one, two = (city.certificate("portal", "desk", f"{name}-{told_by[:3].lower()}") for name in ("one", "two"))
    with Wire(city, one) as first, Wire(city, one) as second, Wire(city, two) as other:
        for connection in (first, second, other):
            connection.api_versions()
        mark, began = city.log_size(), time.monotonic()
        revoke(city, one)
        if told_by == "SIGHUP":
            city.reload()
        assert ends(first.socket, ENDS_WITHIN_SECONDS) and ends(second.socket, ENDS_WITHIN_SECONDS)
        assert time.monotonic() - began <= ENDS_WITHIN_SECONDS
        city.logged("reason=trust_withdrawn", "node=portal/desk/one", "revoked", since=mark)
        other.api_versions()
        assert not served(city, one)
        assert served(city, two)
        other.api_versions()


def test_a_fetch_that_waits_ends_with_its_certificate(city):
    name = topic(city, publishers=["hai-chau/*/*"], subscribers=["portal/*/*"])
    one = city.certificate("portal", "desk", "waits")
    with Wire(city, one) as connection:
        assert connection.fetch(name)[0] == 0
        connection.send_frame(wire.header(wire.FETCH, 4) + wire.fetch_body(name, wait=30_000, min_bytes=1))
        revoke(city, one)
        assert ends(connection.socket, ENDS_WITHIN_SECONDS)


def test_https_connections_end_with_their_certificate_too(city):
    one = city.certificate("portal", "desk", "https")
    sock = wire.client_context(*city.files(one)).wrap_socket(wire.plain(city.endpoints["https"]))
    with sock:
        sock.sendall(b"GET /v1/whoami HTTP/1.1\r\nHost: x\r\n\r\n")
        assert sock.recv(65536).startswith(b"HTTP/1.1 200")
        revoke(city, one)
        assert ends(sock, ENDS_WITHIN_SECONDS)


def test_a_certificate_that_expires_ends_its_live_connections(city, tmp_path):
    files = forge.node(city, tmp_path / "short", "spiffe://danang/portal/desk/short", ends=6)
    with Wire(city, files) as connection, Wire(city, city.certificate("portal", "desk", "long")) as other:
        connection.api_versions()
        mark = city.log_size()
        assert ends(connection.socket, 6 + ENDS_WITHIN_SECONDS)
        city.logged("node=portal/desk/short", "expired", since=mark)
        other.api_versions()
    assert not served(city, files)


@pytest.mark.parametrize("file", ["broker/certificate.pem", "broker/key.pem", "crl.pem", "ca.pem"])
def test_a_bad_file_of_certificates_leaves_the_old_in_force_and_says_why(city, file):
    node = city.files(city.certificate("portal", "desk", "steady"))
    path = city.directory / "pki" / file
    good = path.read_bytes()
    with Wire(city, node) as connection:
        connection.api_versions()
        try:
            for bad in (b"", b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n", good[: len(good) // 2]):
                mark = city.log_size()
                path.write_bytes(bad)
                city.reload()
                line = city.logged("Trust could not be read again, and stays as it was", since=mark)
                assert path.name in line or "“danang”" in line, line  # the file, or its authority
                assert served(city, node)
        finally:
            mark = city.log_size()
            path.write_bytes(good)
        city.logged("Trust was read again", since=mark)
        connection.api_versions()


def test_a_renewed_certificate_of_the_broker_is_shown_without_a_restart(city):
    def shown():
        with Wire(city, city.certificate("portal", "desk", "steady")) as connection:
            return connection.socket.getpeercert(binary_form=True)

    before = shown()
    with Wire(city, city.certificate("portal", "desk", "steady")) as live:
        mark = city.log_size()
        run("cert", "renew", city.directory / "pki/broker", "--pki", city.directory / "pki", "--new-key")
        city.logged("Trust was read again", since=mark)
        assert shown() != before
        live.api_versions()


# Another authority


def external(city, folder):
    """A city that trusts the tax department's own authority, for its own agency."""
    certificate, key = forge.authority(folder / "ca", "/O=Cục Thuế/CN=Tax CA")
    configuration = yaml.safe_load(city.configuration_file.read_text())
    city.configure({"identity": {
        "authorities": configuration["identity"]["authorities"] + [
            {"name": "tax.example", "certificates": [str(certificate)], "crls": "none", "agencies": ["tax"]}],
        "rules": [{
            "authority": "tax.example", "where": [{"subject": "O", "equals": "Cục Thuế"}], "agency": "tax", "unit": {"subject": "OU"},
            "node": {"subject": "serialNumber"}}]}})
    return certificate, key


def test_certificates_of_an_external_authority_are_mapped_by_rules(own_city, tmp_path):
    city = own_city()
    authority = external(city, tmp_path)
    city.start()
    name = topic(city, publishers=["tax/registry/gw-1"], subscribers=["portal/*/*"])
    ca = str(city.directory / "pki/ca.pem")

    def files(folder, subject, names=""):
        certificate, key = forge.leaf(tmp_path / folder, *authority, names, subject=subject)
        return ca, str(certificate), str(key)

    with Wire(city, files("right", "/O=Cục Thuế/OU=registry/serialNumber=gw-1/CN=gateway")) as connection:
        assert connection.produce(name, batch())[0] == 0
    with Wire(city, files("other", "/O=Cục Thuế/OU=registry/serialNumber=gw-2/CN=gateway")) as connection:
        assert connection.produce(name, batch())[0] == TOPIC_AUTHORIZATION_FAILED
    for folder, subject, names in (
        ("wrong-o", "/O=Cục Thuê/OU=registry/serialNumber=gw-1", ""), ("no-o", "/OU=registry/serialNumber=gw-1", ""),
        ("two", "/O=Cục Thuế/OU=registry/OU=more/serialNumber=gw-1", ""), ("letters", "/O=Cục Thuế/OU=registry/serialNumber=GW 1", ""),
        ("spiffe", "/O=Other", "URI:spiffe://danang/portal/requests/one"),
    ):
        mark = city.log_size()
        assert not served(city, files(folder, subject, names)), folder
        city.logged("reason=certificate_refused", since=mark)
    # An agency belongs to one authority: the city's own cannot speak for the tax department any more.
    mark = city.log_size()
    assert not served(city, city.files(city.certificate("tax", "registry", "gw-1")))
    city.logged("reason=certificate_refused", "tax", since=mark)
    assert served(city, city.files(city.certificate("portal", "requests", "one")))


# Agreements


def withdraw(city, name, right):
    """Applies the set without one right of a topic."""
    for document in city.documents:
        if document["topic"] == name:
            document["parties"] = [party for party in document["parties"] if right not in party["may"]]
    city.agree()


def test_an_agreement_that_ends_takes_the_access_of_a_live_consumer_away(city):
    name = topic(city, publishers=["hai-chau/*/*"], subscribers=["portal/*/*"])
    kept = topic(city, publishers=["hai-chau/*/*"], subscribers=["portal/*/*"])
    ward, portal = city.certificate("hai-chau", "one-stop", "counter-1"), city.certificate("portal", "requests", "one")
    settings = {"auto__offset__reset": "earliest", "topic__metadata__refresh__interval__ms": 1000}
    consumer = Consumer(city.librdkafka(portal, group__id="portal.ends", **settings))
    consumer.subscribe([name, kept])
    values, errors = [], []

    def poll_until(condition, seconds=30):
        deadline = time.monotonic() + seconds
        while not condition():
            assert time.monotonic() < deadline, (values, errors)
            message = consumer.poll(0.2)
            if message is not None and message.error():
                errors.append(message.error().code())
            elif message is not None:
                values.append(message.value())

    with Wire(city, ward) as publisher:
        assert publisher.produce(name, batch([b"before"]))[0] == 0
        poll_until(lambda: values == [b"before"])
        withdraw(city, name, "subscribe")
        assert publisher.produce(name, batch([b"secret"]))[0] == 0
        poll_until(lambda: KafkaError.TOPIC_AUTHORIZATION_FAILED in errors)
        assert publisher.produce(kept, batch([b"still"]))[0] == 0
        poll_until(lambda: b"still" in values)
    consumer.close()
    assert values == [b"before", b"still"] and set(errors) == {KafkaError.TOPIC_AUTHORIZATION_FAILED}


def test_a_fetch_that_waits_gets_nothing_once_its_agreement_has_ended(city):
    name = topic(city, publishers=["hai-chau/*/*"], subscribers=["portal/*/*"])
    ward, portal = city.certificate("hai-chau", "one-stop", "counter-1"), city.certificate("portal", "requests", "one")
    with Wire(city, portal) as reader, Wire(city, ward) as publisher:
        assert reader.fetch(name)[:2] == (0, 0)
        reader.send_frame(wire.header(wire.FETCH, 4) + wire.fetch_body(name, wait=20_000, min_bytes=1))
        withdraw(city, name, "subscribe")
        assert publisher.produce(name, batch([b"secret"]))[0] == 0
        assert b"secret" not in reader.receive_frame()
        assert reader.fetch(name)[0] == TOPIC_AUTHORIZATION_FAILED


def test_a_publisher_is_stopped_by_the_next_request(city):
    name = topic(city, publishers=["hai-chau/*/*"], subscribers=["portal/*/*"])
    with Wire(city, city.certificate("hai-chau", "one-stop", "counter-1")) as publisher:
        assert publisher.produce(name, batch())[0] == 0
        withdraw(city, name, "publish")
        error, sentence, _ = publisher.produce(name, batch())
        assert error == TOPIC_AUTHORIZATION_FAILED and "agreement" in sentence


def agreement(name, **changes):
    return {"id": "DSA-1", "topic": name, "owner": "portal", "parties": [{"node": "hai-chau/*/*", "may": ["publish"]}],
            "legalBasis": "Quyết định 1/QĐ", "from": "2020-01-01", "until": "2099-12-31", **changes}


def refused_gauge(city, expected, seconds=5):
    deadline = time.monotonic() + seconds
    while True:
        with urllib.request.urlopen(city.endpoints["health"] + "/metrics", timeout=10) as page:
            found = re.search(r"^hanbridge_policy_directory_refused (\S+)$", page.read().decode(), re.MULTILINE)
        if found and float(found[1]) == expected:
            return
        assert time.monotonic() < deadline, found
        time.sleep(0.05)


def test_a_directory_of_agreements_is_followed_and_a_bad_file_leaves_the_old_in_force(own_city):
    city = own_city(settings={"policy": {"directory": "policy"}})
    folder = city.directory / "policy"
    folder.mkdir()

    def write(*agreements, name="one.yaml"):
        (folder / name).write_text(yaml.safe_dump({"agreements": list(agreements)}, allow_unicode=True))

    name = "portal.followed.v1"
    write(agreement(name))
    city.start()
    city.hanbridge("topic", "create", name, "--config", "hanbridge.schema.subject=none")
    ward = city.certificate("hai-chau", "one-stop", "counter-1")

    def may(connection, expected):
        deadline = time.monotonic() + 10
        while True:
            error = connection.produce(name, batch())[0]
            if (error == 0) == expected:
                return
            assert time.monotonic() < deadline, error
            time.sleep(0.1)

    with Wire(city, ward) as connection:
        may(connection, True)
        for bad in ("agreements: [", "agreements:\n  - id: A\n", "surprise: 1\n"):
            mark = city.log_size()
            (folder / "two.yaml").write_text(bad)
            city.reload()
            city.logged("two.yaml", since=mark)
            city.logged("those before stay in force", since=mark)
            assert connection.produce(name, batch())[0] == 0
            refused_gauge(city, 1)
        (folder / "two.yaml").unlink()
        write()  # seen without a signal
        may(connection, False)
        write(agreement(name))
        city.reload()
        may(connection, True)
        refused_gauge(city, 0)
        write(agreement(name, until="2020-12-31"))  # over
        may(connection, False)
        write(agreement(name, **{"from": "2099-01-01"}))  # not begun
        may(connection, False)


# Listings


def test_listings_show_what_one_may_describe(city):
    name = topic(city, publishers=["hai-chau/*/*"], subscribers=["portal/*/*"])
    hidden = f"portal.hidden-{uuid.uuid4().hex[:6]}.v1"
    admin = AdminClient(city.librdkafka(city.admin))
    admin.create_topics([NewTopic(hidden, 1, 1)])[hidden].result(10)

    def listed(who):
        return set(AdminClient(city.librdkafka(who)).list_topics(timeout=10).topics)

    portal, ward = city.certificate("portal", "requests", "one"), city.certificate("hai-chau", "one-stop", "counter-1")
    auditor = city.certificate("inspectorate", "audit", "one", roles=["auditor"])
    stranger = city.certificate("sport", "clubs", "one")
    assert name in listed(portal) and name in listed(ward) and hidden not in listed(portal) | listed(ward)
    assert {name, hidden} <= listed(city.admin) and {name, hidden, "_audit.access"} <= listed(auditor)
    assert listed(stranger) == set()

    with Wire(city, portal) as connection:
        connection.fetch(name)
    consumer = Consumer(city.librdkafka(portal, group__id="portal.listed"))
    consumer.commit(offsets=[TopicPartition(name, 0, 0)], asynchronous=False)
    consumer.close()

    def groups(who):
        admin = AdminClient(city.librdkafka(who))
        return {group.group_id for group in admin.list_consumer_groups().result(10).valid}

    assert "portal.listed" in groups(portal) and "portal.listed" in groups(city.admin)
    assert "portal.listed" not in groups(stranger) | groups(ward)


# The audit


def audit(city, who, *words, seconds=15):
    """Waits for an event with all of the words, and answers all events."""
    deadline = time.monotonic() + seconds
    while True:
        out = city.hanbridge("subscribe", "_audit.access", "--from", "earliest", "--until-end", "--output", "json", profile=who)
        events = [json.loads(line)["value"] for line in out.splitlines()]
        if any(all(word in json.dumps(event, ensure_ascii=False) for word in words) for event in events):
            return events
        assert time.monotonic() < deadline, (words, events[-5:])
        time.sleep(0.3)


def test_the_audit_holds_refusals_and_changes_for_auditors_to_read(city):
    auditor = city.certificate("inspectorate", "audit", "one", roles=["auditor"])
    stranger = city.certificate("sport", "clubs", "one")
    name = topic(city, publishers=["hai-chau/*/*"], subscribers=["portal/*/*"])
    with Wire(city, stranger) as connection:
        for _ in range(3):
            assert connection.produce(name, batch([b"a payload that nobody may see"]))[0] == TOPIC_AUTHORIZATION_FAILED
    events = audit(city, auditor, "sport/clubs/one", f"topic:{name}", "no-agreement")
    assert all(event["specversion"] == "1.0" and event["type"].startswith("hanbridge.audit.") for event in events)
    refusal = next(event for event in events if event["data"]["node"] == "sport/clubs/one" and event["subject"] == f"topic:{name}")
    assert refusal["type"] == "hanbridge.audit.refusal" and refusal["data"]["outcome"] == "refused"
    assert refusal["data"]["action"] == "publish" and refusal["data"]["certificate"] and refusal["data"]["address"]
    changes = [event for event in events if event["type"] == "hanbridge.audit.change"]
    assert any(event["data"]["action"] == "topic.create" and event["subject"] == f"topic:{name}" for event in changes)
    assert any(event["data"]["action"] == "agreements.apply" for event in changes)
    assert all(event["data"]["node"] and event["time"] for event in changes)
    assert "a payload that nobody may see" not in json.dumps(events)
    assert len({event["id"] for event in events}) == len(events)

    # A stock tool reads it as well, with a group of the auditor's agency.
    done = subprocess.run(
        ["kcat", *[f"-X{key}={value}" for key, value in city.librdkafka(auditor).items()], "-C", "-t", "_audit.access", "-o", "beginning",
         "-e", "-q"], capture_output=True, text=True, timeout=60)
    assert done.returncode == 0 and f"topic:{name}" in done.stdout, done.stderr
    consumer = Consumer(city.librdkafka(auditor, group__id="inspectorate.follow", auto__offset__reset="earliest"))
    consumer.subscribe(["_audit.access"])
    deadline = time.monotonic() + 20
    message = None
    while message is None and time.monotonic() < deadline:
        message = consumer.poll(0.5)
    assert message is not None and message.error() is None
    consumer.commit(asynchronous=False)
    consumer.close()


def test_the_audit_is_read_by_auditors_only_and_written_by_nobody(city):
    ward = city.certificate("hai-chau", "one-stop", "counter-1")
    operator = city.certificate("city", "operations", "night", roles=["operator"])
    auditor = city.certificate("inspectorate", "audit", "one", roles=["auditor"])
    for who in (ward, operator):
        with Wire(city, who) as connection:
            assert connection.fetch("_audit.access")[0] == TOPIC_AUTHORIZATION_FAILED
    for who in (ward, operator, auditor, city.admin):
        with Wire(city, who) as connection:
            assert connection.produce("_audit.access", batch())[0] == TOPIC_AUTHORIZATION_FAILED
        admin = AdminClient(city.librdkafka(who))
        for future in (*admin.delete_topics(["_audit.access"]).values(),
                       *admin.delete_records([TopicPartition("_audit.access", 0, 1)]).values()):
            with pytest.raises(KafkaException):
                future.result(10)
    with Wire(city, auditor) as connection:
        error, high, data = connection.fetch("_audit.access")
        assert error == 0 and high > 0 and data
