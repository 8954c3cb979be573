"""The command line as a person and as a program meet it first: exit statuses and both languages."""

import shutil
import subprocess
import time

import pytest
import yaml

from city import PROGRAM, run
from commands import fails


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
