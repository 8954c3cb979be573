"""Evidence after the audit retention: pruned under a record of the audit topic, EXPIRED for an auditor, whole for what is left."""

import base64
import json
import time

import pytest

from city import run
from commands import fails, topic
from evidence_verifier import folder, verdicts
from test_evidence import ranges
from test_evidence_served import documents, get, log_keys, log_path, publish, verify


def eventually(found, seconds=60):
    deadline = time.monotonic() + seconds
    while not (value := found()):
        assert time.monotonic() < deadline, value
        time.sleep(0.5)
    return value


def prunings(city, auditor, name):
    out = city.hanbridge("subscribe", "_audit.access", "--from", "earliest", "--until-end", "--output", "json", profile=auditor)
    events = [json.loads(line)["value"] for line in out.splitlines()]
    return [event["data"]["details"] for event in events if event["data"]["action"] == "evidence.prune" and event["subject"] == f"topic:{name}"]


def test_evidence_goes_after_the_audit_retention_and_an_audit_finds_what_allowed_it(own_city, tmp_path):
    city = own_city().start()
    ward, auditor = city.certificate("hai-chau", "one-stop", "counter-1"), city.certificate("audit", "office", "one", roles=["auditor"])
    member = city.certificate("portal", "requests", "one")
    name, held = topic(city, retention__ms="1"), topic(city, retention__ms="1")
    keys = log_keys(city, tmp_path)
    saved = tmp_path / "saved"
    publish(city, ward, name, documents(200))
    eventually(lambda: verify(city, auditor, name, keys, "--saved", saved) == (0, [("VERIFIED", 0, 199)]))
    publish(city, ward, name, documents(700, 200))
    publish(city, ward, held, documents(900))

    def start(of):
        return json.loads(get(city, auditor, f"/v1/topics/{of}")[2])["partitions"][0]["logStart"]

    eventually(lambda: start(name) == 900 and start(held) == 900)
    status, found = verify(city, auditor, name, keys)
    assert (status, found) == (0, [("VERIFIED", 0, 899)])
    bundle = get(city, auditor, f"{log_path(city, name)}/tile/entries/001")
    assert bundle[0] == 200
    city.hanbridge("hold", "place", "A-1", held, profile=auditor)
    for of in (name, held):
        city.hanbridge("topic", "alter", of, "--config", "hanbridge.audit.retention.ms=1")
    eventually(lambda: get(city, auditor, f"{log_path(city, name)}/tile/entries/001")[0] == 404)
    assert get(city, auditor, f"{log_path(city, name)}/tile/0/002")[0] == 404
    assert get(city, auditor, f"{log_path(city, name)}/tile/0/003.p/132")[0] == 200
    assert get(city, auditor, f"{log_path(city, name)}/proof/5")[0] == 404 and get(city, auditor, f"{log_path(city, name)}/proof/800")[0] == 200
    (pruned,) = prunings(city, auditor, name)
    assert (pruned["from"], pruned["before"], pruned["policy"]) == ("0", "768", "hanbridge.audit.retention.ms=1")
    assert verify(city, auditor, name, keys) == (0, [("EXPIRED", 0, 767), ("VERIFIED", 768, 899)])
    said = city.hanbridge("audit", "verify", name, "--log-keys", keys, "--lang", "en", profile=auditor)
    assert "hanbridge.audit.retention.ms=1, _audit.access/0/" in said
    # What an auditor saved before that can be held against nothing any more, and is told so; the next audit goes on from here.
    said = city.hanbridge("audit", "verify", name, "--log-keys", keys, "--saved", saved, "--lang", "en", profile=auditor)
    assert "saved checkpoint of 200 entries lies in what was pruned" in said
    said = city.hanbridge("audit", "verify", name, "--log-keys", keys, "--saved", saved, "--lang", "en", profile=auditor)
    assert "was pruned after" not in said
    # Who may not read the audit topic finds no reason, and is told why not.
    refused = fails(1, "_audit.access", call=lambda: city.hanbridge("audit", "verify", name, "--log-keys", keys, "--lang", "en", profile=member))
    assert "MISSING" in refused.stdout
    # An exported log carries the reason, and is judged without the broker; with the reason taken away it fails.
    city.hanbridge("audit", "export", name, "--partition", "0", "--out", tmp_path / "out", profile=auditor)
    run("audit", "verify", tmp_path / "out" / "0", "--log-keys", keys)
    second = lambda: ranges(verdicts(folder(tmp_path / "out" / "0"), keys.read_text().strip(), []))  # noqa: E731
    assert second() == [("EXPIRED", 0, 767), ("VERIFIED", 768, 899)]
    # A case of a range over where that ends.
    city.hanbridge("audit", "export", name, "--from", 700, "--to", 800, "--out", tmp_path / "part", profile=auditor)
    said = run("audit", "verify", tmp_path / "part", "--log-keys", keys, "--output", "json")
    judged = [(one["verdict"], one["from"], one["to"]) for one in map(json.loads, said.splitlines()) if "verdict" in one]
    assert judged == [("EXPIRED", 700, 767), ("VERIFIED", 768, 799)]
    part = folder(tmp_path / "part" / "0")
    assert ranges(verdicts(part, keys.read_text().strip(), [], only=range(700, 800))) == judged
    (tmp_path / "part" / "0" / "pruned").unlink()
    part = folder(tmp_path / "part" / "0")
    assert ranges(verdicts(part, keys.read_text().strip(), [], only=range(700, 800))) == [("MISSING", 700, 767), ("VERIFIED", 768, 799)]
    (tmp_path / "out" / "0" / "pruned").unlink()
    assert second()[0] == ("MISSING", 0, 767)
    fails(1, call=lambda: run("audit", "verify", tmp_path / "out" / "0", "--log-keys", keys))
    # What a case holds stays until it is released.
    assert get(city, auditor, f"{log_path(city, held)}/tile/entries/001")[0] == 200 and not prunings(city, auditor, held)
    # The log goes on, restarts and is checked.
    publish(city, ward, name, documents(300, first=900))
    assert city.stop() == 0
    run("check", "--config", city.directory / "broker.yaml")
    city.start()
    eventually(lambda: verify(city, auditor, name, keys) == (
        0, [("EXPIRED", 0, 767), ("EXPIRED", 768, 1023), ("VERIFIED", 1024, 1199)]))
    assert len(prunings(city, auditor, name)) == 2
    city.hanbridge("hold", "release", "A-1", profile=auditor)
    eventually(lambda: prunings(city, auditor, held))
    assert verify(city, auditor, held, keys)[0] == 0


def test_what_allowed_pruning_proves_itself(own_city, tmp_path):
    """The record of the audit topic comes with its receipt: it is judged without the broker, and nobody writes another one."""
    city = own_city().start()
    ward, auditor = city.certificate("hai-chau", "one-stop", "counter-1"), city.certificate("audit", "office", "one", roles=["auditor"])
    name, other = (topic(city, retention__ms="1", hanbridge__audit__retention__ms="1") for _ in range(2))
    keys = log_keys(city, tmp_path)
    for of in (name, other):
        publish(city, ward, of, documents(600))
    eventually(lambda: prunings(city, auditor, name) and prunings(city, auditor, other))
    publish(city, ward, name, documents(1, 600))
    publish(city, ward, other, documents(1, 600))
    eventually(lambda: verify(city, auditor, name, keys)[0] == 0 and verify(city, auditor, other, keys)[0] == 0)
    lines = {}
    for of in (name, other):
        city.hanbridge("audit", "export", of, "--out", tmp_path / of, profile=auditor)
        lines[of] = (tmp_path / of / "0/pruned").read_text()
    assert city.stop() == 0
    folder, (proof, *_) = tmp_path / name / "0", map(json.loads, lines[name].splitlines())
    run("audit", "verify", folder, "--log-keys", keys)
    # As others' software sees it: a tlog-proof of a record of the audit's log, whose content says what was pruned.
    event = base64.b64decode(proof["content"])
    assert b'"action":"evidence.prune"' in event and f"topic:{name}".encode() in event and b'"before":"512"' in event
    (tmp_path / "receipt").write_text(proof["receipt"])
    said = json.loads(run("receipt", "verify", tmp_path / "receipt", "--log-keys", keys, "--output", "json"))
    assert "/_audit.access/" in said["log"]

    def forged(**changes):
        (folder / "pruned").write_text(json.dumps(proof | changes) + "\n")
        fails(1, call=lambda: run("audit", "verify", folder, "--log-keys", keys))

    forged(content=base64.b64encode(event.replace(b'"before":"512"', b'"before":"768"')).decode())
    forged(receipt=proof["receipt"].replace("\nindex ", "\nindex 1"))
    forged(receipt=json.loads(lines[other].splitlines()[0])["receipt"])
    # Another topic's, which is true of that one.
    forged(**json.loads(lines[other].splitlines()[0]))
    (folder / "pruned").write_text(lines[name])
    run("audit", "verify", folder, "--log-keys", keys)
