"""Clients that are too many: every cap, at it and one past it."""

import os
import pathlib
import signal
import ssl
import time

import pytest

import wire
from wire import Closed, Wire, ends, header, plain, refused


def served(connection):
    try:
        connection.api_versions()
    except Closed:
        return False
    return True


def test_the_cap_of_connections_in_all(own_city):
    city = own_city(settings={"limits": {"connectionsMax": 4}}).start()
    one = city.certificate("portal", "requests", "one")
    held = [Wire(city, one) for _ in range(4)]
    assert all(map(served, held))
    mark = city.log_size()
    with pytest.raises(Closed):
        with Wire(city, one) as connection:
            connection.api_versions()
    city.logged("the broker already has its 4 connections", since=mark)
    held.pop().socket.close()
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline and refused(city, one):
        time.sleep(0.05)
    assert not refused(city, one) and all(map(served, held))


def asks_https(city, node):
    """Whether a new HTTPS connection is answered."""
    ca, certificate, key = city.files(node)
    with plain(city.endpoints["https"]) as sock:
        try:
            with wire.client_context(ca, certificate, key).wrap_socket(sock) as tls:
                tls.sendall(b"GET /v1/whoami HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
                return tls.recv(100).startswith(b"HTTP/1.1 200")
        except (ssl.SSLError, OSError):
            return False


def test_the_cap_of_connections_in_all_is_one_for_both_listeners(own_city):
    city = own_city(settings={"limits": {"connectionsMax": 3}}).start()
    one = city.certificate("portal", "requests", "one")
    held = [Wire(city, one) for _ in range(2)]
    assert all(map(served, held))
    assert asks_https(city, one), "the third"
    deadline = time.monotonic() + 10
    while len(held) < 3:  # its place comes back a moment after it
        assert time.monotonic() < deadline
        try:
            late = Wire(city, one)
        except Closed:
            continue
        if served(late):
            held.append(late)
    assert all(map(served, held))
    mark = city.log_size()
    assert not asks_https(city, one)
    city.logged("listener=https", "the broker already has its 3 connections", since=mark)
    held.pop().socket.close()
    deadline = time.monotonic() + 10
    while not asks_https(city, one):
        assert time.monotonic() < deadline, "the place did not come back"
        time.sleep(0.05)


@pytest.mark.parametrize("listener", ["kafka", "https"])
def test_the_backlog_of_a_listener(own_city, listener):
    """While the broker does not accept, the kernel answers as many connections as the backlog holds (it counts one more), and no
    other; when the broker goes on, all of them are served."""
    city = own_city(settings={"limits": {"acceptBacklog": 4}}).start()
    os.kill(city.process.pid, signal.SIGSTOP)
    tasks = pathlib.Path(f"/proc/{city.process.pid}/task")
    while any(") T " not in (task / "stat").read_text() for task in tasks.iterdir()):
        time.sleep(0.01)
    waiting, refusals = [], 0
    try:
        for _ in range(8):
            try:
                waiting.append(plain(city.endpoints[listener], seconds=0.5))
            except TimeoutError:
                refusals += 1
        assert len(waiting) == 5 and refusals == 3
    finally:
        os.kill(city.process.pid, signal.SIGCONT)
    for sock in waiting:
        sock.close()
    assert asks_https(city, city.certificate("portal", "requests", "one")) and not refused(
        city, city.files(city.certificate("portal", "requests", "one")))


def test_the_cap_of_connections_of_a_node(own_city):
    city = own_city(settings={"limits": {"connectionsPerNodeMax": 2}}).start()
    one, two = (city.certificate("portal", "requests", name) for name in ("one", "two"))
    held = [Wire(city, one) for _ in range(2)]
    assert all(map(served, held))
    mark = city.log_size()
    assert refused(city, city.files(one))
    city.logged("this node already has its 2 connections", "node=portal/requests/one", since=mark)
    assert not refused(city, city.files(two)) and all(map(served, held))


def test_the_cap_of_unfinished_handshakes_of_an_address(own_city):
    city = own_city(settings={"limits": {"handshakesPerAddressMax": 3}}).start()
    one = city.certificate("portal", "requests", "one")
    # Which of them comes one too many is open: accepted connections are counted on the event loop that each of them gets.
    waiting = [plain(city.bootstrap) for _ in range(4)]
    city.logged("3 handshakes of this address are not finished yet")
    assert refused(city, city.files(one))
    for sock in waiting:
        sock.close()
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline and refused(city, city.files(one)):
        time.sleep(0.05)
    assert not refused(city, city.files(one))


def test_the_cap_of_a_frame(own_city):
    city = own_city(settings={"limits": {"frameBytesMax": 4096}}).start()
    with Wire(city, city.certificate("portal", "requests", "one")) as connection:
        client = "c" * (4096 - len(header(18, 0, client="")))
        connection.call(18, 0, client=client)
        mark = city.log_size()
        connection.send_frame(header(18, 0, client=client + "c"))
        assert ends(connection.socket)
    city.logged("a request of 4097 bytes was announced; 1 to 4096 are accepted", since=mark)
