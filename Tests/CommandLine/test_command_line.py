"""The command line as a person and as a program use it: exit statuses, both languages, JSON lines, and every command once."""

import json
import os
import shutil
import signal
import subprocess
import time
import uuid

import jsonschema
import pytest
import yaml
from confluent_kafka import TopicPartition
from confluent_kafka.admin import AdminClient, OffsetSpec

import forge
from city import PROGRAM, ROOT, Refused, run

TYPES = sorted(path.parent.name for path in (ROOT / "Schemas").glob("*/schema.json"))


@pytest.fixture(scope="module")
def ward(city):
    return city.certificate("hai-chau", "one-stop", "counter-1")


@pytest.fixture(scope="module")
def portal(city):
    return city.certificate("portal", "requests", "one")


def topic(city, partitions=1, **configuration):
    return city.topic(
        f"portal.cl-{uuid.uuid4().hex[:8]}.v1", partitions, owner="portal", publishers=["hai-chau/*/*"],
        subscribers=["portal/*/*"], **configuration)


def lines(text):
    """JSON lines: every line is an object."""
    documents = [json.loads(line) for line in text.splitlines()]
    assert all(isinstance(document, dict) for document in documents)
    return documents


def fails(status, *words, call):
    with pytest.raises(Refused) as refused:
        call()
    assert refused.value.status == status, refused.value
    for word in words:
        assert word in refused.value.stderr, refused.value
    return refused.value


def everything(city, who, name):
    """The values of a topic, in order of partition and offset."""
    records = lines(city.hanbridge("subscribe", name, "--from", "earliest", "--until-end", "--output", "json", profile=who))
    return [record["value"] for record in sorted(records, key=lambda record: (record["partition"], record["offset"]))]


# Exit statuses


@pytest.mark.parametrize("arguments", [
    ["no-such-command"], ["topic", "create"], ["serve"], ["topic", "list", "--output", "xml"], ["sample", "no-such-type"],
    ["sample", "vaccination", "--count", "-1"], ["publish"], ["topic", "list", "--lang", "fr"], ["topic", "alter", "x"],
    ["topic", "list", "--profile", "/no/such/file"], ["cert", "issue", "--out", "x"]])
def test_wrong_usage_is_2(arguments):
    refused = fails(2, call=lambda: run(*arguments))
    assert refused.stderr.strip() and not refused.stdout


def test_help_is_0():
    for arguments in ([], ["--help"], ["topic", "--help"], ["help", "cert"]):
        assert "hanbridge" in run(*arguments)


def test_refused_is_1(city, portal):
    fails(1, "TOPIC_AUTHORIZATION_FAILED", call=lambda: city.hanbridge("topic", "delete", "no-such-topic", "--yes", profile=portal))


def test_a_broker_out_of_reach_is_3(city, portal, tmp_path):
    folder = tmp_path / "node"
    shutil.copytree(portal, folder)
    profile = yaml.safe_load((folder / "profile.yaml").read_text())
    profile.pop("endpoints", None)
    profile.update(kafka="127.0.0.1:1", https="https://127.0.0.1:1")
    (folder / "profile.yaml").write_text(yaml.safe_dump(profile))
    for arguments in (["topic", "list"], ["policy", "list"], ["doctor"], ["backup", "create"], ["group", "list"],
                      ["publish", "t"], ["subscribe", "t"], ["subscribe", "t", "--group", "portal.g"]):
        began = time.monotonic()
        fails(3, call=lambda: run(*arguments, "--profile", folder / "profile.yaml", input='{"n":1}\n'))
        # A connection that is refused is known at once: nothing is waited out (the time-outs are five seconds and more).
        assert time.monotonic() - began < 3, arguments


def test_a_reader_that_has_had_enough_is_no_error():
    done = subprocess.run(
        f"{PROGRAM} sample vaccination --count 5000 | head -1; echo ${{PIPESTATUS[0]}}", shell=True, executable="/bin/bash",
        capture_output=True, text=True, timeout=60)
    assert done.stdout.splitlines()[1] == "0" and not done.stderr


# init


def test_init_refuses_a_directory_that_is_not_empty(tmp_path):
    (tmp_path / "mine").write_text("mine")
    fails(1, str(tmp_path), call=lambda: run("init", tmp_path))
    assert [path.name for path in tmp_path.iterdir()] == ["mine"]


def test_init_makes_a_state_directory_that_checks(tmp_path):
    run("init", tmp_path / "state", "--authority", "hue")
    assert (tmp_path / "state/pki/ca.key").stat().st_mode & 0o777 == 0o600
    assert (tmp_path / "state/profiles/admin/key.pem").stat().st_mode & 0o777 == 0o600
    run("check", "--config", tmp_path / "state/broker.yaml")


# Languages


def test_sentences_come_in_the_locales_language(tmp_path):
    (tmp_path / "mine").touch()
    english = fails(1, call=lambda: run("init", tmp_path, environment={"LANG": "en_US.UTF-8"})).stderr
    vietnamese = fails(1, call=lambda: run("init", tmp_path, environment={"LANG": "vi_VN.UTF-8"})).stderr
    assert english != vietnamese and any(letter in vietnamese for letter in "ạảấầậắặếềệốộớợứựđươ")
    assert fails(1, call=lambda: run("init", tmp_path, "--lang", "vi")).stderr == vietnamese


def test_tables_have_vietnamese_heads(city):
    city.hanbridge("topic", "create", "portal.heads.v1")
    english, vietnamese = (city.hanbridge("topic", "list", "--lang", language) for language in ("en", "vi"))
    assert "portal.heads.v1" in english and "portal.heads.v1" in vietnamese
    assert english.splitlines()[0] != vietnamese.splitlines()[0]


# Topics


def test_the_life_of_a_topic(city):
    name = f"portal.life-{uuid.uuid4().hex[:6]}.v1"
    city.hanbridge("topic", "create", name, "--partitions", "2", "--config", "retention.ms=3600000")
    fails(1, "TOPIC_ALREADY_EXISTS", call=lambda: city.hanbridge("topic", "create", name))
    city.hanbridge("topic", "create", name, "--if-not-exists")
    listed = {document["topic"]: document for document in lines(city.hanbridge("topic", "list", "--output", "json"))}
    assert listed[name]["partitions"] == 2
    assert len(lines(city.hanbridge("topic", "describe", name, "--output", "json"))) == 2
    city.hanbridge("topic", "alter", name, "--partitions", "3", "--config", "retention.ms=7200000")
    assert len(lines(city.hanbridge("topic", "describe", name, "--output", "json"))) == 3
    configuration = {
        entry["name"]: entry for entry in lines(city.hanbridge("topic", "describe", name, "--configs", "--output", "json"))}
    assert configuration["retention.ms"]["value"] == "7200000" and not configuration["retention.ms"]["isDefault"]
    city.hanbridge("topic", "alter", name, "--delete", "retention.ms")
    configuration = {
        entry["name"]: entry for entry in lines(city.hanbridge("topic", "describe", name, "--configs", "--output", "json"))}
    assert configuration["retention.ms"]["value"] == "-1" and configuration["retention.ms"]["isDefault"]
    fails(1, call=lambda: city.hanbridge("topic", "alter", name, "--partitions", "1"))
    fails(1, call=lambda: city.hanbridge("topic", "alter", name, "--config", "no.such.thing=1"))
    fails(2, "--yes", call=lambda: city.hanbridge("topic", "delete", name))
    city.hanbridge("topic", "delete", name, "--yes")
    assert name not in city.hanbridge("topic", "list")


# Publishing and subscribing


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


# Groups


def test_a_group_goes_on_is_described_and_reset(city, ward, portal):
    name, group = topic(city), f"portal.{uuid.uuid4().hex[:6]}"
    city.hanbridge("publish", name, "--format", "jsonl", profile=ward, input="".join(f'{{"n":{n}}}\n' for n in range(6)))

    def read(count):
        out = city.hanbridge(
            "subscribe", name, "--group", group, "--from", "earliest", "--max", count, "--output", "json", profile=portal)
        return [record["value"]["n"] for record in lines(out)]

    assert read(4) == [0, 1, 2, 3]
    assert read(2) == [4, 5]
    (row,) = lines(city.hanbridge("group", "describe", group, "--output", "json", profile=portal))
    assert (row["topic"], row["partition"], row["lag"]) == (name, 0, 0)
    assert group in [row["group"] for row in lines(city.hanbridge("group", "list", "--output", "json", profile=portal))]
    city.hanbridge("group", "reset", group, "--topic", name, "--to", "1", profile=portal)  # only shows
    (row,) = lines(city.hanbridge("group", "describe", group, "--output", "json", profile=portal))
    assert row["lag"] == 0
    city.hanbridge("group", "reset", group, "--topic", name, "--to", "1", "--execute", profile=portal)
    (row,) = lines(city.hanbridge("group", "describe", group, "--output", "json", profile=portal))
    assert row["lag"] == 5
    assert read(5) == [1, 2, 3, 4, 5]


def test_another_agencys_group_is_refused(city, portal):
    name = topic(city)
    fails(1, "GROUP_AUTHORIZATION_FAILED",
          call=lambda: city.hanbridge("subscribe", name, "--group", "tax.mine", "--max", "1", profile=portal))


# Agreements


def agreement(**changes):
    return {"id": "DSA-1", "topic": "a.b.v1", "owner": "portal", "parties": [{"node": "portal/*/*", "may": ["subscribe"]}],
            "legalBasis": "Quyết định 1/QĐ", "from": "2026-01-01", "until": "2026-12-31", **changes}


@pytest.mark.parametrize("document, word", [
    (agreement(until="2025-01-01"), "until"), (agreement(parties=[{"node": "portal", "may": ["subscribe"]}]), "portal"),
    (agreement(parties=[{"node": "portal/*/*", "may": ["eat"]}]), "eat"),
    (agreement(parties=[{"node": "portal/*/*", "may": ["subscribe"], "fields": {"allow": ["a"]}}]), "fields"),
    (agreement(parties=[{"node": "portal/*/*", "may": ["subscribe"], "where": {"ward": ["a"]}}]), "where"),
    (agreement(parties=[{"node": "portal/*/*", "may": ["subscribe"], "purpose": ["a"]}]), "purpose"),
    (agreement(parties=[{"node": "portal/*/*", "may": ["subscribe"], "deny": ["replay"]}]), "deny"), (agreement(surprise=1), "surprise"),
])
def test_bad_agreements_are_named_and_change_nothing(city, tmp_path, document, word):
    before = city.hanbridge("policy", "list", "--output", "json")
    file = tmp_path / "bad.yaml"
    file.write_text(yaml.safe_dump({"agreements": [document]}, allow_unicode=True))
    fails(1, "bad.yaml", word, call=lambda: run("policy", "check", file))
    fails(1, "bad.yaml", word, call=lambda: city.hanbridge("policy", "apply", file))
    assert city.hanbridge("policy", "list", "--output", "json") == before


def test_good_agreements_check_and_list(city, ward, tmp_path):
    file = tmp_path / "good.yaml"
    file.write_text(yaml.safe_dump({"agreements": [agreement()]}, allow_unicode=True))
    run("policy", "check", file)
    run("policy", "check", ROOT / "Deploy/agreements")
    name = topic(city)
    listed = lines(city.hanbridge("policy", "list", "--output", "json", profile=ward))
    assert name in [row["topic"] for row in listed]
    fails(1, call=lambda: city.hanbridge("policy", "apply", file, profile=ward))


# Samples


def strict(schema):
    return jsonschema.Draft202012Validator(schema, format_checker=jsonschema.Draft202012Validator.FORMAT_CHECKER)


@pytest.mark.parametrize("name", TYPES)
def test_samples_are_what_their_schema_says(name):
    schema = json.loads((ROOT / "Schemas" / name / "schema.json").read_text())
    jsonschema.Draft202012Validator.check_schema(schema)
    validator = strict(schema)
    records = lines(run("sample", name, "--count", "300", "--seed", "7"))
    assert len(records) == 300
    for record in records:
        errors = [f"{error.json_path}: {error.message}" for error in validator.iter_errors(record)]
        assert not errors, (record, errors)
    for line in (ROOT / "Schemas" / name / "valid.jsonl").read_text().splitlines():
        assert validator.is_valid(json.loads(line)), line


@pytest.mark.parametrize("name", TYPES)
def test_samples_are_the_same_for_the_same_seed(name):
    def sample(*arguments):
        return run("sample", name, *arguments)

    one = sample("--count", "50", "--seed", "3")
    assert sample("--count", "50", "--seed", "3") == one
    assert sample("--count", "20", "--seed", "3").splitlines() == one.splitlines()[:20]
    assert sample("--count", "50", "--seed", "4") != one
    assert sample("--count", "0") == ""


def test_the_samples_are_vietnamese():
    text = run("sample", "service-request", "--count", "200")
    import unicodedata

    assert unicodedata.is_normalized("NFC", text) and any(letter in text for letter in "ạảấầậắặếềệốộớợứựđươ")


def test_every_invalid_example_is_invalid_where_it_says():
    for name in TYPES:
        validator = strict(json.loads((ROOT / "Schemas" / name / "schema.json").read_text()))
        for line in (ROOT / "Schemas" / name / "invalid.jsonl").read_text().splitlines():
            assert not validator.is_valid(json.loads(line)["document"]), line


# Certificates


def test_certificates_on_another_machine(city, ward, tmp_path):
    """Everything of `cert` works on the authority's directory alone."""
    pki = tmp_path / "elsewhere"
    shutil.copytree(city.directory / "pki", pki)
    out = tmp_path / "node"
    (issued,) = lines(run("cert", "issue", "--pki", pki, "--agency", "tax", "--unit", "registry", "--node", "one", "--role", "auditor",
                          "--display-name", "Cục Thuế", "--days", "30", "--out", out, "--kafka", "broker.example:9093",
                          "--https", "https://broker.example:8443", "--output", "json"))
    assert issued["subject"] == "spiffe://danang/tax/registry/one" and issued["roles"] == ["auditor"]
    profile = yaml.safe_load((out / "profile.yaml").read_text())
    assert profile["kafka"] == "broker.example:9093" and "endpoints" not in profile
    assert "broker.example:9093" in (out / "kafka.properties").read_text()
    fails(1, call=lambda: run("cert", "issue", "--pki", pki, "--agency", "tax", "--unit", "registry", "--node", "one", "--out", out))

    key = (out / "key.pem").read_text()
    (renewed,) = lines(run("cert", "renew", out, "--pki", pki, "--output", "json"))
    assert renewed["serial"] != issued["serial"] and (out / "key.pem").read_text() == key
    run("cert", "revoke", issued["serial"], "--pki", pki, "--reason", "superseded")
    listed = {row["serial"].lower(): row for row in lines(run("cert", "list", "--pki", pki, "--output", "json"))}
    assert listed[issued["serial"].lower()]["reason"] == "superseded"
    assert listed[renewed["serial"].lower()]["subject"] == issued["subject"]
    (crl,) = lines(run("cert", "crl", "--pki", pki, "--days", "14", "--output", "json"))
    text = subprocess.run(["openssl", "crl", "-in", crl["file"], "-noout", "-text"], check=True, capture_output=True, text=True).stdout
    assert issued["serial"].upper().lstrip("0") in text.replace(":", "")

    # The new list alone is brought to the broker; nothing is restarted.
    mark = city.log_size()
    shutil.copy(pki / "crl.pem", city.directory / "pki/crl.pem")
    city.logged("Trust was read again", since=mark)


def test_a_signing_request_keeps_its_key(city, tmp_path):
    forge.openssl("ecparam", "-name", "prime256v1", "-genkey", "-noout", "-out", tmp_path / "key.pem")
    forge.openssl("req", "-new", "-key", tmp_path / "key.pem", "-subj", "/CN=ignored", "-out", tmp_path / "request.pem")
    out = tmp_path / "out"
    run("cert", "issue", "--pki", city.directory / "pki", "--csr", tmp_path / "request.pem", "--agency", "tax", "--unit", "registry",
        "--node", "hsm", "--out", out)
    assert not (out / "key.pem").exists()
    shutil.copy(tmp_path / "key.pem", out / "key.pem")
    city.point(out)
    city.hanbridge("topic", "list", profile=out)


@pytest.mark.parametrize("arguments", [
    ["--agency", "Thuế", "--unit", "a", "--node", "b"], ["--agency", "tax", "--unit", "", "--node", "b"],
    ["--agency", "tax", "--unit", "a/b", "--node", "c"], ["--agency", "x" * 64, "--unit", "a", "--node", "c"],
    ["--agency", "tax", "--unit", "a", "--node", "c", "--days", "399"], ["--agency", "tax", "--unit", "a", "--node", "c", "--days", "0"],
    ["--agency", "tax", "--unit", "a", "--node", "c", "--role", "king"], ["--host", "h", "--agency", "tax"]])
def test_a_wrong_request_for_a_certificate_issues_nothing(city, tmp_path, arguments):
    before = run("cert", "list", "--pki", city.directory / "pki")
    fails(2, call=lambda: run("cert", "issue", "--pki", city.directory / "pki", *arguments, "--out", tmp_path / "out"))
    assert run("cert", "list", "--pki", city.directory / "pki") == before and not (tmp_path / "out").exists()


def revocation_list(city, folder, next_update):
    """A list of the city's authority by the openssl program, due so many seconds from now."""
    folder.mkdir()
    (folder / "index").touch()
    (folder / "number").write_text("7000\n")
    (folder / "configuration").write_text(
        f"[ca]\ndefault_ca = a\n[a]\ndatabase = {folder}/index\ncrlnumber = {folder}/number\ndefault_md = sha256\n"
        "crl_extensions = e\n[e]\nauthorityKeyIdentifier = keyid\n")
    stamp = [time.strftime("%Y%m%d%H%M%SZ", time.gmtime(time.time() + seconds)) for seconds in (min(-60, next_update - 86_400), next_update)]
    forge.openssl("ca", "-gencrl", "-config", folder / "configuration", "-cert", city.directory / "pki/ca.pem",
                  "-keyfile", city.directory / "pki/ca.key", "-crl_lastupdate", stamp[0], "-crl_nextupdate", stamp[1],
                  "-out", folder / "crl.pem")
    return folder / "crl.pem"


def test_a_stale_revocation_list_refuses_new_connections_after_its_grace_only(own_city, tmp_path):
    import wire

    # Without the authority's key the broker cannot make a new list by itself.
    city = own_city(settings={"identity": {"crlGraceHours": 2}})
    one, two = city.certificate("portal", "requests", "one"), city.certificate("portal", "requests", "two")
    stale, dead = revocation_list(city, tmp_path / "stale", -3600), revocation_list(city, tmp_path / "dead", -3 * 3600)
    (city.directory / "pki/ca.key").rename(tmp_path / "ca.key")
    city.start()
    for node in (one, two):
        city.point(node)

    def bring(file):
        mark = city.log_size()
        shutil.copy(file, city.directory / "pki/crl.pem")
        city.reload()
        city.logged("Trust was read again", since=mark)

    bring(stale)
    with wire.Wire(city, one) as live:
        live.api_versions()  # stale, within the grace
        mark = city.log_size()
        bring(dead)
        with pytest.raises(wire.Closed):
            with wire.Wire(city, two) as new:
                new.api_versions()
        city.logged("the revocation list should have been replaced", since=mark)
        live.api_versions()  # a live connection is never ended by it


# check, doctor, backup


def test_check_names_what_is_wrong_with_a_configuration(city, tmp_path):
    text = city.configuration_file.read_text()
    bad = city.directory / "bad.yaml"
    for change, word in (
        ("surprise: 1\n", "surprise"), ("limits: {frameBytesMax: 0}\n", "frameBytesMax"), ("limits: {noSuch: 1}\n", "noSuch"),
    ):
        bad.write_text(text + "\n" + change)
        fails(1, "bad.yaml", word, call=lambda: run("check", "--config", bad, "--config-only"))
    bad.write_text(text.replace("127.0.0.1:0", "nowhere", 1))
    fails(1, "bad.yaml", "nowhere", call=lambda: run("check", "--config", bad, "--config-only"))
    bad.write_text("a: [")
    fails(1, "bad.yaml", call=lambda: run("check", "--config", bad, "--config-only"))
    fails(1, call=lambda: run("check", "--config", city.directory / "none.yaml"))
    bad.unlink()


def test_check_finds_a_damaged_store(own_city):
    city = own_city().start()
    ward, name = city.certificate("hai-chau", "one-stop", "counter-1"), topic(city)
    city.hanbridge("publish", name, "--format", "jsonl", profile=ward, input="".join(f'{{"n":{n}}}\n' for n in range(100)))
    assert city.stop() == 0
    assert any("100" in line or "record" in line for line in run("check", "--config", city.configuration_file).splitlines())
    assert all(document["level"] != "problem"
               for document in lines(run("check", "--config", city.configuration_file, "--output", "json")))
    found = 0
    for file in (city.data / "log").rglob("*"):
        if not file.is_file():
            continue
        data = bytearray(file.read_bytes())
        at = data.find(b'{"n":50}')
        if at >= 0:
            data[at + 5] ^= 1
            file.write_bytes(data)
            found += 1
    if not found:  # lz4 keeps the digits apart
        for file in (city.data / "log").rglob("*"):
            if file.is_file() and (at := file.read_bytes().find(b'{"n":')) >= 0:
                data = bytearray(file.read_bytes())
                data[at] ^= 1
                file.write_bytes(data)
                found += 1
    assert found
    out = fails(1, call=lambda: run("check", "--config", city.configuration_file, "--output", "json")).stdout
    assert any(document["level"] == "problem" for document in lines(out))


def test_doctor_says_how_things_are(city, ward):
    for who in (city.admin, ward):
        out = lines(city.hanbridge("doctor", "--output", "json", profile=who))
        assert out and all(document["level"] in ("well", "attention") for document in out)
    assert city.hanbridge("doctor", "--lang", "vi") != city.hanbridge("doctor", "--lang", "en")


def test_doctor_warns_of_a_certificate_that_ends_soon(city):
    soon = city.certificate("portal", "requests", "soon", days=3)
    out = lines(city.hanbridge("doctor", "--output", "json", profile=soon))
    assert any(document["level"] == "attention" for document in out)


def test_a_backup_of_a_running_broker_is_verified_and_restored(own_city, tmp_path):
    city = own_city(settings={"backup": {"directory": str(tmp_path / "backups")}}).start()
    ward, portal = city.certificate("hai-chau", "one-stop", "counter-1"), city.certificate("portal", "requests", "one")
    name, group = topic(city, 2), "portal.backed-up"
    city.hanbridge("publish", name, "--format", "jsonl", profile=ward, input="".join(f'{{"n":{n}}}\n' for n in range(400)))
    city.hanbridge("subscribe", name, "--group", group, "--from", "earliest", "--max", "100", profile=portal)
    fails(1, call=lambda: city.hanbridge("backup", "create", profile=ward))
    (made,) = lines(city.hanbridge("backup", "create", "--output", "json"))
    before = everything(city, portal, name)
    # What comes later is not in it.
    city.hanbridge("publish", name, "--format", "jsonl", profile=ward, input='{"n":400}\n')
    run("backup", "verify", made["directory"])
    assert city.stop() == 0

    fails(1, call=lambda: run("backup", "restore", made["directory"], tmp_path))
    run("backup", "restore", made["directory"], tmp_path / "restored")
    run("check", "--config", tmp_path / "restored/broker.yaml")
    city.directory = tmp_path / "restored"
    city.start()
    for node in (ward, portal):
        city.point(node)
    profile = yaml.safe_load((portal / "profile.yaml").read_text())
    profile["endpoints"] = str(city.data / "endpoints.json")
    (portal / "profile.yaml").write_text(yaml.safe_dump(profile))
    assert everything(city, portal, name) == before and len(before) == 400
    rows = lines(city.hanbridge("group", "describe", group, "--output", "json", profile=portal))
    assert sum(row["lag"] for row in rows) == 300
    assert city.stop() == 0

    # One flipped bit is found, and a directory that is no backup is none.
    files = [path for path in (tmp_path / "backups").rglob("*") if path.is_file() and b'"n":' in path.read_bytes()]
    data = bytearray(files[0].read_bytes())
    data[data.find(b'"n":')] ^= 4
    files[0].write_bytes(data)
    fails(1, call=lambda: run("backup", "verify", made["directory"]))
    fails(1, call=lambda: run("backup", "verify", tmp_path))


def leftovers(folder):
    return sorted(path.name for path in folder.iterdir()) if folder.exists() else []


def test_a_backup_that_would_reach_into_the_reserve_is_refused_and_leaves_nothing(own_city, mounted):
    point = mounted("small", "-t", "tmpfs", "-o", "size=24m", "tmpfs")
    city = own_city(settings={"data": str(point / "data"), "backup": {"directory": str(point / "backups")}})
    city.data_directory = point / "data"
    city.start()
    ward, name = city.certificate("hai-chau", "one-stop", "counter-1"), topic(city)
    # 9 MB of log: a second 9 MB would fit the disk, but not beside the reserve and what SQLite and the journal take.
    line = json.dumps({"n": os.urandom(25_000).hex()}) + "\n"
    while (free := os.statvfs(point).f_bavail * os.statvfs(point).f_frsize) > 11 << 20:
        city.hanbridge("publish", name, "--format", "jsonl", profile=ward, input=line * 12)
    used = sum(path.stat().st_size for path in (city.data / "log").rglob("*") if path.is_file())
    assert used > free - (24 << 20) // 16, "a copy would not fit"
    refused = fails(1, str(point / "backups"), call=lambda: city.hanbridge("backup", "create"))
    assert "backup.directory" in refused.stderr
    assert leftovers(point / "backups") == []
    city.hanbridge("publish", name, "--format", "jsonl", profile=ward, input='{"n":1}\n')


def test_a_backup_that_fails_in_the_middle_leaves_nothing(own_city, tmp_path, shim):
    trigger, backups = tmp_path / "fail-now", tmp_path / "backups"
    city = own_city(
        settings={"backup": {"directory": str(backups)}},
        environment={"LD_PRELOAD": str(shim), "HANBRIDGE_SHIM_EIO": str(trigger), "HANBRIDGE_SHIM_BELOW": "/backups/"}).start()
    ward, name = city.certificate("hai-chau", "one-stop", "counter-1"), topic(city)
    city.hanbridge("publish", name, "--format", "jsonl", profile=ward, input='{"n":1}\n')
    trigger.touch()
    mark = city.log_size()
    fails(1, call=lambda: city.hanbridge("backup", "create"))
    assert not trigger.exists(), "a sync of the copy failed"
    city.logged("the backup was not made", since=mark)
    assert leftovers(backups) == []
    (made,) = lines(city.hanbridge("backup", "create", "--output", "json"))
    run("backup", "verify", made["directory"])


def test_a_topic_deleted_while_a_backup_is_made_is_not_in_it(own_city, tmp_path, shim):
    hold, backups = tmp_path / "hold", tmp_path / "backups"
    city = own_city(
        settings={"backup": {"directory": str(backups)}},
        environment={"LD_PRELOAD": str(shim), "HANBRIDGE_SHIM_HOLD": str(hold), "HANBRIDGE_SHIM_BELOW": "/backups/"}).start()
    ward, portal = city.certificate("hai-chau", "one-stop", "counter-1"), city.certificate("portal", "requests", "one")
    kept, gone = topic(city), topic(city, 12)
    for name in (kept, gone):
        city.hanbridge("publish", name, "--format", "jsonl", profile=ward, input='{"n":1}\n' * 50)
    hold.touch()  # the copy of the log stops at its first sync, when the metadata is copied
    backup = subprocess.Popen(
        [str(PROGRAM), "backup", "create", "--output", "json", "--profile", str(city.admin / "profile.yaml")],
        stdout=subprocess.PIPE, text=True)
    deadline = time.monotonic() + 20
    while not list(backups.glob("*/log/partitions/*/*")):
        assert time.monotonic() < deadline and backup.poll() is None
        time.sleep(0.05)
    city.hanbridge("topic", "delete", gone, "--yes")
    late = topic(city)
    city.hanbridge("publish", late, "--format", "jsonl", profile=ward, input='{"n":1}\n')
    hold.unlink()
    (made,) = lines(backup.communicate(timeout=60)[0])
    assert backup.returncode == 0
    run("backup", "verify", made["directory"])
    before = everything(city, portal, kept)
    assert city.stop() == 0
    run("backup", "restore", made["directory"], tmp_path / "restored")
    city.directory = tmp_path / "restored"
    city.start()
    for node in (ward, portal):
        city.point(node)
    profile = yaml.safe_load((portal / "profile.yaml").read_text())
    profile["endpoints"] = str(city.data / "endpoints.json")
    (portal / "profile.yaml").write_text(yaml.safe_dump(profile))
    listed = [document["topic"] for document in lines(city.hanbridge("topic", "list", "--output", "json", profile=portal))]
    assert kept in listed and gone not in listed
    # Neither what is missing nor what came later is taken for a loss.
    assert "out of service" not in city.log_text() and "never knew" not in city.log_text()
    assert everything(city, portal, kept) == before


# The authority, killed in the middle


def tear(city):
    """What `cert revoke` leaves when it is killed between its line of the index and its list: the line is there, the list is the one
    before. Returns the node's directory."""
    thief = city.certificate("hai-chau", "one-stop", "stolen-9")
    listed = (city.directory / "pki/crl.pem").read_bytes()
    run("cert", "revoke", thief, "--pki", city.directory / "pki", "--reason", "keyCompromise")
    index = city.directory / "pki/issued.jsonl"
    assert json.loads(index.read_text().splitlines()[-1])["event"] == "list"
    index.write_text("".join(line + "\n" for line in index.read_text().splitlines()[:-1]))
    (city.directory / "pki/crl.pem").write_bytes(listed)
    return thief


def revoked_serials(city):
    text = subprocess.run(["openssl", "crl", "-in", city.directory / "pki/crl.pem", "-noout", "-text"], capture_output=True, text=True, check=True)
    return text.stdout.count("Serial Number:")


def test_the_next_cert_command_writes_the_list_that_a_killed_one_left_unwritten(own_city):
    city = own_city()
    tear(city)
    assert revoked_serials(city) == 0
    run("cert", "list", "--pki", city.directory / "pki")
    assert revoked_serials(city) == 1


def test_a_starting_broker_writes_the_list_that_a_killed_command_left_unwritten(own_city):
    city = own_city()
    thief = tear(city)
    city.start()
    assert revoked_serials(city) == 1
    city.point(thief)
    with pytest.raises(Refused):
        city.hanbridge("topic", "list", profile=thief)


def test_a_starting_broker_renews_its_own_certificate_before_its_end(own_city):
    city = own_city()
    directory = city.directory / "pki/broker"
    shutil.rmtree(directory)
    run("cert", "issue", "--pki", city.directory / "pki", "--host", "localhost", "--host", "127.0.0.1", "--days", "9", "--out", directory)
    before = (directory / "certificate.pem").read_bytes()
    city.start()
    assert city.stop() == 0 and (directory / "certificate.pem").read_bytes() == before, "nothing is due yet"
    # The index says that it is older than it is: two thirds of its life are over.
    index = city.directory / "pki/issued.jsonl"
    records = [json.loads(line) for line in index.read_text().splitlines()]
    for record in records:
        if record["event"] == "issued" and record["subject"].startswith("localhost 127.0.0.1") and "::1" not in record["subject"]:
            record["at"] -= 24 * 86_400_000
    index.write_text("".join(json.dumps(record, sort_keys=True) + "\n" for record in records))
    city.start()
    assert (directory / "certificate.pem").read_bytes() != before
    city.logged("the broker's certificate", "was renewed")
    city.hanbridge("topic", "list")


def test_a_bad_certificate_of_an_authority_is_told_by_its_file(own_city):
    city = own_city().start()
    ca = city.directory / "pki/ca.pem"
    good = ca.read_bytes()
    mark = city.log_size()
    ca.write_text("-----BEGIN CERTIFICATE-----\nMAMBAgM=\n-----END CERTIFICATE-----\n")
    city.reload()
    city.logged("ca.pem", "cannot be read", since=mark)
    ca.write_bytes(good)
    city.reload()


# serve


def test_every_start_begins_one_leader_epoch(own_city):
    city = own_city()
    epochs = []
    for _ in range(3):
        city.start()
        admin = AdminClient(city.librdkafka(city.admin))
        if not epochs:
            city.topic("portal.epochs.v1", owner="portal", publishers=["hai-chau/*/*"])
        future = admin.list_offsets({TopicPartition("portal.epochs.v1", 0): OffsetSpec.latest()})
        epochs.append(next(iter(future.values())).result(20).leader_epoch)
        assert city.stop() == 0
    assert epochs == list(range(epochs[0], epochs[0] + 3))


def test_serve_refuses_a_bad_configuration_and_a_store_that_is_open(city):
    bad = city.directory / "broken.yaml"
    bad.write_text("data: data\nsurprise: 1\n")
    fails(1, "broken.yaml:2", "surprise", call=lambda: run("serve", "--config", bad))
    bad.unlink()
    other = city.directory / "second.yaml"
    other.write_text(city.configuration_file.read_text())
    done = subprocess.run([str(PROGRAM), "serve", "--config", str(other)], capture_output=True, text=True, timeout=60,
                          env={**os.environ, "SWIFT_BACKTRACE": "enable=no"})
    other.unlink()
    assert done.returncode == 1 and done.stderr.strip()
    # The broker that runs still does, and its list of endpoints is still there.
    city.hanbridge("topic", "list")
    assert (city.data / "endpoints.json").exists()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_serve_stops_at_a_signal_with_0(own_city, number):
    city = own_city().start()
    city.process.send_signal(number)
    assert city.process.wait(15) == 0
