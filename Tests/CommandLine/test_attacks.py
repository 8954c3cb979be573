"""The attacks that EVIDENCE.md lists, each carried out and caught by two verifiers with the same verdicts: on the files of a broker that is stopped and
started again, on those of one that runs, on an exported log, and on a case of a range. Those in which witnesses take part are in test_witnesses.py."""

import importlib
import json
import pathlib
import shutil
import sqlite3
import time
import zipfile

import pytest

import evidence_verifier
from city import Refused, run
from commands import fails, lines, topic
from frames import Segment
from test_evidence import in_order, ranges
from test_evidence_served import consumed, covered, documents, get, log_keys, log_path, publish, served, verify

# As EVIDENCE.md lists them, and the tests that carry them out: of a stopped broker, of a running one, of what is exported.
ATTACKS = {
    "a flipped bit in a payload": [
        "test_attacks.test_a_flipped_bit_of_a_payload_is_no_record", "test_attacks.test_a_payload_rewritten_with_every_checksum_is_altered",
        "test_attacks.test_files_changed_below_a_running_broker", "test_attacks.test_a_case_of_a_range_is_attacked"],
    "a flipped bit in an entry": [
        "test_attacks.test_a_flipped_bit_of_an_entry_that_outlived_its_record_is_altered",
        "test_attacks.test_files_changed_below_a_running_broker", "test_attacks.test_a_case_of_a_range_is_attacked",
        "test_evidence.test_the_attacks_on_a_folder_get_their_verdicts"],
    "a flipped bit in a tile": [
        "test_attacks.test_a_flipped_bit_of_a_tile_is_altered", "test_attacks.test_files_changed_below_a_running_broker",
        "test_attacks.test_a_case_of_a_range_is_attacked", "test_evidence.test_the_attacks_on_a_folder_get_their_verdicts"],
    "a record rewritten and the log re-signed": [
        "test_attacks.test_a_record_rewritten_and_the_log_signed_again_does_not_continue_the_audited_one",
        "test_evidence.test_the_attacks_on_a_folder_get_their_verdicts"],
    "a record dropped": [
        "test_attacks.test_records_dropped_from_the_end_are_missing", "test_attacks.test_a_shorter_log_beside_what_was_signed_goes_offline",
        "test_attacks.test_a_case_of_a_range_is_attacked", "test_evidence.test_the_attacks_on_a_folder_get_their_verdicts"],
    "two swapped": [
        "test_attacks.test_two_records_that_changed_places_are_reordered", "test_attacks.test_files_changed_below_a_running_broker",
        "test_attacks.test_a_case_of_a_range_is_attacked", "test_evidence.test_the_attacks_on_a_folder_get_their_verdicts"],
    "a split view": [
        "test_witnesses.test_a_history_that_was_written_anew_is_kept_as_a_fork_and_goes_offline",
        "test_evidence.test_records_outside_of_the_cosigning_windows_are_back_dated"],
    "a stale checkpoint replayed": [
        "test_witnesses.test_an_operator_who_turns_the_witnesses_off_is_behind_what_they_saw",
        "test_evidence.test_the_attacks_on_a_folder_get_their_verdicts"],
    "an old backup restored": [
        "test_attacks.test_an_old_backup_restored_whole_is_missing_what_was_audited",
        "test_witnesses.test_an_older_store_that_was_put_back_is_noticed_before_it_takes_a_record"],
    "a topic deleted and re-created": [
        "test_attacks.test_a_topic_deleted_and_made_again_is_missing", "test_evidence.test_the_attacks_on_a_folder_get_their_verdicts"],
    "a log key swapped": [
        "test_attacks.test_another_key_is_altered", "test_evidence.test_the_attacks_on_a_folder_get_their_verdicts"],
    "a record back-dated": [
        "test_attacks.test_a_record_back_dated_in_its_frame_is_altered",
        "test_attacks.test_records_back_dated_in_a_log_that_is_signed_anew_go_back_in_time",
        "test_evidence.test_records_outside_of_the_cosigning_windows_are_back_dated"],
}


def test_every_attack_of_the_list_is_carried_out():
    for attack, tests in ATTACKS.items():
        for test in tests:
            file, name = test.split(".")
            assert callable(getattr(importlib.import_module(file), name, None)), (attack, test)


# A stopped broker


@pytest.fixture
def stopped(own_city, tmp_path):
    """A stopped broker with a log of 600 records of one partition, audited; its files are the test's to change."""
    city = own_city()
    city.start()
    ward, portal = city.certificate("hai-chau", "one-stop", "counter-1"), city.certificate("portal", "requests", "one")
    auditor = city.certificate("audit", "office", "one", roles=["auditor"])
    name = topic(city)
    for first in range(0, 600, 100):
        publish(city, ward, name, documents(100, first), "--compression", "none")
    keys = log_keys(city, tmp_path)
    covered(city, auditor, name, keys, 600)
    assert verify(city, auditor, name, keys, "--saved", tmp_path / "saved")[0] == 0
    assert city.stop() == 0
    return Stopped(city, name, ward, portal, auditor, keys, tmp_path / "saved")


class Stopped:
    def __init__(self, city, name, ward, portal, auditor, keys, saved):
        self.city, self.name, self.ward, self.portal, self.auditor, self.keys, self.saved = city, name, ward, portal, auditor, keys, saved

    @property
    def partition(self):
        found = [path.parent for path in self.city.data.glob("log/partitions/*/tree-0") if path.stat().st_size >= 600 * 32]
        assert len(found) == 1
        return found[0]

    @property
    def segment(self):
        return Segment(sorted(self.partition.glob("*.log"))[0])

    def forget_the_tree(self):
        """The tree and what was signed: the broker makes both anew of whatever the frames say."""
        for path in self.partition.glob("tree-*"):
            path.unlink()
        database = sqlite3.connect(self.city.data / "metadata.sqlite")
        database.execute("DELETE FROM checkpoint")
        database.execute("DELETE FROM lastCheckpoint")
        database.commit()
        database.close()

    def judged(self, *, records=False, saved=True):
        """The bad verdicts after a start, of two verifiers that agree; with the records, for who may read them."""
        self.city.start()
        who = self.portal if records else self.auditor
        self.city.point(who)
        audited = pathlib.Path(f"{self.saved}.0").read_bytes() if saved else None
        arguments = (["--saved", self.saved] if saved else []) + (["--records"] if records else [])
        # Right after the start: what is there is signed within a second, and an audit waits for that.
        status, found = verify(self.city, who, self.name, self.keys, *arguments)
        return bad(self.city, who, self.name, self.keys, status, found, audited, records)


def bad(city, who, name, keys, status, found, audited=None, records=False):
    """The bad ones of these verdicts, of which the verifier that is not ours makes the same."""
    read = served(city, who, name)
    contents = consumed(city, who, name, int(read("checkpoint").split(b"\n")[1])) if records else None
    other = evidence_verifier.verdicts(read, keys.read_text().strip(), [], audited, contents)
    assert in_order(found) == ranges(other)
    wrong = [verdict for verdict in in_order(found) if verdict[0] not in ("VERIFIED", "ERASED", "EXPIRED")]
    assert status == (1 if wrong else 0), (status, found)
    return wrong


def exchanged(records, one, two):
    """With key, document and all, of the same lengths."""
    between = bytes(range(1, len(one) + 1))
    return records.replace(one, between).replace(two, one).replace(between, two)


def test_nothing_changed_is_verified_after_a_restart(stopped):
    assert stopped.judged(records=True) == []
    assert stopped.city.stop() == 0


def test_a_flipped_bit_of_a_payload_is_no_record(stopped):
    segment = stopped.segment
    position = segment.frame(310)
    place = segment.data.index("thuyền 310".encode(), position)
    segment.data[place] ^= 1
    segment.write()
    # Its checksum tells: nothing of that frame is given out, and its entries cannot be made any more.
    stopped.city.start()
    stopped.city.point(stopped.auditor)
    arguments = [stopped.city, stopped.auditor, stopped.name, stopped.keys, "--saved", stopped.saved]
    status, found = verify(*arguments)
    assert status == 1 and any(verdict == "MISSING" and first <= 310 <= last for verdict, first, last in found), found
    # Then the partition is out of service, and none of it is shown.
    audited = pathlib.Path(f"{stopped.saved}.0").read_bytes()
    assert bad(*arguments[:4], *verify(*arguments), audited) == [("MISSING", 0, 599)]


def test_a_payload_rewritten_with_every_checksum_is_altered(stopped):
    segment = stopped.segment
    position = segment.frame(310)
    records = segment.records(position)
    segment.set_records(position, records.replace("thuyền 310".encode(), "thuyền 999".encode()))
    segment.write()
    assert stopped.judged() == [("ALTERED", 310, 310)]
    assert stopped.city.stop() == 0
    assert stopped.judged(records=True) == [("ALTERED", 310, 310)]
    stopped.city.stop()
    # The check that comes with the store says so too.
    with pytest.raises(Refused):
        run("check", "--config", stopped.city.configuration_file)


def test_a_record_rewritten_and_the_log_signed_again_does_not_continue_the_audited_one(stopped):
    segment = stopped.segment
    position = segment.frame(310)
    segment.set_records(position, segment.records(position).replace("thuyền 310".encode(), "thuyền 999".encode()))
    segment.write()
    stopped.forget_the_tree()
    assert stopped.judged() == [("ALTERED", 0, 599)]


def test_two_records_that_changed_places_are_reordered(stopped):
    segment = stopped.segment
    position = segment.frame(310)
    segment.set_records(position, exchanged(segment.records(position), b"310", b"320"))
    segment.write()
    # Their entries are made anew of what the frames say: who reads the records sees which they are.
    assert stopped.judged() == [("ALTERED", 310, 310), ("ALTERED", 320, 320)]
    assert stopped.city.stop() == 0
    assert stopped.judged(records=True) == [("REORDERED", 310, 310), ("REORDERED", 320, 320)]


def test_a_record_back_dated_in_its_frame_is_altered(stopped):
    segment = stopped.segment
    position = segment.frame(300)
    segment.set_append_time(position, segment.append_time(position) - 60_000)
    segment.write()
    bad = stopped.judged()
    assert bad and {verdict for verdict, _, _ in bad} <= {"ALTERED", "BACKDATED"} and bad[0][1] == 300


def test_records_back_dated_in_a_log_that_is_signed_anew_go_back_in_time(stopped):
    segment = stopped.segment
    position, count = next((at, count) for at, base, count in segment.frames() if base <= 300 < base + count)
    segment.set_append_time(position, segment.append_time(position) - 3_600_000)
    segment.write()
    stopped.forget_the_tree()
    # Nobody's checkpoint is there to contradict it; what is before it does.
    (found,) = stopped.judged(saved=False)
    assert found[0] == "BACKDATED" and found[1] <= 300 < found[2] + 1 == found[1] + count


def test_a_flipped_bit_of_a_tile_is_altered(stopped):
    tree = stopped.partition / "tree-0"
    data = bytearray(tree.read_bytes())
    data[32 * 44] ^= 1
    tree.write_bytes(data)
    assert stopped.judged() == [("ALTERED", 44, 44)]


def test_a_shorter_log_beside_what_was_signed_goes_offline(stopped, tmp_path):
    # The partition as it was at 600, restored beside the metadata of 700.
    old = tmp_path / "old"
    shutil.copytree(stopped.partition, old)
    directory = stopped.partition
    stopped.city.start()
    stopped.city.point(stopped.ward)
    publish(stopped.city, stopped.ward, stopped.name, documents(100, 600))
    stopped.city.point(stopped.auditor)
    covered(stopped.city, stopped.auditor, stopped.name, stopped.keys, 700)
    assert stopped.city.stop() == 0
    shutil.rmtree(directory)
    shutil.copytree(old, directory)
    (stopped.city.data / "log/journal").unlink(missing_ok=True)
    mark = stopped.city.log_size()
    stopped.city.start()
    stopped.city.logged("is not the log of which a checkpoint of 700 records was signed", since=mark)
    # It takes and gives nothing, and nothing of it is signed.
    assert get(stopped.city, stopped.auditor, log_path(stopped.city, stopped.name) + "/checkpoint")[0] == 404
    assert json.loads(get(stopped.city, stopped.city.admin, f"/v1/topics/{stopped.name}")[2])["partitions"][0]["offline"]


def test_records_dropped_from_the_end_are_missing(stopped):
    segment = stopped.segment
    position, _, _ = list(segment.frames())[-1]
    del segment.data[position:]
    segment.write()
    (stopped.city.data / "log/journal").unlink(missing_ok=True)
    stopped.forget_the_tree()
    # The store itself knows that it had more, and the partition is out of service: nothing of its log is shown, and that is no pass.
    assert stopped.judged() == [("MISSING", 0, 599)]
    refused = fails(1, "out of service", call=lambda: stopped.city.hanbridge(
        "audit", "verify", stopped.name, "--log-keys", stopped.keys, "--lang", "en", profile=stopped.auditor))
    assert not refused.stdout


def test_a_flipped_bit_of_an_entry_that_outlived_its_record_is_altered(own_city, tmp_path):
    city = own_city().start()
    ward, auditor = city.certificate("hai-chau", "one-stop", "counter-1"), city.certificate("audit", "office", "one", roles=["auditor"])
    name, keys = topic(city, retention__ms="1"), log_keys(city, tmp_path)
    publish(city, ward, name, documents(300))
    expired(city, auditor, name, 300)
    assert city.stop() == 0
    (entries,) = [path for path in city.data.glob("log/partitions/*/entries") if path.stat().st_size >= 300 * 104]
    flip(entries, 7 * 104 + 80)
    city.start()
    city.point(auditor)
    status, found = verify(city, auditor, name, keys)
    assert bad(city, auditor, name, keys, status, found) == [("ALTERED", 7, 7)]


def expired(city, who, name, count):
    """Waits until retention has deleted so many records."""
    deadline = time.monotonic() + 60
    while json.loads(get(city, who, f"/v1/topics/{name}")[2])["partitions"][0]["logStart"] < count:
        assert time.monotonic() < deadline
        time.sleep(0.2)


def flip(path, place):
    with open(path, "r+b") as file:
        file.seek(place)
        byte = file.read(1)[0]
        file.seek(place)
        file.write(bytes([byte ^ 1]))


def test_an_old_backup_restored_whole_is_missing_what_was_audited(stopped, tmp_path):
    old = tmp_path / "old"
    shutil.copytree(stopped.city.data, old)
    stopped.city.start()
    stopped.city.point(stopped.ward)
    publish(stopped.city, stopped.ward, stopped.name, documents(100, 600))
    stopped.city.point(stopped.auditor)
    covered(stopped.city, stopped.auditor, stopped.name, stopped.keys, 700)
    assert verify(stopped.city, stopped.auditor, stopped.name, stopped.keys, "--saved", stopped.saved)[0] == 0
    assert stopped.city.stop() == 0
    shutil.rmtree(stopped.city.data)
    shutil.copytree(old, stopped.city.data)
    assert stopped.judged() == [("MISSING", 600, 699)]


def test_a_topic_deleted_and_made_again_is_missing(stopped):
    stopped.city.start()
    stopped.city.hanbridge("topic", "delete", stopped.name, "--yes")
    stopped.city.hanbridge("topic", "create", stopped.name, "--config", "hanbridge.schema.subject=none")
    stopped.city.point(stopped.ward)
    publish(stopped.city, stopped.ward, stopped.name, documents(700))
    stopped.city.stop()
    assert stopped.judged() == [("MISSING", 0, 599)]


def test_another_key_is_altered(stopped):
    key = stopped.city.data / "keys/log.pem"
    key.unlink()
    stopped.city.start()
    stopped.city.point(stopped.ward)
    publish(stopped.city, stopped.ward, stopped.name, documents(1, 600))
    deadline = time.monotonic() + 20
    while True:
        stopped.city.point(stopped.auditor)
        status, found = verify(stopped.city, stopped.auditor, stopped.name, stopped.keys, "--saved", stopped.saved)
        if status == 1 or time.monotonic() > deadline:
            break
        time.sleep(0.2)
    audited = pathlib.Path(f"{stopped.saved}.0").read_bytes()
    assert bad(stopped.city, stopped.auditor, stopped.name, stopped.keys, status, found, audited) == [("ALTERED", 0, 600)]


# A running broker


def test_files_changed_below_a_running_broker(own_city, tmp_path):
    """Whoever has the machine writes below the broker while it runs; a topic for each attack, all of one broker."""
    city = own_city().start()
    ward, portal = city.certificate("hai-chau", "one-stop", "counter-1"), city.certificate("portal", "requests", "one")
    keys, names = log_keys(city, tmp_path), {}
    for attack in ("payload", "swap", "tile", "entry"):
        name = names[attack] = topic(city, **({"retention__ms": "1"} if attack == "entry" else {}))
        for first in range(0, 600, 100):
            publish(city, ward, name, documents(100, first), "--compression", "none")
    folders = {}
    for attack, name in names.items():
        covered(city, portal, name, keys, 600)
        topic_id = log_path(city, name).split("/")[3]
        (folders[attack],) = [path for path in city.data.glob("log/partitions/*") if path.name.rsplit("-", 1)[0].replace("-", "") == topic_id]
    expired(city, portal, names["entry"], 600)

    def frames(attack, change):
        segment = Segment(sorted(folders[attack].glob("*.log"))[0])
        position = segment.frame(310)
        segment.set_records(position, change(segment.records(position)))
        # In place: the broker has the file open.
        with open(segment.path, "r+b") as file:
            file.write(segment.data)

    frames("payload", lambda records: records.replace("thuyền 310".encode(), "thuyền 999".encode()))
    frames("swap", lambda records: exchanged(records, b"310", b"320"))
    flip(folders["tile"] / "tree-0", 32 * 44)
    flip(folders["entry"] / "entries", 7 * 104 + 80)
    expected = {
        "payload": [("ALTERED", 310, 310)], "swap": [("REORDERED", 310, 310), ("REORDERED", 320, 320)], "tile": [("ALTERED", 44, 44)],
        "entry": [("ALTERED", 7, 7)]}
    found = {}
    for attack, name in names.items():
        arguments, records = (["--records"], True) if attack in ("payload", "swap") else ([], False)
        found[attack] = bad(city, portal, name, keys, *verify(city, portal, name, keys, *arguments), records=records)
    assert found == expected


# A case of a range


def test_a_case_of_a_range_is_attacked(own_city, tmp_path):
    city = own_city().start()
    ward, portal = city.certificate("hai-chau", "one-stop", "counter-1"), city.certificate("portal", "requests", "one")
    name, keys = topic(city), log_keys(city, tmp_path)
    publish(city, ward, name, documents(700))
    covered(city, portal, name, keys, 700)
    case, folder = tmp_path / "case.zip", tmp_path / "case"
    city.hanbridge("audit", "export", name, "--records", "--from", 300, "--to", 320, "--out", case, profile=portal)

    def attacked(member=None, change=None):
        """The verdicts of both, after a change of a member as whoever knows of its digest makes it."""
        shutil.rmtree(folder, ignore_errors=True)
        with zipfile.ZipFile(case) as archive:
            archive.extractall(folder)
        if member:
            (folder / "0" / member).write_bytes(change((folder / "0" / member).read_bytes()))
        try:
            status, output = 0, run("audit", "verify", folder, "--log-keys", keys, "--output", "json")
        except Refused as refused:
            status, output = refused.status, refused.stdout
        found = in_order([(one["verdict"], one["from"], one["to"]) for one in lines(output) if "verdict" in one])
        other = evidence_verifier.verdicts(evidence_verifier.folder(folder / "0"), keys.read_text().strip(), [], only=range(300, 320))
        assert found == ranges(other), (member, found)
        wrong = [verdict for verdict in found if verdict[0] != "VERIFIED"]
        assert status == (1 if wrong or not found else 0), (member, status, found)
        return wrong

    def flipped(place):
        return lambda data: data[:place] + bytes([data[place] ^ 1]) + data[place + 1:]

    permit = "thuyền 310".encode()
    entry = (310 - 256) * 106
    assert attacked() == []
    assert attacked("records/1", lambda data: data.replace(permit, "thuyền 999".encode())) == [("ALTERED", 310, 310)]
    assert attacked("records/1", lambda data: exchanged(data, b"310", b"312")) == [("REORDERED", 310, 310), ("REORDERED", 312, 312)]
    assert attacked("tile/entries/001", flipped(entry + 80)) == [("ALTERED", 310, 310)]
    assert attacked("tile/entries/001", lambda data: data[:entry] + data[entry + 106:entry + 212] + data[entry:entry + 106] + data[entry + 212:]) == [
        ("REORDERED", 310, 311)]
    assert attacked("tile/entries/001", lambda data: data[:entry]) == [("MISSING", 310, 319)]
    assert attacked("records/1", lambda data: data[:data.index(permit)]) == [("MISSING", 310, 319)]
    # Of a tile what is not of the case counts too where it leads from there to the root.
    assert attacked("tile/0/001", flipped(32 * 54)) == [("ALTERED", 310, 310)]
    assert attacked("tile/0/001", flipped(32 * 3)) == [("ALTERED", 259, 259)]
    assert attacked("tile/1/000.p/2", flipped(0)) == attacked("tile/0/002.p/188", flipped(9)) == [("ALTERED", 300, 319)]
    assert attacked("tile/0/001", lambda data: data[:-32]) == [("ALTERED", 256, 511)]
