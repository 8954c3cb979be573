"""Finds record batches in the raw bytes of a store, without knowing anything of its frames: a record batch of magic 2 is
recognised by its own CRC-32C (KIP-98)."""

import pathlib
import struct

import crc32c

CODECS = {0: "none", 1: "gzip", 2: "snappy", 3: "lz4", 4: "zstd"}
HEADER = struct.Struct(">qiibIhiqqqhii")


def batches(directory):
    """(codec, record count, bytes of the batch) for every batch in every file below the directory."""
    for path in sorted(pathlib.Path(directory).rglob("*")):
        if not path.is_file():
            continue
        data = path.read_bytes()
        at = data.find(b"\x02")
        while at != -1:
            start = at - 16
            if start >= 0 and start + HEADER.size <= len(data):
                _, length, _, magic, crc, attributes, last, _, _, _, _, _, count = HEADER.unpack_from(data, start)
                end = start + 12 + length
                if 49 <= length and end <= len(data) and count == last + 1 and crc32c.crc32c(data[start + 21:end]) == crc:
                    yield CODECS[attributes & 7], count, data[start:end]
                    at = data.find(b"\x02", end + 16)
                    continue
            at = data.find(b"\x02", at + 1)
