"""`Deploy/quickstart --once` on the program that was just built: every step of the first real exchange must hold."""

import os
import subprocess

from city import PROGRAM, ROOT


def test_the_quick_start_holds(tmp_path):
    done = subprocess.run(
        [str(ROOT / "Deploy/quickstart"), "--once", "--state", str(tmp_path / "state")], capture_output=True, text=True, timeout=500,
        env={**os.environ, "HANBRIDGE_PROGRAM": str(PROGRAM)}, stdin=subprocess.DEVNULL)
    print(done.stdout)
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-4000:]
    assert "Nothing that was acknowledged is lost" in done.stdout
