"""Records go in as JSON lines, CSV and raw files, and come out as they were."""

import json

import pytest

from commands import everything, fails, lines, topic


def test_json_lines_arrive_as_they_were(city, ward, portal, tmp_path):
    name = topic(city, 3)
    documents = [{"id": f"r-{n}", "phường": "Hải Châu", "n": n, "x": 0.1} for n in range(500)]
    file = tmp_path / "records.jsonl"
    file.write_text("\n".join(json.dumps(document, ensure_ascii=False) for document in documents))  # no newline at the end
    out = lines(city.hanbridge("publish", name, file, "--key", "id", "--output", "json", profile=ward))
    assert out[0]["records"] == 500 and sum(offset + 1 for offset in out[0]["lastOffsets"].values()) == 500
    got = everything(city, portal, name)
    assert sorted(got, key=lambda document: document["n"]) == documents


def test_stdin_is_published(city, ward, portal):
    name = topic(city)
    city.hanbridge("publish", name, "-", "--format", "jsonl", profile=ward, input='{"a":1}\n{"a":2}\n')
    assert everything(city, portal, name) == [{"a": 1}, {"a": 2}]


@pytest.mark.parametrize("language, told", [("en", "2 records were published"), ("vi", "2 bản ghi đã được gửi")])
def test_what_comes_through_a_pipe_before_a_bad_line_is_published_and_counted(city, ward, portal, language, told):
    name = topic(city)
    publish = ["publish", name, "--lang", language]
    fails(1, told, "stdin", call=lambda: city.hanbridge(*publish, profile=ward, input='{"a":1}\n{"a":2}\n{"a":\n{"a":4}\n'))
    failed = fails(1, call=lambda: city.hanbridge(*publish, "--output", "json", profile=ward, input='{"a":3}\n}\n'))
    (told,) = lines(failed.stdout)
    assert told["records"] == 1 and told["lastOffsets"] == {"0": 2}
    assert everything(city, portal, name) == [{"a": 1}, {"a": 2}, {"a": 3}]


def test_csv_becomes_documents(city, ward, portal, tmp_path):
    name = topic(city)
    file = tmp_path / "readings.csv"
    file.write_text('\ufeff"station",pm25:number,count:integer,open:boolean,note\r\nhai-chau,12.5,3,true,"dòng ""một"", hai"\r\nson-tra,7,,false,\r\n')
    city.hanbridge("publish", name, file, "--key", "station", profile=ward)
    assert everything(city, portal, name) == [
        {"station": "hai-chau", "pm25": 12.5, "count": 3, "open": True, "note": 'dòng "một", hai'},
        {"station": "son-tra", "pm25": 7, "open": False}]


def test_raw_is_one_record(city, ward, portal, tmp_path):
    name = topic(city)
    file = tmp_path / "photo.bin"
    file.write_bytes(bytes(range(256)) * 10)
    city.hanbridge("publish", name, file, "--format", "raw", profile=ward)
    (value,) = everything(city, portal, name)
    import base64

    assert base64.b64decode(value["base64"]) == file.read_bytes()


@pytest.mark.parametrize("bad, line, suffix", [
    ('{"a":1}\n{"a":\n{"a":3}\n', 2, "jsonl"), ('{"a":1}\n\n\nnot json\n', 4, "jsonl"), ('{"b":1}\n', 1, "jsonl"),
    ("a,b\n1,2\n1,2,3\n", 3, "csv"), ('a,b\n1,"2\n', 2, "csv"), ("a,a\n1,2\n", 1, "csv"), ("a,b:integer\n1,zwei\n", 2, "csv")])
def test_a_bad_line_sends_nothing_and_is_named(city, ward, portal, tmp_path, bad, line, suffix):
    name = topic(city)
    file = tmp_path / f"bad.{suffix}"
    file.write_text(bad)
    fails(1, f"line {line}", "bad", call=lambda: city.hanbridge("publish", name, file, "--key", "a", profile=ward))
    assert everything(city, portal, name) == []


def test_publishing_without_an_agreement_is_refused(city, portal, tmp_path):
    name = topic(city)
    # Which of the two says it first depends on whether the node may publish anywhere at all.
    fails(1, "_AUTHORIZATION_FAILED",
          call=lambda: city.hanbridge("publish", name, "--format", "jsonl", profile=portal, input='{"a":1}\n'))


def test_subscribing_from_an_offset_and_for_so_many(city, ward, portal):
    name = topic(city)
    city.hanbridge("publish", name, "--format", "jsonl", profile=ward, input="".join(f'{{"n":{n}}}\n' for n in range(10)))
    out = lines(city.hanbridge("subscribe", name, "--from", "4", "--max", "3", "--output", "json", profile=portal))
    assert [(record["offset"], record["value"]["n"]) for record in out] == [(4, 4), (5, 5), (6, 6)]
    assert city.hanbridge("subscribe", name, "--from", "9", "--max", "1", profile=portal) == '{"n":9}\n'
