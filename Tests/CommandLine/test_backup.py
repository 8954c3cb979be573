"""A copy of a running broker can be restored; one that cannot be made leaves nothing behind."""

import json
import os
import subprocess
import time

import yaml

from city import PROGRAM, run
from commands import everything, fails, lines, topic


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
