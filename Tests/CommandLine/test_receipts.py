"""Receipts beside the file that was published: what an office keeps of what it sent, verified offline."""

import json

import pytest

from city import Refused, run
from commands import fails, lines
from test_evidence_served import log_keys
from test_publish_typed import typed


@pytest.fixture(scope="module")
def sent(city, ward, tmp_path_factory):
    """A file, its receipts, and the broker's keys."""
    folder = tmp_path_factory.mktemp("receipts")
    name, _ = typed(city, folder, partitions=2)
    file = folder / "readings.jsonl"
    file.write_text("".join(json.dumps({"ward": f"phường {number}", "count": number}, ensure_ascii=False) + "\n" for number in range(9)))
    city.hanbridge("publish", name, file, "--key", "ward", "--receipts", folder / "receipts.jsonl", profile=ward)
    log_keys(city, folder)
    return folder


def verify(folder, receipt, *arguments):
    return run("receipt", "verify", receipt, "--log-keys", folder / "log-keys", *arguments)


def test_the_published_file_is_held_against_its_receipts(sent, tmp_path):
    said = lines(verify(sent, sent / "receipts.jsonl", "--value", sent / "readings.jsonl", "--output", "json"))
    assert len(said) == 9 and all(one["contentChecked"] for one in said)
    assert "9" in verify(sent, sent / "receipts.jsonl", "--value", sent / "readings.jsonl", "--lang", "en").splitlines()[-1]
    other = tmp_path / "other.jsonl"
    other.write_text((sent / "readings.jsonl").read_text().replace('"count": 4', '"count": 5'))
    fails(1, "receipts.jsonl:", "not the one", call=lambda: verify(sent, sent / "receipts.jsonl", "--value", other, "--lang", "en"))
    other.write_text("".join((sent / "readings.jsonl").read_text().splitlines(True)[:4]))
    fails(1, "has no line", call=lambda: verify(sent, sent / "receipts.jsonl", "--value", other, "--lang", "en"))


def test_a_document_is_enough_though_the_log_has_it_behind_a_frame(sent, tmp_path):
    one = next(one for one in lines((sent / "receipts.jsonl").read_text()) if one["line"] == 3)
    (tmp_path / "receipt").write_text(one["receipt"])
    document = (sent / "readings.jsonl").read_text().splitlines()[2]
    for text in (document, document + "\n", document + "\r\n"):
        (tmp_path / "document").write_text(text)
        said = json.loads(verify(sent, tmp_path / "receipt", "--value", tmp_path / "document", "--key", "phường 2", "--output", "json"))
        assert said["contentChecked"]
    (tmp_path / "document").write_text(document + " ")
    with pytest.raises(Refused):
        verify(sent, tmp_path / "receipt", "--value", tmp_path / "document", "--key", "phường 2")
