"""Frames of a stopped store, changed so that every checksum holds again: what an operator can do who wants a record to say something
else. What is on the disk is described in Sources/CommitLog/Format."""

import pathlib
import struct

import crc32c

SEGMENT_HEADER_BYTES = 512
FRAME_HEADER_BYTES = 128
BATCH_HEADER_BYTES = 61


class Segment:
    def __init__(self, path):
        self.path = pathlib.Path(path)
        self.data = bytearray(self.path.read_bytes())
        topic, number = self.path.parent.name.rsplit("-", 1)
        generation = int(self.path.stem.split("-")[1], 16)
        self.seed = crc32c.crc32c(bytes.fromhex(topic) + struct.pack(">iQ", int(number), generation))

    def frames(self):
        """(position, base offset, record count) of each."""
        position = SEGMENT_HEADER_BYTES
        while position + FRAME_HEADER_BYTES <= len(self.data):
            magic, size = struct.unpack_from(">II", self.data, position + 4)
            if magic != 0x48424631:
                return
            count, = struct.unpack_from(">i", self.data, position + 28)
            base, = struct.unpack_from(">q", self.data, position + 32)
            yield position, base, count
            position += size

    def frame(self, offset):
        return next(position for position, base, count in self.frames() if base <= offset < base + count)

    def _parts(self, position):
        size, start = struct.unpack_from(">II", self.data, position + 8)
        return position + start, position + size - 4

    def batch(self, position):
        start, end = self._parts(position)
        return bytes(self.data[start:end])

    def records(self, position):
        """The bytes of a batch's records, uncompressed ones."""
        return self.batch(position)[BATCH_HEADER_BYTES:]

    def set_records(self, position, records):
        """Others of the same length."""
        start, end = self._parts(position)
        assert len(records) == end - start - BATCH_HEADER_BYTES
        self.data[start + BATCH_HEADER_BYTES:end] = records
        self.seal(position)

    def set_append_time(self, position, milliseconds):
        struct.pack_into(">q", self.data, position + 40, milliseconds)
        self.seal(position)

    def append_time(self, position):
        return struct.unpack_from(">q", self.data, position + 40)[0]

    def seal(self, position):
        """Makes its checksums hold."""
        start, end = self._parts(position)
        struct.pack_into(">I", self.data, start + 17, crc32c.crc32c(bytes(self.data[start + 21:end])))
        rest = crc32c.crc32c(bytes(self.data[position + FRAME_HEADER_BYTES:start + BATCH_HEADER_BYTES]))
        struct.pack_into(">I", self.data, position + 16, rest)
        placed = crc32c.crc32c(struct.pack(">q", position), self.seed)
        struct.pack_into(">I", self.data, position, crc32c.crc32c(bytes(self.data[position + 4:position + FRAME_HEADER_BYTES]), placed))

    def write(self):
        self.path.write_bytes(self.data)
