import os
import pathlib
import shutil
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
    if shutil.which("cc") is None:
        pytest.skip("no C compiler: apt-get install gcc libc6-dev")
    library = tmp_path_factory.mktemp("shim") / "shim.so"
    source = pathlib.Path(__file__).parent / "shim.c"
    subprocess.run(["cc", "-shared", "-fPIC", "-O1", "-o", library, source, "-ldl"], check=True)
    return library


@pytest.fixture(scope="session")
def no_mounting(tmp_path_factory):
    """Why nothing can be mounted here, or None."""
    if os.geteuid() != 0:
        return "mounting needs root"
    point = tmp_path_factory.mktemp("probe")
    tried = subprocess.run(["mount", "-t", "tmpfs", "tmpfs", point], capture_output=True, text=True)
    if tried.returncode != 0:
        return f"nothing can be mounted here: {tried.stderr.strip()}"
    subprocess.run(["umount", point], check=True)
    return None


@pytest.fixture
def mounted(tmp_path, no_mounting):
    """Mounts a file system below the test's folder; unmounts it at the end. Skips where the machine does not allow it."""
    if no_mounting:
        pytest.skip(no_mounting)
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


@pytest.fixture(scope="session")
def no_images(no_mounting, tmp_path_factory):
    """Why no image of a file system can be mounted here, or None."""
    if no_mounting:
        return no_mounting
    if shutil.which("mkfs.ext4") is None:
        return "no mkfs.ext4: apt-get install e2fsprogs"
    folder = tmp_path_factory.mktemp("probe")
    image = made_image(folder / "probe.img", 1 << 20)
    tried = subprocess.run(["mount", "-o", "loop", image, folder], capture_output=True, text=True)
    if tried.returncode != 0:
        return f"no loop devices here: {tried.stderr.strip()}"
    subprocess.run(["umount", folder], check=True)
    return None


def made_image(path, bytes):
    with open(path, "wb") as file:
        file.truncate(bytes)
    subprocess.run(["mkfs.ext4", "-q", "-F", path], check=True)
    return path


@pytest.fixture
def mounted_image(tmp_path, mounted, no_images):
    """Makes an image with an ext4 file system and mounts it; skips where the machine does not allow it."""
    if no_images:
        pytest.skip(no_images)

    def mount(name, bytes):
        image = made_image(tmp_path / f"{name}.img", bytes)
        return image, mounted(name, "-o", "loop", image)

    return mount
