"""Whatever stands in the directory of agreements: what cannot be taken whole leaves the old set in force, and says so to log, audit and metrics."""

import json
import re
import time
import urllib.request

import pytest
import yaml

from city import run
from commands import lines

GOOD = {"id": "DSA-OLD", "topic": "portal.old.v1", "owner": "portal", "parties": [{"node": "hai-chau/*/*", "may": ["publish"]}]}
NEXT = yaml.safe_dump({"agreements": [{**GOOD, "id": "DSA-NEXT"}]})
BOMB = "a: &a [x]\n" + "".join(f"{chr(97 + n)}: &{chr(97 + n)} [*{chr(96 + n)}, *{chr(96 + n)}]\n" for n in range(1, 20))

BAD = {
    "malformed": (b"agreements: [", "two.yaml:1:"),
    "malformed inside": (b"agreements:\n  - id: A\n   topic: b\n", "two.yaml:3:"),
    "huge": (b"# " + b"x" * (1 << 20) + b"\n" + NEXT.encode(), "two.yaml has more than 1048576 bytes"),
    "cyclic by anchors": (b"agreements: &a\n  - *a\n", "anchors and aliases"),
    "a bomb of anchors": (BOMB.encode(), "anchors and aliases"),
    "a word twice": (NEXT.replace("owner: portal", "owner: portal\n  owner: health").encode(), "stands more than once"),
    "two documents": (f"{NEXT}---\n{NEXT}".encode(), "two.yaml"),
    "an id that is there": (NEXT.replace("DSA-NEXT", "DSA-OLD").encode(), "two.yaml:2:"),
    "a letter of another alphabet": (NEXT.replace("owner: portal", "owner: p\u043ertal").encode(), "U+043E"),
    "nothing visible": (NEXT.replace("owner: portal", "owner: \"portal\u200b\"").encode(), "U+200B"),
    "a day that does not exist": (NEXT.replace("owner:", "until: 2026-02-30\n  owner:").encode(), "2026-02-30"),
    "a zone that does not exist": (NEXT.replace("owner:", "timeZone: Mars/Olympus\n  owner:").encode(), "Mars/Olympus"),
    "half written, and good so far": (NEXT.encode().rstrip(b"\n"), "half written"),
    "half a character": (NEXT.encode() + b"# \xe1\xba\n", "not text in UTF-8"),
    "binary": (bytes(range(256)), "two.yaml"),
    "a dangling link": (None, "two.yaml"),
    "signatures that are none": ({"DSA-OLD.signatures.json": b"{\n"}, "DSA-OLD.signatures.json:2:"),
}


def gauge(city):
    with urllib.request.urlopen(city.endpoints["health"] + "/metrics", timeout=10) as page:
        found = re.search(r"^hanbridge_policy_directory_refused (\S+)$", page.read().decode(), re.MULTILINE)
    return found and float(found[1])


def eventually(check, seconds=10):
    deadline = time.monotonic() + seconds
    while not check():
        assert time.monotonic() < deadline
        time.sleep(0.1)


def test_each_leaves_the_old_set_in_force_and_is_told_to_log_audit_and_metrics(own_city):
    city = own_city(settings={"policy": {"directory": "policy"}})
    folder = city.directory / "policy"
    folder.mkdir()
    (folder / "one.yaml").write_text(yaml.safe_dump({"agreements": [GOOD]}))
    city.start()
    auditor = city.certificate("inspectorate", "audit", "one", roles=["auditor"])
    eventually(lambda: gauge(city) == 0)
    for number, (name, (content, words)) in enumerate(BAD.items(), 1):
        if content is None:
            (folder / "two.yaml").symlink_to(folder / "nowhere")
        elif isinstance(content, dict):
            for file, text in content.items():
                (folder / file).write_bytes(text)
        else:
            (folder / "two.yaml").write_bytes(content)
        mark = city.log_size()
        city.reload()
        city.logged("stay", since=mark)
        city.logged(words, since=mark)
        assert gauge(city) == 1, name
        ids = [row["id"] for row in lines(city.hanbridge("policy", "list", "--output", "json"))]
        assert ids == ["DSA-OLD"], name
        for file in folder.iterdir():
            if file.name != "one.yaml":
                file.unlink()
        mark = city.log_size()
        city.reload()
        eventually(lambda: gauge(city) == 0)
    events = [json.loads(row["value"]) if isinstance(row["value"], str) else row["value"]
              for row in lines(city.hanbridge("subscribe", "_audit.access", "--from", "earliest", "--until-end", "--output", "json", profile=auditor))]
    refused = [event for event in events if event["data"]["action"] == "agreements.refused"]
    assert len(refused) >= len(BAD)
    assert any("two.yaml:1:" in event["data"]["details"]["first"] for event in refused)


@pytest.mark.parametrize("name", [name for name, (content, _) in BAD.items() if isinstance(content, bytes) and "half written" not in name])
def test_each_is_named_by_policy_check(tmp_path, name):
    from commands import fails
    content, words = BAD[name]
    (tmp_path / "one.yaml").write_text(yaml.safe_dump({"agreements": [GOOD]}))
    (tmp_path / "two.yaml").write_bytes(content)
    status = 2 if name in ("huge", "half a character", "binary") else 1
    fails(status, words.replace("two.yaml:1:", "two.yaml"), call=lambda: run("policy", "check", tmp_path))
