"""What bad input gets: a clear error or a closed connection, and a log line that says why. After each of these tests the broker lives,
and what was stored reads back the same."""

import pytest

from wire import Wire, batch

LIMITS = {"handshakeTimeoutMilliseconds": 3000, "requestTimeoutMilliseconds": 3000, "writeStallTimeoutMilliseconds": 3000}


@pytest.fixture(scope="module")
def city(tmp_path_factory):
    from city import City

    city = City(tmp_path_factory.mktemp("city") / "state", settings={"limits": LIMITS}).start()
    city.certificate("hai-chau", "one-stop", "counter-1")
    city.topic("canary", owner="portal", publishers=["hai-chau/*/*"], subscribers=["hai-chau/*/*"])
    city.topic("target", owner="portal", publishers=["hai-chau/*/*"], subscribers=["hai-chau/*/*"])
    with Wire(city, city.certificate("hai-chau", "one-stop", "counter-1")) as connection:
        for codec in range(5):
            assert connection.produce("canary", batch([b"canh bao", b"b" * 500], codec=codec)) == (0, None, codec * 2)
    yield city
    assert city.stop() == 0, city.log_text()


@pytest.fixture(scope="module")
def ward(city):
    return city.certificate("hai-chau", "one-stop", "counter-1")


@pytest.fixture(scope="module")
def canary(city, ward):
    with Wire(city, ward) as connection:
        return connection.fetch("canary")


@pytest.fixture(autouse=True)
def nothing_stored_changes(request, city, ward, canary):
    assert canary[0] == 0 and canary[1] == 10
    yield
    assert city.process.poll() is None, city.log_text()
    with Wire(city, ward) as connection:
        assert connection.fetch("canary") == canary


@pytest.fixture
def mark(city):
    return city.log_size()
