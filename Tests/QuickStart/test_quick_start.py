"""`Deploy/quickstart` on the program that was just built: every step of the first real exchange must hold, the first time and on a
state directory that is there."""

import json
import os
import signal
import subprocess
import threading
import urllib.error
import urllib.request

import pytest

from city import PROGRAM, ROOT

QUICKSTART = [str(ROOT / "Deploy/quickstart")]
ENVIRONMENT = {**os.environ, "HANBRIDGE_PROGRAM": str(PROGRAM)}


@pytest.fixture(scope="module")
def state(tmp_path_factory):
    return tmp_path_factory.mktemp("quickstart") / "state"


def test_the_quick_start_holds(state):
    done = subprocess.run(
        [*QUICKSTART, "--once", "--state", str(state)], capture_output=True, text=True, timeout=280, env=ENVIRONMENT,
        stdin=subprocess.DEVNULL)
    print(done.stdout)
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-4000:]
    assert "Nothing that was acknowledged is lost" in done.stdout
    assert "20,000 records, each exactly once" in done.stdout
    assert "Refused by field and rule; the other two are published." in done.stdout
    assert "Repaired: both departments have the corrected request." in done.stdout
    assert "NO: education/schools/le-loi may not subscribe health.vaccination.v1" in done.stdout
    assert "Its agreements are for other purposes." in done.stdout and "signed by health/steward/linh" in done.stdout
    assert "Explained: the right that is missing, and whom to ask." in done.stdout
    # The final audit: verified, and time-stamped for each partition.
    assert done.stdout.count("Time-stamped: ") + done.stdout.count("Dấu thời gian: ") == 4, done.stdout[-4000:]
    assert "Nobody can change a byte unseen." in done.stdout


def test_it_holds_again_on_the_same_state_and_runs_until_control_c(state):
    # A session of its own: Control-C reaches the whole foreground group of a terminal.
    running = subprocess.Popen(
        [*QUICKSTART, "--state", str(state)], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env=ENVIRONMENT,
        stdin=subprocess.DEVNULL, start_new_session=True)
    watch = threading.Timer(240, os.killpg, (running.pid, signal.SIGKILL))
    watch.start()
    try:
        said = []
        for line in running.stdout:
            said.append(line)
            if "runs until Ctrl-C" in line:
                break
        assert "Using the authority and data" in "".join(said)
        assert "Nothing that was acknowledged is lost" in "".join(said), "".join(said)[-4000:]
        assert "Repaired: both departments have the corrected request." in "".join(said), "".join(said)[-4000:]
        health = json.loads((state / "data/endpoints.json").read_text())["health"]
        assert urllib.request.urlopen(f"{health}/readyz", timeout=10).status == 200
        os.killpg(running.pid, signal.SIGINT)
        assert running.wait(timeout=30) == 130
        with pytest.raises(urllib.error.URLError):
            urllib.request.urlopen(f"{health}/readyz", timeout=10)
    finally:
        watch.cancel()
        if running.poll() is None:
            os.killpg(running.pid, signal.SIGKILL)


@pytest.mark.parametrize("arguments", [["--state"], ["--sate", "x"]])
def test_a_wrong_option_is_named(arguments):
    done = subprocess.run([*QUICKSTART, *arguments], capture_output=True, text=True, timeout=30, env=ENVIRONMENT)
    assert done.returncode == 2 and arguments[0] in done.stderr
