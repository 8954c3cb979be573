"""Full disks, read-only file systems, and an fsync that fails: a clear error, nothing corrupt, reads go on, and writes come back by
themselves where they can."""

import subprocess
import time
import urllib.error
import urllib.request

import pytest
from confluent_kafka import KafkaError, Producer

from city import run
from ledger import Ledger, losses, served


def produce(producer, topic, value, ledger):
    """The error code of one record, or None."""
    outcome = []

    def delivered(error, message):
        ledger.delivered(error, message)
        outcome.append(error)

    producer.produce(topic, value=value, partition=0, on_delivery=delivered)
    assert producer.flush(15) == 0
    return outcome[0].code() if outcome[0] is not None else None


def until_refused(producer, topic, ledger, value, limit):
    for _ in range(limit):
        code = produce(producer, topic, value, ledger)
        if code is not None:
            return code
    pytest.fail(f"{limit} records went in and the disk never filled")


def start(own_city, point, **options):
    city = own_city(settings={"data": str(point / "data")}, **options)
    city.data_directory = point / "data"
    city.start()
    ward, portal = city.certificate("hai-chau", "one-stop", "counter-1"), city.certificate("portal", "requests", "one")
    topic = city.topic("portal.disk.v1", 1, owner="portal", publishers=["hai-chau/*/*"], subscribers=["portal/*/*"])
    producer = Producer(city.librdkafka(ward, retries=0, acks="all", enable__idempotence=False, message__timeout__ms=10000))
    return city, portal, topic, producer


def readiness(city):
    """(status, reason) of /readyz."""
    try:
        with urllib.request.urlopen(f"{city.endpoints['health']}/readyz", timeout=5) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode()


def test_a_four_megabyte_disk_fills_and_comes_back(own_city, mounted):
    point = mounted("small", "-t", "tmpfs", "-o", "size=4m", "tmpfs")
    city, portal, topic, producer = start(own_city, point)
    ledger = Ledger()
    assert readiness(city) == (200, "ok\n")
    assert until_refused(producer, topic, ledger, b"y" * 20_000, 400) == KafkaError.KAFKA_STORAGE_ERROR
    assert ledger.acknowledged
    assert readiness(city) == (503, "disk: no space is left for records; free some\n")
    found = served(city.librdkafka(portal), topic, 1)
    assert not losses(ledger, found), "reads go on while the disk is full"

    subprocess.run(["mount", "-o", "remount,size=16m", str(point)], check=True)
    assert readiness(city) == (200, "ok\n"), "ready again by itself, before anybody writes"
    deadline = time.monotonic() + 20
    while produce(producer, topic, b"again", ledger) is not None:
        assert time.monotonic() < deadline, "space came back and writes did not"
        time.sleep(0.2)
    assert not losses(ledger, served(city.librdkafka(portal), topic, 1))
    assert city.stop() == 0
    run("check", "--config", city.configuration_file)
    city.start()
    assert not losses(ledger, served(city.librdkafka(portal), topic, 1))


def test_a_read_only_file_system_is_a_clear_error_and_reads_go_on(own_city, mounted_image):
    _, point = mounted_image("ro", 64 << 20)
    city, portal, topic, producer = start(own_city, point)
    ledger = Ledger()
    for n in range(50):
        assert produce(producer, topic, f"{n}".encode(), ledger) is None
    # A plain remount is refused while files are open for writing; `abort` is what ext4 does by itself when its device fails.
    subprocess.run(["mount", "-o", "remount,abort", str(point)], check=True)
    codes = [produce(producer, topic, b"z" * 100_000, ledger) for _ in range(30)]
    assert KafkaError.KAFKA_STORAGE_ERROR in codes
    assert readiness(city) == (503, "disk: the file system takes no writes; look at the disk, then restart\n")
    assert not losses(ledger, served(city.librdkafka(portal), topic, 1))


def test_a_failed_fsync_acknowledges_nothing_that_is_not_on_the_disk(own_city, tmp_path, shim):
    trigger = tmp_path / "fail-now"
    city, portal, topic, producer = start(
        own_city, tmp_path, environment={"LD_PRELOAD": str(shim), "HANBRIDGE_SHIM_EIO": str(trigger)})
    ledger = Ledger()
    for n in range(20):
        assert produce(producer, topic, f"before {n}".encode(), ledger) is None
    trigger.touch()
    codes = [produce(producer, topic, f"during {n}".encode(), ledger) for n in range(3)]
    assert KafkaError.KAFKA_STORAGE_ERROR in codes
    assert not losses(ledger, served(city.librdkafka(portal), topic, 1))
    city.kill()
    city.environment = {}
    city.start()
    assert not losses(ledger, served(city.librdkafka(portal), topic, 1))
