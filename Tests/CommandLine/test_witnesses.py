"""Witnesses: two brokers and one lone witness, one of the brokers made to lie, and others' witnesses beside ours."""

import base64
import hashlib
import json
import shutil
import subprocess
import sys
import time

import pytest

import evidence_verifier
from city import Refused, run
from commands import fails, lines, topic
from evidence import Log, b64, consistency_proof, leaf_hash, tree_root
from test_evidence import in_order, other_python, ranges  # noqa: F401
from test_evidence_served import documents, get, log_path, publish, served, verify
from witnesses import LoneWitness, Neighbours, free_port


@pytest.fixture(scope="module")
def calm(tmp_path_factory):
    """Neighbours that nobody breaks."""
    neighbours = Neighbours(tmp_path_factory.mktemp("calm")).start()
    yield neighbours
    statuses = neighbours.stop()
    assert statuses == [0, 0, 0], neighbours.danang.log_text()


@pytest.fixture
def neighbours(tmp_path):
    made = Neighbours(tmp_path).start()
    yield made
    made.kill()


def people(broker):
    return (broker.certificate("hai-chau", "one-stop", "counter-1"), broker.certificate("portal", "requests", "one"),
            broker.certificate("audit", "office", "one", roles=["auditor"]))


def pinned(broker, folder):
    path = folder / f"{broker.host}-keys"
    path.write_text(broker.keys)
    return path


def cosigned(broker, who, name, size, names, seconds=20):
    """Waits until the newest checkpoint has so many records and these witnesses' lines."""
    deadline = time.monotonic() + seconds
    while True:
        status, _, note = get(broker, who, log_path(broker, name) + "/checkpoint")
        text = note.decode()
        if status == 200 and text.splitlines()[1] == str(size) and all(f"— {witness} " in text for witness in names):
            return note
        assert time.monotonic() < deadline, (status, text, broker.log_text())
        time.sleep(0.1)


BOTH = ["witness.hue", "witness.tax"]


# As it should be


def test_two_brokers_and_a_lone_witness_cosign_each_other(calm, tmp_path):
    danang, hue, tax = calm.danang, calm.hue, calm.tax
    for broker, names in ((danang, BOTH), (hue, ["witness.danang", "witness.tax"])):
        ward, _, auditor = people(broker)
        name = topic(broker)
        for first in range(0, 300, 100):
            publish(broker, ward, name, documents(100, first))
        note = cosigned(broker, auditor, name, 300, names)
        keys = pinned(broker, tmp_path)
        assert verify(broker, auditor, name, keys, "--policy", broker.policy) == (0, [("VERIFIED", 0, 299)])
        # The witness itself shows the same.
        origin = note.decode().splitlines()[0]
        shown = ask(tax, tax.certificate(broker.host[4:], "broker"), "GET", f"/witness/{hashlib.sha256(origin.encode()).hexdigest()}/checkpoint")[2]
        assert shown.split(b"\n\n")[0] == note.split(b"\n\n")[0] and b"witness.tax" in shown
        witness = f"tax={tax.certificate('audit', 'office') / 'profile.yaml'}"
        assert verify(broker, auditor, name, keys, "--policy", broker.policy, "--witness", witness) == (0, [("VERIFIED", 0, 299)])
        # Exported, the windows are part of the folder.
        folder = tmp_path / broker.host
        broker.hanbridge("audit", "export", name, "--out", folder, profile=auditor)
        assert (folder / "0/cosigned").stat().st_size > 300
        run("audit", "verify", folder / "0", "--log-keys", keys, "--policy", broker.policy)
    assert danang.forks() == hue.forks() == tax.forks() == []


def test_an_acknowledgement_can_wait_for_the_witnesses_and_a_receipt_carries_them(calm, tmp_path):
    danang = calm.danang
    ward, _, auditor = people(danang)
    name = topic(danang, hanbridge__ack="witnessed")
    receipts = tmp_path / "receipts"
    publish(danang, ward, name, documents(7), "--receipts", receipts)
    # No waiting: what is acknowledged is cosigned by both.
    note = get(danang, auditor, log_path(danang, name) + "/checkpoint")[2].decode()
    assert note.splitlines()[1] == "7" and all(f"— {witness} " in note for witness in BOTH)
    said = lines(run("receipt", "verify", receipts, "--log-keys", pinned(danang, tmp_path), "--policy", danang.policy, "--output", "json"))
    assert len(said) == 7 and all({one["witness"] for one in receipt["cosigned"]} == {"neighbour", "tax"} for receipt in said)


def test_other_software_reads_our_cosignatures(calm, other_python, tmp_path):  # noqa: F811
    danang = calm.danang
    ward, _, auditor = people(danang)
    name = topic(danang)
    publish(danang, ward, name, documents(3))
    note = cosigned(danang, auditor, name, 3, BOTH)
    (tmp_path / "checkpoint").write_bytes(note)
    origin, encoded = note.decode().splitlines()[0], danang.keys.strip().split("+", 2)[2]
    log_id = hashlib.sha256(origin.encode() + b"\n" + base64.b64decode(encoded)).digest()[:4].hex()
    done = subprocess.run(
        [other_python, "-c", AICS_CHECK, tmp_path / "checkpoint", f"{origin}+{log_id}+{encoded}", calm.hue.vkey, calm.tax.vkey],
        capture_output=True, text=True, timeout=60)
    assert done.stdout.strip() == "verified 2", done.stdout + done.stderr


AICS_CHECK = """
import sys
from aics_tlog import *
note = parse_note(open(sys.argv[1]).read())
result = verify_checkpoint(note, parse_vkey(sys.argv[2]), [parse_vkey(key) for key in sys.argv[3:]], 2)
assert result.ok, result
print("verified", len(sys.argv[3:]))
"""


# The witness's door


@pytest.fixture(scope="module")
def lone(tmp_path_factory):
    witness = LoneWitness(tmp_path_factory.mktemp("lone") / "tax")
    witness.pin("tlog.example", Log(0).keys(), logsMax=3)
    witness.start()
    yield witness
    assert witness.stop() == 0, witness.log_text()


def ask(witness, who, method, path, body=None, certificate=True):
    """(status, headers, body)"""
    import yaml
    profile = yaml.safe_load((who / "profile.yaml").read_text())
    files = ["--cacert", who / profile["ca"]] + (["--cert", who / profile["certificate"], "--key", who / profile["key"]] if certificate else [])
    done = subprocess.run(
        ["curl", "-s", "-i", "--http1.1", "-X", method, *files, *(["--data-binary", "@-"] if body is not None else []),
         f"https://127.0.0.1:{witness.port}{path}"], check=True, capture_output=True, input=body)
    head, _, answer = done.stdout.partition(b"\r\n\r\n")
    while head.startswith(b"HTTP/1.1 100"):
        head, _, answer = answer.partition(b"\r\n\r\n")
    first, *fields = head.decode().split("\r\n")
    return int(first.split()[1]), {name.lower(): value for name, value in (field.split(": ", 1) for field in fields)}, answer


def request(log, old, size=None, key=None, proof=None):
    leaves = log.leaves[:size]
    proof = consistency_proof(old, leaves) if proof is None and 0 < old < len(leaves) else (proof or [])
    text = log.text(size)
    return "\n".join([f"old {old}", *map(b64, proof), "", ""]).encode() + text + b"\n" + (key or log.key).line(log.origin, text)


def test_the_witness_answers_as_the_protocol_says(lone):
    who = lone.certificate("interior", "broker")

    def add(body, **options):
        return ask(lone, who, "POST", "/witness/add-checkpoint", body, **options)

    log, fork = Log(40, topic="door"), Log(40, topic="door")
    fork.entries[7] = fork.entries[8]
    where = f"/witness/{hashlib.sha256(log.origin.encode()).hexdigest()}/checkpoint"
    assert add(request(log, 0, 10), certificate=False)[0] == 401
    assert ask(lone, who, "GET", where)[0] == 404
    status, headers, line = add(request(log, 0, 10))
    assert status == 200 and line.startswith("— witness.tax ".encode()) and line.endswith(b"\n") and line.count(b"\n") == 1
    assert add(request(log, 10, 33))[0] == 200
    shown = ask(lone, who, "GET", where)[2]
    assert shown.startswith(log.text(33)) and shown.count("— ".encode()) == 2
    # 409 with the size, as its own media type.
    for old in (0, 10, 32):
        status, headers, body = add(request(log, old, 40))
        assert (status, body, headers["content-type"]) == (409, b"33\n", "text/x.tlog.size")
    assert add(request(log, 41, 40))[0] == 400
    assert add(b"old 33\n")[0] == add(b"")[0] == add(b"\xff" * 100)[0] == 400
    assert add(request(log, 33, 40, proof=[b"\0" * 32] * 64))[0] == 400
    assert add(b"a" * 100_000)[0] == 413
    assert add(request(log, 33, 40, key=log.witness))[0] == 403
    assert add(request(Log(3, host="other.example"), 0))[0] == 404
    assert add(request(log, 33, 40, proof=[b"\0" * 32]))[0] == 422
    assert lone.forks() and len(lone.forks()) == 1
    # Another history: the first record that was exchanged is below what was cosigned.
    assert add(request(fork, 33, 40))[0] == add(request(fork, 33, 33))[0] == 422
    kept = lone.forks()
    assert len(kept) == 3
    for folder in kept:
        assert (folder / "cosigned").read_bytes().startswith(log.text(33))
        assert (folder / "refused").read_bytes().startswith(b"old 33\n")
    assert "FORK (two-trees)" in lone.log_text() and "FORK (not-continued)" in lone.log_text()
    page = subprocess.run(["curl", "-s", lone.endpoints["health"] + "/metrics"], capture_output=True, text=True, check=True).stdout
    assert 'hanbridge_witness_forks{peer="tlog.example"} 3' in page, page
    # Nothing of that was cosigned, and the honest log goes on.
    assert add(request(log, 33, 40))[0] == 200
    # Three logs of a peer, as its configuration says.
    assert [add(request(Log(2, topic=f"more-{number}"), 0))[0] for number in range(3)] == [200, 200, 404]


def test_a_killed_witness_forgets_nothing_and_neither_key_nor_memory_is_used_alone(tmp_path):
    witness = LoneWitness(tmp_path / "tax")
    witness.pin("tlog.example", Log(0).keys())
    witness.start()
    who, log = witness.certificate("interior", "broker"), Log(90)
    try:
        for old, size in ((0, 3), (3, 50)):
            assert ask(witness, who, "POST", "/witness/add-checkpoint", request(log, old, size))[0] == 200
            witness.kill()
            vkey = witness.vkey
            witness.start()
            assert witness.vkey == vkey
        assert ask(witness, who, "POST", "/witness/add-checkpoint", request(log, 0, 2))[2] == b"50\n"
        # One process at a time.
        port, witness.port = witness.port, free_port()
        witness.pin("tlog.example", Log(0).keys())
        fails(1, call=lambda: run("witness", "serve", "--config", witness.configuration_file))
        witness.port = port
        witness.pin("tlog.example", Log(0).keys())
    finally:
        witness.kill()
    assert (witness.state / "key.pem").stat().st_mode & 0o777 == 0o600
    (witness.state / "memory.sqlite").rename(tmp_path / "memory")
    fails(1, "memory.sqlite", call=lambda: run("witness", "serve", "--config", witness.configuration_file))
    (tmp_path / "memory").rename(witness.state / "memory.sqlite")
    (witness.state / "key.pem").rename(tmp_path / "key")
    fails(1, "key.pem", call=lambda: run("witness", "serve", "--config", witness.configuration_file))
    shutil.copy(tmp_path / "key", witness.state / "key.pem")
    (witness.state / "key.pem").chmod(0o644)
    fails(1, "chmod 600", call=lambda: run("witness", "serve", "--config", witness.configuration_file))


@pytest.mark.parametrize("change, words", [
    ({"name": "a b"}, "a b"), ({"peers": {"log.x": {"logsMax": 3}}}, "keys"), ({"peers": {"log.x": {"keys": "tlog.example-keys"}}}, "log.x"),
    ({"peers": {"tlog.example": {"keys": "tlog.example-keys", "logsMax": 0}}}, "logsMax"), ({"pears": {}}, "pears"),
    ({"listeners": {"health": "0.0.0.0:1"}}, "0.0.0.0"), ({"peers": {"tlog.example": {"keys": "nowhere"}}}, "nowhere"),
])
def test_a_configuration_that_is_wrong_is_refused_with_its_reason(tmp_path, change, words):
    import yaml
    witness = LoneWitness(tmp_path / "tax")
    witness.pin("tlog.example", Log(0).keys())
    settings = yaml.safe_load(witness.configuration_file.read_text())
    witness.configuration_file.write_text(yaml.safe_dump({**settings, **change}))
    with pytest.raises(Refused) as refused:
        run("witness", "serve", "--config", witness.configuration_file)
    assert refused.value.status in (1, 2) and words in refused.value.stderr
    assert not witness.state.exists() or not (witness.state / "key.pem").exists()


# A broker that lies


def takes_nothing(broker, who, name):
    """A producer that gives up soon, as one has to where the answer is that it may come back."""
    from confluent_kafka import Producer
    told = []
    producer = Producer({**broker.librdkafka(who), "request.timeout.ms": 2000, "message.timeout.ms": 4000, "retries": 0})
    producer.produce(name, b"{}", on_delivery=lambda error, _: told.append(error))
    producer.flush(30)
    assert len(told) == 1 and told[0] is not None


def settle(broker):
    """The store as it is when the broker has stopped."""
    assert broker.stop() == 0
    copy = broker.directory / "old-data"
    shutil.copytree(broker.data, copy)
    broker.start()


def put_back(broker):
    assert broker.stop() == 0
    witness = broker.data / "witness"
    shutil.move(witness, broker.directory / "witness-kept")
    shutil.rmtree(broker.data)
    shutil.move(broker.directory / "old-data", broker.data)
    # What it remembers as a witness is not part of what is restored.
    shutil.rmtree(witness)
    shutil.move(broker.directory / "witness-kept", witness)


def test_an_older_store_that_was_put_back_is_noticed_before_it_takes_a_record(neighbours, tmp_path):
    danang = neighbours.danang
    ward, _, auditor = people(danang)
    name, other = topic(danang), topic(danang)
    publish(danang, ward, name, documents(50))
    publish(danang, ward, other, documents(5))
    cosigned(danang, auditor, name, 50, BOTH)
    cosigned(danang, auditor, other, 5, BOTH)
    settle(danang)
    danang.point(ward)
    publish(danang, ward, name, documents(50, 50))
    cosigned(danang, auditor, name, 100, BOTH)
    put_back(danang)
    mark = danang.log_size()
    danang.start()
    # The audit's own log is older too, and says so in a line of its own.
    danang.logged("is not the log that others know", "has cosigned 100 records", "restore the newest state", since=mark)
    danang.point(ward)
    takes_nothing(danang, ward, name)
    # Of the other log nothing is newer: it goes on.
    publish(danang, ward, other, documents(1, 5))
    cosigned(danang, auditor, other, 6, BOTH)
    assert any(level == "wrong" and "is not the log that others know" in what for level, what in danang.doctor())


def test_a_history_that_was_written_anew_is_kept_as_a_fork_and_goes_offline(neighbours, tmp_path):
    danang, hue, tax = neighbours.danang, neighbours.hue, neighbours.tax
    ward, _, auditor = people(danang)
    keys = pinned(danang, tmp_path)
    name = topic(danang)
    publish(danang, ward, name, documents(50))
    cosigned(danang, auditor, name, 50, BOTH)
    settle(danang)
    for who in (ward, auditor):
        danang.point(who)
    publish(danang, ward, name, documents(50, 50))
    cosigned(danang, auditor, name, 100, BOTH)
    # The operator puts the older store back while no witness answers, and writes other records in the place of those.
    put_back(danang)
    assert hue.stop() == 0 and tax.stop() == 0
    mark = danang.log_size()
    danang.start()
    danang.logged("unconfirmed", since=mark)
    for who in (ward, auditor):
        danang.point(who)
    publish(danang, ward, name, documents(70, 500))
    found = danang.doctor()
    assert all(level != "wrong" for level, _ in found), found
    assert any("were confirmed by no witness" in what for _, what in found), found
    assert any("Witness tax does not answer" in what for _, what in found), found
    deadline = time.monotonic() + 20
    while get(danang, auditor, log_path(danang, name) + "/checkpoint")[2].split(b"\n")[1] != b"120":
        assert time.monotonic() < deadline
        time.sleep(0.1)
    # By itself the new history is whole; the quorum is what it lacks.
    assert verify(danang, auditor, name, keys) == (0, [("VERIFIED", 0, 119)])
    assert verify(danang, auditor, name, keys, "--policy", danang.policy) == (1, [("ALTERED", 0, 119)])
    folder = tmp_path / "forged"
    danang.hanbridge("audit", "export", name, "--out", folder, profile=auditor)
    # The witnesses come back: both notice, both keep both notes, and the log is closed.
    mark = danang.log_size()
    tax.start()
    hue.start()
    danang.logged("is not the log that others know", "another log of 100 records", since=mark, seconds=60)
    takes_nothing(danang, ward, name)
    deadline = time.monotonic() + 60
    while not any(f"/{name}/" in (fork / "cosigned").read_text() for fork in tax.forks() + hue.forks()):
        assert time.monotonic() < deadline
        time.sleep(0.1)
    fork = next(fork for fork in tax.forks() + hue.forks() if f"/{name}/" in (fork / "cosigned").read_text())
    origin = (fork / "cosigned").read_text().splitlines()[0]
    assert (fork / "cosigned").read_text().splitlines()[1] == "100"
    refused = (fork / "refused").read_text()
    assert refused.startswith("old 100\n") and f"\n{origin}\n120\n" in refused
    # What one witness saw is enough for an auditor who asks for no quorum.
    policy = tmp_path / "policy"
    policy.write_text(danang.policy.read_text().replace("quorum both", "quorum none"))
    witness = f"tax={tax.certificate('audit', 'office') / 'profile.yaml'}"
    with pytest.raises(Refused) as failed:
        run("audit", "verify", folder / "0", "--log-keys", keys, "--policy", policy, "--witness", witness, "--output", "json")
    found = [(one["verdict"], one["from"], one["to"]) for one in lines(failed.value.stdout) if "verdict" in one]
    # The first fifty are those that the quorum had cosigned.
    assert found[0] == ("ALTERED", 50, 99), found
    # Who reads no program of ours finds the same.
    assert in_order(found) == ranges(second_opinion(danang, evidence_verifier.folder(folder / "0"), policy, tax))


def test_an_operator_who_turns_the_witnesses_off_is_behind_what_they_saw(neighbours, tmp_path):
    danang, tax = neighbours.danang, neighbours.tax
    ward, _, auditor = people(danang)
    keys = pinned(danang, tmp_path)
    name = topic(danang)
    publish(danang, ward, name, documents(20))
    cosigned(danang, auditor, name, 20, BOTH)
    settle(danang)
    danang.point(ward)
    publish(danang, ward, name, documents(10, 20))
    cosigned(danang, auditor, name, 30, BOTH)
    put_back(danang)
    policy = tmp_path / "policy"
    policy.write_text(danang.policy.read_text())
    danang.configure({"evidence": {"policy": None, "witnesses": None}})
    danang.start()
    danang.point(auditor)
    # The old checkpoint with its old cosignatures passes every check but the witness's own word.
    assert verify(danang, auditor, name, keys, "--policy", policy) == (0, [("VERIFIED", 0, 19)])
    witness = f"tax={tax.certificate('audit', 'office') / 'profile.yaml'}"
    status, found = verify(danang, auditor, name, keys, "--policy", policy, "--witness", witness)
    assert status == 1 and ("MISSING", 20, 29) in found
    assert in_order(found) == ranges(second_opinion(danang, served(danang, auditor, name), policy, tax, is_served=True))


def second_opinion(broker, read, policy, witness, **options):
    """What the verifier that is not ours makes of a log, and of what a witness itself shows of it."""
    origin = read("checkpoint").decode().splitlines()[0]
    who = witness.certificate("audit", "office")
    note = ask(witness, who, "GET", f"/witness/{hashlib.sha256(origin.encode()).hexdigest()}/checkpoint")[2]
    trusted = evidence_verifier.Policy.parse(policy.read_text())
    return evidence_verifier.verdicts(read, broker.keys.strip(), trusted, seen=[(note, witness.vkey)], **options)


def test_without_witnesses_records_go_in_and_only_who_asks_for_them_waits(neighbours):
    danang, hue, tax = neighbours.danang, neighbours.hue, neighbours.tax
    ward, _, auditor = people(danang)
    plain, strict = topic(danang), topic(danang, hanbridge__ack="witnessed")
    publish(danang, ward, strict, documents(1))
    assert tax.stop() == 0
    began = time.monotonic()
    publish(danang, ward, plain, documents(500))
    assert time.monotonic() - began < 10
    takes_nothing(danang, ward, strict)
    # They come back, and everything is cosigned that was left.
    tax.start()
    cosigned(danang, auditor, plain, 500, BOTH, seconds=60)


def test_a_topic_cannot_wait_for_witnesses_that_nobody_asks(city):
    fails(1, "evidence.policy", call=lambda: topic(city, hanbridge__ack="witnessed"))


@pytest.mark.parametrize("evidence, words", [
    ({"policy": "no-such-file"}, "no-such-file"),
    ({"witnesses": {"w": {"url": "https://x"}}}, "evidence.policy"),
    ({"policy": "policy", "witnesses": {"other": {"url": "http://127.0.0.1:1"}}}, "other"),
    ({"policy": "policy", "witnesses": {"w": {"url": "http://witness.example"}}}, "https"),
    ({"policy": "policy", "witnesses": {"w": {"url": "https://witness.example"}}}, "profile"),
    ({"policy": "policy", "witnesses": {"w": {}}}, "url"),
    ({"policy": "twice", "witnesses": {}}, "twice"),
])
def test_check_tells_what_is_wrong_with_the_witnesses(own_city, evidence, words):
    city = own_city()
    log = Log(0)
    (city.directory / "policy").write_text(log.policy().replace("witness W", "witness w").replace("quorum W", "quorum w"))
    vkey = log.witness.vkey(log.witness_name, 4)
    (city.directory / "twice").write_text(f"witness a {vkey}\nwitness b {vkey}\nquorum a\n")
    city.configure({"evidence": evidence})
    with pytest.raises(Refused) as refused:
        run("check", "--config", city.configuration_file)
    assert words in refused.value.stdout + refused.value.stderr, refused.value


def test_sixteen_witnesses_are_asked_and_no_more(own_city):
    from evidence import Key
    city = own_city()
    keys = [Key(bytes([number + 1]) * 32).vkey(f"w{number}.example", 4) for number in range(17)]
    (city.directory / "policy").write_text("".join(f"witness w{number} {key}\n" for number, key in enumerate(keys)) + "quorum w0\n")
    for count, status in ((16, 0), (17, 1)):
        asked = {f"w{number}": {"url": f"http://127.0.0.1:{number + 1}"} for number in range(count)}
        city.configure({"evidence": {"policy": "policy", "witnesses": asked}})
        if status:
            with pytest.raises(Refused) as refused:
                run("check", "--config", city.configuration_file)
            assert "16" in refused.value.stdout
        else:
            run("check", "--config", city.configuration_file)


# Somebody else's witness


def test_aics_witness_witnesses_our_log(own_city, other_python, tmp_path):  # noqa: F811
    pip = subprocess.run([other_python.parent / "pip", "install", "-q", "aics-witness==0.1.0"], capture_output=True, text=True, timeout=180)
    if pip.returncode != 0:
        pytest.skip(f"aics-witness cannot be installed: {pip.stderr.strip()[-300:]}")
    city = own_city()
    city.start()
    ward, auditor = city.certificate("hai-chau", "one-stop", "counter-1"), city.certificate("audit", "office", "one", roles=["auditor"])
    name = topic(city)
    publish(city, ward, name, documents(30))
    from test_evidence_served import covered, log_keys
    keys = log_keys(city, tmp_path)
    covered(city, auditor, name, keys, 30)
    origin = get(city, auditor, log_path(city, name) + "/checkpoint")[2].decode().splitlines()[0]
    assert city.stop() == 0
    encoded = keys.read_text().strip().split("+", 2)[2]
    log_id = hashlib.sha256(origin.encode() + b"\n" + base64.b64decode(encoded)).digest()[:4].hex()

    def aics(*arguments):
        return subprocess.run(
            [other_python.parent / "aics-witness", *arguments], check=True, capture_output=True, text=True, cwd=tmp_path, timeout=60).stdout

    said = aics("init", "--name", "witness.example/aics")
    vkey = next(word for word in said.split() if word.startswith("witness.example/aics+"))
    aics("add-log", "--origin", origin, "--vkey", f"{origin}+{log_id}+{encoded}")
    port = free_port()
    log = open(tmp_path / "aics.log", "w")
    server = subprocess.Popen(
        [other_python.parent / "aics-witness", "serve", "--listen", f"127.0.0.1:{port}"], cwd=tmp_path, stdout=log, stderr=log)
    try:
        (city.directory / "aics.policy").write_text(f"witness aics {vkey} http://127.0.0.1:{port}\nquorum aics\n")
        city.configure({"evidence": {"policy": "aics.policy", "witnesses": {"aics": {}}}})
        city.start()
        for who in (ward, auditor):
            city.point(who)
        cosigned(city, auditor, name, 30, ["witness.example/aics"])
        publish(city, ward, name, documents(270, 30))
        cosigned(city, auditor, name, 300, ["witness.example/aics"])
        policy = city.directory / "aics.policy"
        assert verify(city, auditor, name, keys, "--policy", policy, "--witness", "aics") == (0, [("VERIFIED", 0, 299)])
        assert '"size": 300' in aics("status", "--json")
    finally:
        server.terminate()
        server.wait(20)
