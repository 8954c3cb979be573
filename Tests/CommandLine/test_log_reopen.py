"""`log reopen`: a log that is not the one that others know is closed where all agree, and goes on under another name."""

import base64
import hashlib
import json
import time

from city import run
from commands import fails, lines, topic
from evidence import leaf_hash, tree_root
from evidence_verifier import continues, folder, verdicts
from test_evidence_served import documents, get, log_path, publish, verify
from test_sealed_case import made, members
from test_timestamps import authority, stamped  # noqa: F401
from test_witnesses import BOTH, cosigned, neighbours, people, pinned, put_back, settle, takes_nothing  # noqa: F401


def reopened_path(city, who, name):
    """The logs of a topic's partition, the oldest first, by their addresses."""
    described = json.loads(get(city, who, f"/v1/topics/{name}")[2])
    words = [word for word in described["configuration"].get("hanbridge.log.reopened", "").split(",") if word.startswith("0:")]
    return [f"/tlog/{name}/{log}/0" for log in [described["id"], *(word[2:34] for word in words)]]


def reopen(city, name, *arguments, **options):
    return city.hanbridge("log", "reopen", name, *arguments, **options)


def test_what_was_put_back_goes_on_under_another_name_and_both_logs_are_verified(neighbours, tmp_path):  # noqa: F811
    danang, tax = neighbours.danang, neighbours.tax
    ward, portal, auditor = people(danang)
    keys, saved = pinned(danang, tmp_path), tmp_path / "saved"
    name = topic(danang)
    publish(danang, ward, name, documents(300))
    cosigned(danang, auditor, name, 300, BOTH)
    assert verify(danang, auditor, name, keys, "--saved", saved) == (0, [("VERIFIED", 0, 299)])
    fails(1, "there is nothing to reopen", call=lambda: reopen(danang, name, "--lang", "en"))
    settle(danang)
    for who in (ward, auditor):
        danang.point(who)
    publish(danang, ward, name, documents(50, 300))
    cosigned(danang, auditor, name, 350, BOTH)
    seen = tmp_path / "seen"
    assert verify(danang, auditor, name, keys, "--saved", seen) == (0, [("VERIFIED", 0, 349)])
    put_back(danang)
    mark = danang.log_size()
    danang.start()
    danang.logged("is not the log that others know", "hanbridge log reopen", since=mark)
    for who in (ward, portal, auditor):
        danang.point(who)
    takes_nothing(danang, ward, name)
    # The audit's own log is older too: without it nothing is changed.
    fails(1, call=lambda: reopen(danang, name))
    fails(1, call=lambda: reopen(danang, "_audit.access", profile=ward))
    for of in ("_audit.access", "_audit.delivery"):
        if any(of in what for level, what in danang.doctor() if level == "wrong"):
            reopen(danang, of, "--reason", "biên bản khôi phục 5")
    (answer,) = lines(reopen(danang, name, "--reason", "biên bản khôi phục 5", "--output", "json"))
    assert (answer["topic"], answer["partition"], answer["closedSize"]) == (name, 0, 300)
    assert not [what for level, what in danang.doctor() if level == "wrong"], danang.doctor()
    # Records go on behind those that are there, and the witnesses cosign the log by its new name.
    publish(danang, ward, name, documents(20, 300))
    old, new = reopened_path(danang, auditor, name)
    assert old.split("/")[3] == answer["closedLog"] and new.split("/")[3] == answer["log"]
    deadline = time.monotonic() + 20
    while True:
        note = get(danang, auditor, new + "/checkpoint")[2].decode()
        if note.splitlines()[1:2] == ["320"] and all(f"— {witness} " in note for witness in BOTH):
            break
        assert time.monotonic() < deadline, note
        time.sleep(0.2)
    # The closed one is served as it was closed, and no further.
    assert get(danang, auditor, old + "/checkpoint")[2].splitlines()[1] == b"300"
    assert get(danang, auditor, old + "/tile/entries/001.p/44")[0] == 200 and get(danang, auditor, old + "/tile/entries/001.p/45")[0] == 404
    assert get(danang, auditor, old + "/proof/299")[0] == 200 and get(danang, auditor, old + "/proof/300")[0] == 404
    both = [("VERIFIED", 0, 299), ("VERIFIED", 0, 319)]
    assert verify(danang, auditor, name, keys, "--policy", danang.policy) == (0, both)
    assert verify(danang, auditor, name, keys, "--saved", saved) == (0, both)
    assert (tmp_path / "saved.0").read_text().splitlines()[1] == "320"
    # Who had seen what was lost is told of it.
    status, found = verify(danang, auditor, name, keys, "--saved", seen)
    assert status == 1 and ("MISSING", 300, 349) in found
    # Exported, the new log carries what links it to the old one; without that record it is nobody's successor.
    out = tmp_path / "out"
    danang.hanbridge("audit", "export", name, "--out", out, profile=auditor)
    said = run("audit", "verify", out / "0", "--log-keys", keys, "--lang", "en")
    assert answer["closedLog"] in said and "_audit.access/0/" in said
    (line,) = lines((out / "0/reopened").read_text())
    assert continues(folder(out / "0"), danang.keys.strip()) == [300]
    assert set(verdicts(folder(out / "0"), danang.keys.strip(), []).values()) == {"VERIFIED"}
    record = line["record"]
    forged = base64.b64encode(base64.b64decode(record["content"]).replace(b'"closedSize":"300"', b'"closedSize":"200"')).decode()
    assert forged != record["content"]
    for change in (
            {"record": None}, {"record": {**record, "content": forged}}, {"record": {**record, "receipt": record["receipt"].replace("index ", "index 1")}},
            {"closedSize": 200}, {"checkpoint": line["checkpoint"].replace("\n300\n", "\n299\n")}, {"checkpoint": None}):
        (out / "0/reopened").write_text(json.dumps({**line, **change}) + "\n")
        fails(1, call=lambda: run("audit", "verify", out / "0", "--log-keys", keys))
        assert continues(folder(out / "0"), danang.keys.strip()) is None
    # A case of it has both, and so has one of a range of the closed one; of what came later there is the new one alone.
    for arguments, expected in (
            ([], [("VERIFIED", 0, 299), ("VERIFIED", 0, 319)]), (["--from", 250, "--to", 260], [("VERIFIED", 250, 259)] * 2),
            (["--from", 305, "--to", 310], [("VERIFIED", 305, 309)])):
        case = tmp_path / "case.zip"
        danang.hanbridge("audit", "export", name, *arguments, "--out", case, profile=auditor)
        said = lines(run("audit", "verify", case, "--log-keys", keys, "--policy", danang.policy, "--output", "json"))
        assert [(one["verdict"], one["from"], one["to"]) for one in said if "verdict" in one] == expected
    # Nobody passes off a log as this one's beginning that was never closed.
    whole = members(case)
    manifest = json.loads(whole["case.json"])
    twice = {f"0-{answer['log']}/{member[2:]}": content for member, content in whole.items() if member.startswith("0/")}
    digests = {member: hashlib.sha256(content).hexdigest() for member, content in twice.items()} | manifest["digests"]
    for changed in ({"topicID": answer["log"]}, {"logs": manifest["logs"] + [{**manifest["logs"][0], "closed": answer["log"]}], "digests": digests}):
        forged = made(whole | twice | {"case.json": json.dumps({**manifest, "digests": digests, **changed}).encode()}, tmp_path / "forged.zip")
        fails(1, "is not of the log that case.json names", call=lambda: run("audit", "verify", forged, "--log-keys", keys, "--lang", "en"))
    # It is the same after a restart.
    assert danang.stop() == 0
    mark = danang.log_size()
    danang.start()
    for who in (ward, auditor):
        danang.point(who)
    publish(danang, ward, name, documents(5, 320))
    deadline = time.monotonic() + 20
    while verify(danang, auditor, name, keys) != (0, [("VERIFIED", 0, 299), ("VERIFIED", 0, 324)]):
        assert time.monotonic() < deadline
        time.sleep(0.5)
    assert b"is not the log" not in (danang.directory / "broker.log").read_bytes()[mark:]


def test_a_log_that_lost_its_end_is_closed_where_its_own_tree_ends(own_city, tmp_path):
    """Without witnesses: the log's files are older than what was signed of it."""
    import shutil
    from test_evidence_served import covered, log_keys
    city = own_city().start()
    ward, auditor = city.certificate("hai-chau", "one-stop", "counter-1"), city.certificate("audit", "office", "one", roles=["auditor"])
    name = topic(city)
    keys = log_keys(city, tmp_path)
    publish(city, ward, name, documents(40))
    covered(city, auditor, name, keys, 40)
    assert city.stop() == 0
    shutil.copytree(city.data / "log", tmp_path / "older")
    city.start()
    for who in (ward, auditor):
        city.point(who)
    publish(city, ward, name, documents(10, 40))
    covered(city, auditor, name, keys, 50)
    assert city.stop() == 0
    shutil.rmtree(city.data / "log")
    shutil.copytree(tmp_path / "older", city.data / "log")
    city.start()
    for who in (ward, auditor):
        city.point(who)
    wrong = [what for level, what in city.doctor() if level == "wrong"]
    assert any(name in what for what in wrong), wrong
    for of in ("_audit.access", "_audit.delivery", name):
        if any(of in what for what in wrong):
            (answer,) = lines(reopen(city, of, "--output", "json"))
    assert answer["closedSize"] == 40
    publish(city, ward, name, documents(3, 40))
    deadline = time.monotonic() + 20
    while verify(city, auditor, name, keys) != (0, [("VERIFIED", 0, 39), ("VERIFIED", 0, 42)]):
        assert time.monotonic() < deadline
        time.sleep(0.5)


def test_a_journal_that_was_put_back_is_not_stamped_before_it_goes_on_under_another_name(neighbours, authority):  # noqa: F811
    danang = neighbours.danang
    ward, _, auditor = people(danang)
    assert danang.stop() == 0
    danang.configure(authority.settings())
    danang.start()
    for who in (ward, auditor):
        danang.point(who)
    fails(1, "there is nothing to reopen", call=lambda: danang.hanbridge("log", "reopen-journal", "--lang", "en"))
    name = topic(danang)
    publish(danang, ward, name, documents(5))
    stamped(danang, auditor, log_path(danang, name), 5)
    settle(danang)
    for who in (ward, auditor):
        danang.point(who)
    publish(danang, ward, name, documents(5, 5))
    stamped(danang, auditor, log_path(danang, name), 10)
    put_back(danang)
    danang.start()
    for who in (ward, auditor):
        danang.point(who)
    wrong = [what for level, what in danang.doctor() if level == "wrong"]
    assert any("reopen-journal" in what for what in wrong), wrong
    for of in ("_audit.access", "_audit.delivery", name):
        if any(of in what for what in wrong):
            reopen(danang, of)
    fails(1, call=lambda: danang.hanbridge("log", "reopen-journal", profile=ward))
    (answer,) = lines(danang.hanbridge("log", "reopen-journal", "--reason", "biên bản 5", "--output", "json"))
    assert not [what for level, what in danang.doctor() if level == "wrong"], danang.doctor()
    # What comes now is stamped by way of the new one; what was stamped before still leads to the old one.
    publish(danang, ward, name, documents(3, 5))
    old, new = reopened_path(danang, auditor, name)
    assert f"/journal/{answer['journal']}\n".encode() in stamped(danang, auditor, new, 8)
    assert f"/journal/{answer['closedJournal']}\n".encode() in stamped(danang, auditor, old, 5)
    head = get(danang, auditor, f"/tlog/journal/{answer['journal']}/checkpoint")[2].decode().splitlines()
    size = int(head[1])
    assert size > answer["size"] > 0
    # Its entries are the notes that its leaves are of.
    bundle = get(danang, auditor, f"/tlog/journal/{answer['journal']}/tile/entries/000.p/{size}")[2]
    entries = []
    while bundle:
        length = int.from_bytes(bundle[:2], "big")
        entries.append(bundle[2:2 + length])
        bundle = bundle[2 + length:]
    assert base64.b64encode(tree_root([leaf_hash(entry) for entry in entries])).decode() == head[2]
    assert any(f"/{name}/".encode() in entry for entry in entries)
