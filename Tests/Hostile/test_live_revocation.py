"""A thousand live Kafka sessions, each waiting for data: whoever loses the right loses it within five seconds, whether an agreement ends, a
denial suspends a node, the policy changes or a certificate is revoked, and nobody else notices."""

import select
import time

import pytest

import wire
from city import run
from test_slow_clients import connections_allowed
from wire import Closed, Reader, Wire, batch, header

WITHIN_SECONDS = 5
TOPIC = "portal.live.v1"
# A debug build makes a handshake in some ms; the fetches of all wait longer than all steps of the test take.
WAIT_MS = 30_000
DENIED = 29


def waiting_fetch(topic, client):
    return header(wire.FETCH, 4, client=client) + wire.fetch_body(topic, offset=1, wait=WAIT_MS, min_bytes=1)


def first_error(frame):
    answer = Reader(frame)
    answer.take("ii")  # correlation, throttle
    assert answer.take("i") == 1
    answer.text()
    assert answer.take("i") == 1
    return answer.take("ihqq")[1], answer


class Sessions:
    """Sessions by node. Each has a fetch under way that waits; one that is answered without an error waits again."""

    def __init__(self, city, nodes, count):
        self.of = {name: [] for name in nodes}
        self.refused = {name: set() for name in nodes}
        contexts = {name: wire.client_context(*city.files(directory)) for name, directory in nodes.items()}
        self.poll, self.by_file = select.epoll(), {}
        for number in range(count):
            name = list(nodes)[number % len(nodes)]
            connection = Wire(city, nodes[name], context=contexts[name])
            self.of[name].append(connection)
            self.by_file[connection.socket.fileno()] = (name, connection)
            self.poll.register(connection.socket.fileno(), select.EPOLLIN)
        for name, connections in self.of.items():
            for connection in connections:
                connection.send_frame(waiting_fetch(TOPIC, name))

    def close(self):
        for _, connection in self.by_file.values():
            connection.socket.close()
        self.poll.close()

    def _heard(self, seconds):
        """What comes in so long: fetches that are refused or whose connection ends are noted, the others wait again."""
        for file, _ in self.poll.poll(seconds):
            name, connection = self.by_file[file]
            try:
                # A session ticket of TLS 1.3 makes a socket readable that has no answer; the next byte of one then comes soon.
                connection.socket.settimeout(0.01)
                connection.socket.setblocking(False)
                begin = connection.socket.recv(4)
                connection.socket.settimeout(wire.SECONDS_MAX)
                if not begin:
                    raise Closed("")
                frame = connection._exactly(int.from_bytes(begin + connection._exactly(4 - len(begin)), "big"))
                error, _ = first_error(frame)
            except (BlockingIOError, wire.ssl.SSLWantReadError):
                continue
            except (Closed, OSError):
                error = DENIED
            if error == 0:
                connection.send_frame(waiting_fetch(TOPIC, name))
            else:
                assert error == DENIED, error
                self.refused[name].add(file)
                self.poll.unregister(file)

    def all_refused(self, names, within):
        """Seconds until every session of these nodes has lost the access."""
        began = time.monotonic()
        while any(len(self.refused[name]) < len(self.of[name]) for name in names):
            elapsed = time.monotonic() - began
            assert elapsed < within, {name: f"{len(self.refused[name])} of {len(self.of[name])}" for name in names}
            self._heard(0.1)
        return time.monotonic() - began

    def untouched(self, names):
        self._heard(0)
        return not any(self.refused[name] for name in names)


def party(node, **rule):
    return {"node": node, "may": ["subscribe"], **rule}


def test_a_thousand_live_sessions_lose_what_is_taken_from_them_and_no_others_do(own_city):
    count = connections_allowed(1000)
    city = own_city().start()
    names = ("ended", "suspended", "changed", "revoked", "stays")
    nodes = {name: city.certificate(f"agency-{name}", "desk", "one") for name in names}
    ward = city.certificate("hai-chau", "one-stop", "counter-1")
    city.topic(TOPIC, owner="portal", publishers=["hai-chau/*/*"])
    agreements = {name: {"id": f"LIVE-{name}", "topic": TOPIC, "owner": "portal", "parties": [party(f"agency-{name}/*/*")]} for name in names}
    city.agree(*agreements.values())
    with Wire(city, ward) as publisher:
        assert publisher.produce(TOPIC, batch([b"before"]))[0] == 0
        began = time.monotonic()
        sessions = Sessions(city, nodes, count)
        print(f"\n{count} sessions in {time.monotonic() - began:.1f} s")
        try:
            left = list(names)

            def lose(name, what):
                left.remove(name)
                what()
                print(f"{name}: {sessions.all_refused([name], WITHIN_SECONDS):.2f} s")
                assert sessions.untouched(left), sessions.refused

            lose("ended", lambda: city.hanbridge("policy", "end", "LIVE-ended", "--reason", "it is over"))
            lose("suspended", lambda: city.agree(
                {"id": "HOLD", "topic": "*", "owner": "portal", "parties": [
                    {"node": "agency-suspended/desk/one", "deny": ["subscribe", "replay", "publish", "describe"]}]}))

            def leave_out():
                city.documents = [each for each in city.documents if each["id"] != "LIVE-changed"]
                city.agree()

            lose("changed", leave_out)
            lose("revoked", lambda: run("cert", "revoke", nodes["revoked"], "--pki", city.directory / "pki", "--reason", "keyCompromise"))

            # Who lost it gets nothing that comes now; who did not is served, each of them.
            assert publisher.produce(TOPIC, batch([b"after"]))[0] == 0
            deadline, served = time.monotonic() + 20, 0
            for connection in sessions.of["stays"]:
                connection.socket.settimeout(max(0.1, deadline - time.monotonic()))
                error, answer = first_error(connection.receive_frame())
                for _ in range(max(0, answer.take("i"))):
                    answer.take("qq")
                assert error == 0
                served += b"after" in answer.bytes()
            assert served == len(sessions.of["stays"])
            for name in ("ended", "suspended", "changed"):
                assert sessions.of[name][0].fetch(TOPIC, offset=1)[0] == DENIED
            with pytest.raises((Closed, OSError)):
                sessions.of["revoked"][0].api_versions()
        finally:
            sessions.close()
