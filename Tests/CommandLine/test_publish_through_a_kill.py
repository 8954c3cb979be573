"""The broker is killed while `hanbridge publish` sends good and bad records: the good ones are there once and in order, the bad ones are named once."""

import json
import socket
import subprocess
import time

from city import PROGRAM
from commands import everything, lines

SCHEMA = {"type": "object", "required": ["n"], "properties": {"n": {"type": "integer", "minimum": 0}, "text": {"type": "string"}}}
RECORDS = 40_000


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def test_good_records_are_there_once_and_in_order_and_bad_ones_are_named_once(own_city, tmp_path):
    # The publisher comes back to the address it knows.
    city = own_city(settings={"listeners": {"kafka": f"127.0.0.1:{free_port()}"}}).start()
    ward, portal = city.certificate("hai-chau", "one-stop", "counter-1"), city.certificate("portal", "requests", "one")
    name = "portal.killed.v1"
    city.topic(name, owner="portal", publishers=["hai-chau/*/*"], subscribers=["portal/*/*"], hanbridge__schema__subject="")
    schema = tmp_path / "schema.json"
    schema.write_text(json.dumps(SCHEMA))
    city.hanbridge("schema", "register", schema, "--subject", f"{name}-value")
    bad = {n for n in range(RECORDS) if n % 501 == 7}
    file = tmp_path / "records.jsonl"
    file.write_text("\n".join(json.dumps({"n": -1 if n in bad else n, "text": "x" * 200}) for n in range(RECORDS)))
    publisher = subprocess.Popen(
        [str(PROGRAM), "publish", name, str(file), "--output", "json", "--profile", str(ward / "profile.yaml")],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    try:
        deadline = time.monotonic() + 30
        while sum(row["records"] for row in lines(city.hanbridge("topic", "describe", name, "--output", "json"))) == 0:
            assert time.monotonic() < deadline and publisher.poll() is None, "nothing was stored"
        city.kill()
        city.start()
        out, error = publisher.communicate(timeout=120)
    finally:
        publisher.kill()
    assert publisher.returncode == 1, error
    *refused, summary = lines(out)
    assert sorted(entry["line"] - 1 for entry in refused) == sorted(bad)
    assert (summary["records"], summary["refused"]) == (RECORDS - len(bad), len(bad))
    assert [value["n"] for value in everything(city, portal, name)] == [n for n in range(RECORDS) if n not in bad]
    assert city.stop() == 0
