"""Time-stamps: a broker with the development authority of Deploy/, what it answers, what OpenSSL says of it, and outages."""

import base64
import importlib.util
import json
import pathlib
import subprocess
import threading
import time
import urllib.request
import zipfile

import pytest

import evidence
from city import Refused, run
from commands import fails, lines, topic
from test_case_file import rewritten
from test_evidence_served import auditor, documents, get, log_keys, log_path, publish  # noqa: F401

ROOT = pathlib.Path(__file__).parents[2]


def authority_module():
    spec = importlib.util.spec_from_file_location("serve", ROOT / "Deploy/timestamp-authority/serve.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


class Authority:
    """The development authority, in a thread."""

    def __init__(self, folder):
        self.folder = folder
        self.server = authority_module().serve(folder, 0)
        self.port = self.server.server_address[1]
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    @property
    def ca(self):
        return self.folder / "tsa-ca.pem"

    def settings(self, **seconds):
        return {"evidence": {"timestamp": {
            "url": f"http://127.0.0.1:{self.port}/", "authorities": str(self.ca), "seconds": {"interval": 1} | seconds}}}

    def stop(self):
        self.server.shutdown()
        self.server.server_close()


@pytest.fixture
def authority(tmp_path):
    made = Authority(tmp_path / "tsa")
    yield made
    made.stop()


def stamped(city, who, path, size, seconds=20):
    """What `checkpoints/<size>.tsr` answers, once it does."""
    deadline = time.monotonic() + seconds
    while True:
        status, headers, body = get(city, who, f"{path}/checkpoints/{size}.tsr")
        if status == 200:
            return body
        assert status == 404 and time.monotonic() < deadline, (status, city.log_text())
        time.sleep(0.2)


def taken_apart(answer):
    """(token, the partition's note, leaf index, proof, the journal's note), by hand."""
    head, _, journal = answer.partition(b"\n\n")
    first, token, note, index, *proof = head.decode().split("\n")
    assert first == "hanbridge/checkpoint-timestamp@v1"
    assert token.startswith("token ") and note.startswith("note ") and index.startswith("index ")
    return (base64.b64decode(token[6:]), base64.b64decode(note[5:]), int(index[6:]), [base64.b64decode(one) for one in proof], journal)


def root_of(leaf, index, size, proof):
    """RFC 9162, 2.1.3.2."""
    place, last, value = index, size - 1, leaf
    for sibling in proof:
        assert last > 0
        if place & 1 or place == last:
            value = evidence.node_hash(sibling, value)
            while not place & 1 and place:
                place, last = place >> 1, last >> 1
        else:
            value = evidence.node_hash(value, sibling)
        place, last = place >> 1, last >> 1
    assert last == 0
    return value


def publishers(city):
    return city.certificate("hai-chau", "one-stop", "counter-1"), city.certificate("audit", "office", "one", roles=["auditor"])


def test_tokens_hold_for_openssl_and_for_the_audit(own_city, authority, tmp_path):
    city = own_city(settings=authority.settings()).start()
    ward, auditor = publishers(city)  # noqa: F811
    name = topic(city, partitions=2)
    publish(city, ward, name, documents(40))
    keys = log_keys(city, tmp_path)
    path = log_path(city, name)
    token, note, index, proof, journal = taken_apart(stamped(city, auditor, path, 1))
    # The partition's note, as it is served; its leaf leads to the journal's root.
    origin, size, root = note.decode().split("\n")[:3]
    assert f"/tlog/{origin.split('/', 1)[1]}" == path and get(city, auditor, f"{path}/checkpoints/{size}")[2] == note
    journal_origin, journal_size, journal_root = journal.decode().split("\n")[:3]
    assert journal_origin.startswith(origin.split("/")[0] + "/journal/")
    assert base64.b64encode(root_of(evidence.leaf_hash(note), index, int(journal_size), proof)).decode() == journal_root
    served = get(city, auditor, f"/tlog/journal/{journal_origin.split('/')[2]}/checkpoint")
    assert served[0] == 200 and served[2].decode().split("\n")[0] == journal_origin
    # What is stamped is the journal's exact note: OpenSSL's own tool says so.
    (tmp_path / "token.tsr").write_bytes(token)
    (tmp_path / "note").write_bytes(journal)
    verified = subprocess.run(
        ["openssl", "ts", "-verify", "-data", tmp_path / "note", "-in", tmp_path / "token.tsr", "-CAfile", authority.ca],
        capture_output=True, text=True)
    assert verified.returncode == 0 and "Verification: OK" in verified.stdout, verified.stderr
    # By `audit verify`, of the broker and of a case.
    covered = max(int(get(city, auditor, f"{log_path(city, name, partition)}/checkpoint")[2].split(b"\n")[1]) for partition in (0, 1))
    stamped(city, auditor, log_path(city, name, 0), 1)
    stamped(city, auditor, log_path(city, name, 1), 1)
    arguments = ["--log-keys", keys, "--tsa-ca", authority.ca, "--output", "json"]
    told = [line for line in lines(city.hanbridge("audit", "verify", name, *arguments, profile=auditor)) if "timestamps" in line]
    assert len(told) == 2 and all(line["timestamps"] >= 1 and line["lagSeconds"] < 60 for line in told) and covered > 0
    case = tmp_path / "case.zip"
    city.hanbridge("audit", "export", name, "--out", case, profile=auditor)
    assert sum("timestamps" in line for line in lines(run("audit", "verify", case, *arguments))) == 2
    # Another authority's word counts for nothing; neither does one about another log, or none.
    other = Authority(tmp_path / "other")
    other.stop()
    fails(1, "timestamps/0", call=lambda: run("audit", "verify", case, "--log-keys", keys, "--tsa-ca", other.ca))
    with zipfile.ZipFile(case) as archive:
        first, second = (archive.read(f"{partition}/timestamps/0") for partition in (0, 1))
    for content in (second, first.replace(b"index ", b"index 1"), b"x", None):
        changed = rewritten(case, tmp_path / "changed.zip", lambda member, old: content if member == "0/timestamps/0" else old)
        fails(1, call=lambda: run("audit", "verify", changed, "--log-keys", keys, "--tsa-ca", authority.ca))
    assert second != first
    run("audit", "verify", case, "--log-keys", keys)
    assert city.stop() == 0


def metrics(city):
    page = urllib.request.urlopen(city.endpoints["health"] + "/metrics", timeout=10).read().decode()
    return {line.split(" ")[0]: float(line.split(" ")[1]) for line in page.splitlines() if line.startswith("hanbridge_timestamp")}


def eventually(condition, seconds=20):
    deadline = time.monotonic() + seconds
    while not (value := condition()):
        assert time.monotonic() < deadline
        time.sleep(0.2)
    return value


def test_an_outage_is_shown_stops_strict_topics_and_ends_by_itself(own_city, authority, tmp_path):
    city = own_city(settings=authority.settings(outageMax=2)).start()
    ward, auditor = publishers(city)  # noqa: F811
    free, strict = topic(city), topic(city, **{"hanbridge.timestamps": "strict"})
    for name in (free, strict):
        publish(city, ward, name, documents(3))
        stamped(city, auditor, log_path(city, name), 3)
    eventually(lambda: metrics(city).get("hanbridge_timestamp_waiting_seconds") == 0)
    authority.stop()
    publish(city, ward, free, documents(1, 3))
    eventually(lambda: metrics(city)["hanbridge_timestamp_overdue"] == 1)
    assert metrics(city)["hanbridge_timestamp_failing"] == 1
    # The alarm is of the attempt after that.
    eventually(lambda: "strict about them take no records" in city.log_text())
    assert "could not be time-stamped" in city.log_text()
    publish(city, ward, free, documents(1, 4))
    with pytest.raises(Refused) as refused:
        publish(city, ward, strict, documents(1, 3))
    assert "time-stamp" in refused.value.stderr or "dấu thời gian" in refused.value.stderr, refused.value
    ca, certificate, key = city.files(ward)
    over_https = subprocess.run(
        ["curl", "-s", "-w", "%{http_code}", "--cacert", ca, "--cert", certificate, "--key", key, "-H", "Content-Type: application/json", "-H",
         "Accept-Language: en", "-d", json.dumps(documents(1, 3)[0]), f"{city.endpoints['https']}/v1/topics/{strict}/records"],
        check=True, capture_output=True, text=True).stdout
    assert over_https.endswith("503") and "time-stamp" in over_https, over_https
    assert any(level == "wrong" and "time-stamp" in what for level, what in city.doctor())
    # A restart forgets nothing of it; the authority's coming back ends it, and one token covers all that waited.
    assert city.stop() == 0
    again = Authority(authority.folder)
    try:
        city.configure(again.settings(outageMax=2))
        city.start()
        stamped(city, auditor, log_path(city, free), 5)
        eventually(lambda: metrics(city)["hanbridge_timestamp_overdue"] == 0)
        publish(city, ward, strict, documents(1, 3))
        assert city.stop() == 0
    finally:
        again.stop()
