"""A second verifier of exported logs, written from EVIDENCE.md and the C2SP documents alone; it agrees with `hanbridge audit verify`.

Simple where ours is careful of memory and of time. A log is given as a function that reads the bytes under a path of it, none where there is
nothing: of a folder, of a case, or of a broker over HTTPS.
"""

import base64
import collections
import functools
import hashlib
import itertools
import json
import pathlib
import struct

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

ENTRY_BYTES = 104
SALT_BYTES = 16
ABSENT = 0xFFFFFFFF
LEVELS = 8


class Refused(Exception):
    """The whole log gets one bad verdict."""


def sha256(*parts):
    return hashlib.sha256(b"".join(parts)).digest()


# Notes


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


Checkpoint = collections.namedtuple("Checkpoint", "origin size root text signatures")


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
    return Checkpoint(origin.decode(), int(size), base64.b64decode(root), text, signatures)


class Policy:
    """Whose cosignatures count, and how many are enough: a C2SP tlog-policy file, or keys that are all needed."""

    def __init__(self, witnesses=()):
        self.witnesses = {number: vkey for number, vkey in enumerate(witnesses)}
        self.groups = [("all", len(self.witnesses), list(self.witnesses))]
        self.quorum = "all"

    @classmethod
    def parse(cls, text):
        policy = cls()
        policy.groups = []
        for words in (line.split() for line in text.splitlines() if line.strip() and not line.startswith("#")):
            if words[0] == "witness":
                policy.witnesses[words[1]] = words[2]
            elif words[0] == "group":
                needed = {"all": len(words[3:]), "any": 1}.get(words[2]) or int(words[2])
                policy.groups.append((words[1], needed, words[3:]))
            elif words[0] == "quorum":
                policy.quorum = words[1]
        return policy

    def judge(self, checkpoint):
        """Of each known witness that cosigned its times, seconds since 1970. Refused where one's signature does not hold, or where they are too few."""
        times = {}
        for witness, vkey in self.witnesses.items():
            name, key_id, kind, public = parse_vkey(vkey)
            assert kind == 4
            for line_name, line_id, blob in checkpoint.signatures:
                if (line_name, line_id) != (name, key_id):
                    continue
                if len(blob) != 72:
                    raise Refused
                time, = struct.unpack(">Q", blob[:8])
                if not verifies(public, blob[8:], f"cosignature/v1\ntime {time}\n".encode() + checkpoint.text):
                    raise Refused
                times.setdefault(witness, []).append(time)
        satisfied = set(times)
        for group, needed, members in self.groups:
            if len(satisfied & set(members)) >= needed:
                satisfied.add(group)
        if self.quorum != "none" and self.quorum not in satisfied:
            raise Refused
        return times


def judge_head(checkpoint, log_key, witnesses=()):
    """The log's signature, and what the witnesses cosigned; of these their times."""
    origin, _, _, text, signatures = checkpoint
    host, _, kind, public = parse_vkey(log_key)
    assert kind == 1 and origin.startswith(host + "/")
    own_id = sha256(origin.encode(), b"\n\1", public)[:4]
    own = [blob for name, key_id, blob in signatures if (name, key_id) == (origin, own_id)]
    if not own or not all(verifies(public, blob, text) for blob in own):
        raise Refused
    return (witnesses if isinstance(witnesses, Policy) else Policy(witnesses)).judge(checkpoint)


Moment = collections.namedtuple("Moment", "size root since until")


def median(times):
    times = sorted(times)
    return times[(len(times) - 1) // 2]


def cosigned(read, origin, log_key, policy):
    """What a quorum cosigned, of each note in `cosigned` and of the head: since when and until when it vouches for it."""
    data, notes = read("cosigned") if policy.witnesses else b"", [read("checkpoint")]
    while data:
        assert len(data) >= 4
        length, = struct.unpack(">I", data[:4])
        assert length <= 65536 and len(data) >= 4 + length
        notes.append(data[4:4 + length])
        data = data[4 + length:]
    found = []
    for note in notes if policy.witnesses else []:
        checkpoint = parse_checkpoint(note)
        try:
            times = judge_head(checkpoint, log_key, policy)
        except (Refused, AssertionError):
            continue
        if checkpoint.origin == origin and times:
            found.append(Moment(checkpoint.size, checkpoint.root, median(map(min, times.values())), median(map(max, times.values()))))
    return found


def in_window(offset, time, history, delay=10_000, skew=5_000):
    """Ta - cosign.delayMax - skew <= append time <= Tb + skew; a witness's second ends 999 ms after it."""
    without = [moment for moment in history if moment.size <= offset]
    including = [moment for moment in history if moment.size > offset]
    if without:
        largest = max(moment.size for moment in without)
        if time < max(moment.until for moment in without if moment.size == largest) * 1000 - delay - skew:
            return False
    if including:
        smallest = min(moment.size for moment in including)
        return time <= min(moment.since for moment in including if moment.size == smallest) * 1000 + 999 + skew
    return True


# What the audit topic says


def json_lines(read, name, key):
    """Over the wire there is no such file, and whatever else is answered has no such key."""
    found = [json.loads(line) for line in read(name).splitlines() if line.startswith(b"{")]
    return [one for one in found if key in one]


def audited(proven, log_key, policy=Policy()):
    """What a record of the audit topic says that comes with its receipt: its action and details. None where the receipt does not prove it."""
    content, receipt = base64.b64decode(proven["content"]), proven["receipt"].encode()
    head, _, note = receipt.partition(b"\n\n")
    lines = head.decode().split("\n")
    extra, index = base64.b64decode(lines[1].removeprefix("extra ")), int(lines[2].removeprefix("index "))
    checkpoint = parse_checkpoint(note)
    try:
        judge_head(checkpoint, log_key, policy)
    except Refused:
        return None
    entry, salt = extra[:ENTRY_BYTES], extra[ENTRY_BYTES:]
    if checkpoint.origin.split("/")[1] != "_audit.access" or not opens(entry, salt, content):
        return None
    if included(sha256(b"\0", entry), index, checkpoint.size, [base64.b64decode(line) for line in lines[3:]]) != checkpoint.root:
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


def pruned(read, log_key, policy=Policy()):
    """What the audit topic lets be gone: offsets of each record of it that comes with the log and proves itself."""
    events = [audited(found, log_key, policy) for found in json_lines(read, "pruned", "receipt")]
    if not events:
        return []
    _, topic, log, partition = parse_checkpoint(read("checkpoint")).origin.split("/")
    first = next((found["closedLog"] for found in json_lines(read, "reopened", "closedLog")), log)
    wanted = {"action": "evidence.prune", "subject": f"topic:{topic}", "topicId": first, "partition": partition}
    return [range(int(event["from"]), int(event["before"])) for event in events if event and wanted.items() <= event.items()]


def closings(read, log_key, policy=Policy()):
    """The logs that this one goes on from, the oldest first: the last checkpoint of each. None where one of them was closed without a
    record of the audit topic, or by what the log's key did not sign."""
    records, closed = json_lines(read, "reopened", "closedLog"), []
    if not records:
        return []
    host, topic, log, partition = parse_checkpoint(read("checkpoint")).origin.split("/")
    for found, after in zip(records, [record["closedLog"] for record in records[1:]] + [log]):
        event = audited(found["record"], log_key, policy) if found.get("record") else None
        origin = f"{host}/{topic}/{found['closedLog']}/{partition}"
        wanted = {"action": "log.reopen", "subject": f"topic:{topic}", "topicId": records[0]["closedLog"], "partition": partition,
                  "closedLog": found["closedLog"], "closedSize": str(found["closedSize"]), "log": after}
        if not event or not wanted.items() <= event.items():
            return None
        if found["closedSize"] == 0:
            closed.append(Checkpoint(origin, 0, sha256(b""), b"", []))
            continue
        if not found.get("checkpoint"):
            return None
        last = parse_checkpoint(found["checkpoint"].encode())
        try:
            judge_head(last, log_key)
        except Refused:
            return None
        if last[:2] != (origin, found["closedSize"]) or base64.b64encode(last.root).decode() != event["closedRoot"]:
            return None
        closed.append(last)
    return closed


def continues(read, log_key):
    """The sizes at which the logs were closed that this one goes on from. None where it does not go on from each of them."""
    head, closed = parse_checkpoint(read("checkpoint")), closings(read, log_key)
    tree = Tree(Tiles(read, head.size), head.root)
    if closed is None or any(tree.root(one.size) != one.root for one in closed):
        return None
    return [one.size for one in closed]


# The tree


def root_of(hashes):
    """RFC 6962 from below: a last hash without a partner goes up as it is."""
    if not hashes:
        return sha256(b"")
    while len(hashes) > 1:
        paired = [sha256(b"\1", *hashes[at:at + 2]) for at in range(0, len(hashes) - 1, 2)]
        hashes = paired + hashes[len(paired) * 2:]
    return hashes[0]


def root_of_edge(tiles):
    """The root over the hashes of a tree's last tiles, the highest level first: perfect trees from the left, folded from the right."""
    peaks = []
    for hashes in tiles:
        while hashes:
            width = 1 << len(hashes).bit_length() - 1
            peaks.append(root_of(hashes[:width]))
            hashes = hashes[width:]
    root = peaks.pop() if peaks else sha256(b"")
    while peaks:
        root = sha256(b"\1", peaks.pop(), root)
    return root


def folder(path):
    """Reads an exported log: the bytes under a name, none where there is nothing."""
    path = pathlib.Path(path)
    return lambda name: (path / name).read_bytes() if (path / name).exists() else b""


class Tiles:
    def __init__(self, read, size):
        self.read, self.size = functools.cache(read), size

    def width(self, level, number):
        return max(0, min(256, (self.size >> 8 * level) - 256 * number))

    def tile(self, level, number, width):
        """As it is named by its width, or the whole one that it became."""
        name = f"{number % 1000:03}"
        while number >= 1000:
            number //= 1000
            name = f"x{number % 1000:03}/{name}"
        return (width < 256 and self.read(f"tile/{level}/{name}.p/{width}")) or self.read(f"tile/{level}/{name}")

    def hashes(self, level, number):
        """None where there are too few."""
        width = self.width(level, number)
        data = self.tile(level, number, width)[:32 * width]
        return [data[32 * at:32 * at + 32] for at in range(width)] if len(data) == 32 * width else None

    @functools.cache
    def entries(self, number):
        """As many as are there, none for those that are not; a bundle that is not of its form shows nothing."""
        width = self.width(0, number)
        data = self.tile("entries", number, width)
        whole, rest = divmod(len(data), ENTRY_BYTES + 2)
        parts = [data[at * 106:at * 106 + 106] for at in range(whole)]
        if rest or any(part[:2] != b"\0\x68" for part in parts):
            parts = []
        return ([part[2:] for part in parts] + [None] * width)[:width]

    def entry(self, offset):
        return self.entries(offset >> 8)[offset & 255]

    def leaves(self, number):
        entries = self.entries(number)
        return None if None in entries else [sha256(b"\0", entry) for entry in entries]


class Tree:
    """What of a log leads to its signed root, from there down: a tile is believed that hashes to the hash above it, be it the stored one or
    what follows from what is below. Of a part of a log the tiles are there that lead from that part to the root."""

    def __init__(self, log, root):
        self.log, self.known = log, {}
        # Offsets of which a stored hash is another than the believed one.
        self.wrong = set()
        levels = [level for level in reversed(range(LEVELS)) if log.width(level, log.size >> 8 * level + 8)]
        choices = [[tile for tile in self.candidates(level, log.size >> 8 * level + 8) if tile] for level in levels]
        edge = next((tiles for tiles in itertools.product(*choices) if root_of_edge(tiles) == root), None)
        for level, tile in zip(levels, edge or ()):
            self.believe(level, log.size >> 8 * level + 8, tile)

    def candidates(self, level, number):
        yield self.log.hashes(level, number)
        if level > 0:
            yield self.made(level, number, with_tiles=True)
        yield self.made(level, number, with_tiles=False)

    def made(self, level, number, with_tiles):
        if level == 0:
            return self.log.leaves(number)
        made = []
        for below in range(256 * number, 256 * number + self.log.width(level, number)):
            hashes = with_tiles and self.log.hashes(level - 1, below) or self.made(level - 1, below, with_tiles)
            if not hashes:
                return None
            made.append(root_of(hashes))
        return made

    def believe(self, level, number, hashes):
        self.known[level, number] = hashes
        stored = self.log.hashes(level, number) or [None] * len(hashes)
        for at, (have, right) in enumerate(zip(stored, hashes)):
            if have != right:
                first = 256 * number + at << 8 * level
                self.wrong |= set(range(first, first + (1 << 8 * level)))

    def tile(self, level, number):
        """None where nothing leads from there to the root."""
        if (level, number) not in self.known and level < LEVELS and self.log.width(level, number) == 256:
            above = self.tile(level + 1, number >> 8)
            right = (tile for tile in self.candidates(level, number) if tile and above and root_of(tile) == above[number & 255])
            if (hashes := next(right, None)) is not None:
                self.believe(level, number, hashes)
        return self.known.get((level, number))

    def leaf(self, offset):
        tile = self.tile(0, offset >> 8)
        return tile and tile[offset & 255]

    def root(self, size):
        """Of the tree as it was when it had so many leaves. None where that cannot be known any more."""
        tiles = []
        for level in reversed(range(LEVELS)):
            count = size >> 8 * level
            tile = self.tile(level, count >> 8) if count & 255 else []
            if tile is None:
                return None
            tiles.append(tile[:count & 255])
        return root_of_edge(tiles)


# Verdicts


def verdicts(read, log_key, witnesses, saved=None, contents=None, is_masked=False, only=None, seen=(), is_served=False):
    """For each offset its verdict; nothing where the log cannot be judged at all. Of a log that was audited before and is not shown all is missing.

    `read` gives the bytes under a path of the log. `witnesses` are verifier keys, all needed, or a policy. `saved` is the checkpoint of the last
    audit as it was served. `contents` are the records' contents by offset, where the log does not bring them; `is_masked` says that it shows
    them masked. `only` are the offsets that are judged of a part of a log. `seen` is what witnesses themselves show: (note, verifier key).
    `is_served` says that the log is the newest that there is."""
    read = functools.cache(read)
    policy = witnesses if isinstance(witnesses, Policy) else Policy(witnesses)
    if saved and not read("checkpoint"):
        return {offset: "MISSING" for offset in range(parse_checkpoint(saved).size)}
    head = parse_checkpoint(read("checkpoint"))
    origin, size, root = head[:3]
    closed = closings(read, log_key, policy)
    if closed is None:
        return {}
    trusted, result = [(one.size, one.root) for one in closed], {}
    if saved:
        saved = parse_checkpoint(saved)
        end = next((one.size for one in closed if one.origin == saved.origin), None)
        if end is None and saved.origin != origin:
            return {offset: "MISSING" for offset in range(saved.size)}
        if end is not None and saved.size > end:
            result = {offset: "MISSING" for offset in range(end, saved.size)}
        else:
            trusted.append((saved.size, saved.root))
    try:
        judge_head(head, log_key, policy)
    except Refused:
        return {offset: "ALTERED" for offset in range(size)}
    if saved and saved.origin == origin:
        if size < saved.size:
            return {offset: "MISSING" for offset in range(size, saved.size)}
        if size == saved.size and root != saved.root:
            return {offset: "ALTERED" for offset in range(size)}
    history = cosigned(read, origin, log_key, policy)
    trusted += [(moment.size, moment.root) for moment in history]
    for note, vkey in seen:
        shown = parse_checkpoint(note)
        judge_head(shown, log_key, [vkey])
        trusted += [(shown.size, shown.root)] if shown.origin == origin else []
    if is_served:
        result.update({offset: "MISSING" for offset in range(size, max((at for at, _ in trusted), default=0))})
    log = Tiles(read, size)
    tree = Tree(log, root)
    allowed = pruned(read, log_key, policy)
    trusted = sorted((at, had) for at, had in trusted if at <= size)
    if only and any(tree.root(at) is None and not any(at in gone for gone in allowed) for at, _ in trusted):
        return {}
    differs = [(at, had) for at, had in trusted if tree.root(at) not in (None, had)]
    if differs:
        agreed = max((at for at, had in trusted if at < differs[0][0] and tree.root(at) == had), default=0)
        result.update({offset: "ALTERED" for offset in range(agreed, max(differs[-1][0], agreed + 1))})
    records = Records(read, log, contents, is_masked)
    judged, suspects, last = {}, {}, None
    for offset in only or range(size):
        entry, leaf = log.entry(offset), tree.leaf(offset)
        if entry is None:
            judged[offset] = "EXPIRED" if any(offset in gone for gone in allowed) else "MISSING"
            continue
        judged[offset] = judge_entry(offset, entry, leaf)
        if judged[offset] == "VERIFIED":
            time, = struct.unpack(">q", entry[12:20])
            if last is not None and time < last:
                judged[offset] = "BACKDATED"
                continue
            last = time
            if not in_window(offset, time, history):
                judged[offset] = "BACKDATED"
                continue
            judged[offset] = records.verdict(offset, entry, allowed)
        # A record that does not fit its place may fit another's.
        if judged[offset] == "ALTERED" and leaf and is_entry(entry) and (content := records.content(offset)) is not None:
            suspects[offset] = Suspect(entry, leaf, sha256(b"\0", entry) == leaf, content, records.salt(offset))
    for offset, suspect in suspects.items():
        if any(belongs(suspect, place) for other, place in suspects.items() if other != offset):
            judged[offset] = "REORDERED"
    return judged | {offset: "ALTERED" for offset in tree.wrong if offset < size} | result


def is_entry(entry):
    version, flags, kind, named = struct.unpack(">BBHQ", entry[:12])
    return version == 1 and flags < 8 and kind == 1 and named < 1 << 63


def judge_entry(offset, entry, leaf):
    if not leaf or not is_entry(entry):
        return "ALTERED"
    if struct.unpack(">Q", entry[4:12])[0] != offset:
        return "REORDERED"
    return "VERIFIED" if sha256(b"\0", entry) == leaf else "ALTERED"


def commitment(salt, content):
    return sha256(b"record-commit/v1", salt, content)


def opens(entry, salt, content):
    """Whether the entry's commitment is one to this content."""
    length, = struct.unpack(">I", entry[36:40])
    return length in (len(content), 0xFFFFFFFF) and commitment(salt, content) == entry[72:]


# Its entry, what the tree has at its offset, whether these are the same, and what is shown as the record.
Suspect = collections.namedtuple("Suspect", "entry leaf is_same content salt")


def belongs(moved, place):
    """Whether the one's record is what the tree has at the other's place; salt and append time may have come along or stayed."""
    for salt in (moved.salt, place.salt):
        made = commitment(salt, moved.content)
        if place.is_same:
            if made == place.entry[72:]:
                return True
            continue
        for time in (moved.entry[12:20], place.entry[12:20]):
            if sha256(b"\0", moved.entry[:4], place.entry[4:12], time, moved.entry[20:72], made) == place.leaf:
                return True
    return False


class Records:
    """What is shown of the records: contents that come with the log or were read elsewhere; as rules mask them; or nothing."""

    def __init__(self, read, log, contents, is_masked):
        self.read, self.log, self.contents, self.is_masked = read, log, contents, is_masked
        start = read("log-start") if contents is None and not is_masked else b""
        self.is_whole, self.start = contents is not None or start.strip().isdigit(), int(start) if start.strip().isdigit() else 0

    def verdict(self, offset, entry, allowed):
        if self.is_masked:
            return "VERIFIED" if (masked(self.read, entry, offset) or {"fits": True})["fits"] else "ALTERED"
        content = self.content(offset)
        if content is None:
            is_gone = offset < self.start or any(offset in gone for gone in allowed)
            return "VERIFIED" if not self.is_whole else "EXPIRED" if is_gone else "MISSING"
        return "VERIFIED" if opens(entry, self.salt(offset), content) else "ALTERED"

    def content(self, offset):
        if self.contents is not None or not self.is_whole:
            return (self.contents or {}).get(offset)
        return self.bundle(offset >> 8)[offset & 255]

    def salt(self, offset):
        return self.read(f"openings/{offset >> 8}")[SALT_BYTES * (offset & 255):][:SALT_BYTES]

    @functools.cache
    def bundle(self, number):
        data, found = self.read(f"records/{number}"), []
        while len(data) >= 4:
            length, = struct.unpack(">I", data[:4])
            end = 4 + (0 if length == ABSENT else length)
            if end > len(data):
                break
            found.append(None if length == ABSENT else data[4:end])
            data = data[end:]
        return (found + [None] * 256)[:256]


def masked(read, entry, offset):
    """What a log shows of a record as rules leave it, which no entry proves, and whether it has the entry's time; None where it shows nothing."""
    number = offset // 256
    lines = [json.loads(line) for line in read(f"masked/{number}.jsonl").decode().splitlines()]
    offsets = [line["offset"] for line in lines]
    if lines and (len(set(offsets)) < len(offsets) or any(one // 256 != number for one in offsets)):
        return {"fits": False}
    shown = next((line for line in lines if line["offset"] == offset), None)
    appended, created = struct.unpack(">qq", entry[12:28])
    return shown and {**shown, "fits": shown["timestamp"] in (appended, created)}


# Documents


def framed(*texts):
    return b"".join(struct.pack(">I", len(text)) + text for text in map(str.encode, texts))


def agreements_digest(document):
    """What the audit's record has of a version of the agreements, as a case or the broker shows it."""
    files = sorted(document["files"].items(), key=lambda file: file[0].encode())
    return sha256(b"agreements/v1", *(framed(name, text) for name, text in files)).hex()


def schema_digest(document):
    """As the registry shows it."""
    references = [framed(one["name"], one["subject"]) + struct.pack(">I", one["version"]) for one in document.get("references") or []]
    return sha256(b"schema/v1", framed(document.get("schemaType") or "AVRO", document["schema"]), *references).hex()
