"""Two brokers that witness each other, and a witness alone: each a department with an authority of its own."""

import json
import os
import signal
import socket
import subprocess
import time

import yaml

from city import PROGRAM, City, run


def free_port():
    """Nobody's at this moment: those who know each other's addresses beforehand need one that stays."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class LoneWitness:
    """`hanbridge witness serve` of a department that has no broker."""

    def __init__(self, directory, name="witness.tax"):
        self.directory, self.name, self.port, self.process = directory, name, free_port(), None
        run("init", directory, "--authority", "tax", "--host", "localhost", "--host", "127.0.0.1")
        self.peers = {}

    def pin(self, host, keys, **more):
        """Whose logs it cosigns: verifier keys as text."""
        path = self.directory / f"{host}-keys"
        path.write_text(keys)
        self.peers[host] = {"keys": path.name, **more}
        identity = yaml.safe_load((self.directory / "broker.yaml").read_text())["identity"]
        self.configuration_file.write_text(yaml.safe_dump({
            "name": self.name, "state": "state", "identity": identity, "peers": self.peers,
            "listeners": {"https": f"127.0.0.1:{self.port}", "health": "127.0.0.1:0"}}))

    @property
    def configuration_file(self):
        return self.directory / "witness.yaml"

    @property
    def state(self):
        return self.directory / "state"

    def start(self):
        (self.state / "endpoints.json").unlink(missing_ok=True)
        self.log = open(self.directory / "witness.log", "ab")
        self.process = subprocess.Popen(
            [str(PROGRAM), "witness", "serve", "--config", str(self.configuration_file)], stdout=self.log, stderr=self.log,
            env={**os.environ, "SWIFT_BACKTRACE": "enable=no"})
        deadline = time.monotonic() + 30
        while not (self.state / "endpoints.json").exists():
            assert self.process.poll() is None, self.log_text()
            assert time.monotonic() < deadline, self.log_text()
            time.sleep(0.02)
        self.endpoints = json.loads((self.state / "endpoints.json").read_text())
        return self

    def log_text(self):
        return (self.directory / "witness.log").read_text(errors="replace")[-8000:]

    def stop(self):
        if self.process and self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            self.process.wait(timeout=30)
        return self.process.returncode if self.process else None

    def kill(self):
        if self.process:
            self.process.kill()
            self.process.wait()

    @property
    def vkey(self):
        return (self.state / "witness.vkey").read_text().strip()

    def certificate(self, agency, unit="main", node="one"):
        """Client files that its operator issued; they name its address."""
        out = self.directory / "issued" / f"{agency}-{unit}-{node}"
        if not out.exists():
            run("cert", "issue", "--pki", self.directory / "pki", "--agency", agency, "--unit", unit, "--node", node,
                "--https", f"https://127.0.0.1:{self.port}", "--out", out)
            profile = yaml.safe_load((out / "profile.yaml").read_text())
            profile.pop("endpoints", None)
            profile["https"] = f"https://127.0.0.1:{self.port}"
            (out / "profile.yaml").write_text(yaml.safe_dump(profile))
        return out

    def forks(self):
        folder = self.state / "forks"
        return sorted(path for path in folder.iterdir() if not path.name.startswith(".")) if folder.exists() else []


class Broker(City):
    """A broker with an address that stays, as others have it in their configuration."""

    def __init__(self, directory, host):
        self.host, self.port = host, free_port()
        super().__init__(directory, {"evidence": {"host": host}})
        self.configure({"listeners": {"https": f"127.0.0.1:{self.port}"}})

    def configure(self, settings):
        super().configure({**settings, "listeners": {"https": f"127.0.0.1:{self.port}", **settings.get("listeners", {})}})

    def log_keys(self):
        """What others pin."""
        ca, certificate, key = self.files(self.admin)
        return subprocess.run(
            ["curl", "-s", "--fail", "--cacert", ca, "--cert", certificate, "--key", key, self.endpoints["https"] + "/tlog/keys"],
            check=True, capture_output=True, text=True).stdout

    @property
    def vkey(self):
        return (self.data / "witness/witness.vkey").read_text().strip()

    def client_files(self, other):
        """For another department's broker, at the address that stays."""
        out = self.certificate(other, "broker", "one")
        profile = yaml.safe_load((out / "profile.yaml").read_text())
        profile.pop("endpoints", None)
        profile["https"] = f"https://127.0.0.1:{self.port}"
        (out / "profile.yaml").write_text(yaml.safe_dump(profile))
        return out

    def forks(self):
        folder = self.data / "witness/forks"
        return sorted(path for path in folder.iterdir() if not path.name.startswith(".")) if folder.exists() else []


class Neighbours:
    """danang and hue witness each other, tax witnesses both; each log needs both of its witnesses."""

    def __init__(self, folder):
        self.danang, self.hue = Broker(folder / "danang", "log.danang"), Broker(folder / "hue", "log.hue")
        self.tax = LoneWitness(folder / "tax")
        brokers = [self.danang, self.hue]
        # The keys are made by a first start; then they are exchanged, as operators would do it.
        for broker in brokers:
            broker.start()
            broker.keys = broker.log_keys()
            assert broker.stop() == 0
            self.tax.pin(broker.host, broker.keys)
        self.tax.start()
        for broker, other in [(self.danang, self.hue), (self.hue, self.danang)]:
            (broker.directory / "peer-keys").write_text(other.keys)
            broker.configure({"evidence": {"witness": {
                "name": broker.host.replace("log", "witness"), "peers": {other.host: {"keys": "peer-keys"}}}}})
            broker.start()
            assert broker.stop() == 0
        for broker, other in [(self.danang, self.hue), (self.hue, self.danang)]:
            broker.policy = broker.directory / "witnesses.policy"
            broker.policy.write_text(
                f"# both of them\nwitness neighbour {other.vkey}\nwitness tax {self.tax.vkey}\ngroup both all neighbour tax\nquorum both\n")
            broker.witnesses = {
                "neighbour": {"profile": str(other.client_files(broker.host[4:]) / "profile.yaml")},
                "tax": {"profile": str(self.tax.certificate(broker.host[4:], "broker") / "profile.yaml")}}
            broker.configure({"evidence": {"policy": str(broker.policy), "witnesses": broker.witnesses}})

    def start(self):
        for broker in (self.danang, self.hue):
            broker.start()
        return self

    def stop(self):
        return [one.stop() for one in (self.danang, self.hue, self.tax)]

    def kill(self):
        for one in (self.danang, self.hue, self.tax):
            if one.process and one.process.poll() is None:
                one.kill()
