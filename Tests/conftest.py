import os
import pathlib
import subprocess
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


@pytest.fixture(scope="session")
def shim(tmp_path_factory):
    """The compiled LD_PRELOAD shim."""
    library = tmp_path_factory.mktemp("shim") / "shim.so"
    source = pathlib.Path(__file__).parent / "shim.c"
    subprocess.run(["cc", "-shared", "-fPIC", "-O1", "-o", library, source, "-ldl"], check=True)
    return library


@pytest.fixture
def mounted(tmp_path):
    """Mounts a file system below the test's folder; unmounts it at the end. Needs root."""
    if os.geteuid() != 0:
        pytest.skip("mounting needs root")
    points = []

    def mount(name, *arguments):
        point = tmp_path / name
        point.mkdir(parents=True, exist_ok=True)
        subprocess.run(["mount", *map(str, arguments), str(point)], check=True)
        points.append(point)
        return point

    yield mount
    for point in reversed(points):
        subprocess.run(["umount", "-l", str(point)], check=False)
