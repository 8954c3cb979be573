"""Any bytes before, during and after the TLS handshake."""

import random
import socket
import ssl
import struct
import time

import pytest

import wire
from wire import Wire, ends, header, plain

SEED = int(time.time())
FIRST_BYTES = {
    "http": b"GET / HTTP/1.1\r\nHost: x\r\n\r\n", "plain kafka": struct.pack(">i", 20) + header(18, 0, client="plain"),
    "zeros": bytes(100), "a record of 2^16-1 bytes": b"\x16\x03\x01\xff\xff" + bytes(70_000), "ssl 2": b"\x80\x2e\x01\x00\x02" + bytes(60),
    "random": random.Random(SEED).randbytes(500), "ssh": b"SSH-2.0-OpenSSH_9.2\r\n", "an alert": b"\x15\x03\x03\x00\x02\x02\x28",
    "data without a handshake": b"\x17\x03\x03\x00\x10" + bytes(16),
}


@pytest.mark.parametrize("listener", ["kafka", "https"])
@pytest.mark.parametrize("name", FIRST_BYTES)
def test_bytes_that_are_no_handshake(city, mark, name, listener):
    with plain(city.endpoints[listener]) as sock:
        try:
            sock.sendall(FIRST_BYTES[name])
        except OSError:
            pass
        assert ends(sock), f"seed {SEED}"
    city.logged(f"listener={listener}", "TLS handshake", since=mark)


def client_hello(city, ward):
    """A client's side of a handshake with the bytes in our hands: (object, what came, what goes)."""
    incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
    tls = wire.client_context(*city.files(ward)).wrap_bio(incoming, outgoing, server_hostname="localhost")
    with pytest.raises(ssl.SSLWantReadError):
        tls.do_handshake()
    return tls, incoming, outgoing


def test_a_handshake_that_goes_wrong_in_the_middle(city, ward, mark):
    _, _, outgoing = client_hello(city, ward)
    with plain(city.bootstrap) as sock:
        sock.sendall(outgoing.read())
        assert sock.recv(100)
        sock.sendall(b"\x17\x03\x03\x00\x40" + b"\x55" * 64)
        assert ends(sock)
    city.logged("listener=kafka", "the TLS handshake failed", since=mark)


def test_handshakes_that_are_not_finished_in_time(city, ward, mark):
    hello = client_hello(city, ward)[2].read()
    opened = {}
    for listener in ("kafka", "https"):
        for part in (0, 1, 20, len(hello) - 1):
            sock = plain(city.endpoints[listener])
            sock.sendall(hello[:part])
            opened[listener, part] = sock
    for which, sock in opened.items():
        with sock:
            assert ends(sock), which
    for listener in ("kafka", "https"):
        city.logged(f"listener={listener}", "the TLS handshake was not finished in time", since=mark)


def test_bytes_on_the_socket_after_the_handshake_that_are_not_of_its_tls(city, ward, mark):
    with Wire(city, ward) as connection:
        connection.api_versions()
        with socket.socket(fileno=socket.dup(connection.socket.fileno())) as below:
            below.sendall(b"\x17\x03\x03\x00\x40" + b"\x55" * 64)
            assert ends(below)
    city.logged("listener=kafka", "node=hai-chau/one-stop/counter-1", "reason=broken_tls", since=mark)


def test_random_bytes_after_the_handshake(city, ward):
    generator = random.Random(SEED)
    for _ in range(20):
        mark = city.log_size()
        with Wire(city, ward) as connection:
            # The first byte makes a length that is not allowed, or not the frame's own.
            connection.send_frame(generator.randbytes(generator.randrange(1, 300)))
            assert ends(connection.socket), f"seed {SEED}"
        city.logged("listener=kafka", "node=hai-chau/one-stop/counter-1", "the request could not be answered", since=mark)
