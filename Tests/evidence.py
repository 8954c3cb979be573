"""A log as EVIDENCE.md and the C2SP documents describe it, written from them alone: what the program's verifiers are held to."""

import base64
import hashlib
import struct

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

UUID = "0b9e7a52c4d14e6f8a3b5c6d7e8f9a01"
START = 1_795_372_800_000


def sha256(*parts):
    return hashlib.sha256(b"".join(parts)).digest()


def b64(data):
    return base64.b64encode(data).decode()


class Key:
    """An Ed25519 key that signs under names."""

    def __init__(self, seed):
        self.key = Ed25519PrivateKey.from_private_bytes(seed)
        self.public = self.key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)

    def id(self, name, kind):
        return sha256(name.encode(), b"\n", bytes([kind]), self.public)[:4]

    def vkey(self, name, kind=1):
        return f"{name}+{self.id(name, kind).hex()}+{b64(bytes([kind]) + self.public)}"

    def line(self, name, text):
        return f"— {name} {b64(self.id(name, 1) + self.key.sign(text))}\n".encode()

    def cosignature(self, name, text, time):
        signed = self.key.sign(f"cosignature/v1\ntime {time}\n".encode() + text)
        return f"— {name} {b64(self.id(name, 4) + struct.pack('>Q', time) + signed)}\n".encode()


def blob(data):
    return b"\xff\xff\xff\xff" if data is None else struct.pack(">I", len(data)) + data


def content(key, value, headers=()):
    parts = [blob(key), blob(value), struct.pack(">I", len(headers))]
    for name, header in headers:
        parts += [struct.pack(">H", len(name)), name, blob(header)]
    return b"".join(parts)


def commitment(salt, data):
    return sha256(b"record-commit/v1", salt, data)


def entry(offset, data, salt, append_time=None, *, flags=0, epoch=3, schema=17, writer=b"\0" * 32):
    return struct.pack(
        ">BBHQqqiiI", 1, flags, 1, offset, append_time or START + offset, START - 5, epoch, schema, len(data)) + writer + commitment(salt, data)


def leaf_hash(data):
    return sha256(b"\0", data)


def node_hash(left, right):
    return sha256(b"\1", left, right)


def split(count):
    return 1 << (count - 1).bit_length() - 1


def tree_root(leaves):
    if not leaves:
        return sha256(b"")
    if len(leaves) == 1:
        return leaves[0]
    at = split(len(leaves))
    return node_hash(tree_root(leaves[:at]), tree_root(leaves[at:]))


def inclusion_proof(index, leaves):
    if len(leaves) == 1:
        return []
    at = split(len(leaves))
    if index < at:
        return inclusion_proof(index, leaves[:at]) + [tree_root(leaves[at:])]
    return inclusion_proof(index - at, leaves[at:]) + [tree_root(leaves[:at])]


def consistency_proof(old, leaves, whole=True):
    """RFC 6962, section 2.1.2: SUBPROOF(old, leaves, whole)."""
    if old == len(leaves):
        return [] if whole else [tree_root(leaves)]
    at = split(len(leaves))
    if old <= at:
        return consistency_proof(old, leaves[:at], whole) + [tree_root(leaves[at:])]
    return consistency_proof(old - at, leaves[at:], False) + [tree_root(leaves[:at])]


class Log:
    """Entries with the tree over them; changed by whoever attacks it."""

    def __init__(self, count, host="tlog.example", topic="permits.issued"):
        self.host = host
        self.origin = f"{host}/{topic}/{UUID}/0"
        self.key = Key(bytes(range(32)))
        self.witness = Key(bytes(range(32, 64)))
        self.witness_name = "witness.example/w1"
        self.records = [(f"P-{n}".encode(), f'{{"permit":"P-{n}"}}'.encode(), sha256(b"salt", str(n).encode())[:16]) for n in range(count)]
        self.entries = [entry(n, content(key, value), salt) for n, (key, value, salt) in enumerate(self.records)]

    @property
    def leaves(self):
        return [leaf_hash(data) for data in self.entries]

    def text(self, size=None):
        leaves = self.leaves[:size]
        return f"{self.origin}\n{len(leaves)}\n{b64(tree_root(leaves))}\n".encode()

    def checkpoint(self, size=None, *, key=None, witness=None, time=None):
        text = self.text(size)
        # Within a second after the last record.
        time = time or START // 1000 + 1 + (len(self.entries) if size is None else size) // 1000
        return text + b"\n" + (key or self.key).line(self.origin, text) + (witness or self.witness).cosignature(self.witness_name, text, time)

    def receipt(self, index, size=None, *, salt=True, **options):
        proof = inclusion_proof(index, self.leaves[:size])
        extra = self.entries[index] + (self.records[index][2] if salt else b"")
        lines = ["c2sp.org/tlog-proof@v1", f"extra {b64(extra)}", f"index {index}", *map(b64, proof), "", ""]
        return "\n".join(lines).encode() + self.checkpoint(size, **options)

    def keys(self):
        return self.key.vkey(self.host) + "\n"

    def policy(self):
        return f"witness W {self.witness.vkey(self.witness_name, 4)}\nquorum W\n"

    def write(self, folder):
        """The folder that C2SP tlog-tiles serves, with the entries' bundles."""
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "checkpoint").write_bytes(self.checkpoint())
        bundled = [struct.pack(">H", len(data)) + data for data in self.entries]
        self._tiles(folder, "entries", bundled)
        level, hashes = 0, self.leaves
        while hashes:
            self._tiles(folder, str(level), hashes)
            hashes = [tree_root(hashes[at:at + 256]) for at in range(0, len(hashes) - 255, 256)]
            level += 1

    @staticmethod
    def _tiles(folder, level, items):
        for number in range((len(items) + 255) // 256):
            part = items[256 * number:256 * number + 256]
            assert number < 1000
            name = f"{number:03}" if len(part) == 256 else f"{number:03}.p/{len(part)}"
            path = folder / "tile" / level / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(b"".join(part))
