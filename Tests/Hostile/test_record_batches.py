"""Record batches of which every field lies, and that inflate without end."""

import random
import time
import zlib

import pytest
import snappy
import zstandard

import wire
from wire import ERRORS, Wire, batch, ends, header, record

SEED = int(time.time())


def inflated(make, total):
    """A compressor's output for so many zeros, without ever having them."""
    compressor = make()
    out, chunk = bytearray(), bytes(1 << 20)
    for _ in range(total >> 20):
        out += compressor.compress(chunk)
    return bytes(out + compressor.flush())


def lz4_bomb(total):
    import lz4.frame

    with lz4.frame.LZ4FrameCompressor(block_size=lz4.frame.BLOCKSIZE_MAX4MB) as compressor:
        out = bytearray(compressor.begin())
        for _ in range(total >> 20):
            out += compressor.compress(bytes(1 << 20))
        return bytes(out + compressor.flush())


BOMBS = {
    "gzip": (1, lambda: inflated(lambda: zlib.compressobj(9, zlib.DEFLATED, 31), 800 << 20)),
    "snappy": (2, lambda: snappy.compress(bytes(17 << 20))),
    "snappy that says it is 2^32-1 bytes": (2, lambda: b"\xff\xff\xff\xff\x0f" + b"\0a"),
    "lz4": (3, lambda: lz4_bomb(200 << 20)),
    "zstd": (4, lambda: inflated(lambda: zstandard.ZstdCompressor(level=3).compressobj(), 4 << 30)),
}


@pytest.mark.parametrize("name", BOMBS)
def test_a_batch_that_inflates_without_end(city, ward, name):
    codec, make = BOMBS[name]
    data = make()
    assert len(data) < 1_000_000
    before = city.memory()
    with Wire(city, ward) as connection:
        error, sentence, _ = connection.produce("target", batch(codec=codec, body=data))
        assert error in (ERRORS["MESSAGE_TOO_LARGE"], ERRORS["CORRUPT_MESSAGE"] if "says" in name else -1), sentence
        assert sentence
        assert connection.fetch("target")[1] == 0
    assert city.memory() - before < 64 << 20


RIGHT = batch()
RECORDS = b"".join(record(n, b"x") for n in range(3))
BAD_BATCHES = {
    "wrong CRC": (batch(crc=12345), "CORRUPT_MESSAGE"),
    "one bit flipped": (RIGHT[:-1] + bytes([RIGHT[-1] ^ 1]), "CORRUPT_MESSAGE"),
    "cut short": (RIGHT[:-1], "CORRUPT_MESSAGE"),
    "half a header": (RIGHT[:30], "CORRUPT_MESSAGE"),
    "a length of -1": (batch(length=-1), "CORRUPT_MESSAGE"),
    "a length of 2^31-1": (batch(length=2**31 - 1), "CORRUPT_MESSAGE"),
    "a length of 0": (batch(length=0), "CORRUPT_MESSAGE"),
    "magic 3": (batch(magic=3), "INVALID_RECORD"),
    "magic 1 in a new version": (batch(magic=1), "INVALID_RECORD"),
    "magic -1": (batch(magic=-1), "INVALID_RECORD"),
    "a count too large": (batch(count=4, last=3), "INVALID_RECORD"),
    "a count too small": (batch(count=2, last=1), "INVALID_RECORD"),
    "a count of 2^31-1": (batch(count=2**31 - 1, last=2**31 - 2), None),
    "a count of -1": (batch(count=-1), "INVALID_RECORD"),
    "a count of 0": (batch(values=[]), "INVALID_RECORD"),
    "a last offset that does not fit": (batch(last=7), "INVALID_RECORD"),
    "offsets that jump": (batch(body=record(0, b"a") + record(2, b"b") + record(3, b"c")), "INVALID_RECORD"),
    "codec 5": (batch(attributes=5), "UNSUPPORTED_COMPRESSION_TYPE"),
    "codec 7": (batch(attributes=7), "UNSUPPORTED_COMPRESSION_TYPE"),
    "attributes that mean nothing": (batch(attributes=0x4000), "INVALID_RECORD"),
    "a control batch": (batch(attributes=0x20), "INVALID_RECORD"),
    "a transaction": (batch(attributes=0x10, producer=(1, 0, 0)), "INVALID_RECORD"),
    "append time of a producer": (batch(attributes=0x08), "INVALID_TIMESTAMP"),
    "gzip that is none": (batch(attributes=1), "CORRUPT_MESSAGE"),
    "zstd that is none": (batch(attributes=4), "CORRUPT_MESSAGE"),
    "a largest time that is not": (batch(max_timestamp=1_800_000_000_000), "INVALID_TIMESTAMP"),
    "a record longer than the batch": (batch(values=[b"a"], body=b"\xfe\x01" + record(0, b"a")[1:]), "INVALID_RECORD"),
    "a key of -2 bytes": (batch(values=[b"a"], body=b"\x0c\0\0\0\x03\x00\0"), "INVALID_RECORD"),
    "2^31-1 headers": (batch(values=[b"a"], body=record(0, b"a", headers=2**31 - 1)), "INVALID_RECORD"),
    "a varint of eleven bytes": (batch(values=[b"a"], body=b"\xff" * 11), "INVALID_RECORD"),
    "bytes after the records": (batch(body=RECORDS + b"more"), "INVALID_RECORD"),
    "two batches": (RIGHT + RIGHT, "INVALID_RECORD"),
    "nothing": (b"", "INVALID_RECORD"),
    "null": (None, "INVALID_RECORD"),
    "noise": (random.Random(SEED).randbytes(200), None),
    "half an identity of a producer": (batch(producer=(5, -1, -1)), "INVALID_RECORD"),
    "more than message.max.bytes": (batch(values=[b"x" * 1_100_000]), "MESSAGE_TOO_LARGE"),
}


@pytest.mark.parametrize("name", BAD_BATCHES)
def test_a_batch_that_is_not_right(city, ward, name):
    records, expected = BAD_BATCHES[name]
    with Wire(city, ward) as connection:
        error, sentence, base = connection.produce("target", records)
        assert error == ERRORS[expected] if expected else error != 0, (error, sentence, f"seed {SEED}")
        assert sentence and base == -1
        assert connection.fetch("target") [1:] == (0, b"")
        # The connection is as good as before.
        connection.api_versions()


def test_acks_that_mean_nothing(city, ward):
    with Wire(city, ward) as connection:
        assert connection.produce("target", RIGHT, acks=2)[0] == ERRORS["INVALID_REQUIRED_ACKS"]


def test_a_bad_batch_with_acks_0_ends_the_connection(city, ward, mark):
    """There is no answer that could say it, so the connection does, as with Kafka's brokers."""
    with Wire(city, ward) as connection:
        connection.send_frame(header(wire.PRODUCE, 8) + wire.produce_body("target", batch(crc=1), acks=0))
        assert ends(connection.socket)
    city.logged("node=hai-chau/one-stop/counter-1", "reason=session", since=mark)


def test_partitions_and_offsets_that_are_not_there(city, ward):
    with Wire(city, ward) as connection:
        for partition in (1, -1, 2**31 - 1):
            assert connection.produce("target", RIGHT, partition=partition)[0] == ERRORS["UNKNOWN_TOPIC_OR_PARTITION"]
            assert connection.fetch("target", partition=partition)[0] == ERRORS["UNKNOWN_TOPIC_OR_PARTITION"]
        for offset in (11, -1, -2, 2**63 - 1, -(2**63)):
            assert connection.fetch("canary", offset=offset)[0] == 1, offset  # OFFSET_OUT_OF_RANGE
