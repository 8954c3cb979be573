"""kcat, the tool that operators have at hand, with the ready-made librdkafka.properties."""

import shutil
import subprocess
import uuid

import pytest

from stored_batches import batches

pytestmark = pytest.mark.skipif(shutil.which("kcat") is None, reason="kcat is not installed")


def kcat(city, who, *arguments, input=None, status=0):
    settings = [f"-X{key}={value}" for key, value in city.librdkafka(who).items()]
    done = subprocess.run(["kcat", *settings, *arguments], input=input, capture_output=True, text=True, timeout=60)
    assert done.returncode == status, done.stderr
    return done.stdout


def topic(city, partitions=1):
    return city.topic(
        f"portal.kc-{uuid.uuid4().hex[:8]}.v1", partitions, owner="portal", publishers=["hai-chau/*/*"], subscribers=["portal/*/*"])


@pytest.mark.parametrize("codec", ["none", "gzip", "snappy", "lz4", "zstd"])
def test_what_is_produced_is_consumed(city, codec):
    ward, portal = city.certificate("hai-chau", "one-stop", "counter-1"), city.certificate("portal", "requests", "one")
    name = topic(city)
    lines = [f"{name} dòng {n} " + "chữ " * 40 for n in range(200)]
    kcat(city, ward, "-P", "-t", name, "-z", codec, "-Xlinger.ms=50", input="\n".join(lines) + "\n")
    out = kcat(city, portal, "-C", "-t", name, "-o", "beginning", "-e", "-q")
    assert out.splitlines() == lines
    assert any(kind == codec for kind, _, _ in batches(city.data))


def test_a_group_consumes_with_kcat(city):
    ward, portal = city.certificate("hai-chau", "one-stop", "counter-1"), city.certificate("portal", "requests", "one")
    name = topic(city, 3)
    kcat(city, ward, "-P", "-t", name, input="a\nb\nc\n")
    out = kcat(city, portal, "-G", f"portal.{uuid.uuid4().hex[:6]}", "-Xauto.offset.reset=earliest", "-c", "3", "-q", name)
    assert sorted(out.split()) == ["a", "b", "c"]


def test_the_listing_shows_only_what_one_may_describe(city):
    name = topic(city)
    assert name in kcat(city, city.certificate("portal", "requests", "one"), "-L")
    assert name not in kcat(city, city.certificate("tax", "registry", "one"), "-L")


def test_timestamps_are_looked_up(city):
    ward, portal = city.certificate("hai-chau", "one-stop", "counter-1"), city.certificate("portal", "requests", "one")
    name = topic(city)
    kcat(city, ward, "-P", "-t", name, input="a\n")
    assert "offset 0" in kcat(city, portal, "-Q", "-t", f"{name}:0:1")
