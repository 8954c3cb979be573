"""The README's commands, run in its order in a directory of their own: what it tells people to type, works."""

import os
import pathlib
import re
import shutil
import subprocess
import sys

import pytest

from city import PROGRAM, ROOT

# Builds, the quick start and the tests themselves are run by other tests.
ELSEWHERE = ("Deploy/quickstart", "Tests/run", "swift build", "alias ")
# A record of it is refused on purpose.
REFUSED = "mistyped.jsonl --key"

FRAME = r"""
set -euo pipefail
broker= witness=
hanbridge() {
    case "$1" in
        serve) "$PROGRAM" "$@" >>broker.log 2>&1 & broker=$!; wait_for_broker ;;
        # Offline: while no broker runs.
        check) stop_broker; "$PROGRAM" "$@"; "$PROGRAM" serve --config city/broker.yaml >>broker.log 2>&1 & broker=$!; wait_for_broker ;;
        # Of another department: nothing of it is reached here but its key.
        witness) free_ports tax/witness.yaml; "$PROGRAM" "$@" >>witness.log 2>&1 & witness=$!; wait_for tax/state/endpoints.json witness.log ;;
        *) "$PROGRAM" "$@" ;;
    esac
}
wait_for() { for _ in $(seq 300); do [ -f "$1" ] && return; sleep 0.1; done; cat "$2" >&2; exit 1; }
wait_for_broker() { wait_for city/data/endpoints.json broker.log; }
free_ports() { sed -i -E 's/^( *(kafka|https|health): *[^ ]*:)[0-9]+( *#.*)?$/\10\3/' "$1"; }
stop_broker() { kill "$broker"; wait "$broker" || true; rm -f city/data/endpoints.json; }
endpoint() { sed -E 's/.*"'"$1"'":"([^"]*)".*/\1/' city/data/endpoints.json; }
curl() {
    local arguments=("${@//http:\/\/127.0.0.1:9644/$(endpoint health)}")
    command curl "${arguments[@]//https:\/\/localhost:8443/$(endpoint https)}"
}
kcat() { if type -P kcat >/dev/null; then command kcat "$@"; else echo "no kcat here"; fi; }
trap '[ -z "$broker$witness" ] || kill $broker $witness 2>/dev/null || true' EXIT
"""


def blocks(readme):
    """(kind, text): commands, one a line of the text, and Python between fences."""
    found, fence = [], None
    for line in (ROOT / readme).read_text().splitlines():
        if line.startswith("```"):
            if fence is None:
                fence = (line[3:], [])
            else:
                if fence[0] == "python":
                    found.append(("python", "\n".join(fence[1])))
                fence = None
        elif fence is not None:
            fence[1].append(line)
        elif line.startswith("    ") and not line.startswith("     "):
            found.append(("command", line.strip()))
    return found


def script(folder, readme):
    lines = [FRAME]
    for number, (kind, text) in enumerate(blocks(readme)):
        if kind == "python":
            (folder / f"snippet{number}.py").write_text(text)
            lines.append(f'echo "== python {number}"; "$PYTHON" snippet{number}.py')
            continue
        if text.startswith(ELSEWHERE):
            continue
        text = text.replace("backups/NAME", 'backups/"$(ls city/backups)"')
        lines.append(f"echo {shell_quoted('== ' + text)}")
        if "serve --config" in text:
            text = text.removesuffix("&")
        lines.append(f"if {text}; then echo 'it was taken' >&2; exit 1; fi" if REFUSED in text else text)
        if text.startswith("hanbridge init"):
            lines.append("free_ports city/broker.yaml")
    return "\n".join(lines)


def shell_quoted(text):
    return "'" + text.replace("'", "'\\''") + "'"


@pytest.mark.parametrize("readme, commands", [("README.md", 35), ("README.vi.md", 30)])
def test_what_the_readme_says_to_type_works(tmp_path, readme, commands):
    for name in ("Deploy", "Schemas"):
        (tmp_path / name).symlink_to(ROOT / name)
    if shutil.which("curl") is None:
        pytest.skip("no curl: apt-get install curl")
    done = subprocess.run(
        ["bash", "-c", script(tmp_path, readme)], cwd=tmp_path, capture_output=True, text=True, timeout=280, stdin=subprocess.DEVNULL,
        env={**os.environ, "PROGRAM": str(PROGRAM), "PYTHON": sys.executable, "LANG": "C.UTF-8", "SWIFT_BACKTRACE": "enable=no"})
    print(done.stdout)
    log = pathlib.Path(tmp_path / "broker.log")
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:] + (log.read_text()[-2000:] if log.exists() else "")
    assert len([text for kind, text in blocks(readme) if kind == "command"]) > commands
    if readme == "README.md":
        assert re.search(r"portal.quarantine/0/0 is fixed", done.stdout)
