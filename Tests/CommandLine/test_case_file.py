"""Case files: made of a running broker, verified with nothing else there, and refused by a sentence when they are not what they say."""

import io
import json
import shutil
import struct
import subprocess
import time
import zipfile

import pytest

import evidence_verifier
import restricted
from city import PROGRAM, Refused, run
from commands import fails, lines, topic
from test_evidence_served import auditor, covered, documents, log_keys, publish  # noqa: F401


@pytest.fixture(scope="module")
def case(city, ward, portal, auditor, tmp_path_factory):  # noqa: F811
    """A topic of 700 records, its case file with records and the one that an auditor gets, and the keys to pin."""
    folder = tmp_path_factory.mktemp("case")
    name = topic(city)
    publish(city, ward, name, documents(700))
    keys = log_keys(city, folder)
    covered(city, auditor, name, keys, 700)
    full, bare = folder / "full.zip", folder / "bare.zip"
    city.hanbridge("audit", "export", name, "--records", "--out", full, profile=portal)
    city.hanbridge("audit", "export", name, "--out", bare, profile=auditor)
    return city, name, full, bare, keys


def verify(file, keys, *arguments):
    """Exit status and the verdicts as ranges."""
    try:
        status, output = 0, run("audit", "verify", file, "--log-keys", keys, "--output", "json", *arguments)
    except Refused as refused:
        status, output = refused.status, refused.stdout
    return status, [(found["verdict"], found["from"], found["to"]) for found in lines(output) if "verdict" in found]


def rewritten(source, target, change):
    """The archive again, with members as `change` of name and content has them; None leaves one out."""
    with zipfile.ZipFile(source) as old, zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            content = change(name, old.read(name))
            if content is not None:
                new.writestr(name, content)
    return target


def test_a_case_verifies_and_other_tools_read_it(case):
    city, name, full, bare, keys = case
    assert verify(full, keys) == (0, [("VERIFIED", 0, 699)])
    assert verify(bare, keys) == (0, [("VERIFIED", 0, 699)])
    for file in (full, bare):
        with zipfile.ZipFile(file) as archive:
            assert archive.testzip() is None
        if shutil.which("unzip"):
            subprocess.run(["unzip", "-tq", file], check=True, capture_output=True)
    with zipfile.ZipFile(full) as archive:
        names = set(archive.namelist())
        manifest = json.loads(archive.read("case.json"))
        assert b"audit verify" in archive.read("README.txt")
    assert {"0/checkpoint", "0/tile/0/000", "0/tile/entries/002.p/188", "0/records/2", "0/openings/2", "log-keys"} <= names
    assert manifest["records"] == "full" and manifest["logs"][0] | {"origin": ""} == {
        "partition": 0, "origin": "", "size": 700, "from": 0, "to": 700}
    with zipfile.ZipFile(bare) as archive:
        names, text = archive.namelist(), b"".join(map(archive.read, archive.namelist()))
        agreements = [json.loads(archive.read(name)) for name in names if name.startswith("agreements/")]
    assert not [name for name in names if name.startswith(("0/records/", "0/openings/"))] and "thuyền".encode() not in text
    # In force when these records came: the topic's agreement among them.
    assert agreements and any(name in "".join(version["files"].values()) for version in agreements)
    # Unpacked it is the same case.
    folder = full.parent / "unpacked"
    with zipfile.ZipFile(full) as archive:
        archive.extractall(folder)
    assert verify(folder, keys) == (0, [("VERIFIED", 0, 699)])
    assert verify(folder / "0", keys) == (0, [("VERIFIED", 0, 699)])
    # Made again with other tools, it is read too.
    again = rewritten(full, full.parent / "again.zip", lambda _, content: content)
    assert verify(again, keys) == (0, [("VERIFIED", 0, 699)])


def test_the_certificates_in_a_case_are_held_against_the_auditors_authorities(case, own_city, tmp_path):
    city, name, full, bare, keys = case
    with zipfile.ZipFile(bare) as archive:
        certificates, = [member for member in archive.namelist() if member.startswith("0/writers/")]
        pem = archive.read(certificates).decode()
    assert pem.count("BEGIN CERTIFICATE") == 2 and pem.count("BEGIN X509 CRL") == 1
    ca = city.files(city.admin)[0]
    told = run("audit", "verify", bare, "--log-keys", keys, "--authorities", ca, "--output", "json")
    writer, = [line for line in lines(told) if "writer" in line]
    assert writer["records"] == 700 and writer["writer"] in certificates and "counter-1" in writer["told"], writer
    # Another authority; another's certificates under the key's name; none.
    other = own_city()
    assert verify(bare, keys, "--authorities", other.directory / "pki/ca.pem")[0] == 1
    swapped = (other.directory / "profiles/admin/certificate.pem").read_text()
    for content in (swapped.encode(), b"x", None):
        changed = rewritten(bare, tmp_path / "changed.zip", lambda name, old: content if name == certificates else old)
        assert verify(changed, keys, "--authorities", ca) == (1, [("VERIFIED", 0, 699)])
        assert verify(changed, keys) == (1, [("VERIFIED", 0, 699)]), "it is not as it was when the case was made"


def test_a_range_is_a_case_of_its_own(case, portal, tmp_path):
    city, name, full, bare, keys = case
    part = tmp_path / "part.zip"
    city.hanbridge("audit", "export", name, "--records", "--from", 300, "--to", 310, "--out", part, profile=portal)
    assert verify(part, keys) == (0, [("VERIFIED", 300, 309)])
    with zipfile.ZipFile(part) as archive:
        names = archive.namelist()
        salts = archive.read("0/openings/1")
        assert b"P-309" in archive.read("0/records/1") and b"P-310" not in archive.read("0/records/1")
    # Nothing that opens what is beside it.
    inside = salts[(300 - 256) * 16:(310 - 256) * 16]
    assert salts == bytes((300 - 256) * 16) + inside + bytes(len(salts) - (310 - 256) * 16) and len(set(inside)) > 50
    assert [name for name in names if name.startswith("0/tile/entries/")] == ["0/tile/entries/001"]
    # A range says nothing of what an earlier audit saw.
    saved = tmp_path / "saved"
    assert verify(full, keys, "--saved", saved)[0] == 0
    (tmp_path / "saved.0").write_bytes((tmp_path / "saved.0").read_bytes())
    assert verify(part, keys, "--saved", saved)[0] == 0, "the saved checkpoint is the case's own"
    fails(2, call=lambda: city.hanbridge("audit", "export", name, "--records", "--masked", "--out", part, profile=portal))


def test_a_masked_case_holds_what_rules_show_and_says_that_no_entry_proves_it(city, ward, auditor, tmp_path):  # noqa: F811
    school = city.certificate("education", "schools", "one")
    name, schema = restricted.restricted(
        city,
        {"node": "education/schools/*", "fields": {"allow": ["citizenId", "ward"], "mask": {"citizenId": "last4"}}, "where": {"ward": ["son-tra"]}},
        {"node": "audit/office/*", "may": ["replay"], "purpose": ["inspection"], "fields": {"allow": ["ward"]}})
    agreed = time.time() + 1
    chance = restricted.seeded()
    people = [restricted.Person(chance, ward="son-tra" if number % 3 else "cam-le") for number in range(300)]
    restricted.publish(city, ward, name, schema, people)
    keys = log_keys(city, tmp_path)
    covered(city, auditor, name, keys, 300)
    case, then = tmp_path / "masked.zip", tmp_path / "then.zip"
    city.hanbridge("audit", "export", name, "--masked", "--out", case, profile=school)
    stamp = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(agreed))
    # A time that is past by now, by the broker's clock too.
    time.sleep(max(0, agreed + 0.1 - time.time()))
    city.hanbridge("audit", "export", name, "--masked", "--rules-of", stamp, "--purpose", "inspection", "--out", then, profile=auditor)

    def shown(file):
        """Offsets whose content is said to be masked, of those that are verified."""
        found = lines(run("audit", "verify", file, "--log-keys", keys, "--output", "json", "--lang", "en"))
        assert {one["verdict"] for one in found if "verdict" in one} == {"VERIFIED"}
        return {offset for one in found if "is masked" in one.get("cause", "") for offset in range(one["from"], one["to"] + 1)}

    visible = {number for number in range(300) if number % 3}
    assert shown(case) == visible and shown(then) == set(range(300))
    for file in (case, then):
        folder = file.with_suffix("")
        with zipfile.ZipFile(file) as archive:
            members = {member: archive.read(member) for member in archive.namelist()}
            archive.extractall(folder)
        manifest = json.loads(members["case.json"])
        assert manifest["records"] == "masked" and not [member for member in members if member.startswith(("0/openings/", "0/records/"))]
        text = b"".join(members.values())
        assert not [secret for person in people for secret in person.secrets if secret in text]
        # Another's verifier says the same of each, and so does what is shown of the record.
        read = evidence_verifier.folder(folder / "0")
        assert set(evidence_verifier.verdicts(read, keys.read_text().strip(), [], is_masked=True).values()) == {"VERIFIED"}
        tiles = evidence_verifier.Tiles(read, 300)
        records = {offset: found for offset in range(300) if (found := evidence_verifier.masked(read, tiles.entry(offset), offset))}
        assert set(records) == shown(file)
        for offset, record in records.items():
            expected = {"ward": people[offset].ward} | ({"citizenId": "****" + people[offset].citizen[-4:]} if file == case else {})
            assert record["value"] == expected
            # The schema of what is shown is there, beside the published one's.
            assert {f"schemas/{record['schemaId']}.json", f"schemas/{schema}.json"} <= set(members)
    assert "rulesOf" in json.loads((then.with_suffix("") / "case.json").read_text())

    def changed(old, new):
        def change(member, content):
            return content.replace(old, new, 1) if member == "0/masked/0.jsonl" else content
        file = rewritten(case, tmp_path / "changed.zip", change)
        with zipfile.ZipFile(file) as archive:
            archive.extractall(tmp_path / "changed")
        other = evidence_verifier.verdicts(evidence_verifier.folder(tmp_path / "changed/0"), keys.read_text().strip(), [], is_masked=True)
        bad = {offset for verdict, first, last in verify(file, keys)[1] if verdict == "ALTERED" for offset in range(first, last + 1)}
        assert bad == {offset for offset, verdict in other.items() if verdict == "ALTERED"}
        return bad

    # Its place and its time are proven, its content is not, and nobody says that it is.
    assert changed(b'"offset":1,"timestamp":17', b'"offset":1,"timestamp":18') == {1}
    assert changed(b'"offset":1,', b'"offset":2,') == set(range(256))
    assert changed(people[1].citizen[-4:].encode(), b"0000") == set()
    # The ledger has which fields each got, and for which purpose.
    time.sleep(2.5)

    def traced(*arguments):
        told = lines(city.hanbridge("audit", "trace", *arguments, "--output", "json", profile=auditor))
        return {(one["node"], " ".join(one["fields"]), one["purpose"]) for one in told if one["topic"] == name}

    to_school = ("education/schools/one", "citizenId:last4 only:citizenId,ward", None)
    to_auditor = ("audit/office/one", "only:ward", "inspection")
    assert traced("--record", f"{name}/0/1") == {to_school, to_auditor} and traced("--record", f"{name}/0/0") == {to_auditor}
    assert traced("--node", "education/schools/one") == {to_school} and traced("--node", "audit/office/one") == {to_auditor}
    # Who is shown everything has nothing masked, and masks as the rules do for another node. Nobody else does, and for nobody without rules.
    def masked_as(who, *arguments):
        city.hanbridge("audit", "export", name, "--masked", *arguments, "--out", tmp_path / "as.zip", "--lang", "en", profile=who)

    fails(1, "would mask nothing", call=lambda: masked_as(ward))
    masked_as(ward, "--as", "education/schools/seven")
    with zipfile.ZipFile(case) as theirs, zipfile.ZipFile(tmp_path / "as.zip") as ours:
        for member in ("0/masked/0.jsonl", "0/masked/1.jsonl"):
            assert ours.read(member) == theirs.read(member)
        assert json.loads(ours.read("case.json"))["shownTo"] == "education/schools/seven"
    assert shown(tmp_path / "as.zip") == visible
    fails(1, "tax/office/one may not read", call=lambda: masked_as(ward, "--as", "tax/office/one"))
    fails(1, "who may read them whole", call=lambda: masked_as(school, "--as", "hai-chau/one-stop/counter-1"))
    fails(1, "who may read them whole", call=lambda: masked_as(auditor, "--as", "hai-chau/one-stop/counter-1", "--purpose", "inspection"))
    fails(1, "agency/unit/node", call=lambda: masked_as(ward, "--as", "education"))
    fails(2, "--masked", call=lambda: city.hanbridge("audit", "export", name, "--as", "a/b/c", "--out", tmp_path / "x.zip", profile=ward))


def test_a_changed_case_has_a_verdict(case, tmp_path):
    city, name, full, bare, keys = case

    def changed(member, old, new):
        return rewritten(full, tmp_path / "changed.zip", lambda name, content: content.replace(old, new) if name == member else content)

    assert ("ALTERED", 300, 300) in verify(changed("0/records/1", "thuyền 300".encode(), "thuyền 399".encode()), keys)[1]
    with zipfile.ZipFile(full) as archive:
        bundle = archive.read("0/tile/entries/000")
    assert ("ALTERED", 7, 7) in verify(changed("0/tile/entries/000", bundle[7 * 106 + 90:8 * 106], b"\1" * 16), keys)[1]
    gone = rewritten(full, tmp_path / "gone.zip", lambda name, content: None if name == "0/tile/entries/001" else content)
    assert verify(gone, keys) == (1, [("VERIFIED", 0, 255), ("MISSING", 256, 511), ("VERIFIED", 512, 699)])
    (tmp_path / "other").write_text(keys.read_text().split("+")[0] + "+" + "00000000+AQOhB7/zzhC+HXDdGOdLwJln5NYwm6UNXx3chmQSVTG4\n")
    assert verify(full, tmp_path / "other")[0] == 1
    assert verify(rewritten(full, tmp_path / "no.zip", lambda name, content: None if name == "case.json" else content), keys) == (1, [])


def test_what_is_no_whole_archive_is_refused_by_a_sentence(case, tmp_path):
    city, name, full, bare, keys = case
    data = full.read_bytes()
    file = tmp_path / "hostile.zip"

    def refused(content, *words):
        file.write_bytes(content)
        fails(1, str(file), *words, call=lambda: run("audit", "verify", file, "--log-keys", keys, "--lang", "en"))

    refused(data[:-1], "end is missing")
    refused(data[:len(data) // 2], "end is missing")
    refused(b"", "not a zip file")
    refused(b"PK\5\6" + bytes(18), "case.json")
    # A byte of a member: that member, and the case with it.
    with zipfile.ZipFile(full) as archive:
        place = archive.getinfo("0/tile/0/000").header_offset
    refused(data[:place + 200] + bytes([data[place + 200] ^ 1]) + data[place + 201:], "0/tile/0/000", "damaged")

    def archive(members, **options):
        made = io.BytesIO()
        with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as new:
            for member, content in members:
                new.writestr(member, content)
        return made.getvalue()

    with zipfile.ZipFile(full) as old:
        members = [(member, old.read(member)) for member in old.namelist()]
    for hostile in ("../../etc/cron.d/x", "/etc/passwd", "0/../../x", "..\\x"):
        refused(archive(members + [("N" * len(hostile), b"x")]).replace(b"N" * len(hostile), hostile.encode()), "would leave a folder")
    refused(archive(members + [("0/CHECKPOINT", b"x")]).replace(b"0/CHECKPOINT", b"0/checkpoint"), "there twice")
    # A gigabyte of zeros where 65 kB of a checkpoint may be: nothing of it is made.
    bomb = archive([(member, bytes(200 << 20) if member == "0/checkpoint" else content) for member, content in members])
    assert len(bomb) < 2 << 20
    file.write_bytes(bomb)
    limited = ["sh", "-c", f"ulimit -v 8388608; exec {PROGRAM} audit verify {file} --log-keys {keys} --lang en"]
    done = subprocess.run(limited, capture_output=True, text=True, timeout=30)
    assert done.returncode == 1 and "0/checkpoint is longer than" in done.stderr, done.stderr


def zip64_directory(count):
    """An archive that says it has so many members."""
    end64 = struct.pack("<IQHHIIQQQQ", 0x06064B50, 44, 45, 45, 0, 0, count, count, 46 * count, 0)
    locator = struct.pack("<IIQI", 0x07064B50, 0, 46 * count, 1)
    return end64 + locator + struct.pack("<IHHHHIIH", 0x06054B50, 0, 0, 0xFFFF, 0xFFFF, 0xFFFFFFFF, 0xFFFFFFFF, 0)


@pytest.mark.parametrize("count", [4_000_001, 1 << 57])
def test_limits_hold_at_what_an_archive_says_of_itself(case, tmp_path, count):
    city, name, full, bare, keys = case
    file = tmp_path / "large.zip"
    with open(file, "wb") as out:
        if count < 1 << 40:
            out.truncate(46 * count)
            out.seek(46 * count)
        out.write(zip64_directory(count))
    fails(1, str(file), call=lambda: run("audit", "verify", file, "--log-keys", keys, timeout=20))
