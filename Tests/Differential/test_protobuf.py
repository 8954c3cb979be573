"""Protobuf as Hanbridge checks it, held against Google's: .proto texts against protoc, payloads against the parser of protobuf's library.

Everything is random; the seed is printed (`-s`) and in every failure, and HANBRIDGE_SEED repeats it.

Where the two differ on purpose, Hanbridge is the stricter one: a number beyond its field's type, which the parser cuts to size (`range`), a
field under another wire type, which it takes for an unknown one (`wire-type`), and fields or values of closed enums that the type does not
have, which it keeps aside (`unknown-field`, `enum`).
"""
import json
import os
import pathlib
import random
import subprocess

import pytest
from google.protobuf.message import DecodeError

import code_lists
import proto_generator
import proto_samples

PROGRAM = os.environ.get("HANBRIDGE_PROGRAM", str(pathlib.Path(__file__).parents[2] / ".build/debug/hanbridge"))
SEED = int(os.environ.get("HANBRIDGE_SEED", random.randrange(1 << 32)))
STRICTER = {"range", "wire-type", "unknown-field", "enum"}


def setup_module():
    print(f"HANBRIDGE_SEED={SEED}")


def verdicts(schema, payloads):
    """The violations of each payload; None where the schema is refused."""
    command = [PROGRAM, "schema", "validate", "--format", "protobuf", "--schema", str(schema), "--documents", "hex", "--output", "json", *code_lists.OPTIONS, "-"]
    lines = "".join(payload.hex() + "\n" for payload in payloads)
    done = subprocess.run(command, input=lines.encode(), capture_output=True, timeout=60)
    found = [json.loads(line) for line in done.stdout.decode().splitlines()]
    if done.returncode == 1 and not found:
        return None
    assert done.returncode in (0, 1) and len(found) == len(payloads), done.stderr.decode()
    return [verdict.get("errors", []) for verdict in found]


def is_taken(kind, payload):
    try:
        return kind.FromString(payload).IsInitialized()
    except DecodeError:
        return False


def payloads_of(chance, kind):
    """Payloads with whether they are known to be valid."""
    made = [proto_generator.Filler(chance).fill(kind()) for _ in range(6)]
    for message in made:
        payload = message.SerializePartialToString()
        yield payload, message.IsInitialized()
        for _ in range(8):
            yield proto_generator.mutate_bytes(chance, payload), False


@pytest.mark.parametrize("is_mutated", [False, True], ids=["whole", "mutated"])
@pytest.mark.parametrize("number", range(40))
def test_texts_and_payloads(tmp_path, number, is_mutated):
    chance = random.Random(SEED * 1_000 + number * 2 + is_mutated)
    text = proto_generator.Generator(chance).file()
    if is_mutated:
        text = proto_generator.mutate_text(chance, text)
    file = tmp_path / "schema.proto"
    file.write_text(text)
    told = f"HANBRIDGE_SEED={SEED}\n{text}"

    descriptors = proto_samples.compile_file(file)
    # A line is a document, and an empty one is a message with nothing set; the first makes sure that there is one.
    if descriptors is None:
        assert verdicts(file, [b"\x00"]) is None, told
        return
    if not descriptors.file[-1].message_type:
        assert verdicts(file, [b"\x00"]) is not None, told
        return
    try:
        kind = proto_samples.first_message(descriptors)
    except TypeError:  # The library refuses some descriptors that protoc writes, such as reserved ranges to max of some files.
        return
    payloads = [(payload, is_valid) for payload, is_valid in payloads_of(chance, kind) if payload]
    judged = verdicts(file, [b"\x00"] + [payload for payload, _ in payloads])
    assert judged is not None, told
    for (payload, is_valid), violations in zip(payloads, judged[1:]):
        where = f"{told}{payload.hex()}\n{violations}"
        assert not (is_valid and violations), where
        if is_taken(kind, payload):
            assert {violation["rule"] for violation in violations} <= STRICTER, where
        else:
            assert violations, where


@pytest.mark.parametrize("kind", proto_samples.KINDS)
def test_samples(kind):
    """The examples are what Google's library makes of the JSON ones, it reads them back, and each verdict is the one that is named."""
    folder = proto_samples.SCHEMAS / kind
    for name, text in proto_samples.files(kind).items():
        assert (folder / name).read_text() == text, f"{name}: run Tests/Differential/proto_samples.py"
    valid = [bytes.fromhex(line) for line in (folder / "valid.protobuf.hex").read_text().splitlines()]
    invalid = [json.loads(line) for line in (folder / "invalid.protobuf.jsonl").read_text().splitlines()]
    assert verdicts(folder / "schema.proto", valid) == [[] for _ in valid]
    judged = verdicts(folder / "schema.proto", [bytes.fromhex(example["document"]) for example in invalid])
    assert [[(error["path"], error["rule"]) for error in errors] for errors in judged] == [
        [(example["path"], example["rule"])] for example in invalid
    ]


def test_shipped_options():
    """Compilers find in Schemas what the broker has built in: the numbers are part of every descriptor."""
    options = proto_samples.compile_file(proto_samples.SCHEMAS / "hanbridge/options.proto").file[-1]
    assert {(field.name, field.number, field.type, field.extendee) for field in options.extension} == {
        ("personal", 58401, 8, ".google.protobuf.FieldOptions"), ("sensitivity", 58402, 9, ".google.protobuf.FieldOptions"),
        ("codelist", 58403, 9, ".google.protobuf.FieldOptions"),
    }
