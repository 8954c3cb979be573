"""A small city for tests: a state directory with its own authority, a running broker, certificates and agreements.

Everything goes through the program's own command line, as an operator would do it, and through the client files that it writes."""

import json
import os
import pathlib
import shutil
import signal
import subprocess
import time

import yaml

ROOT = pathlib.Path(__file__).resolve().parent.parent
PROGRAM = pathlib.Path(os.environ.get("HANBRIDGE_PROGRAM", ROOT / ".build/debug/hanbridge"))
START_SECONDS_MAX = 30
# Ten to drain; then the partitions are synced and sealed, which takes its time on a disk that others keep busy.
STOP_SECONDS_MAX = 30


class Refused(Exception):
    """A command that ended with another status than 0."""

    def __init__(self, done):
        super().__init__(f"{' '.join(map(str, done.args))} → {done.returncode}\n{done.stdout}\n{done.stderr}")
        self.status, self.stdout, self.stderr = done.returncode, done.stdout, done.stderr


def run(*arguments, input=None, timeout=60, environment=None):
    done = subprocess.run(
        [str(PROGRAM), *map(str, arguments)], input=input, capture_output=True, text=True, timeout=timeout,
        env={**os.environ, "LANG": "C.UTF-8", "SWIFT_BACKTRACE": "enable=no", **(environment or {})})
    if done.returncode != 0:
        raise Refused(done)
    return done.stdout


class City:
    def __init__(self, directory, settings=None, environment=None):
        self.directory = pathlib.Path(directory)
        self.environment = environment or {}
        self.process = None
        self.documents = []
        run("init", self.directory, "--authority", "danang", "--host", "localhost", "--host", "127.0.0.1")
        self.configure(settings or {})

    # The broker

    @property
    def configuration_file(self):
        return self.directory / "broker.yaml"

    @property
    def data(self):
        return getattr(self, "data_directory", self.directory / "data")

    def configure(self, settings):
        """Free ports, and whatever the test sets: a dictionary merged into broker.yaml."""
        configuration = yaml.safe_load(self.configuration_file.read_text())

        def merge(into, new):
            for key, value in new.items():
                if isinstance(value, dict) and isinstance(into.get(key), dict):
                    merge(into[key], value)
                else:
                    into[key] = value

        merge(configuration, {"listeners": {"kafka": "127.0.0.1:0", "https": "127.0.0.1:0", "health": "127.0.0.1:0"}})
        merge(configuration, {"kafka": {"group.initial.rebalance.delay.ms": 100}})
        merge(configuration, settings)
        self.configuration_file.write_text(yaml.safe_dump(configuration, allow_unicode=True))

    def start(self):
        (self.data / "endpoints.json").unlink(missing_ok=True)
        self.log = open(self.directory / "broker.log", "ab")
        self.process = subprocess.Popen(
            [str(PROGRAM), "serve", "--config", str(self.configuration_file)], stdout=self.log, stderr=self.log,
            env={**os.environ, "SWIFT_BACKTRACE": "enable=no", **self.environment})
        deadline = time.monotonic() + START_SECONDS_MAX
        while not (self.data / "endpoints.json").exists():
            if self.process.poll() is not None:
                raise AssertionError(f"the broker ended with {self.process.returncode}:\n{self.log_text()}")
            if time.monotonic() > deadline:
                raise AssertionError(f"the broker is not ready after {START_SECONDS_MAX} s:\n{self.log_text()}")
            time.sleep(0.02)
        self.endpoints = json.loads((self.data / "endpoints.json").read_text())
        return self

    def log_text(self):
        return (self.directory / "broker.log").read_text(errors="replace")[-8000:]

    def log_size(self):
        """A mark for ``logged``."""
        return (self.directory / "broker.log").stat().st_size

    def logged(self, *words, since=0, seconds=10):
        """The first line with all of the words that the broker wrote after the mark; fails when none comes in time."""
        deadline = time.monotonic() + seconds
        while True:
            with open(self.directory / "broker.log", "rb") as log:
                log.seek(since)
                text = log.read().decode(errors="replace")
            for line in text.splitlines():
                if all(word in line for word in words):
                    return line
            if time.monotonic() > deadline:
                raise AssertionError(f"the log has no line with {words}:\n{text[-4000:]}")
            time.sleep(0.05)

    def memory(self):
        """Bytes of the broker that are in memory."""
        for line in pathlib.Path(f"/proc/{self.process.pid}/status").read_text().splitlines():
            if line.startswith("VmRSS:"):
                return int(line.split()[1]) * 1024
        raise AssertionError("the broker is gone")

    def kill(self):
        """kill -9"""
        self.process.kill()
        self.process.wait()

    def stop(self):
        if self.process and self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            self.process.wait(timeout=STOP_SECONDS_MAX)
        return self.process.returncode if self.process else None

    def reload(self):
        self.process.send_signal(signal.SIGHUP)

    @property
    def bootstrap(self):
        return self.endpoints["kafka"]

    # People and agreements

    def certificate(self, agency, unit="main", node="one", roles=(), purpose=None, days=None):
        """The directory of a node's certificate and client files; issued at first use."""
        out = self.directory / "issued" / f"{agency}-{unit}-{node}"
        if not out.exists():
            arguments = ["cert", "issue", "--pki", self.directory / "pki", "--agency", agency, "--unit", unit, "--node", node]
            for role in roles:
                arguments += ["--role", role]
            if purpose:
                arguments += ["--purpose", purpose]
            if days:
                arguments += ["--days", days]
            run(*arguments, "--out", out)
        self.point(out)
        return out

    def point(self, directory):
        """Client files name the ports of the configuration; tests use free ones."""
        if not hasattr(self, "endpoints"):
            return
        profile = yaml.safe_load((directory / "profile.yaml").read_text())
        profile["kafka"], profile["https"] = self.endpoints["kafka"], self.endpoints["https"]
        profile["health"] = self.endpoints["health"]
        (directory / "profile.yaml").write_text(yaml.safe_dump(profile))

    @property
    def admin(self):
        directory = self.directory / "profiles" / "admin"
        self.point(directory)
        return directory

    def hanbridge(self, *arguments, profile=None, **options):
        return run(*arguments, "--profile", (profile or self.admin) / "profile.yaml", **options)

    def doctor(self, profile=None, language="en"):
        """What `doctor` finds, as (level, sentence) pairs, but for how full the disk of this machine is, of which no test knows."""
        try:
            out = self.hanbridge("doctor", "--lang", language, "--output", "json", profile=profile)
        except Refused as refused:
            out = refused.stdout
        findings = [json.loads(line) for line in out.splitlines()]
        assert findings, "doctor said nothing"
        return [(finding["level"], finding["message"]) for finding in findings if not finding["message"].startswith(("The disk ", "Đĩa "))]

    def agree(self, *agreements):
        """Adds agreements (dictionaries as in the YAML) and applies the whole set."""
        self.documents += [
            {"legalBasis": "Quyết định 1/QĐ", "from": "2020-01-01", "until": "2099-12-31", **agreement} for agreement in agreements
        ]
        folder = self.directory / "agreements"
        folder.mkdir(exist_ok=True)
        (folder / "test.yaml").write_text(yaml.safe_dump({"agreements": self.documents}, allow_unicode=True))
        self.hanbridge("policy", "apply", folder)

    def topic(self, name, partitions=1, owner=None, publishers=(), subscribers=(), rights=("publish",), **configuration):
        """A topic with an agreement for the given node patterns; untyped unless a subject is given (empty for its own)."""
        configuration = {"hanbridge__schema__subject": "none", **configuration}
        arguments = ["topic", "create", name, "--partitions", partitions]
        for key, value in configuration.items():
            arguments += ["--config", f"{key.replace('__', '.')}={value}"]
        self.hanbridge(*arguments)
        parties = [{"node": node, "may": list(rights)} for node in publishers]
        parties += [{"node": node, "may": ["subscribe"]} for node in subscribers]
        if parties:
            self.agree({"id": f"T-{len(self.documents) + 1}", "topic": name, "owner": owner or "owner", "parties": parties})
        return name

    # Stock clients

    def files(self, directory):
        """(CA, certificate, key) of a profile, absolute."""
        profile = yaml.safe_load((directory / "profile.yaml").read_text())
        return tuple(str((directory / profile[key]).resolve()) for key in ("ca", "certificate", "key"))

    def librdkafka(self, directory, **settings):
        """The ready-made librdkafka.properties, with the test's port."""
        configuration = {}
        for line in (directory / "librdkafka.properties").read_text().splitlines():
            if line.strip() and not line.startswith("#"):
                key, _, value = line.partition("=")
                configuration[key.strip()] = value.strip()
        configuration["bootstrap.servers"] = self.bootstrap
        configuration.update({key.replace("__", "."): value for key, value in settings.items()})
        return configuration

    def remove(self):
        self.stop()
        shutil.rmtree(self.directory, ignore_errors=True)
