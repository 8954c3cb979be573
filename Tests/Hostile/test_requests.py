"""Requests of which every field lies, and topic names that are none."""

import struct

import pytest

import wire
from wire import ERRORS, Wire, batch, ends, header


# Requests that lie


@pytest.mark.parametrize("length", [-1, 0, 2**31 - 1, -(2**31), (32 << 20) + 1])
def test_a_length_that_is_not_allowed(city, ward, mark, length):
    before = city.memory()
    with Wire(city, ward) as connection:
        connection.send(struct.pack(">i", length))
        assert ends(connection.socket)
    city.logged(f"a request of {length} bytes was announced", "reason=frame_length", since=mark)
    assert city.memory() - before < 16 << 20


@pytest.mark.parametrize("api", [-1, 2**15 - 1, 999, 4, 5, 6, 7, 24, 25, 26, 27, 28])
def test_an_api_that_is_not_advertised(city, ward, mark, api):
    with Wire(city, ward) as connection:
        assert api not in connection.api_versions()
        connection.send_frame(header(api, 0))
        assert ends(connection.socket)
    city.logged(f"API {api} is not one of those advertised", since=mark)


def test_a_version_that_is_not_advertised(city, ward):
    with Wire(city, ward) as connection:
        advertised = connection.api_versions()
    for api, (low, high) in advertised.items():
        for version in {-1, low - 1, high + 1, 2**15 - 1} - {18}:
            if api == 18:
                continue
            mark = city.log_size()
            with Wire(city, ward) as connection:
                # No tagged fields, for those versions whose header has them.
                connection.send_frame(header(api, version) + b"\0")
                assert ends(connection.socket), (api, version)
            city.logged(f"version {version} is not one of those advertised", since=mark)


def test_a_newer_api_versions_is_told_what_there_is(city, ward):
    with Wire(city, ward) as connection:
        answer = connection.call(18, 99, b"\0")  # no tagged fields
        assert answer.take("h") == ERRORS["UNSUPPORTED_VERSION"] and answer.take("i") > 20


LYING = {
    "an array of 2^31-1 topics": (3, 1, struct.pack(">i", 2**31 - 1)),
    "an array of -2 topics": (3, 1, struct.pack(">i", -2)),
    "an array of 1000 topics that are not there": (3, 1, struct.pack(">i", 1000) + wire.string("a")),
    "a string of -2 bytes": (3, 1, struct.pack(">ih", 1, -2)),
    "a string longer than the request": (3, 1, struct.pack(">ih", 1, 30_000) + b"x"),
    "bytes after the request": (3, 1, struct.pack(">i", 0) + b"more"),
    "no body": (3, 1, b""),
    "produce with an array of -2 topics": (0, 3, struct.pack(">hhii", -1, 1, 1000, -2)),
    "produce with records of 2^31-1 bytes": (
        0, 3, struct.pack(">hhii", -1, 1, 1000, 1) + wire.string("target") + struct.pack(">iii", 1, 0, 2**31 - 1) + b"x"),
    "produce with records of -2 bytes": (
        0, 3, struct.pack(">hhii", -1, 1, 1000, 1) + wire.string("target") + struct.pack(">iii", 1, 0, -2)),
    "a varint of eleven bytes": (3, 9, b"\0" + b"\xff" * 11),
    "a varint of 2^32-1 topics": (3, 9, b"\0" + b"\xff\xff\xff\xff\x0f" + b"\0\0"),
    "2^32-1 tagged fields": (3, 9, b"\0\x01\x00\x00\x00" + b"\xff\xff\xff\xff\x0f"),
    "a tagged field longer than the request": (3, 9, b"\0\x01\x00\x00\x00" + b"\x01\x05\xff\xff\xff\xff\x07"),
}


@pytest.mark.parametrize("name", LYING)
def test_counts_and_lengths_that_lie(city, ward, mark, name):
    api, version, body = LYING[name]
    before = city.memory()
    with Wire(city, ward) as connection:
        connection.send_frame(header(api, version) + body)
        assert ends(connection.socket)
    city.logged("node=hai-chau/one-stop/counter-1", f"version {version} cannot be read", since=mark)
    assert city.memory() - before < 16 << 20


@pytest.mark.parametrize("head", [b"", b"\0", struct.pack(">hhi", 3, 1, 1), struct.pack(">hhih", 3, 1, 1, -2),
                                  struct.pack(">hhih", 3, 1, 1, 5) + b"a", struct.pack(">hhih", 3, 1, 1, 2) + b"\xff\xfe"])
def test_a_header_that_cannot_be_read(city, ward, mark, head):
    with Wire(city, ward) as connection:
        connection.send_frame(head) if head else connection.send(struct.pack(">i", 0))
        assert ends(connection.socket)
    city.logged("Connection ended", "node=hai-chau/one-stop/counter-1", since=mark)


# Topic names


BAD_NAMES = ["", ".", "..", "/", "a/b", "../canary", "a\0b", "x" * 250, "đà-nẵng", "a b", "a\nb", "*", "a:b", "x" * 30_000]


@pytest.mark.parametrize("name", BAD_NAMES, ids=lambda name: repr(name[:12]))
def test_a_topic_name_that_is_not_allowed(city, ward, name):
    with Wire(city, city.admin) as connection:
        error, sentence = connection.create_topic(name)
        assert error == ERRORS["INVALID_TOPIC_EXCEPTION"] and sentence
    with Wire(city, ward) as connection:
        assert connection.produce(name, batch())[0] in (ERRORS["INVALID_TOPIC_EXCEPTION"], ERRORS["TOPIC_AUTHORIZATION_FAILED"])


def test_a_topic_name_at_the_limit(city):
    with Wire(city, city.admin) as connection:
        assert connection.create_topic("x" * 249)[0] == 0
        assert connection.create_topic("y" * 250)[0] == ERRORS["INVALID_TOPIC_EXCEPTION"]
