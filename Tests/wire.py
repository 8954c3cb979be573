"""Kafka's protocol by hand over a mutual-TLS socket, so that tests can send what no client would: requests and record batches of
which every field can be wrong. Layouts after Kafka's protocol guide; versions before the flexible ones (KIP-482)."""

import contextlib
import gzip
import socket
import ssl
import struct
import time

import crc32c
import lz4.frame
import snappy
import zstandard

# By the names of org.apache.kafka.common.protocol.Errors.
ERRORS = {
    "CORRUPT_MESSAGE": 2, "UNKNOWN_TOPIC_OR_PARTITION": 3, "MESSAGE_TOO_LARGE": 10, "INVALID_TOPIC_EXCEPTION": 17,
    "INVALID_REQUIRED_ACKS": 21, "TOPIC_AUTHORIZATION_FAILED": 29, "INVALID_TIMESTAMP": 32, "UNSUPPORTED_VERSION": 35,
    "INVALID_REQUEST": 42, "UNSUPPORTED_COMPRESSION_TYPE": 76, "INVALID_RECORD": 87,
}

PRODUCE, FETCH, METADATA, API_VERSIONS, CREATE_TOPICS = 0, 1, 3, 18, 19
SECONDS_MAX = 20


def string(text):
    data = text if isinstance(text, bytes) else text.encode()
    return struct.pack(">h", len(data)) + data


def array(items):
    return struct.pack(">i", len(items)) + b"".join(items)


def varint(number, bits=64):
    """Zigzag, as records have it."""
    number = ((number << 1) ^ (number >> (bits - 1))) & (2**bits - 1)
    out = bytearray()
    while number > 0x7F:
        out.append(number & 0x7F | 0x80)
        number >>= 7
    return bytes(out + bytes([number]))


# Records


def record(index, value, key=None, timestamp_delta=0, headers=0):
    body = b"\0" + varint(timestamp_delta) + varint(index)
    body += (varint(-1) if key is None else varint(len(key)) + key) + varint(len(value)) + value + varint(headers)
    return varint(len(body)) + body


COMPRESSORS = {
    0: lambda data: data, 1: gzip.compress, 2: snappy.compress, 3: lz4.frame.compress,
    4: lambda data: zstandard.ZstdCompressor().compress(data),
}


def batch(values=(b"a", b"b", b"c"), codec=0, body=None, magic=2, attributes=None, count=None, last=None, crc=None, length=None,
          base=0, timestamp=1_700_000_000_000, max_timestamp=None, producer=(-1, -1, -1)):
    """A record batch of magic 2 (KIP-98). What is not given is right; `body` replaces the records, already compressed."""
    if body is None:
        body = COMPRESSORS[codec](b"".join(record(n, value) for n, value in enumerate(values)))
    count = len(values) if count is None else count
    tail = struct.pack(
        ">hiqqqhii", codec if attributes is None else attributes, count - 1 if last is None else last, timestamp,
        timestamp if max_timestamp is None else max_timestamp, *producer, count) + body
    crc = crc32c.crc32c(tail) if crc is None else crc
    return struct.pack(">qiibI", base, 9 + len(tail) if length is None else length, 0, magic, crc) + tail


# Requests


def produce_body(topic, records, partition=0, acks=-1, timeout=10_000):
    data = struct.pack(">i", -1) if records is None else struct.pack(">i", len(records)) + records
    return struct.pack(">hhi", -1, acks, timeout) + array([string(topic) + array([struct.pack(">i", partition) + data])])


def fetch_body(topic, offset=0, partition=0, bytes_max=1 << 20, wait=0, min_bytes=0):
    return struct.pack(">iiiib", -1, wait, min_bytes, bytes_max, 0) + array(
        [string(topic) + array([struct.pack(">iqi", partition, offset, bytes_max)])])


def header(api, version, correlation=1, client="by-hand"):
    return struct.pack(">hhi", api, version, correlation) + (struct.pack(">h", -1) if client is None else string(client))


class Reader:
    def __init__(self, data):
        self.data, self.at = data, 0

    def take(self, layout):
        values = struct.unpack_from(">" + layout, self.data, self.at)
        self.at += struct.calcsize(">" + layout)
        return values[0] if len(values) == 1 else values

    def text(self):
        length = self.take("h")
        if length < 0:
            return None
        self.at += length
        return self.data[self.at - length:self.at].decode()

    def bytes(self):
        length = self.take("i")
        if length < 0:
            return None
        self.at += length
        return self.data[self.at - length:self.at]


class Closed(Exception):
    """The broker ended the connection."""


def client_context(ca, certificate=None, key=None, version=None):
    context = ssl.create_default_context(cafile=ca)
    context.check_hostname = False
    if certificate:
        context.load_cert_chain(certificate, key)
    if version:
        context.minimum_version = context.maximum_version = version
    return context


def plain(address, seconds=SECONDS_MAX):
    host, _, port = address.removeprefix("https://").rpartition(":")
    return socket.create_connection((host, int(port)), timeout=seconds)


def ends(sock, seconds=SECONDS_MAX):
    """Whether the other side ends the connection in time; whatever it still sends is read."""
    sock.settimeout(seconds)
    deadline = time.monotonic() + seconds
    try:
        while time.monotonic() < deadline:
            if sock.recv(65536) == b"":
                return True
    except TimeoutError:
        return False
    except (ssl.SSLError, OSError):
        return True
    return False


class Wire(contextlib.AbstractContextManager):
    """One connection of a node, by its directory of client files or by (CA, certificate, key)."""

    def __init__(self, city, node, context=None, session=None):
        files = node if isinstance(node, tuple) else city.files(node)
        self.context = context or client_context(*files)
        try:
            self.socket = self.context.wrap_socket(plain(city.bootstrap), session=session)
        except (ssl.SSLError, ConnectionError) as error:
            raise Closed(str(error)) from error

    def __exit__(self, *_):
        self.socket.close()

    def send(self, data):
        self.socket.sendall(data)

    def send_frame(self, payload):
        self.send(struct.pack(">i", len(payload)) + payload)

    def receive_frame(self):
        length = struct.unpack(">i", self._exactly(4))[0]
        return self._exactly(length)

    def _exactly(self, count):
        data = bytearray()
        while len(data) < count:
            try:
                chunk = self.socket.recv(count - len(data))
            except (ssl.SSLError, ConnectionError) as error:
                raise Closed(str(error)) from error
            if not chunk:
                raise Closed(f"after {len(data)} of {count} bytes")
            data += chunk
        return bytes(data)

    def call(self, api, version, body=b"", correlation=1, **head):
        """The answer's body, for the APIs and versions whose answers have header version 0."""
        self.send_frame(header(api, version, correlation, **head) + body)
        answer = Reader(self.receive_frame())
        assert answer.take("i") == correlation
        return answer

    def api_versions(self):
        answer = self.call(API_VERSIONS, 0)
        error, count = answer.take("hi")
        assert error == 0
        return {key: (low, high) for key, low, high in (answer.take("hhh") for _ in range(count))}

    def produce(self, topic, records, version=8, **options):
        """(error code, sentence, base offset) of the one partition."""
        answer = self.call(PRODUCE, version, produce_body(topic, records, **options))
        assert answer.take("i") == 1 and answer.text() == topic and answer.take("i") == 1
        _, error, base, _ = answer.take("ihqq")
        sentence = None
        if version >= 5:
            answer.take("q")
        if version >= 8:
            # Of the records that were refused, by their place in the batch.
            self.record_errors = {}
            for _ in range(answer.take("i")):
                place = answer.take("i")
                self.record_errors[place] = answer.text()
            sentence = answer.text()
        return error, sentence, base

    def fetch(self, topic, **options):
        """(error code, high watermark, record batches as they are)."""
        answer = self.call(FETCH, 4, fetch_body(topic, **options))
        answer.take("i")
        assert answer.take("i") == 1 and answer.text() == topic and answer.take("i") == 1
        _, error, high, _ = answer.take("ihqq")
        for _ in range(max(0, answer.take("i"))):
            answer.take("qq")
        return error, high, answer.bytes()

    def create_topic(self, name, version=1):
        body = array([string(name) + struct.pack(">ih", 1, 1) + array([]) + array([])]) + struct.pack(">ib", 10_000, 0)
        answer = self.call(CREATE_TOPICS, version, body)
        assert answer.take("i") == 1
        answer.text()
        return answer.take("h"), answer.text()


def refused(city, files):
    """Whether a node is not served: at the handshake, or in TLS 1.3 right after it."""
    try:
        with Wire(city, files) as connection:
            connection.api_versions()
    except Closed:
        return True
    return False
