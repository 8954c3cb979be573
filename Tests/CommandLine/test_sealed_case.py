"""A case file with everything in it: records of a typed topic, witnesses, time-stamps, certificates and the delivery ledger; each member changed,
removed and added; and verified in ten years."""

import json
import os
import pathlib
import shutil
import struct
import subprocess
import time
import zipfile

import pytest

import evidence_verifier
from city import PROGRAM, Refused, run
from commands import lines
from test_case_file import rewritten
from test_evidence_served import get, log_path, publish
from test_timestamps import Authority, stamped
from test_witnesses import cosigned
from typed_topics import typed
from witnesses import Broker, LoneWitness

COUNT = 600


class Sealed:
    """The case, and what its auditor brings."""

    def __init__(self, folder):
        self.folder = folder
        self.authority = Authority(folder / "tsa")
        self.broker, self.tax = Broker(folder / "danang", "log.danang"), LoneWitness(folder / "tax")
        broker = self.broker.start()
        self.keys = folder / "log-keys"
        self.keys.write_text(broker.log_keys())
        assert broker.stop() == 0
        self.tax.pin(broker.host, self.keys.read_text())
        self.tax.start()
        self.policy = folder / "witnesses.policy"
        self.policy.write_text(f"witness tax {self.tax.vkey}\nquorum tax\n")
        profile = self.tax.certificate("danang", "broker") / "profile.yaml"
        broker.configure({"evidence": {"policy": str(self.policy), "witnesses": {"tax": {"profile": str(profile)}}}})
        broker.configure(self.authority.settings())
        broker.start()
        self.ca = broker.files(broker.admin)[0]
        self.ward, self.portal = broker.certificate("hai-chau", "one-stop", "counter-1"), broker.certificate("portal", "requests", "one")
        self.auditor = broker.certificate("audit", "office", "one", roles=["auditor"])
        self.name, self.schema = typed(broker)
        broker.agree({"id": f"A-{self.name}", "topic": self.name, "owner": "portal", "parties": [
            {"node": "audit/office/*", "may": ["replay"], "purpose": ["inspection"]}]})
        for first in range(0, COUNT, 200):
            publish(broker, self.ward, self.name, [{"id": f"P-{number}", "ward": "son-tra", "count": number} for number in range(first, first + 200)])
            cosigned(broker, self.auditor, self.name, first + 200, ["witness.tax"])
        stamped(broker, self.auditor, log_path(broker, self.name), COUNT)
        read = lines(broker.hanbridge("subscribe", self.name, "--from", "earliest", "--until-end", "--output", "json", profile=self.portal))
        assert len(read) == COUNT
        # What was delivered is told within a second, and signed within another.
        time.sleep(2.5)
        self.case, self.part = folder / "case.zip", folder / "part.zip"
        self.export(self.case)
        self.export(self.part, "--from", 250, "--to", 260)

    def export(self, file, *arguments):
        self.broker.hanbridge("audit", "export", self.name, "--records", "--purpose", "inspection", *arguments, "--out", file, profile=self.auditor)

    @property
    def brought(self):
        return ["--log-keys", self.keys, "--policy", self.policy, "--tsa-ca", self.authority.ca, "--authorities", self.ca]

    def verify(self, file, *arguments):
        """Exit status, the lines, and what was said beside them."""
        try:
            done = run("audit", "verify", file, *self.brought, "--output", "json", "--lang", "en", *arguments)
            return 0, lines(done), ""
        except Refused as refused:
            return refused.status, lines(refused.stdout), refused.stderr

    def stop(self):
        self.broker.stop(), self.tax.stop(), self.authority.stop()


@pytest.fixture(scope="module")
def sealed(tmp_path_factory):
    made = Sealed(tmp_path_factory.mktemp("sealed"))
    yield made
    made.stop()


def members(file):
    with zipfile.ZipFile(file) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def made(members, file):
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return file


def verdicts(found):
    return [(one["verdict"], one["from"], one["to"]) for one in found if "verdict" in one]


def test_everything_is_there_and_each_part_is_judged(sealed):
    names = set(members(sealed.case))
    kinds = {
        "case.json", "README.txt", "log-keys", "deliveries.jsonl", f"schemas/{sealed.schema}.json", "0/checkpoint", "0/cosigned", "0/tile/0/000",
        "0/tile/0/002.p/88", "0/tile/1/000.p/2", "0/tile/entries/002.p/88", "0/records/2", "0/openings/2", "0/log-start", "0/timestamps/0",
        "ledger/checkpoint", "ledger/cosigned", "changes.jsonl"}
    assert kinds <= names
    for folder in ("agreements/", "0/writers/", "ledger/tile/entries/", "ledger/records/", "ledger/openings/"):
        assert [name for name in names if name.startswith(folder)], folder
    status, found, said = sealed.verify(sealed.case)
    assert (status, verdicts(found)) == (0, [("VERIFIED", 0, COUNT - 1)]), said
    writer, = [one for one in found if "writer" in one]
    assert writer["records"] == COUNT and "its certificate held at" in writer["told"]
    stamps, = [one for one in found if "timestamps" in one]
    assert stamps["size"] == COUNT and stamps["lagSeconds"] < 30
    ledger, = [one for one in found if "ledger" in one]
    assert ledger["ledger"].startswith("log.danang/_audit.delivery/") and ledger["about"] >= 1 and ledger["entries"] >= ledger["about"]
    assert json.loads(members(sealed.case)["case.json"])["lacks"] == {}


def test_the_ledger_in_a_case_is_what_was_delivered_and_a_second_verifier_agrees(sealed, tmp_path):
    content = members(sealed.case)
    told = lines(content["deliveries.jsonl"].decode())
    items = [(line["entry"]["data"], item) for line in told for item in line["entry"]["data"].get("deliveries", []) if item["topic"] == sealed.name]
    to_portal = [item for data, item in items if data["node"] == "portal/requests/one"]
    offsets = set()
    for item in to_portal:
        for run_ in item["offsets"].split(","):
            first, _, last = run_.partition("-")
            offsets |= set(range(int(first), int(last or first) + 1))
    assert offsets == set(range(COUNT)) and sum(item["records"] for item in to_portal) == COUNT
    # The same entries as an auditor reads in the ledger itself.
    ledger = lines(sealed.broker.hanbridge("subscribe", "_audit.delivery", "--from", "earliest", "--until-end", "--output", "json", profile=sealed.auditor))
    by_offset = {record["offset"]: record["value"] for record in ledger}
    assert all(by_offset[line["offset"]] == line["entry"] for line in told)
    about = {offset for offset, event in by_offset.items() if any(item["topic"] == sealed.name for item in event["data"].get("deliveries", []))}
    last = max(by_offset[line["offset"]]["time"] for line in told)
    assert {offset for offset in about if by_offset[offset]["time"] <= last} <= {line["offset"] for line in told}
    # Unpacked, the ledger's part is a log like any other.
    with zipfile.ZipFile(sealed.case) as archive:
        archive.extractall(tmp_path / "case")
    manifest = json.loads(content["case.json"])["ledger"]
    read = evidence_verifier.folder(tmp_path / "case/ledger")
    part = range(manifest["from"], manifest["to"])
    other = evidence_verifier.verdicts(read, sealed.keys.read_text().strip(), [sealed.tax.vkey], only=part)
    assert other == {offset: "VERIFIED" for offset in part}


OF_BUNDLES = tuple(f"{folder}/{kind}/" for folder in ("0", "ledger") for kind in ("records", "openings", "tile"))


def flipped(content):
    place = len(content) // 2
    return content[:place] + bytes([content[place] ^ 1]) + content[place + 1:]


@pytest.mark.parametrize("which", ["case", "part"])
def test_each_member_changed_or_removed_is_found(sealed, tmp_path, which):
    file = getattr(sealed, which)
    whole = members(file)
    status, found, said = sealed.verify(file)
    assert status == 0, said
    unnoticed = []
    for name in whole:
        for content in (flipped(whole[name]), None):
            if name == "case.json" and content is not None:
                continue
            changed = rewritten(file, tmp_path / "changed.zip", lambda member, old: content if member == name else old)
            if sealed.verify(changed)[0] == 0:
                unnoticed.append((name, "removed" if content is None else "changed"))
    # Of a bundle or a tile what is not of the case's range says nothing of the case: nothing else is among these.
    assert [one for one in unnoticed if which == "case" and one[0].startswith("0/")] == []
    assert [one for one in unnoticed if one[1] == "removed"] == [], unnoticed
    assert [one for one in unnoticed if not one[0].startswith(OF_BUNDLES)] == [], unnoticed
    for added in ("0/records/9x", "0/tilt/0/000", "1/checkpoint", "schemas/999.json", "agreements/99.json", "x", "ledger/pruned"):
        status, _, said = sealed.verify(made(whole | {added: b"x"}, tmp_path / "added.zip"))
        assert (status, added in said) == ((0, False) if added == "0/records/9x" else (1, True)), (added, said)


def forged(whole, changes):
    """The members with changes, and with their digests made anew, as whoever knows of them would."""
    import hashlib
    new = {name: content for name, content in {**whole, **changes}.items() if content is not None}
    manifest = json.loads(new["case.json"])
    manifest["digests"] = {
        name: hashlib.sha256(new[name]).hexdigest() for name in manifest["digests"] if name in new}
    new["case.json"] = json.dumps(manifest).encode()
    return new


def test_who_changes_the_manifest_too_forges_nothing_that_a_log_proves(sealed, tmp_path):
    whole = members(sealed.case)
    manifest = json.loads(whole["case.json"])
    told = whole["deliveries.jsonl"].splitlines(keepends=True)
    writer, = [name for name in whole if name.startswith("0/writers/")]
    record = [name for name in whole if name.startswith("ledger/records/")][-1]

    def judged(changes, **more):
        changed = forged(whole, changes)
        if more:
            changed["case.json"] = json.dumps(json.loads(changed["case.json"]) | more).encode()
        return sealed.verify(made(changed, tmp_path / "forged.zip"))

    assert judged({})[0] == 0
    ledger = manifest["ledger"]
    thinned = {
        "a delivery left out": judged({"deliveries.jsonl": b"".join(told[:-1])}),
        "a delivery of somebody else": judged({"deliveries.jsonl": whole["deliveries.jsonl"].replace(b"portal/requests/one", b"portal/requests/two")}),
        "an entry of the ledger changed": judged({record: whole[record].replace(b"hanbridge", b"hanbridgf", 1)}),
        "the ledger's records left out": judged({record: None}),
        "the ledger begun later": judged({}, ledger=ledger | {"from": ledger["to"] - 1}),
        "the ledger ended earlier, and its extract": judged({"deliveries.jsonl": b""}, ledger=ledger | {"to": ledger["from"] + 1}),
        "another log as the ledger": judged({"ledger/checkpoint": whole["0/checkpoint"]}),
        "another topic's name": judged({}, topic="portal.other.v1"),
        "another topic": judged({}, topicID="0" * 32),
        "another key's certificates": judged({writer: pathlib.Path(sealed.ca).read_bytes()}),
        "no token": judged({"0/timestamps/0": None}),
        "no cosignatures": judged({"0/checkpoint": whole["0/checkpoint"].rsplit("— witness".encode(), 1)[0]}),
    }
    cut = thinned.pop("the ledger ended earlier, and its extract")
    assert {why: status for why, (status, _, _) in thinned.items() if status != 1} == {}
    # Where it ends is told, so that a shorter one shows.
    if cut[0] == 0:
        end = [one["until"] for one in cut[1] if "until" in one]
        assert end < [one["until"] for one in sealed.verify(sealed.case)[1] if "until" in one]
    # A ledger that is not there is said to be not there.
    without = {name: content for name, content in whole.items() if not name.startswith("ledger/") and name != "deliveries.jsonl"}
    manifest = {**manifest, "ledger": None, "lacks": {"deliveries": "not asked for"}}
    changed = forged(without | {"case.json": json.dumps(manifest).encode()}, {})
    done = subprocess.run(
        [PROGRAM, "audit", "verify", made(changed, tmp_path / "without.zip"), *map(str, sealed.brought), "--lang", "en"], capture_output=True, text=True)
    assert done.returncode == 0 and "The case lacks deliveries: not asked for" in done.stderr
    # Schemas and agreements are what the audit topic's records have the SHA-256 of; without these the verdict says that nothing proves them.
    schema = f"schemas/{sealed.schema}.json"
    (agreements,) = [name for name in whole if name.startswith("agreements/")][-1:]
    text = json.loads(whole[agreements])
    first = next(iter(text["files"]))
    other = json.dumps({**text, "files": {**text["files"], first: text["files"][first] + " "}}).encode()
    for name, content in ((schema, whole[schema].replace(b"ward", b"wart", 1)), (agreements, other)):
        assert content != whole[name]
        status, found, said = judged({name: content})
        assert status == 1 and name in said and name in unproven(found)
        status, found, _ = judged({name: content, "changes.jsonl": b""})
        assert status == 0 and name in unproven(found)


def unproven(found):
    return {one["notProven"]: one["why"] for one in found if "notProven" in one}


def test_agreements_and_schemas_are_proven_by_the_audits_records(sealed):
    whole = members(sealed.case)
    status, found, said = sealed.verify(sealed.case)
    proven = {one["proven"]: one["record"] for one in found if "proven" in one}
    documents = {name for name in whole if name.startswith(("agreements/", "schemas/"))}
    assert set(proven) == documents and all(place.startswith("_audit.access/0/") for place in proven.values())
    # What no later record shows is said: that the last version stayed in force.
    last = max(json.loads(whole[name])["version"] for name in documents if name.startswith("agreements/"))
    assert set(unproven(found)) == {"agreements", "case.json"} and f"version {last} was still in force" in unproven(found)["agreements"]
    # The same by another's program, of the records' own receipts.
    records = [evidence_verifier.audited(json.loads(line), sealed.keys.read_text().strip()) for line in whole["changes.jsonl"].splitlines()]
    digests = {(record["action"], record.get("version"), record.get("id")): record["sha256"] for record in records}
    for name in documents:
        document = json.loads(whole[name])
        digest = evidence_verifier.agreements_digest(document) if name.startswith("agreements/") else evidence_verifier.schema_digest(document)
        assert digest in digests.values(), name


def test_what_was_left_out_of_a_case_is_said_or_demanded(sealed, tmp_path):
    whole = members(sealed.case)
    status, found, said = sealed.verify(sealed.case)
    (within,) = [one["cosignedWithin"] for one in found if "cosignedWithin" in one]
    (stamped_within,) = [one["lagSeconds"] for one in found if "lagSeconds" in one]
    assert [one["witness"] for one in found if "witness" in one] == ["tax"]
    demanded = ["--cosigned-within", within, "--stamped-within", stamped_within]
    assert sealed.verify(sealed.case, *demanded)[0] == 0
    # Fewer cosignatures: later is each record known to have been there.
    fewer = made(forged(whole, {"0/cosigned": None}), tmp_path / "fewer.zip")
    status, found, said = sealed.verify(fewer)
    assert status == 0 and [one["cosignedWithin"] for one in found if "cosignedWithin" in one][0] > within
    status, _, said = sealed.verify(fewer, *demanded)
    assert status == 1 and "--cosigned-within asks for" in said
    status, _, said = sealed.verify(sealed.case, "--stamped-within", stamped_within - 1)
    assert status == 1 and "--stamped-within asks for" in said
    # None at all: the quorum is missing; and a witness that the policy names and that did not sign is named.
    head = whole["0/checkpoint"].rsplit("— witness".encode(), 1)[0]
    none = made(forged(whole, {"0/checkpoint": head, "0/cosigned": None}), tmp_path / "none.zip")
    assert verdicts(sealed.verify(none)[1]) == [("ALTERED", 0, COUNT - 1)]
    lax = tmp_path / "lax.policy"
    lax.write_text(sealed.policy.read_text().replace("quorum tax", "quorum none"))
    keys = ["--log-keys", sealed.keys]
    found = lines(run("audit", "verify", none, *keys, "--policy", lax, "--partition", 0, "--output", "json", "--lang", "en"))
    assert "tax has not cosigned" in unproven(found)["witness tax"]
    # Who brings nothing is told what that leaves open; so is whoever gets a case without a ledger or without agreements.
    found = lines(run("audit", "verify", sealed.case, *keys, "--output", "json", "--lang", "en"))
    assert {"witnesses", "time", "writers", "case.json"} <= set(unproven(found))
    manifest = json.loads(whole["case.json"])
    bare = {name: content for name, content in whole.items() if not name.startswith(("ledger/", "agreements/", "deliveries"))}
    bare = forged(bare | {"case.json": json.dumps({**manifest, "ledger": None}).encode()}, {})
    status, found, said = sealed.verify(made(bare, tmp_path / "bare.zip"))
    assert status == 0 and {"deliveries", "agreements"} <= set(unproven(found)), said
    table = run("audit", "verify", sealed.case, *keys, "--lang", "en")
    assert "NOT PROVEN  witnesses: whether anybody else saw this log" in table
    for option in ("--cosigned-within", "--stamped-within"):
        with pytest.raises(Refused) as refused:
            run("audit", "verify", sealed.case, *keys, option, 5)
        assert refused.value.status == 2


def test_a_part_is_held_against_what_witnesses_saw_before_and_after_it(sealed, tmp_path):
    part = members(sealed.part)
    seen = part["0/cosigned"]
    sizes = []
    while seen:
        length, = struct.unpack(">I", seen[:4])
        sizes.append(int(seen[4:4 + length].split(b"\n")[1]))
        seen = seen[4 + length:]
    # The last without it, and the first with all of it.
    assert sizes[0] == 200 and sizes[-1] == 400, sizes
    status, found, said = sealed.verify(sealed.part)
    assert (status, verdicts(found)) == (0, [("VERIFIED", 250, 259)]), said
    # Without the way there it is not held against it, and that is no pass.
    for name in [name for name in part if name.startswith("0/tile/0/")]:
        changed = forged(part, {name: None})
        assert sealed.verify(made(changed, tmp_path / "part.zip"))[0] == 1, name


SHIM = r"""
// Ten years on, for whoever asks.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <sys/time.h>
#include <time.h>
static const time_t later = 3653L * 86400;
int clock_gettime(clockid_t clock, struct timespec *now) {
    int (*real)(clockid_t, struct timespec *) = (int (*)(clockid_t, struct timespec *))dlsym(RTLD_NEXT, "clock_gettime");
    int result = real(clock, now);
    if (clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE) now->tv_sec += later;
    return result;
}
int gettimeofday(struct timeval *now, void *zone) {
    struct timespec precise;
    clock_gettime(CLOCK_REALTIME, &precise);
    now->tv_sec = precise.tv_sec;
    now->tv_usec = precise.tv_nsec / 1000;
    return 0;
}
time_t time(time_t *out) {
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    if (out) *out = now.tv_sec;
    return now.tv_sec;
}
"""


def test_a_case_verifies_in_an_empty_root_without_a_network_ten_years_on(sealed, tmp_path):
    if os.geteuid() != 0 or shutil.which("cc") is None or shutil.which("unshare") is None:
        pytest.skip("needs root, a C compiler and unshare")
    root = tmp_path / "root"
    (root / "case").mkdir(parents=True)
    (tmp_path / "shim.c").write_text(SHIM)
    subprocess.run(["cc", "-shared", "-fPIC", "-o", root / "shim.so", tmp_path / "shim.c", "-ldl"], check=True)
    # The program, with the libraries that it is linked to and nothing else.
    listed = subprocess.run(["ldd", PROGRAM], check=True, capture_output=True, text=True).stdout
    libraries = [word for line in listed.splitlines() for word in line.split() if word.startswith("/")]
    for library in libraries:
        target = root / library.lstrip("/")
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(library, target)
    shutil.copy(PROGRAM, root / "hanbridge")
    for file, name in ((sealed.case, "case.zip"), (sealed.keys, "log-keys"), (sealed.policy, "policy"), (sealed.authority.ca, "tsa.pem"), (sealed.ca, "ca.pem")):
        shutil.copy(file, root / "case" / name)
    tried = subprocess.run(["unshare", "-n", "true"], capture_output=True, text=True)
    if tried.returncode != 0:
        pytest.skip(f"no network of its own here: {tried.stderr.strip()}")
    environment = {
        "PATH": os.environ["PATH"], "LD_PRELOAD": "/shim.so", "LD_LIBRARY_PATH": ":".join(sorted({os.path.dirname(library) for library in libraries}))}
    date = subprocess.run(["date", "+%Y"], env={"LD_PRELOAD": str(root / "shim.so"), "PATH": os.environ["PATH"]}, check=True, capture_output=True, text=True)
    assert int(date.stdout) >= 2035

    def verify(*arguments):
        # Without /proc: Swift's tasks need it, because libdispatch looks at its threads there and ends the program where it cannot.
        alone = [shutil.which("unshare"), "-n", "chroot", root, "/hanbridge"]
        return subprocess.run([*map(str, alone), "audit", "verify", *arguments], env=environment, capture_output=True, text=True, timeout=60)

    # Certificates of publishers, witnesses and the authority ended long ago: each is judged at the time of what it vouches for.
    for certificate in (sealed.ca, sealed.authority.ca):
        ends = subprocess.run(["openssl", "x509", "-enddate", "-noout", "-in", certificate], check=True, capture_output=True, text=True).stdout
        print(certificate, ends.strip())
    done = verify(
        "/case/case.zip", "--log-keys", "/case/log-keys", "--policy", "/case/policy", "--tsa-ca", "/case/tsa.pem", "--authorities", "/case/ca.pem",
        "--output", "json", "--lang", "en")
    assert done.returncode == 0, (done.returncode, done.stderr)
    found = lines(done.stdout)
    assert verdicts(found) == [("VERIFIED", 0, COUNT - 1)]
    assert [one["size"] for one in found if "timestamps" in one] == [COUNT]
    assert ["its certificate held at" in one["told"] for one in found if "writer" in one] == [True]
    assert [one["about"] > 0 for one in found if "ledger" in one] == [True]
    # The cosignatures are asked for: without the witness's key nothing passes.
    (root / "case/policy").write_text(sealed.policy.read_text().replace(sealed.tax.vkey, other_witness()))
    for _ in range(10):
        done = verify("/case/case.zip", "--log-keys", "/case/log-keys", "--policy", "/case/policy", "--lang", "en")
        assert done.returncode == 1 and "too few witnesses" in done.stdout + done.stderr, (done.returncode, done.stderr)


def other_witness():
    from evidence import Key
    return Key(bytes(32)).vkey("witness.tax", 4)
