"""Apache Kafka's own Java clients, two generations of them, configured by the `kafka.properties` that `cert issue` writes.

Tests/run fetches them: the jars are in Python wheels (`java/clients.txt`), the compiler and the virtual machine are Debian's. The
programs in `java/` end with 0 when everything held that they look for."""

import os
import pathlib
import shutil
import subprocess
import time
import uuid

import pytest
from confluent_kafka import Consumer

from city import ROOT
from stored_batches import batches

SOURCES = pathlib.Path(__file__).parent / "java"
CLIENTS = pathlib.Path(os.environ.get("HANBRIDGE_JAVA_CLIENTS", ROOT / ".build-java"))
VERSIONS = [line.split()[0] for line in (SOURCES / "clients.txt").read_text().splitlines() if line and not line.startswith("#")]
OLDEST = VERSIONS[0]
PROGRAM_SECONDS_MAX = 150

pytestmark = pytest.mark.skipif(shutil.which("javac") is None, reason="no Java compiler: apt-get install default-jdk-headless")


class Java:
    def __init__(self, version, directory):
        jars = CLIENTS / version
        if not (jars / "kafka-clients.jar").exists():
            pytest.skip(f"Kafka's Java client {version} is not at hand: python3 {SOURCES.relative_to(ROOT)}/fetch.py {CLIENTS}")
        self.version, self.path = version, f"{directory}:{jars}/*"
        # Only the oldest still has the classes by which every version is asked for.
        sources = [source for source in sorted(SOURCES.glob("*.java")) if version == OLDEST or source.stem != "EveryVersion"]
        subprocess.run(["javac", "-nowarn", "-encoding", "UTF-8", "-cp", self.path, "-d", directory, *sources], check=True, timeout=120)

    def command(self, program, *arguments):
        # Byte code that runs once is not worth compiling well.
        return ["java", "-XX:TieredStopAtLevel=1", "-Xmx256m", "-Dfile.encoding=UTF-8", "-cp", self.path, program, *map(str, arguments)]

    def run(self, program, *arguments):
        done = subprocess.run(
            self.command(program, *arguments), capture_output=True, text=True, timeout=PROGRAM_SECONDS_MAX,
            stdin=subprocess.DEVNULL)
        assert done.returncode == 0, f"{program}, Kafka {self.version}: {done.stdout[-2000:]}{done.stderr[-6000:]}"
        return done.stdout


@pytest.fixture(scope="module", params=VERSIONS)
def java(request, tmp_path_factory):
    return Java(request.param, tmp_path_factory.mktemp(f"classes-{request.param}"))


@pytest.fixture(scope="module")
def ward(city):
    return city.certificate("hai-chau", "one-stop", "counter-1") / "kafka.properties"


@pytest.fixture(scope="module")
def portal(city):
    return city.certificate("portal", "requests", "one") / "kafka.properties"


def topic(city, partitions=1):
    return city.topic(
        f"portal.j-{uuid.uuid4().hex[:8]}.v1", partitions, owner="portal", publishers=["hai-chau/*/*"], subscribers=["portal/*/*"],
        rights=("publish", "tombstone"))


@pytest.mark.parametrize("codec", ["none", "gzip", "snappy", "lz4", "zstd"])
def test_every_codec_round_trips_and_is_stored_compressed(city, java, ward, portal, codec):
    name, marker = topic(city), uuid.uuid4().hex
    java.run("Codecs", ward, portal, city.bootstrap, name, codec, marker)
    stored = list(batches(city.data))
    assert any(kind == codec for kind, _, _ in stored)
    assert any(kind == "none" and marker.encode() in data for kind, _, data in stored) == (codec == "none")


@pytest.mark.parametrize("membership", ["eager", "cooperative", "static"])
def test_a_group_of_two_shares_the_partitions(city, java, ward, portal, membership):
    group = f"portal.java-{membership}-{java.version}"
    java.run("Groups", ward, portal, city.bootstrap, topic(city, 4), group, membership)


def test_an_operator_administers(city, java, ward, portal):
    java.run("Administration", city.admin / "kafka.properties", ward, portal, city.bootstrap, topic(city))


def test_an_idempotent_producer_survives_a_killed_broker_without_gap_or_duplicate(own_city, java):
    city, count = own_city().start(), 6000
    city.configure({"listeners": {"kafka": city.bootstrap}})
    ward, portal = city.certificate("hai-chau", "one-stop", "counter-1"), city.certificate("portal", "requests", "one")
    name = topic(city, 2)
    producer = subprocess.Popen(
        java.command("Idempotence", ward / "kafka.properties", city.bootstrap, name, count), stdout=subprocess.PIPE,
        stderr=subprocess.PIPE, text=True)
    try:
        for line in producer.stdout:
            if int(line) in (1500, 3000, 4500):
                city.kill()
                city.start()
        assert producer.wait(timeout=PROGRAM_SECONDS_MAX) == 0, producer.stderr.read()[-6000:]
    finally:
        producer.kill()
        producer.communicate()

    consumer = Consumer(city.librdkafka(portal, group__id="portal.exactly", auto__offset__reset="earliest", enable__partition__eof=True))
    consumer.subscribe([name])
    found, ended, deadline = {0: [], 1: []}, set(), time.monotonic() + 60
    while len(ended) < 2 and time.monotonic() < deadline:
        message = consumer.poll(0.5)
        if message is not None and message.error():
            ended.add(message.partition())
        elif message is not None:
            found[message.partition()].append(int(message.value()))
    consumer.close()
    for partition, values in found.items():
        assert values == [n for n in range(count) if n % 2 == partition]


def test_java_reads_the_answer_of_every_api_at_every_version(city, java):
    if java.version != OLDEST:
        pytest.skip(f"only {OLDEST} still knows the old versions")
    name = f"portal.every-{uuid.uuid4().hex[:8]}"
    city.topic(name, owner="portal", publishers=["portal/every/*"], subscribers=["portal/every/*"])
    operator = city.certificate("portal", "every", "version", roles=["operator"])
    said = java.run("EveryVersion", operator / "kafka.properties", city.bootstrap, name)
    assert int(said.split(" versions of ")[1].split()[0]) >= 27, said
