"""A second verifier of exported logs, written from EVIDENCE.md and the C2SP documents alone; it agrees with `hanbridge audit verify`.

Simple where ours is careful of memory: it reads the whole log, and believes whichever of entries and tiles lead to the signed root.
"""

import base64
import functools
import hashlib
import json
import pathlib
import struct

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

ENTRY_BYTES = 104


def sha256(*parts):
    return hashlib.sha256(b"".join(parts)).digest()


def root_of(hashes):
    """RFC 6962 from below: a last hash without a partner goes up as it is."""
    if not hashes:
        return sha256(b"")
    while len(hashes) > 1:
        paired = [sha256(b"\1", *hashes[at:at + 2]) for at in range(0, len(hashes) - 1, 2)]
        hashes = paired + hashes[len(paired) * 2:]
    return hashes[0]


class Refused(Exception):
    """The whole log gets one bad verdict."""


def parse_vkey(text):
    name, key_id, encoded = text.split("+", 2)
    key = base64.b64decode(encoded, validate=True)
    assert sha256(name.encode(), b"\n", key)[:4].hex() == key_id
    return name, bytes.fromhex(key_id), key[0], key[1:]


def verifies(public, signature, message):
    try:
        Ed25519PublicKey.from_public_bytes(public).verify(signature, message)
        return True
    except InvalidSignature:
        return False


def parse_checkpoint(note):
    """Origin, size, root, the signed text, signatures as (name, key id, bytes)."""
    assert note.endswith(b"\n") and all(byte >= 0x20 or byte == 0x0A for byte in note)
    text, separator, tail = note.rpartition(b"\n\n")
    assert separator and tail
    text += b"\n"
    origin, size, root, end = text.split(b"\n")
    assert end == b"" and str(int(size)).encode() == size
    assert base64.b64encode(base64.b64decode(root, validate=True)) == root and len(root) == 44
    signatures = []
    for line in tail.decode().split("\n")[:-1]:
        dash, name, encoded = line.split(" ")
        assert dash == "—" and name and "+" not in name
        blob = base64.b64decode(encoded, validate=True)
        assert base64.b64encode(blob).decode() == encoded and len(blob) > 4
        signatures.append((name, blob[:4], blob[4:]))
    return origin.decode(), int(size), base64.b64decode(root), text, signatures


def judge_head(checkpoint, log_key, witnesses):
    """The log's signature and every known witness's; here the quorum is all of them."""
    origin, _, _, text, signatures = checkpoint
    host, _, kind, public = parse_vkey(log_key)
    assert kind == 1 and origin.startswith(host + "/")
    own_id = sha256(origin.encode(), b"\n\1", public)[:4]
    own = [blob for name, key_id, blob in signatures if (name, key_id) == (origin, own_id)]
    if not own or not all(verifies(public, blob, text) for blob in own):
        raise Refused
    for vkey in witnesses:
        name, key_id, kind, public = parse_vkey(vkey)
        assert kind == 4
        lines = [blob for line_name, line_id, blob in signatures if (line_name, line_id) == (name, key_id)]
        if not lines:
            raise Refused
        for blob in lines:
            if len(blob) != 72:
                raise Refused
            time, = struct.unpack(">Q", blob[:8])
            if not verifies(public, blob[8:], f"cosignature/v1\ntime {time}\n".encode() + text):
                raise Refused


def cosigned(read, origin, log_key, witnesses):
    """What all of the witnesses cosigned: (size, root, their times) of each note in `cosigned`, and of the head."""
    data, notes = read("cosigned") if witnesses else b"", [read("checkpoint")]
    while data:
        length, = struct.unpack(">I", data[:4])
        assert length <= 65536 and len(data) >= 4 + length
        notes.append(data[4:4 + length])
        data = data[4 + length:]
    found = []
    for note in notes if witnesses else []:
        checkpoint = parse_checkpoint(note)
        try:
            judge_head(checkpoint, log_key, witnesses)
        except Refused:
            continue
        if checkpoint[0] == origin:
            own = {tuple(parse_vkey(vkey)[:2]) for vkey in witnesses}
            times = [struct.unpack(">Q", blob[:8])[0] for name, key_id, blob in checkpoint[4] if (name, key_id) in own]
            found.append((checkpoint[1], checkpoint[2], times))
    return found


def in_window(offset, time, history, delay=10_000, skew=5_000):
    """Ta - cosign.delayMax - skew <= append time <= Tb + skew; a witness's second ends 999 ms after it. Here of one witness alone."""
    without = [(size, max(times)) for size, _, times in history if size <= offset]
    including = [(size, min(times)) for size, _, times in history if size > offset]
    if without:
        largest = max(size for size, _ in without)
        if time < max(at for size, at in without if size == largest) * 1000 - delay - skew:
            return False
    if including:
        smallest = min(size for size, _ in including)
        return time <= min(at for size, at in including if size == smallest) * 1000 + 999 + skew
    return True


def json_lines(read, name, key):
    """Over the wire there is no such file, and whatever else is answered has no such key."""
    found = [json.loads(line) for line in read(name).splitlines() if line.startswith(b"{")]
    return [one for one in found if key in one]


def audited(proven, log_key):
    """What a record of the audit topic says that comes with its receipt: its action and details. None where the receipt does not prove it."""
    content, receipt = base64.b64decode(proven["content"]), proven["receipt"].encode()
    head, _, note = receipt.partition(b"\n\n")
    lines = head.decode().split("\n")
    extra, index = base64.b64decode(lines[1].removeprefix("extra ")), int(lines[2].removeprefix("index "))
    checkpoint = parse_checkpoint(note)
    origin, size, root, _, _ = checkpoint
    try:
        judge_head(checkpoint, log_key, [])
    except Refused:
        return None
    entry, salt = extra[:ENTRY_BYTES], extra[ENTRY_BYTES:]
    if origin.split("/")[1] != "_audit.access" or not opens(entry, salt, content):
        return None
    if included(sha256(b"\0", entry), index, size, [base64.b64decode(line) for line in lines[3:]]) != root:
        return None
    key_length, = struct.unpack(">i", content[:4])
    at = 4 + max(key_length, 0)
    length, = struct.unpack(">I", content[at:at + 4])
    event = json.loads(content[at + 4:at + 4 + length])
    return {"action": event["data"]["action"], "subject": event["subject"], **event["data"].get("details", {})}


def included(leaf, index, size, proof):
    """RFC 9162, section 2.1.3.2: the root that the proof leads to. None where it is of another length."""
    place, last, found = index, size - 1, leaf
    for sibling in proof:
        if last == 0:
            return None
        if place & 1 or place == last:
            found = sha256(b"\1", sibling, found)
            while not place & 1 and place:
                place, last = place >> 1, last >> 1
        else:
            found = sha256(b"\1", found, sibling)
        place, last = place >> 1, last >> 1
    return found if last == 0 else None


def pruned(read, log_key):
    """What the audit topic lets be gone: (from, before) of each record of it that comes with the log and proves itself."""
    _, topic, log, partition = parse_checkpoint(read("checkpoint"))[0].split("/")
    first = next((found["closedLog"] for found in json_lines(read, "reopened", "closedLog")), log)
    events = [audited(found, log_key) for found in json_lines(read, "pruned", "receipt")]
    wanted = {"action": "evidence.prune", "subject": f"topic:{topic}", "topicId": first, "partition": partition}
    return [(int(event["from"]), int(event["before"])) for event in events if event and wanted.items() <= event.items()]


def continues(read, log_key):
    """The sizes at which the logs were closed that this one goes on from, the oldest first. None where one of them was closed without a
    record of the audit topic, or by what the log's key did not sign, or where its last tree is not the beginning of this one."""
    origin, size, _, _, _ = parse_checkpoint(read("checkpoint"))
    host, topic, log, partition = origin.split("/")
    records = json_lines(read, "reopened", "closedLog")
    sizes = []
    for found, after in zip(records, [record["closedLog"] for record in records[1:]] + [log]):
        event = audited(found["record"], log_key) if found.get("record") else None
        wanted = {"action": "log.reopen", "subject": f"topic:{topic}", "topicId": records[0]["closedLog"], "partition": partition,
                  "closedLog": found["closedLog"], "closedSize": str(found["closedSize"]), "log": after}
        if not event or not wanted.items() <= event.items():
            return None
        if found["closedSize"] > 0:
            if not found.get("checkpoint"):
                return None
            closed = parse_checkpoint(found["checkpoint"].encode())
            try:
                judge_head(closed, log_key, [])
            except Refused:
                return None
            if closed[:2] != (f"{host}/{topic}/{found['closedLog']}/{partition}", found["closedSize"]):
                return None
            root = base64.b64encode(closed[2]).decode()
            if root != event["closedRoot"] or Tree(Tiles(read, size), size).root(found["closedSize"]) != closed[2]:
                return None
        sizes.append(found["closedSize"])
    return sizes


def folder(path):
    """Reads an exported log: the bytes under a name, none where there is nothing."""
    path = pathlib.Path(path)
    return lambda name: (path / name).read_bytes() if (path / name).exists() else b""


class Tiles:
    def __init__(self, read, size):
        self.read, self.size = read, size

    def tile(self, level, number, count):
        width = min(256, count - 256 * number)
        name = f"{number % 1000:03}" + ("" if width == 256 else f".p/{width}")
        while number >= 1000:
            number //= 1000
            name = f"x{number % 1000:03}/{name}"
        return self.read(f"tile/{level}/{name}"), width

    def hashes(self, level):
        count = self.size >> 8 * level
        found = []
        for number in range((count + 255) // 256):
            data, width = self.tile(str(level), number, count)
            part = [data[32 * at:32 * at + 32] for at in range(width)]
            found += [data if len(data) == 32 else None for data in part]
        return found

    def entries(self):
        found = []
        for number in range((self.size + 255) // 256):
            data, width = self.tile("entries", number, self.size)
            whole, rest = divmod(len(data), ENTRY_BYTES + 2)
            part = [data[at * 106 + 2:at * 106 + 106] for at in range(whole)]
            # A bundle that is not of its form shows nothing.
            if rest or any(data[at * 106:at * 106 + 2] != b"\0\x68" for at in range(whole)):
                part = []
            found += (part + [None] * width)[:width]
        return found


class Tree:
    """The tree over the leaves that are believed; where these were pruned, over the hashes of whole tiles that are kept in their place."""

    def __init__(self, log, size, leaves=None):
        self.size = size
        self.levels = [log.hashes(level) for level in range(8)]
        if leaves is not None:
            self.levels[0] = leaves

    def node(self, height, index):
        """The hash over 2^height leaves, from below where that is there; none where nothing leads to it."""
        if height > 0:
            left, right = self.node(height - 1, 2 * index), self.node(height - 1, 2 * index + 1)
            if left and right:
                return sha256(b"\1", left, right)
        level, rest = divmod(height, 8)
        return self.levels[level][index] if rest == 0 and index < len(self.levels[level]) else None

    def root(self, size):
        """Whole subtrees from the left, folded from the right."""
        if size == 0:
            return sha256(b"")
        nodes, at = [], 0
        for height in reversed(range(size.bit_length())):
            if size >> height & 1:
                nodes.append(self.node(height, at >> height))
                at += 1 << height
        root = nodes.pop()
        while nodes:
            left = nodes.pop()
            root = sha256(b"\1", left, root) if left and root else None
        return root


def verdicts(read, log_key, witnesses, saved=None, contents=None, is_masked=False):
    """For each offset its verdict. `read` gives the bytes under a path of the log; `saved` is the checkpoint of the last audit as it was
    served; `contents` the records' contents by offset, to be held against the entries with the log's openings; `is_masked` says that it
    is of a case that shows records masked."""
    read = functools.cache(read)
    checkpoint = parse_checkpoint(read("checkpoint"))
    origin, size, root, _, _ = checkpoint
    saved_origin, saved_size, saved_root = parse_checkpoint(saved)[:3] if saved else (origin, 0, None)
    if saved_origin != origin:
        return {offset: "MISSING" for offset in range(saved_size)}
    try:
        judge_head(checkpoint, log_key, witnesses)
    except Refused:
        return {offset: "ALTERED" for offset in range(size)}
    if size < saved_size:
        return {offset: "MISSING" for offset in range(size, saved_size)}
    log = Tiles(read, size)
    entries = log.entries()
    made = [sha256(b"\0", entry) if entry is not None else None for entry in entries]
    stored = log.hashes(0)
    allowed = {offset for first, before in pruned(read, log_key) for offset in range(first, min(before, size))}
    # Of whole tiles that were let go neither entries nor leaves are there, and their hashes stand in for them.
    gone = {offset for offset in allowed if entries[offset] is None and stored[offset] is None}

    def is_whole(leaves):
        return all(leaf is not None or offset in gone for offset, leaf in enumerate(leaves)) and Tree(log, size, leaves).root(size) == root

    believed = next((leaves for leaves in (stored, made) if is_whole(leaves)), None)
    if believed is None:
        return {offset: "MISSING" if entries[offset] is None else "ALTERED" for offset in range(size)}
    result = {}
    last = None
    tree = Tree(log, size, believed)
    for offset, entry in enumerate(entries):
        result[offset], last = ("EXPIRED", last) if offset in gone else judge_entry(offset, entry, believed[offset], last)
    for level in range(8):
        if level == 0:
            expected = believed
        else:
            expected = [root_of(part) if None not in part else None for part in (expected[at:at + 256] for at in range(0, len(expected) - 255, 256))]
        for number, (have, want) in enumerate(zip(log.hashes(level), expected)):
            if have != want and want is not None:
                result.update({offset: "ALTERED" for offset in range(number << 8 * level, min(size, number + 1 << 8 * level))})
    # Below what was pruned an earlier tree cannot be made any more.
    if saved and (had := tree.root(saved_size)) is not None and had != saved_root:
        result.update({offset: "ALTERED" for offset in range(saved_size)})
    history = cosigned(read, origin, log_key, witnesses)
    agreed = 0
    for seen_size, seen_root, _ in sorted(history):
        if seen_size <= size and (had := tree.root(seen_size)) is not None and had != seen_root:
            result.update({offset: "ALTERED" for offset in range(agreed, max(seen_size, agreed + 1))})
            break
        agreed = seen_size
    for offset, entry in enumerate(entries):
        if result[offset] == "VERIFIED" and not in_window(offset, struct.unpack(">q", entry[12:20])[0], history):
            result[offset] = "BACKDATED"
    for offset, content in (contents or {}).items():
        salt = read(f"openings/{offset // 256}")[offset % 256 * 16:][:16]
        if result[offset] == "VERIFIED" and not opens(entries[offset], salt, content):
            result[offset] = "ALTERED"
    for offset in range(size) if is_masked else ():
        if result[offset] == "VERIFIED" and not (masked(read, entries, offset) or {"fits": True})["fits"]:
            result[offset] = "ALTERED"
    return result


def masked(read, entries, offset):
    """What a log shows of a record as rules leave it, which no entry proves, and whether it has the entry's time; None where it shows nothing."""
    number = offset // 256
    lines = [json.loads(line) for line in read(f"masked/{number}.jsonl").decode().splitlines()]
    offsets = [line["offset"] for line in lines]
    if lines and (len(set(offsets)) < len(offsets) or any(one // 256 != number for one in offsets)):
        return {"fits": False}
    shown = next((line for line in lines if line["offset"] == offset), None)
    appended, created = struct.unpack(">qq", entries[offset][12:28])
    return shown and {**shown, "fits": shown["timestamp"] in (appended, created)}


def opens(entry, salt, content):
    """Whether the entry's commitment is one to this content."""
    length, = struct.unpack(">I", entry[36:40])
    return length in (len(content), 0xFFFFFFFF) and sha256(b"record-commit/v1", salt, content) == entry[72:]


def judge_entry(offset, entry, leaf, last):
    if entry is None:
        return "MISSING", last
    version, flags, kind, named, append_time = struct.unpack(">BBHQq", entry[:20])
    is_whole = version == 1 and flags < 8 and kind == 1 and named < 1 << 63
    if is_whole and named != offset:
        return "REORDERED", last
    if not is_whole or sha256(b"\0", entry) != leaf:
        return "ALTERED", last
    if last is not None and append_time < last:
        return "BACKDATED", last
    return "VERIFIED", append_time
