"""Agreements and schemas of a case, held against the audit's records of them: a case made by an implementation that is not ours, so that it can be
anything that a broker of some other time or an attacker may have made."""

import hashlib
import json

import pytest

import evidence_verifier
from city import Refused, run
from commands import lines
from evidence import START, UUID, Key, Log, b64, content, entry, sha256

BEFORE, AFTER = "2026-11-22T18:30:00.000Z", "2026-11-22T19:30:00.000Z"
SCHEMA = {"schema": '{"type":"object"}', "schemaType": "JSON"}


def agreements(version):
    return {"version": version, "appliedAt": START - 1, "appliedBy": "User:it/ops/root", "agreements": [], "files": {"city.yaml": f"# {version}\n"}}


def applied(version, time, **details):
    return {"action": "agreements.apply", "subject": "agreements", "time": time, "details": {"version": str(version), **details}}


def proven(version, time):
    return applied(version, time, sha256=evidence_verifier.agreements_digest(agreements(version)))


def registered(**details):
    return {"action": "schema.register", "subject": "subject:permits.issued-value", "time": BEFORE, "details": {"id": "17", "version": "1", **details}}


REGISTERED = registered(sha256=evidence_verifier.schema_digest(SCHEMA))


@pytest.fixture
def judge(tmp_path):
    """Makes a case of ten records of schema 17, with versions of the agreements and with events of the audit; verifies it."""
    log = Log(10)
    (tmp_path / "keys").write_text(log.keys())

    def judge(versions, events, key=None, schema=SCHEMA):
        folder = tmp_path / "case"
        log.write(folder / "0")
        audit = Log(0, topic="_audit.access")
        for offset, event in enumerate(events):
            data = {"node": "it/ops/root", "action": event["action"], "outcome": "begun", "details": event["details"]}
            value = json.dumps({"subject": event["subject"], "time": event["time"], "data": data}).encode()
            audit.records.append((None, value, sha256(b"salt", str(offset).encode())[:16]))
            audit.entries.append(entry(offset, content(None, value), audit.records[-1][2]))
        changes = [
            {"content": b64(content(None, value)), "receipt": audit.receipt(offset, key=key).decode()}
            for offset, (_, value, _) in enumerate(audit.records)]
        members = {f"agreements/{version}.json": json.dumps(agreements(version)) for version in versions}
        members |= {"schemas/17.json": json.dumps(schema), "changes.jsonl": "".join(json.dumps(line) + "\n" for line in changes)}
        for name, text in members.items():
            (folder / name).parent.mkdir(exist_ok=True)
            (folder / name).write_text(text)
        (folder / "case.json").write_text(json.dumps({
            "format": "hanbridge.case/v1", "topic": "permits.issued", "topicID": UUID, "madeAt": AFTER, "records": "none", "lacks": {},
            "logs": [{"partition": 0, "origin": log.origin, "size": 10, "from": 0, "to": 10}],
            "digests": {name: hashlib.sha256(text.encode()).hexdigest() for name, text in members.items()}}))
        try:
            status, output = 0, run("audit", "verify", folder, "--log-keys", tmp_path / "keys", "--output", "json", "--lang", "en")
        except Refused as refused:
            status, output = refused.status, refused.stdout
        found = lines(output)
        told = {one["notProven"]: one["why"] for one in found if "notProven" in one}
        return status, {one["proven"] for one in found if "proven" in one}, {
            name: why for name, why in told.items() if name.startswith(("agreements", "schemas/"))}

    return judge


def test_documents_are_proven_by_the_records_of_their_coming(judge):
    both = {"agreements/3.json", "schemas/17.json"}
    assert judge([3], [proven(3, BEFORE), REGISTERED, proven(4, AFTER)]) == (0, both, {})
    # Tried twice, because the disk took it the second time only.
    failed = {**applied(3, BEFORE, why="disk full"), "action": "agreements.apply.failed"}
    assert judge([3], [applied(3, BEFORE, sha256="0" * 64), failed, proven(3, BEFORE), REGISTERED, proven(4, AFTER)]) == (0, both, {})


def test_what_is_not_proven_is_said_by_name(judge):
    # Of before there were digests, of another key, and not there.
    status, by, unproven = judge([3], [applied(3, BEFORE), registered(), proven(4, AFTER)])
    assert status == 0 and not by and set(unproven) == {"agreements/3.json", "schemas/17.json"}
    assert all("before the time when these had a SHA-256" in why for why in unproven.values()), unproven
    for status, by, unproven in (judge([3], [proven(3, BEFORE), REGISTERED], key=Key(bytes(32))), judge([3], [])):
        assert status == 0 and not by and "no record of _audit.access" in unproven["schemas/17.json"]
    # Versions before, between and after.
    status, by, unproven = judge([3, 5], [proven(3, BEFORE), proven(5, BEFORE), REGISTERED])
    assert status == 0 and len(by) == 3 and "does not have it" in unproven["agreements/4.json"] and "still in force" in unproven["agreements"]
    assert "in force already" in judge([3], [proven(3, AFTER), REGISTERED, proven(4, AFTER)])[2]["agreements"]
    assert "the case has none" in judge([], [REGISTERED])[2]["agreements"]
    # A number that has no next one is no version.
    assert judge([2**63 - 1], [REGISTERED])[0] == 0


def test_another_document_than_the_recorded_one_fails_the_case(judge):
    other = {**SCHEMA, "references": [{"name": "x", "subject": "y", "version": 1}]}
    for status, by, unproven in (
            judge([3], [applied(3, BEFORE, sha256="0" * 64), REGISTERED]), judge([3], [proven(3, BEFORE), REGISTERED], schema=other)):
        assert status == 1 and any("is of another document" in why for why in unproven.values())
