import pathlib
import sys

import pytest

sys.path.insert(0, str(pathlib.Path(__file__).parent))

from city import City  # noqa: E402


@pytest.fixture(scope="module")
def city(tmp_path_factory):
    """One broker a test file."""
    city = City(tmp_path_factory.mktemp("city") / "state").start()
    yield city
    status = city.stop()
    assert status == 0, f"the broker ended with {status}:\n{city.log_text()}"


@pytest.fixture
def own_city(tmp_path):
    """A factory of brokers for tests that break them."""
    made = []

    def make(**options):
        made.append(City(tmp_path / f"state{len(made)}", **options))
        return made[-1]

    yield make
    for city in made:
        if city.process and city.process.poll() is None:
            city.kill()
