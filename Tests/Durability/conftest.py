import os
import pathlib
import subprocess

import pytest


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
