"""How often the broker looks at its time-outs, and how long it waits for a client's last word."""

import socket
import ssl
import struct
import time

import pytest
import wire

# README, "Limits": sweepInterval and closeNotifyTimeout.
SWEEP, GOODBYE = 0.25, 1.0
HANDSHAKE = 0.6
# Beyond what was set: a machine that others keep busy.
SLACK = 1.5


def ended(sock):
    """Seconds since 1970 at which the broker closed the connection."""
    while sock.recv(65536):
        pass
    return time.time()


def test_time_outs_are_looked_at_once_in_a_sweep_interval(own_city):
    city = own_city(settings={"limits": {"handshakeTimeoutMilliseconds": int(HANDSHAKE * 1000)}}).start()
    host, _, port = city.bootstrap.rpartition(":")
    for _ in range(6):
        began = time.time()
        with socket.create_connection((host, int(port)), timeout=20) as sock:
            try:
                lasted = ended(sock) - began
            except ConnectionResetError:
                lasted = time.time() - began
        # At the limit it may go on until the next look; a look earlier it must not end.
        assert HANDSHAKE - 0.05 <= lasted <= HANDSHAKE + SWEEP + SLACK
    assert city.stop() == 0


def tls_by_hand(city, node):
    """A client whose TLS this test drives: it answers the broker's goodbye only when it is told to."""
    ca, certificate, key = city.files(node)
    context = wire.client_context(ca, certificate, key)
    incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
    tls = context.wrap_bio(incoming, outgoing, server_hostname="localhost")
    host, _, port = city.bootstrap.rpartition(":")
    sock = socket.create_connection((host, int(port)), timeout=20)
    while True:
        try:
            tls.do_handshake()
            break
        except ssl.SSLWantReadError:
            sock.sendall(outgoing.read())
            incoming.write(sock.recv(65536))
    sock.sendall(outgoing.read())
    # The first answer shows that the broker's side of the handshake is over, too.
    tls.write(frame(wire.header(18, 0, correlation=1)))
    sock.sendall(outgoing.read())
    incoming.write(sock.recv(65536))
    return tls, sock, incoming, outgoing


def frame(payload):
    return struct.pack(">i", len(payload)) + payload


@pytest.mark.parametrize("answers_after", [None, 0.0, 0.6])
def test_the_broker_waits_for_a_goodbye_as_long_as_it_is_told(own_city, answers_after):
    city = own_city().start()
    tls, sock, incoming, outgoing = tls_by_hand(city, city.certificate("portal", "requests", "one"))
    # A length that ends the connection.
    tls.write(struct.pack(">i", -1))
    sock.sendall(outgoing.read())
    first = sock.recv(65536)
    began = time.time()
    assert first, "the broker says goodbye before it closes"
    if answers_after is not None:
        time.sleep(answers_after)
        incoming.write(first)
        try:
            tls.unwrap()
        except (ssl.SSLWantReadError, ssl.SSLError):
            pass
        sock.sendall(outgoing.read())
    try:
        lasted = ended(sock) - began
    except ConnectionResetError:
        lasted = time.time() - began
    if answers_after is None:
        assert GOODBYE - 0.1 <= lasted <= GOODBYE + SLACK
    else:
        assert lasted <= answers_after + 0.3, "an answered goodbye ends the connection at once"
    sock.close()
    assert city.stop() == 0
