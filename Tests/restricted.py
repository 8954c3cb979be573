"""People whose records are shown in part: a typed topic of a test city, publishers that write it by hand, and a TLS proxy that records every
byte that a stock client received."""

import copy
import json
import os
import random
import select
import socket
import ssl
import struct
import threading
import uuid

import crc32c
import yaml
from confluent_kafka.schema_registry import Schema

from typed_topics import framed, registry
from wire import COMPRESSORS, Wire, client_context, varint

SCHEMA = {
    "$schema": "https://json-schema.org/draft/2020-12/schema", "type": "object", "required": ["citizenId", "name", "ward", "born"],
    "properties": {
        "citizenId": {"type": "string", "pattern": "^[0-9]{12}$", "x-personal": True}, "name": {"type": "string", "x-personal": True},
        "ward": {"type": "string"}, "born": {"type": "string", "format": "date"}, "doses": {"type": "integer"},
    },
}
WARDS = ["hai-chau", "son-tra", "cam-le", "lien-chieu"]


class Person:
    def __init__(self, random, ward=None):
        self.citizen = f"{random.randrange(10**11, 10**12)}"
        self.name = f"Nguyễn {random.getrandbits(64):016x}"
        self.ward = ward or random.choice(WARDS)
        self.born = f"{random.randrange(1930, 2020)}-{random.randrange(1, 13):02}-{random.randrange(1, 29):02}"
        self.doses = random.randrange(5)

    @property
    def document(self):
        return {"citizenId": self.citizen, "name": self.name, "ward": self.ward, "born": self.born, "doses": self.doses}

    @property
    def secrets(self):
        """Byte strings that nobody may receive to whom the citizen's number and the name are masked."""
        return [self.citizen.encode(), self.citizen[:8].encode(), self.name.encode(), self.name.split()[1].encode()]


def restricted(city, *rules, partitions=1, **configuration):
    """A topic that wards publish to, and that each node of the rules reads as its rule says: (name, schema id)."""
    name = f"health.people-{uuid.uuid4().hex[:8]}.v1"
    city.topic(name, partitions=partitions, hanbridge__schema__subject=f"{name}-value", **configuration)
    schema = registry(city).register_schema(f"{name}-value", Schema(json.dumps(SCHEMA), "JSON"))
    agree(city, name, *rules)
    return name, schema


def agree(city, name, *rules):
    """In the place of what was agreed about the topic before."""
    # Copies: what is the same object twice becomes an alias in YAML, which agreements refuse.
    rules = copy.deepcopy(rules)
    city.documents = [document for document in city.documents if document["topic"] != name]
    city.agree({"id": f"P-{name}", "topic": name, "owner": "health", "parties": [
        {"node": "hai-chau/*/*", "may": ["publish", "subscribe", "tombstone"]}, *({"may": ["subscribe"], **rule} for rule in rules)]})


def keyed(index, key, value, headers):
    body = b"\0" + varint(0) + varint(index) + varint(len(key)) + key + varint(len(value)) + value + varint(len(headers))
    for name, content in headers.items():
        body += varint(len(name)) + name.encode() + varint(len(content)) + content
    return varint(len(body)) + body


def publish(city, ward, name, schema, people, codec=0, partition=0):
    """One batch: the citizen's number is each record's key too, and stands in a header."""
    records = b"".join(
        keyed(index, person.citizen.encode(), framed(schema, person.document), {"trace": person.citizen.encode()})
        for index, person in enumerate(people))
    with Wire(city, ward) as publisher:
        error, sentence, base = publisher.produce(name, compressed(records, len(people), codec), partition=partition)
    assert error == 0, sentence
    return base


def compressed(records, count, codec):
    """A batch of such records."""
    body = COMPRESSORS[codec](records)
    rest = struct.pack(">hiqqqhii", codec, count - 1, 1_700_000_000_000, 1_700_000_000_000, -1, -1, -1, count) + body
    return struct.pack(">qiibI", 0, len(rest) + 9, -1, 2, crc32c.crc32c(rest)) + rest


class Recorder:
    """A TLS proxy in front of the broker that has the keys of both sides: everybody comes through it, each as itself, and what the broker says
    to one node is recorded in the clear."""

    def __init__(self, city, node):
        self.port, self.real = free_port(), free_port()
        self.received = bytearray()
        self.city, self.node = city, node
        city.configure({"listeners": {"kafka": f"127.0.0.1:{self.real}", "advertised": f"localhost:{self.port}"}})

    def start(self):
        own = yaml.safe_load(self.city.configuration_file.read_text())["identity"]
        self.server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.server.load_cert_chain(self.city.directory / own["certificate"], self.city.directory / own["key"])
        self.server.load_verify_locations(self.city.files(self.node)[0])
        self.server.verify_mode = ssl.CERT_REQUIRED
        self.listener = socket.create_server(("127.0.0.1", self.port))
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def stop(self):
        self.listener.close()

    def _accept(self):
        while True:
            try:
                raw, _ = self.listener.accept()
            except OSError:
                return
            threading.Thread(target=self._carry, args=(raw,), daemon=True).start()

    def _directory(self, certificate):
        """Of the node whose certificate it is."""
        for file in self.city.directory.glob("*/*/certificate.pem"):
            if ssl.PEM_cert_to_DER_cert(first_certificate(file)) == certificate:
                return file.parent
        raise AssertionError("a certificate of nobody's")

    def _carry(self, raw):
        try:
            near = self.server.wrap_socket(raw, server_side=True)
            directory = self._directory(near.getpeercert(True))
            far = client_context(*self.city.files(directory)).wrap_socket(socket.create_connection(("127.0.0.1", self.real)))
        except OSError:
            return raw.close()
        try:
            self._pump(near, far, directory == self.node)
        except OSError:
            pass
        near.close()
        far.close()

    def _pump(self, near, far, records):
        """Both ways in one thread: two must not use one TLS connection."""
        while True:
            ready = [end for end in (near, far) if end.pending()] or select.select([near, far], [], [])[0]
            for source in ready:
                source.setblocking(False)
                try:
                    data = source.recv(1 << 16)
                except ssl.SSLWantReadError:
                    continue  # Of TLS itself.
                if not data:
                    return
                target = near if source is far else far
                if records and source is far:
                    self.received += data
                target.settimeout(60)
                target.sendall(data)


def first_certificate(file):
    text = file.read_text()
    return text[:text.index("-----END CERTIFICATE-----") + 26]


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as server:
        return server.getsockname()[1]


def seeded():
    """A source of chance whose seed the test prints, and HANBRIDGE_SEED sets."""
    seed = int(os.environ.get("HANBRIDGE_SEED", random.randrange(2**32)))
    print(f"HANBRIDGE_SEED={seed}")
    return random.Random(seed)
