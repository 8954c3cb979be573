"""A broker's own evidence: trees and checkpoints as it serves them, and receipts. The second verifier (evidence_verifier.py) and PyPI's
aics-tlog say the same of them. How it is attacked: test_attacks.py."""

import json
import stat
import struct
import subprocess
import time

import confluent_kafka
import pytest

import evidence_verifier
from city import Refused, run
from commands import everything, fails, lines, topic
from evidence import content
from test_evidence import other_python, ranges  # noqa: F401

HOST = "log.danang"


def publish(city, who, name, values, *arguments, key="id"):
    text = "\n".join(json.dumps(value, ensure_ascii=False) for value in values)
    return city.hanbridge("publish", name, "-", "--format", "jsonl", "--key", key, *arguments, profile=who, input=text)


def documents(count, first=0):
    return [{"id": f"P-{number}", "permit": f"thuyền {number}"} for number in range(first, first + count)]


@pytest.fixture(scope="module")
def auditor(city):
    return city.certificate("audit", "office", "one", roles=["auditor"])


def log_keys(city, folder):
    """What an auditor pins: read where the broker keeps it, as `serve` tells it."""
    ca, certificate, key = city.files(city.admin)
    text = subprocess.run(
        ["curl", "-s", "--fail", "--cacert", ca, "--cert", certificate, "--key", key, city.endpoints["https"] + "/tlog/keys"],
        check=True, capture_output=True, text=True).stdout
    path = folder / "log-keys"
    path.write_text(text)
    return path


def get(city, who, path):
    """(status, headers, body)"""
    ca, certificate, key = city.files(who)
    done = subprocess.run(
        ["curl", "-s", "-i", "--http1.1", "--cacert", ca, "--cert", certificate, "--key", key, city.endpoints["https"] + path],
        check=True, capture_output=True)
    head, _, body = done.stdout.partition(b"\r\n\r\n")
    first, *fields = head.decode().split("\r\n")
    return int(first.split()[1]), {name.lower(): value for name, value in (field.split(": ", 1) for field in fields)}, body


def log_path(city, name, partition=0):
    described = json.loads(get(city, city.admin, f"/v1/topics/{name}")[2])
    return f"/tlog/{name}/{described['id']}/{partition}"


def served(city, who, name):
    """A topic's log as the second verifier reads it, over HTTPS; `cosigned` as an export has it."""
    log = log_path(city, name)

    def read(path):
        if path == "cosigned":
            return cosigned()
        status, _, body = get(city, who, f"{log}/{path}")
        return body if status == 200 else b""

    def cosigned():
        found, size = b"", 0
        while bundle := read(f"cosigned/{size}"):
            found, data = found + bundle, bundle
            while data:
                end = 4 + int.from_bytes(data[:4], "big")
                size, data = int(data[4:end].split(b"\n")[1]) + 1, data[end:]
        return found

    return read


def verify(city, who, name, keys, *arguments):
    """Exit status and the verdicts as ranges."""
    try:
        status, output = 0, city.hanbridge(
            "audit", "verify", name, "--log-keys", keys, "--output", "json", *arguments, profile=who, timeout=120)
    except Refused as refused:
        status, output = refused.status, refused.stdout
    return status, [(found["verdict"], found["from"], found["to"]) for found in lines(output) if "verdict" in found]


def covered(city, who, name, keys, count):
    """Waits until a checkpoint covers so many records."""
    deadline = time.monotonic() + 20
    while True:
        status, found = verify(city, who, name, keys, "--partition", 0)
        if status == 0 and found and found[-1][2] == count - 1:
            return
        assert time.monotonic() < deadline, (status, found, city.log_text())
        time.sleep(0.2)


# A running broker


def test_a_publisher_gets_receipts_that_verify_offline(city, ward, tmp_path):
    name = topic(city, partitions=2)
    receipts = tmp_path / "receipts.jsonl"
    publish(city, ward, name, documents(40), "--receipts", receipts)
    keys = log_keys(city, tmp_path)
    kept = lines(receipts.read_text())
    assert sorted(receipt["line"] for receipt in kept) == list(range(1, 41))
    assert {receipt["partition"] for receipt in kept} == {0, 1}
    said = lines(run("receipt", "verify", receipts, "--log-keys", keys, "--output", "json"))
    assert len(said) == 40 and all(one["verified"] and one["log"].startswith(f"{HOST}/{name}/") for one in said)
    # A single one, with the record: the publisher holds the salt of what it wrote.
    first = next(receipt for receipt in kept if receipt["line"] == 7)
    (tmp_path / "one").write_text(first["receipt"])
    (tmp_path / "value").write_text(json.dumps(documents(40)[6], separators=(",", ":"), ensure_ascii=False))
    text = everything(city, city.certificate("portal", "requests", "one"), name)
    assert documents(40)[6] in [json.loads(value) if isinstance(value, str) else value for value in text]
    said = json.loads(run("receipt", "verify", tmp_path / "one", "--log-keys", keys, "--output", "json"))
    assert said["offset"] == first["offset"] and not said["contentChecked"]
    # Another key, and a changed receipt.
    (tmp_path / "other").write_text(f"{HOST}+" + keys.read_text().split("+", 1)[1].replace("A", "B", 1))
    with pytest.raises(Refused):
        run("receipt", "verify", receipts, "--log-keys", tmp_path / "other")
    changed = first["receipt"].replace(f"\nindex {first['offset']}\n", f"\nindex {first['offset'] + 1}\n")
    (tmp_path / "one").write_text(changed)
    with pytest.raises(Refused) as refused:
        run("receipt", "verify", tmp_path / "one", "--log-keys", keys)
    assert refused.value.status == 1


def test_a_log_is_audited_served_and_exported_by_us_and_by_others(city, ward, portal, auditor, other_python, tmp_path):  # noqa: F811
    name = topic(city)
    publish(city, ward, name, documents(700))
    keys = log_keys(city, tmp_path)
    saved = tmp_path / "saved"
    covered(city, auditor, name, keys, 700)
    assert verify(city, auditor, name, keys, "--saved", saved) == (0, [("VERIFIED", 0, 699)])
    assert (tmp_path / "saved.0").read_text().splitlines()[1] == "700"
    # Who reads the records has their content checked too.
    assert verify(city, portal, name, keys, "--records") == (0, [("VERIFIED", 0, 699)])
    publish(city, ward, name, documents(3, 700))
    covered(city, auditor, name, keys, 703)
    assert verify(city, auditor, name, keys, "--saved", saved) == (0, [("VERIFIED", 0, 702)])
    # Exported.
    folder = tmp_path / "export"
    city.hanbridge("audit", "export", name, "--records", "--out", folder, profile=portal)
    arguments = ["audit", "verify", folder / "0", "--log-keys", keys, "--output", "json"]
    assert [one["verdict"] for one in lines(run(*arguments))] == ["VERIFIED"]
    vkey = keys.read_text().strip()
    assert ranges(evidence_verifier.verdicts(evidence_verifier.folder(folder / "0"), vkey, [])) == [("VERIFIED", 0, 702)]
    # Over the wire, with what a stock client was given.
    contents = consumed(city, portal, name, 703)
    over_https = evidence_verifier.verdicts(served(city, portal, name), vkey, [], contents=contents)
    assert ranges(over_https) == [("VERIFIED", 0, 702)]
    contents[300] = contents[300].replace("thuyền 300".encode(), "thuyền 399".encode())
    over_https = evidence_verifier.verdicts(served(city, portal, name), vkey, [], contents=contents)
    assert ranges(over_https) == [("VERIFIED", 0, 299), ("ALTERED", 300, 300), ("VERIFIED", 301, 702)]
    command = [other_python, "-c", AICS, folder / "0", log_vkey(vkey, folder / "0")]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120)
    assert done.stdout.strip() == "audited 703", done.stderr
    # Who the key of the entries was, for auditors.
    audited = tmp_path / "audited"
    city.hanbridge("audit", "export", name, "--out", audited, profile=auditor)
    certificate, = (audited / "0/writers").iterdir()
    spki = subprocess.run(
        f"openssl x509 -in {certificate} -noout -pubkey | openssl pkey -pubin -outform DER | sha256sum", shell=True, check=True,
        capture_output=True, text=True).stdout.split()[0]
    assert certificate.stem == spki and certificate.read_text().count("BEGIN CERTIFICATE") == 2
    assert not (folder / "0/writers").exists(), "a subscriber is not told"
    # A record changed in the case file.
    records = folder / "0/records/1"
    records.write_bytes(records.read_bytes().replace("thuyền 300".encode(), "thuyền 399".encode()))
    with pytest.raises(Refused) as refused:
        run(*arguments)
    assert [(one["verdict"], one["from"], one["to"]) for one in lines(refused.value.stdout) if one["verdict"] != "VERIFIED"] == [
        ("ALTERED", 300, 300)]


def consumed(city, who, name, count):
    """By offset, what a record's entry commits to, made of what librdkafka was given."""
    consumer = confluent_kafka.Consumer(city.librdkafka(who, **{"group.id": "portal.second-verifier"}))
    consumer.assign([confluent_kafka.TopicPartition(name, 0, 0)])
    found, deadline = {}, time.monotonic() + 30
    while len(found) < count:
        assert time.monotonic() < deadline, len(found)
        for message in consumer.consume(count, timeout=1):
            assert message.error() is None, message.error()
            headers = [(header.encode(), value) for header, value in message.headers() or ()]
            found[message.offset()] = content(message.key(), message.value(), headers)
    consumer.close()
    return found


AICS = """
import pathlib, sys
from aics_tlog import *
folder = pathlib.Path(sys.argv[1])
note = parse_note((folder / "checkpoint").read_bytes().decode())
result = verify_checkpoint(note, parse_vkey(sys.argv[2]), [], 0)
assert result.ok, result
checkpoint = parse_checkpoint(note.text)
audit_tiles(FileSystemTileReader(folder), checkpoint.size, checkpoint.root)
print("audited", checkpoint.size)
"""


def log_vkey(host_vkey, folder):
    """The verifier key of one log: the host's key under the log's name."""
    from base64 import b64decode
    from evidence import sha256
    origin = (folder / "checkpoint").read_text().splitlines()[0]
    encoded = host_vkey.split("+", 2)[2]
    return f"{origin}+{sha256(origin.encode(), bytes([0x0A]), b64decode(encoded))[:4].hex()}+{encoded}"


def test_the_paths_answer_as_tlog_tiles_says(city, ward, portal, auditor, tmp_path):
    name = topic(city)
    publish(city, ward, name, documents(300))
    keys = log_keys(city, tmp_path)
    covered(city, auditor, name, keys, 300)
    path = log_path(city, name)
    status, headers, note = get(city, auditor, path + "/checkpoint")
    assert status == 200 and headers["content-type"].startswith("text/plain") and headers["cache-control"] == "no-store"
    assert note.decode().splitlines()[:2] == [f"{HOST}{path[len('/tlog'):]}", "300"]
    status, headers, tile = get(city, auditor, path + "/tile/0/000")
    assert status == 200 and len(tile) == 8192 and "immutable" in headers["cache-control"]
    assert len(get(city, auditor, path + "/tile/0/001.p/44")[2]) == 44 * 32
    assert len(get(city, auditor, path + "/tile/1/000.p/1")[2]) == 32
    bundle = get(city, auditor, path + "/tile/entries/001.p/44")[2]
    assert len(bundle) == 44 * 106 and bundle[:2] == b"\0\x68"
    assert get(city, auditor, path + "/checkpoints/300")[2] == note
    for missing in ("/tile/0/001", "/tile/0/001.p/45", "/tile/0/1", "/tile/9/000", "/tile/2/000.p/1", "/checkpoints/299x", "/proof/300",
                    "/proof/-1", "/x", "/tile/entries/002.p/1"):
        assert get(city, auditor, path + missing)[0] == 404, missing
    other = path.replace(path.split("/")[3], "0" * 32)
    assert get(city, auditor, other + "/checkpoint")[0] == 404
    # Salts are for those who may read the records; others see neither them nor that there is a log.
    assert get(city, auditor, path + "/openings/0")[0] == 403
    assert len(get(city, portal, path + "/openings/1")[2]) == 44 * 16
    # Entries and salts of a stretch in one answer.
    assert get(city, auditor, path + "/stretch/0-300")[0] == 403
    bundles = [get(city, portal, path + bundle)[2] for bundle in ("/tile/entries/000", "/tile/entries/001.p/44")]
    entries = b"".join(bundle[at + 2:at + 106] for bundle in bundles for at in range(0, len(bundle), 106))
    salts = get(city, portal, path + "/openings/0")[2] + get(city, portal, path + "/openings/1")[2]
    assert get(city, portal, path + "/stretch/0-300")[2] == entries + salts
    assert get(city, portal, path + "/stretch/7-260")[2] == entries[7 * 104:260 * 104] + salts[7 * 16:260 * 16]
    for missing in ("0-301", "5-5", "6-5", "0-4097", "-1-5", "00-5", "0-5-6", "5", "0-9223372036854775807"):
        assert get(city, portal, f"{path}/stretch/{missing}")[0] == 404, missing
        assert get(city, portal, f"{path}/facts/{missing}")[0] == 404, missing
    # What entries hold besides the records, as runs: the writer of each is in them, the salts behind.
    assert get(city, auditor, path + "/facts/0-300")[0] == 403
    runs, offset = get(city, portal, path + "/facts/7-260")[2], 7
    while runs:
        first, count, flags, form = struct.unpack(">qIBB", runs[:14])
        assert first == offset and flags == 0 and form & 1 == 0
        assert runs[30:62] == entries[offset * 104 + 40:offset * 104 + 72] and runs[22:30] == entries[offset * 104 + 12:offset * 104 + 20]
        runs = runs[62 + (4 * count if form & 2 else 0):]
        assert runs[:16 * count] == salts[16 * offset:16 * (offset + count)]
        runs, offset = runs[16 * count:], offset + count
    assert offset == 260
    stranger = city.certificate("tax", "office", "one")
    assert get(city, stranger, path + "/checkpoint")[0] == 404


def test_a_range_is_replayed_and_verified(city, ward, tmp_path):
    reader = city.certificate("portal", "requests", "two")
    name = topic(city, partitions=2)
    publish(city, ward, name, documents(600), "--compression", "none")
    keys = log_keys(city, tmp_path)
    time.sleep(2.5)
    publish(city, ward, name, documents(10, 600))
    deadline = time.monotonic() + 20

    def replay(*arguments):
        text = city.hanbridge("replay", name, "--purpose", "inspection", *arguments, profile=reader, timeout=120)
        return lines(text)

    while len(replay("--verify", "--log-keys", keys)) < 610:
        assert time.monotonic() < deadline
    everything_ = replay()
    assert len(everything_) == 610 and [one["partition"] for one in everything_] == sorted(one["partition"] for one in everything_)
    one = replay("--partition", 0, "--from", 10, "--to", 300, "--verify", "--log-keys", keys, "--rate", 1)
    assert [record["offset"] for record in one] == list(range(10, min(300, one[-1]["offset"] + 1))) and len(one) > 200
    # By the time of appending, which the producer does not choose: between the two publications.
    entry_times = sorted(record["timestamp"] for record in everything_)
    middle = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(entry_times[-10] / 1000 - 1))
    assert len(replay("--from", middle)) == 10 and len(replay("--to", middle)) == 600
    raw = city.hanbridge("replay", name, "--purpose", "inspection", "--raw", "--partition", 1, profile=reader).splitlines()
    assert len(raw) == sum(record["partition"] == 1 for record in everything_) and "permit" in raw[0]
    other = tmp_path / "other-keys"
    other.write_text(f"{HOST}x+" + keys.read_text().split("+", 1)[1])
    fails(1, call=lambda: replay("--verify", "--log-keys", other))
    fails(2, "--purpose", call=lambda: city.hanbridge("replay", name, profile=reader))


def test_a_topic_may_ask_for_a_checkpoint_before_the_acknowledgement(city, ward, auditor, tmp_path):
    name = topic(city, hanbridge__ack="checkpointed")
    publish(city, ward, name, documents(5))
    # No waiting: what is acknowledged is covered.
    assert get(city, auditor, log_path(city, name) + "/checkpoint")[2].decode().splitlines()[1] == "5"
    fails(1, "evidence.policy", call=lambda: topic(city, hanbridge__ack="witnessed"))
    fails(1, "hanbridge.evidence", call=lambda: topic(city, hanbridge__ack="checkpointed", hanbridge__evidence="none"))


def test_a_topic_without_evidence_has_no_log(city, ward, auditor):
    name = topic(city, hanbridge__evidence="none")
    publish(city, ward, name, documents(5))
    time.sleep(1.5)
    assert get(city, auditor, log_path(city, name) + "/checkpoint")[0] == 404


def test_the_key_is_its_owners_alone(city):
    mode = stat.S_IMODE((city.data / "keys/log.pem").stat().st_mode)
    assert mode == 0o600


# Stopped and started again


def test_keys_are_exchanged_with_an_overlap(own_city, tmp_path):
    """The new key signs beside the old one; who pins either is served."""
    city = own_city()
    city.start()
    auditor, ward = city.certificate("audit", "office", "one", roles=["auditor"]), city.certificate("hai-chau", "one-stop", "counter-1")
    name = topic(city)
    publish(city, ward, name, documents(3))
    old = log_keys(city, tmp_path).rename(tmp_path / "old-keys")
    covered(city, auditor, name, old, 3)
    city.stop()
    fresh = city.directory / "fresh.pem"
    subprocess.run(["openssl", "genpkey", "-algorithm", "ed25519", "-out", fresh], check=True)
    fresh.chmod(0o644)
    city.configure({"evidence": {"keys": ["data/keys/log.pem", "fresh.pem"]}})
    with pytest.raises(AssertionError, match="chmod 600"):
        city.start()
    fresh.chmod(0o600)
    city.start()
    city.point(ward), city.point(auditor)
    publish(city, ward, name, documents(3, 3))
    covered(city, auditor, name, old, 6)
    new = tmp_path / "new-keys"
    new.write_text(log_keys(city, tmp_path).read_text().splitlines()[1] + "\n")
    assert verify(city, auditor, name, new) == (0, [("VERIFIED", 0, 5)])


def test_a_killed_broker_signs_on(own_city, tmp_path):
    city = own_city()
    city.start()
    auditor, ward = city.certificate("audit", "office", "one", roles=["auditor"]), city.certificate("hai-chau", "one-stop", "counter-1")
    name = topic(city)
    keys = log_keys(city, tmp_path)
    for round_ in range(4):
        city.point(ward)
        publish(city, ward, name, documents(50, 50 * round_))
        city.kill()
        city.start()
        city.point(auditor)
        covered(city, auditor, name, keys, 50 * round_ + 50)
        assert verify(city, auditor, name, keys, "--saved", tmp_path / "saved") == (0, [("VERIFIED", 0, 50 * round_ + 49)])
    assert city.stop() == 0
    run("check", "--config", city.configuration_file)


def test_deleted_records_are_expired_and_their_entries_hold(city, portal, tmp_path):
    from confluent_kafka import TopicPartition
    from confluent_kafka.admin import AdminClient
    owner = city.certificate("portal", "requests", "owner")
    name = topic(city)
    city.agree({"id": f"T-{len(city.documents) + 1}", "topic": name, "owner": "portal", "parties": [
        {"node": "portal/requests/owner", "may": ["administer", "publish", "subscribe"]}]})
    publish(city, owner, name, documents(300))
    keys = log_keys(city, tmp_path)
    covered(city, owner, name, keys, 300)
    client = AdminClient(city.librdkafka(owner))
    for deletion in client.delete_records([TopicPartition(name, 0, 120)]).values():
        deletion.result(20)
    assert verify(city, owner, name, keys) == (0, [("VERIFIED", 0, 299)])
    assert verify(city, owner, name, keys, "--records") == (0, [("EXPIRED", 0, 119), ("VERIFIED", 120, 299)])
