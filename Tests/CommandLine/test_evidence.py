"""Receipts and exported logs, made by an implementation that is not ours, as the program's offline verifiers judge them."""

import copy
import glob
import json
import os
import shutil
import struct
import subprocess
import sys
from random import Random

import pytest

import evidence_verifier
from city import Refused, run
from commands import lines
from evidence import START, Key, Log, content, entry, sha256

WORKED_ENTRY = (
    "010000010000000000000001000001a2048ed801000001a2048ed7fc00000003000000110000003146bb571b77d800ac"
    "814880e6f7279e5527ba2895f31dcd12b228f24a7bd92bcbbb876b56f644e9930c27d1f9b6e3c265808999b58f0d9cba836b9fa4b1eccb16")


@pytest.fixture(scope="module")
def log():
    return Log(700)


@pytest.fixture
def trust(log, tmp_path):
    (tmp_path / "keys").write_text(log.keys())
    (tmp_path / "policy").write_text(log.policy())
    return ["--log-keys", tmp_path / "keys", "--policy", tmp_path / "policy", "--output", "json"]


def verdicts(*arguments):
    """Exit status and what was found: verdict, first and last offset."""
    try:
        status, output = 0, run("audit", "verify", *arguments)
    except Refused as refused:
        status, output = refused.status, refused.stdout
    return status, [(found["verdict"], found["from"], found["to"]) for found in lines(output) if "verdict" in found]


def test_the_independent_implementation_makes_the_worked_example():
    data = content(b"P-2", b'{"permit":"P-2","status":"issued"}')
    made = entry(
        1, data, bytes.fromhex("dc90cf07de907ccc64636ceddb38e552"), 1795372800001, writer=sha256(b"SPKI-DER-of-producer-cert"))
    # The create time of the example is 5 ms before the append time.
    assert made[:20].hex() + WORKED_ENTRY[40:56] + made[28:].hex() == WORKED_ENTRY


# Receipts


def receipt(tmp_path, data, trust, *arguments):
    file = tmp_path / "receipt.tlog-proof"
    file.write_bytes(data)
    return run("receipt", "verify", file, *trust, *arguments)


def test_a_receipt_verifies_offline_with_its_record_and_without(log, trust, tmp_path):
    for index, size in ((0, 1), (0, 700), (255, 256), (256, 700), (699, 700), (12, 300)):
        said = json.loads(receipt(tmp_path, log.receipt(index, size), trust))
        assert said["verified"] and said["log"] == log.origin and said["offset"] == index and said["size"] == size
        assert not said["contentChecked"] and said["cosigned"] == [{"witness": "W", "time": "2026-11-22T18:40:01Z"}], said
    key, value, _ = log.records[256]
    (tmp_path / "value").write_bytes(value)
    said = json.loads(receipt(tmp_path, log.receipt(256), trust, "--value", tmp_path / "value", "--key", key.decode()))
    assert said["contentChecked"]


@pytest.mark.parametrize("forge", ["value", "salt", "key", "witness", "entry", "proof", "root", "index", "no-quorum"])
def test_a_receipt_that_does_not_hold_is_refused(log, trust, tmp_path, forge):
    arguments = []
    data = log.receipt(256)
    if forge in ("value", "salt"):
        (tmp_path / "value").write_bytes(log.records[256 if forge == "salt" else 257][1])
        arguments = ["--value", tmp_path / "value", "--key", "P-256"]
        data = log.receipt(256, salt=forge != "salt")
    elif forge == "key":
        data = log.receipt(256, key=Key(bytes(32)))
    elif forge == "witness":
        data = log.receipt(256, witness=Key(bytes(32)))
    elif forge == "entry":
        changed = copy.deepcopy(log)
        changed.entries[256] = entry(256, b"", bytes(16))
        head = data.split(b"\nindex")[1]
        data = changed.receipt(256).split(b"\nindex")[0] + b"\nindex" + head
    elif forge == "proof":
        data = data.replace(b"\nindex 256\n", b"\nindex 256\n" + b"A" * 43 + b"=\n")
    elif forge == "root":
        data = data.replace(log.text().split(b"\n")[2], b"A" * 43 + b"=")
    elif forge == "index":
        data = data.replace(b"\nindex 256\n", b"\nindex 257\n")
    elif forge == "no-quorum":
        data = data[:data.rindex("—".encode())]
    with pytest.raises(Refused) as refused:
        receipt(tmp_path, data, trust, *arguments)
    assert refused.value.status == 1 and refused.value.stderr.strip() and not refused.value.stdout


def test_wrong_usage_of_receipts_is_2(log, trust, tmp_path):
    for arguments in (["receipt", "verify", tmp_path / "none", *trust], ["receipt", "verify"]):
        with pytest.raises(Refused) as refused:
            run(*arguments)
        assert refused.value.status == 2
    with pytest.raises(Refused) as refused:
        receipt(tmp_path, log.receipt(1), trust, "--key", "x")
    assert refused.value.status == 2


def test_both_languages_say_what_is_wrong(log, trust, tmp_path):
    for language, word in (("en", "does not hold"), ("vi", "không đúng")):
        with pytest.raises(Refused) as refused:
            receipt(tmp_path, log.receipt(256, key=Key(bytes(32))), trust, "--lang", language)
        assert word in refused.value.stderr


# Exported logs


@pytest.mark.parametrize("count", [1, 255, 256, 257, 700, 66_000])
def test_a_whole_log_is_verified(tmp_path, count):
    log = Log(count)
    log.write(tmp_path / "log")
    (tmp_path / "keys").write_text(log.keys())
    (tmp_path / "policy").write_text(log.policy())
    trust = ["--log-keys", tmp_path / "keys", "--policy", tmp_path / "policy", "--output", "json"]
    assert verdicts(tmp_path / "log", *trust) == (0, [("VERIFIED", 0, count - 1)])


def flip(file, byte):
    data = bytearray(file.read_bytes())
    data[byte] ^= 1
    file.write_bytes(data)


def test_the_attacks_on_a_folder_get_their_verdicts(log, trust, tmp_path):
    folder, saved = tmp_path / "log", tmp_path / "saved"
    trust = [*trust, "--saved", saved]

    def fresh(log=log):
        shutil.rmtree(folder, ignore_errors=True)
        log.write(folder)

    def bad():
        audited = saved.read_bytes() if saved.exists() else None
        status, found = verdicts(folder, *trust)
        assert status == 1
        assert in_order(found) == ranges(second_opinion(log, folder, audited))
        return [verdict for verdict in found if verdict[0] not in ("VERIFIED", "ERASED", "EXPIRED")]

    fresh()
    assert verdicts(folder, *trust) == (0, [("VERIFIED", 0, 699)])
    assert saved.read_bytes() == log.checkpoint()

    flip(folder / "tile/entries/001", 44 * 106 + 2 + 80)
    assert bad() == [("ALTERED", 300, 300)]
    fresh()
    flip(folder / "tile/0/001", 32 * 44)
    assert bad() == [("ALTERED", 300, 300)]
    fresh()
    flip(folder / "tile/1/000.p/2", 33)
    assert bad() == [("ALTERED", 256, 511)]

    # Written anew, signed and even cosigned again.
    changed = copy.deepcopy(log)
    changed.entries[300] = entry(300, b"other", bytes(16))
    fresh(changed)
    assert bad() == [("ALTERED", 0, 699)]

    # One dropped from the end of the entries; two swapped.
    fresh()
    file = folder / "tile/entries/002.p/188"
    file.write_bytes(file.read_bytes()[:-106])
    assert bad() == [("MISSING", 699, 699)]
    fresh()
    file = folder / "tile/entries/000"
    data = file.read_bytes()
    file.write_bytes(data[106:212] + data[:106] + data[212:])
    assert bad() == [("REORDERED", 0, 0), ("REORDERED", 1, 1)]

    # A stale checkpoint, a restored backup; a topic made again; a key swapped.
    (folder / "checkpoint").write_bytes(log.checkpoint(600))
    assert bad() == [("MISSING", 600, 699)]
    again = copy.deepcopy(log)
    again.origin = log.origin.replace("0b9e", "ffff")
    fresh(again)
    assert bad() == [("MISSING", 0, 699)]
    fresh()
    (folder / "checkpoint").write_bytes(log.checkpoint(key=Key(bytes(32))))
    assert bad() == [("ALTERED", 0, 699)]

    # Times that go back.
    dated = Log(10)
    key, value, salt = dated.records[5]
    dated.entries[5] = entry(5, content(key, value), salt, START + 1)
    fresh(dated)
    saved.unlink()
    assert bad() == [("BACKDATED", 5, 5)]
    # What failed is not what the next audit begins with.
    assert not saved.exists()


def bundle(*notes):
    return b"".join(struct.pack(">I", len(note)) + note for note in notes)


def test_records_outside_of_the_cosigning_windows_are_back_dated(log, trust, tmp_path):
    folder, second = tmp_path / "log", START // 1000
    log.write(folder)

    def judged(*notes, more=()):
        (folder / "cosigned").write_bytes(bundle(*notes))
        status, found = verdicts(folder, *trust, *more)
        if not more:
            assert in_order(found) == ranges(second_opinion(log, folder))
        return status, in_order(found)

    assert judged(log.checkpoint(300, time=second + 1), log.checkpoint(time=second + 2)) == (0, [("VERIFIED", 0, 699)])
    # The tolerance: ten seconds on the way, five between the clocks.
    assert judged(log.checkpoint(300, time=second + 15)) == (0, [("VERIFIED", 0, 699)])
    assert judged(log.checkpoint(300, time=second + 16)) == (1, [("VERIFIED", 0, 299), ("BACKDATED", 300, 699)])
    assert judged(log.checkpoint(300, time=second + 16), more=["--skew", 6]) == (0, [("VERIFIED", 0, 699)])
    # Appended after witnesses had seen them.
    assert judged(log.checkpoint(time=second - 10)) == (1, [("BACKDATED", 0, 699)])
    assert judged(log.checkpoint(300, time=second), log.checkpoint(time=second - 10)) == (1, [("VERIFIED", 0, 299), ("BACKDATED", 300, 699)])
    # What others signed says nothing.
    assert judged(log.checkpoint(300, time=second + 100, witness=Key(bytes(32)))) == (0, [("VERIFIED", 0, 699)])
    assert judged(log.checkpoint(300, time=second + 100, key=Key(bytes(32)))) == (0, [("VERIFIED", 0, 699)])
    # Another history that was cosigned: a split view.
    other = copy.deepcopy(log)
    other.entries[120] = entry(120, b"other", bytes(16))
    assert judged(log.checkpoint(100, time=second), other.checkpoint(300, time=second)) == (
        1, [("VERIFIED", 0, 99), ("ALTERED", 100, 299), ("VERIFIED", 300, 699)])
    (folder / "cosigned").write_bytes(bundle(log.checkpoint(300))[:-1])
    with pytest.raises(Refused) as refused:
        run("audit", "verify", folder, *trust)
    assert refused.value.status == 1 and "cosigned" in refused.value.stderr


# A second verifier


def second_opinion(log, folder, saved=None):
    return evidence_verifier.verdicts(
        evidence_verifier.folder(folder), log.key.vkey(log.host), [log.witness.vkey(log.witness_name, 4)], saved)


def ranges(by_offset):
    """Offsets with their verdicts as ranges, in order."""
    found = []
    for offset, verdict in sorted(by_offset.items()):
        if found and found[-1][0] == verdict and found[-1][2] == offset - 1:
            found[-1] = (verdict, found[-1][1], offset)
        else:
            found.append((verdict, offset, offset))
    return found


def in_order(found):
    """The program tells what is bad as soon as it is found."""
    return ranges({offset: verdict for verdict, first, last in found for offset in range(first, last + 1)})


@pytest.mark.parametrize("seed", range(int(os.environ.get("HANBRIDGE_SEED", 1)), int(os.environ.get("HANBRIDGE_SEED", 1)) + 3))
def test_two_verifiers_agree_on_whatever_byte_is_changed(log, trust, tmp_path, seed):
    print("HANBRIDGE_SEED =", seed)
    random = Random(seed)
    folder = tmp_path / "log"
    log.write(folder)
    files = sorted(file for file in folder.rglob("*") if file.is_file())
    for _ in range(40):
        file = random.choice(files)
        before = file.read_bytes()
        place, bit = random.randrange(len(before)), random.randrange(8)
        after = bytearray(before)
        after[place] ^= 1 << bit
        file.write_bytes(after)
        status, found = verdicts(folder, *trust)
        try:
            expected = second_opinion(log, folder)
        except (AssertionError, ValueError):
            # No checkpoint at all: nothing is judged.
            assert (status, found) == (1, []), (file, place, bit)
        else:
            assert in_order(found) == ranges(expected), (file, place, bit)
            assert status == int({verdict for verdict, _, _ in found} != {"VERIFIED"})
        assert status == 1, f"bit {bit} of byte {place} of {file} may be what it likes"
        file.write_bytes(before)


# PyPI's aics-tlog, in an environment of its own


@pytest.fixture(scope="session")
def other_python(tmp_path_factory):
    """A Python that has aics-tlog, which needs 3.12."""
    found = [shutil.which(name) for name in ("python3.12", "python3.13", "python3.14")]
    found += glob.glob(os.path.expanduser("~/.pyenv/versions/3.1[2-9]*/bin/python")) + [sys.executable]
    for python in filter(None, found):
        tried = subprocess.run([python, "-c", "import sys; sys.exit(sys.version_info < (3, 12))"], capture_output=True)
        if tried.returncode == 0:
            folder = tmp_path_factory.mktemp("aics")
            subprocess.run([python, "-m", "venv", folder], check=True, capture_output=True)
            made = subprocess.run(
                [folder / "bin/pip", "install", "-q", "aics-tlog==0.2.1"], capture_output=True, text=True, timeout=180)
            if made.returncode != 0:
                pytest.skip(f"aics-tlog cannot be installed: {made.stderr.strip()[-300:]}")
            return folder / "bin/python"
    pytest.skip("there is no Python 3.12 or newer")


AICS = """
import pathlib, sys
from aics_tlog import *
folder, vkey, witness = pathlib.Path(sys.argv[1]), sys.argv[2], sys.argv[3]
note = parse_note((folder / "checkpoint").read_bytes().decode())
result = verify_checkpoint(note, parse_vkey(vkey), [parse_vkey(witness)], 1)
assert result.ok, result
checkpoint = parse_checkpoint(note.text)
audit_tiles(FileSystemTileReader(folder), checkpoint.size, checkpoint.root)
print("audited", checkpoint.size)
"""


def test_aics_tlog_agrees(log, trust, tmp_path, other_python):
    folder = tmp_path / "log"
    log.write(folder)
    command = [other_python, "-c", AICS, folder, log.key.vkey(log.origin), log.witness.vkey(log.witness_name, 4)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120)
    assert done.stdout.strip() == "audited 700", done.stderr
    assert verdicts(folder, *trust)[0] == 0
    flip(folder / "tile/0/001", 32 * 44)
    assert subprocess.run(command, capture_output=True, timeout=120).returncode != 0
    assert verdicts(folder, *trust)[0] == 1
