"""The container image and the systemd unit, as far as they can be held to their words where neither runs."""

import pathlib
import re
import shutil
import subprocess

import pytest

from city import PROGRAM, ROOT

DOCKERFILE = ROOT / "Deploy/container/Dockerfile"
UNIT = ROOT / "Deploy/systemd/hanbridge.service"
# In every Debian, the slim image included.
ESSENTIAL = {"libc6", "libgcc-s1", "libstdc++6"}


def runtime_packages():
    """What the image's second stage installs."""
    stage = DOCKERFILE.read_text().split("\nFROM ")[-1].replace("\\\n", " ")
    return set(re.search(r"apt-get install -y --no-install-recommends (.*?)&&", stage)[1].split())


def test_the_program_needs_no_library_that_the_image_lacks():
    if shutil.which("dpkg") is None:
        pytest.skip("not a Debian")
    libraries = re.findall(r"=> (/\S+)", subprocess.run(["ldd", PROGRAM], check=True, capture_output=True, text=True).stdout)
    assert libraries
    if any("libswiftCore" in library for library in libraries):
        pytest.skip("this build links Swift's runtime dynamically, the image's does not")
    needed = set()
    for library in libraries:
        owner = subprocess.run(
            ["dpkg", "-S", f"*/{pathlib.Path(library).name}"], check=True, capture_output=True, text=True).stdout
        needed.add(owner.split(":")[0])
    assert needed - ESSENTIAL <= runtime_packages()


def test_the_readme_names_what_the_image_installs():
    sentence = re.search(r"runs on a machine without Swift that has `([^`]*)`", (ROOT / "README.md").read_text().replace("\n", " "))
    assert set(sentence[1].split()) == runtime_packages() - {"tzdata"}


def test_systemd_takes_the_unit(tmp_path):
    if shutil.which("systemd-analyze") is None:
        pytest.skip("systemd is not installed")
    unit = tmp_path / UNIT.name
    unit.write_text(UNIT.read_text().replace("/usr/local/bin/hanbridge", str(PROGRAM)))
    done = subprocess.run(["systemd-analyze", "verify", "--man=no", unit], capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stderr) == (0, "")
