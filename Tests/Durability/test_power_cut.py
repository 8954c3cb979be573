"""Power cuts of log and metadata together. The store lies on a loop-mounted ext4 image. Under load the broker is stopped in its
tracks, the image is copied once the loop device is idle (what the kernel had not written to the device is lost, as at a power
cut), and a broker is started on the copy. With fsync turned off the same test must find losses: else it proves nothing."""

import os
import pathlib
import random
import shutil
import signal
import subprocess
import threading
import time

import pytest

from city import City
from ledger import Ledger, load, losses, served

PARTITIONS = 4
CUTS = int(os.environ.get("HANBRIDGE_POWER_CUTS", "2"))


def writes(device):
    return pathlib.Path(f"/sys/block/{pathlib.Path(device).name}/stat").read_text().split()[4:7]


def copy_when_idle(image, device, copy):
    for _ in range(200):
        before = writes(device)
        shutil.copyfile(image, copy)
        if writes(device) == before:
            return
    pytest.fail("the loop device never came to rest")


def cut(tmp_path, mounted, mounted_image, own_city, environment):
    seed = int(os.environ.get("HANBRIDGE_SEED", random.randrange(1 << 32)))
    print(f"seed {seed}")
    chance = random.Random(seed)
    image, point = mounted_image("disk", 128 << 20)
    device = subprocess.run(["findmnt", "-no", "SOURCE", point], check=True, capture_output=True, text=True).stdout.strip()
    subprocess.run(["sync"], check=True)
    city = own_city(settings={"data": str(point / "data")}, environment=environment)
    city.data_directory = point / "data"
    city.start()
    ward, portal = city.certificate("hai-chau", "one-stop", "counter-1"), city.certificate("portal", "requests", "one")
    topic = city.topic("portal.cut.v1", PARTITIONS, owner="portal", publishers=["hai-chau/*/*"], subscribers=["portal/*/*"])
    ledger, stop = Ledger(), threading.Event()
    configuration = city.librdkafka(ward, acks="all", linger__ms=1, message__timeout__ms=20000)
    loads = [threading.Thread(target=load, args=(configuration, topic, PARTITIONS, ledger, stop, f"{n}")) for n in range(2)]
    for thread in loads:
        thread.start()
    lost = {}
    try:
        for n in range(CUTS):
            time.sleep(chance.uniform(0.5, 1.5))
            with ledger.lock:  # everything acknowledged up to here must be on the copy
                promised = dict(ledger.acknowledged)
            os.kill(city.process.pid, signal.SIGSTOP)
            copy = tmp_path / f"cut{n}.img"
            copy_when_idle(image, device, copy)
            os.kill(city.process.pid, signal.SIGCONT)
            assert promised
            found = {}
            after = mounted(f"cut{n}", "-o", "loop", copy)
            try:
                survivor = City.__new__(City)
                survivor.__dict__.update(city.__dict__)
                survivor.directory = tmp_path / f"survivor{n}"
                shutil.copytree(city.directory, survivor.directory, symlinks=True)
                survivor.environment = {}
                survivor.data_directory = after / "data"
                survivor.configure({"data": str(after / "data")})
                try:
                    survivor.start()
                    found = served(survivor.librdkafka(portal), topic, PARTITIONS)
                finally:
                    survivor.kill()
            except Exception as error:
                if not environment:
                    raise
                print(f"without fsync the store did not even come up: {error}")
            for key, value in promised.items():
                if found.get(key) != value:
                    lost[key] = value
            subprocess.run(["umount", "-l", str(after)], check=False)
            copy.unlink()
    finally:
        stop.set()
        for thread in loads:
            thread.join()
        city.kill()
    return lost, len(ledger.acknowledged)


def test_a_power_cut_loses_nothing_acknowledged(tmp_path, mounted, mounted_image, own_city):
    lost, acknowledged = cut(tmp_path, mounted, mounted_image, own_city, {})
    assert not lost, f"{len(lost)} of {acknowledged} lost, first {sorted(lost)[:3]}"


def test_with_fsync_turned_off_the_power_cut_test_fails(tmp_path, mounted, mounted_image, own_city, shim):
    lost, _ = cut(tmp_path, mounted, mounted_image, own_city, {"LD_PRELOAD": str(shim), "HANBRIDGE_SHIM_NOSYNC": "1"})
    assert lost, "a store that never syncs passed the power-cut test: the test proves nothing"
