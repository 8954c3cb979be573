"""Clients that are slow, that never read, and very many that do nothing."""

import random
import resource
import select
import socket
import ssl
import struct
import time
import uuid

import wire
from wire import Wire, batch, ends, header

SEED = int(time.time())


def test_a_client_that_sends_one_byte_a_second(city, ward, mark):
    with Wire(city, ward) as connection:
        frame = struct.pack(">i", 100) + header(18, 0)
        for n in range(15):
            try:
                connection.send(frame[n:n + 1])
            except (OSError, ssl.SSLError):
                break
            if select.select([connection.socket], [], [], 1)[0]:
                break
        assert ends(connection.socket)
    city.logged("node=hai-chau/one-stop/counter-1", "of a request's 104 bytes arrived, and the rest not in time", since=mark)


def test_a_client_that_never_reads(city, ward, mark):
    topic = f"deaf-{uuid.uuid4().hex[:6]}"
    city.topic(topic, owner="portal", publishers=["hai-chau/*/*"], subscribers=["hai-chau/*/*"])
    with Wire(city, ward) as connection:
        for _ in range(12):
            assert connection.produce(topic, batch([random.randbytes(1_000_000)]))[0] == 0
        deadline = time.monotonic() + 10
        while len(connection.fetch(topic, bytes_max=64 << 20)[2]) < 12_000_000:  # less while the page cache is being written back
            assert time.monotonic() < deadline
    before = city.memory()
    highest = 0
    with Wire(city, ward) as connection:
        request = header(wire.FETCH, 4) + wire.fetch_body(topic, bytes_max=64 << 20)
        connection.socket.settimeout(1)
        ended = False
        for _ in range(1000):
            try:
                connection.send_frame(request)
            except TimeoutError:
                pass
            except (OSError, ssl.SSLError):
                ended = True
            highest = max(highest, city.memory())
            if ended or city.log_size() > mark and "does not read" in city.log_text():
                break
            time.sleep(0.02)
    city.logged("node=hai-chau/one-stop/counter-1", "the client does not read", since=mark)
    assert highest - before < 64 << 20


OTHER_FILES = 200  # what pytest, Python and the broker have open beside connections


def connections_allowed(wanted):
    """How many connections this process and a broker that it starts may have: as many as wanted, for which the limits of open files
    are raised; fewer where the hard limit cannot be, and then the test says so and is run with those."""
    needed = wanted + OTHER_FILES
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    unlimited = hard == resource.RLIM_INFINITY
    if not unlimited and hard < needed:
        try:
            resource.setrlimit(resource.RLIMIT_NOFILE, (needed, needed))
            return wanted
        except (ValueError, OSError):
            print(f"\nthe hard limit of open files is {hard} and cannot be raised: {hard - OTHER_FILES} connections instead of {wanted}")
            wanted = hard - OTHER_FILES
            assert wanted >= 100, "with so few open files this test would show nothing"
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, wanted + OTHER_FILES), hard))
    return wanted


def deaf(city, node):
    """A connection whose client has next to no buffer of its own, so that what it does not read stays with the broker."""
    host, _, port = city.bootstrap.rpartition(":")
    sock = socket.socket()
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    sock.settimeout(wire.SECONDS_MAX)
    sock.connect((host, int(port)))
    connection = Wire.__new__(Wire)
    connection.context = node
    connection.socket = node.wrap_socket(sock)
    return connection


def test_a_thousand_clients_that_never_read_stay_within_the_budgets_and_starve_nobody(own_city):
    count = connections_allowed(1000)
    budget = 48 << 20
    city = own_city(settings={"limits": {"answerBytesPerNodeMax": 32 << 20, "answerBytesMax": budget}}).start()
    names = ("one", "two", "three")
    nodes = [city.certificate("portal", "deaf", name) for name in names]
    honest = city.certificate("portal", "requests", "one")
    topic = city.topic("portal.deaf.v1", owner="portal", publishers=["portal/*/*"], subscribers=["portal/*/*"])
    values = [random.Random(SEED + n).randbytes(1_000_000) for n in range(8)]
    with Wire(city, honest) as connection:
        for value in values:
            assert connection.produce(topic, batch([value]))[0] == 0
    contexts = [wire.client_context(*city.files(node)) for node in nodes]
    connections = [deaf(city, contexts[n % len(contexts)]) for n in range(count)]
    try:
        for connection in connections:
            connection.api_versions()
        before = highest = city.memory()
        request = header(wire.FETCH, 4) + wire.fetch_body(topic, bytes_max=16 << 20, wait=30_000, min_bytes=1)
        for connection in connections:
            connection.send_frame(request)  # 8 MB each, if they got it
        until = time.monotonic() + 8
        while time.monotonic() < until:
            highest = max(highest, city.memory())
            time.sleep(0.02)
        print(f"\n{(highest - before) >> 20} MB beyond the idle connections; budget {budget >> 20} MB")
        # On top come what TLS has encrypted of each answer in part, and what the allocator keeps. Unbounded it would be 8 GB.
        assert highest - before < 2 * budget + (128 << 20)
        # A node that holds nothing is served, slower perhaps, and whole.
        with Wire(city, honest) as connection:
            offset = 0
            while offset < len(values):
                error, high, data = connection.fetch(topic, offset=offset, bytes_max=16 << 20, wait=5000, min_bytes=1)
                assert error == 0 and high == len(values) and data, f"stopped at {offset}"
                while data:
                    assert values[offset] in data[:len(values[offset]) + 200]
                    offset, data = offset + 1, data[12 + struct.unpack_from(">i", data, 8)[0]:]
            assert connection.produce(topic, batch([b"goes on"]))[0] == 0
        # And whoever begins to read gets the whole of its answer.
        reader = next(c for c in connections if select.select([c.socket], [], [], 0)[0])
        assert len(reader.receive_frame()) > 1_000_000
    finally:
        for connection in connections:
            connection.socket.close()
    deadline = time.monotonic() + 20
    with Wire(city, honest) as connection:
        while len(connection.fetch(topic, bytes_max=16 << 20)[2]) < 8_000_000:
            assert time.monotonic() < deadline, "room did not come back with the end of the connections"


def test_clients_that_ask_for_listings_and_never_read_stay_within_the_budgets(own_city):
    count = connections_allowed(150)
    budget = 4 << 20
    city = own_city(settings={"limits": {"answerBytesPerNodeMax": 2 << 20, "answerBytesMax": budget}}).start()
    nodes = [city.certificate("portal", "deaf", name) for name in ("one", "two", "three")]
    honest = city.certificate("portal", "requests", "one")
    city.topic("portal.wide.v1", partitions=1000, owner="portal", publishers=["portal/*/*"], subscribers=["portal/*/*"])
    contexts = [wire.client_context(*city.files(node)) for node in nodes]
    connections = [deaf(city, contexts[n % len(contexts)]) for n in range(count)]
    listing = header(3, 1) + struct.pack(">i", -1)
    try:
        for connection in connections:
            connection.api_versions()
        before = highest = city.memory()
        for connection in connections:
            for _ in range(60):
                connection.send_frame(listing)  # 26 KB each: 1.5 MB a connection, if they got it
        until = time.monotonic() + 5
        while time.monotonic() < until:
            highest = max(highest, city.memory())
            time.sleep(0.02)
        print(f"\n{(highest - before) >> 20} MB beyond the idle connections; budget {budget >> 20} MB")
        # Unbounded it would be 230 MB. On top of the budget comes what TLS has encrypted, three writes of a connection at most.
        assert highest - before < 2 * budget + (96 << 20)
        # A node that holds nothing is answered, and so is one that reads.
        with Wire(city, honest) as connection:
            for _ in range(20):
                answer = connection.call(3, 1, struct.pack(">i", -1))
                assert b"portal.wide.v1" in answer.data and len(answer.data) > 20_000
    finally:
        for connection in connections:
            connection.socket.close()


def test_with_the_smallest_budget_of_answers_every_request_is_still_answered(own_city):
    city = own_city(settings={"limits": {"answerBytesPerNodeMax": 1, "answerBytesMax": 1}}).start()
    node = city.certificate("portal", "requests", "one")
    topic = city.topic("portal.least.v1", owner="portal", publishers=["portal/*/*"], subscribers=["portal/*/*"])
    with Wire(city, node) as connection:
        for n in range(3):
            assert connection.produce(topic, batch([b"%d" % n * 900_000])) == (0, None, n)
        for offset in range(3):
            error, _, data = connection.fetch(topic, offset=offset, wait=5000, min_bytes=1)
            assert error == 0 and b"%d" % offset * 900_000 in data


def test_2000_idle_connections(own_city):
    count = connections_allowed(2000)
    city = own_city(settings={"limits": {"connectionsPerNodeMax": 1000}}).start()
    contexts = [wire.client_context(*city.files(city.certificate("portal", "requests", name))) for name in ("one", "two")]
    for context in contexts:
        with Wire(city, city.certificate("portal", "requests", "one"), context=context) as connection:
            connection.api_versions()
    before = city.memory()
    connections = [Wire(city, city.certificate("portal", "requests", "one"), context=contexts[n % 2]) for n in range(count)]
    try:
        for connection in connections:
            connection.send_frame(header(18, 0, correlation=7))
        for connection in connections:
            assert connection.receive_frame().startswith(struct.pack(">ih", 7, 0))
        each = (city.memory() - before) / len(connections)
        print(f"\n{each / 1024:.1f} KB of memory an idle connection")
        assert each < 100 * 1024
        for connection in connections:
            connection.api_versions()
    finally:
        for connection in connections:
            connection.socket.close()
