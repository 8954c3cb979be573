"""A state directory is made, and a broker is started in it and stopped."""

import os
import signal
import subprocess

import pytest
from confluent_kafka import TopicPartition
from confluent_kafka.admin import AdminClient, OffsetSpec

from city import PROGRAM, run
from commands import fails


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
