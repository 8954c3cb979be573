"""Avro as Hanbridge checks it, held against fastavro: schemas, payloads, and what can be read under another schema.

Everything is random; the seed is printed (`-s`) and in every failure, and HANBRIDGE_SEED repeats it. fastavro is more lenient than the
specification in places (it reads block sizes without holding blocks to them, takes a negative index of an enum from the end, ignores what
follows a value), so where it accepts a changed payload, that must be accepted here only if it is what fastavro itself would write.
"""
import datetime
import io
import json
import os
import random
import subprocess

import fastavro
import fastavro.validation
import pytest

import code_lists
from avro_generator import Evolution, Generator, changed, with_bytes
from city import PROGRAM, ROOT

SCHEMAS = ROOT / "Schemas"
SEED = int(os.environ.get("HANBRIDGE_SEED", random.randrange(1 << 32)))


def setup_module():
    print(f"HANBRIDGE_SEED={SEED}")


def verdicts(tmp_path, schema, documents):
    """One verdict a document; None where the schema is refused."""
    file = tmp_path / "schema.avsc"
    file.write_text(json.dumps(schema))
    lines = "".join((document.hex() or ".") + "\n" for document in documents)
    command = [PROGRAM, "schema", "validate", "--format", "avro", "--schema", str(file), "--documents", "hex", "--output", "json", *code_lists.OPTIONS]
    done = subprocess.run(command, input=lines.encode(), capture_output=True, timeout=60)
    assert done.returncode in (0, 1), done.stderr.decode()
    found = [json.loads(line) for line in done.stdout.decode().splitlines()]
    if done.returncode == 1 and not found:
        return None
    assert len(found) == len(documents), done.stderr.decode()
    return found


def compiles(tmp_path, schema):
    return verdicts(tmp_path, schema, [b""]) is not None


def read(parsed, document, reader=None):
    """What fastavro reads, and how far."""
    file = io.BytesIO(document)
    value = fastavro.schemaless_reader(file, parsed, reader)
    return value, file.tell()


def rewritten(parsed, value):
    file = io.BytesIO()
    fastavro.schemaless_writer(file, parsed, value)
    return file.getvalue()





@pytest.mark.parametrize("number", range(60))
def test_payloads_of_a_schema_are_accepted_and_cut_ones_refused(tmp_path, number):
    seed = SEED + number
    generator = Generator(seed)
    schema = generator.schema()
    parsed = fastavro.parse_schema(json.loads(json.dumps(schema)))
    documents = [generator.encode(schema) for _ in range(20)]
    for document in documents:
        assert read(parsed, document)[1] == len(document), f"seed {seed}"
    cut = [document[:length] for document in documents for length in range(len(document))]
    found = verdicts(tmp_path, schema, documents + cut)
    assert all(verdict["valid"] for verdict in found[: len(documents)]), f"seed {seed}: {schema}"
    assert not any(verdict["valid"] for verdict in found[len(documents) :]), f"seed {seed}: {schema}"


@pytest.mark.parametrize("number", range(60))
def test_changed_payloads_have_the_verdict_of_fastavro(tmp_path, number):
    seed = SEED + number
    generator, schema = with_bytes(seed)
    parsed = fastavro.parse_schema(json.loads(json.dumps(schema)))
    documents = [changed(generator.random, generator.encode(schema)) for _ in range(100)]
    for document, verdict in zip(documents, verdicts(tmp_path, schema, documents)):
        place = f"seed {seed}: {json.dumps(schema)} {document.hex()} {verdict}"
        try:
            value, end = read(parsed, document)
        except Exception:
            assert not verdict["valid"], place
            continue
        if verdict["valid"]:
            assert end == len(document), place
            assert fastavro.validation.validate(value, parsed, raise_errors=False), place
        elif end == len(document) and fastavro.validation.validate(value, parsed, raise_errors=False):
            # fastavro's own writer would not have made these bytes of that value.
            assert rewritten(parsed, value) != document, place


BROKEN = [
    ("unknown type", lambda s, r: s["fields"].append({"name": "new", "type": "Unknown"})),
    ("duplicate name", lambda s, r: s["fields"].append({"name": "new", "type": {"type": "fixed", "name": s["name"], "size": 1}})),
    ("duplicate symbol", lambda s, r: s["fields"].append({"name": "new", "type": {"type": "enum", "name": "New", "symbols": ["a", "a"]}})),
    ("symbol", lambda s, r: s["fields"].append({"name": "new", "type": {"type": "enum", "name": "New", "symbols": ["1"]}})),
    ("enum default", lambda s, r: s["fields"].append({"name": "new", "type": {"type": "enum", "name": "New", "symbols": ["a"], "default": "b"}})),
    ("default of int", lambda s, r: s["fields"].append({"name": "new", "type": "int", "default": "x"})),
    ("default of string", lambda s, r: s["fields"].append({"name": "new", "type": "string", "default": 1})),
    ("default of boolean", lambda s, r: s["fields"].append({"name": "new", "type": "boolean", "default": 1})),
    ("default of array", lambda s, r: s["fields"].append({"name": "new", "type": {"type": "array", "items": "int"}, "default": {}})),
    ("default of union", lambda s, r: s["fields"].append({"name": "new", "type": ["null", "int"], "default": "x"})),
    ("no name", lambda s, r: s.pop("name")),
    ("no items", lambda s, r: s["fields"].append({"name": "new", "type": {"type": "array"}})),
    ("no symbols", lambda s, r: s["fields"].append({"name": "new", "type": {"type": "enum", "name": "New"}})),
    ("no size", lambda s, r: s["fields"].append({"name": "new", "type": {"type": "fixed", "name": "New"}})),
]


@pytest.mark.parametrize("what,breaks", BROKEN, ids=[what for what, _ in BROKEN])
def test_broken_schemas_are_refused_by_both(tmp_path, what, breaks):
    seed = SEED
    while True:
        generator = Generator(seed)
        schema = generator.schema()
        if isinstance(schema, dict) and schema["type"] == "record":
            break
        seed += 1
    assert compiles(tmp_path, schema), f"seed {seed}: {schema}"
    breaks(schema, generator.random)
    with pytest.raises(Exception):
        fastavro.parse_schema(json.loads(json.dumps(schema)))
    assert not compiles(tmp_path, schema), f"seed {seed}: {schema}"


# Resolution


def obstacles(tmp_path, reader, writer):
    for name, schema in (("reader", reader), ("writer", writer)):
        (tmp_path / name).write_text(json.dumps(schema))
    command = [PROGRAM, "schema", "compare", "--format", "avro", "--schema", str(tmp_path / "reader")]
    done = subprocess.run(command + ["--earlier", str(tmp_path / "writer"), "--output", "json"], capture_output=True, timeout=60)
    assert done.returncode in (0, 1), done.stderr.decode()
    found = [json.loads(line) for line in done.stdout.decode().splitlines()]
    assert bool(found) == (done.returncode == 1), done.stderr.decode()
    return found


@pytest.mark.parametrize("number", range(150))
def test_what_a_reader_reads_is_what_fastavro_resolves(tmp_path, number):
    seed = SEED + number
    generator, writer = with_bytes(seed)
    generator.bytes_are_text = True
    reader = Evolution(generator).reader(writer)
    if not compiles(tmp_path, reader):
        pytest.skip("the change made two branches of a union alike, or moved a definition behind its use")
    place = f"seed {seed}: reader {json.dumps(reader)} writer {json.dumps(writer)}"
    parsed_reader = fastavro.parse_schema(json.loads(json.dumps(reader)))
    parsed = fastavro.parse_schema(json.loads(json.dumps(writer)))
    found = obstacles(tmp_path, reader, writer)
    # One payload that cannot be read is enough; a rare one, such as a single symbol of an enum, may take many draws.
    fails = False
    for _ in range(20_000 if found else 150):
        try:
            read(parsed, generator.encode(writer), parsed_reader)
        except Exception:
            fails = True
            break
    assert bool(found) == fails, f"{place} {found}"


# Samples

OFFSET = datetime.timezone(datetime.timedelta(hours=7))


def as_json(value, rule):
    """A decoded value as the JSON example has it."""
    if isinstance(value, datetime.datetime):
        return value.astimezone(OFFSET).isoformat()
    if isinstance(value, datetime.date):
        return value.isoformat()
    if isinstance(value, list):
        return [as_json(item, rule["items"]) for item in value]
    if isinstance(value, dict):
        return {name: as_json(item, rule["properties"][name]) for name, item in value.items() if item is not None}
    if "enum" in rule:
        return next(code for code in rule["enum"] if code.replace("-", "_") == value)
    return value


@pytest.mark.parametrize("kind", sorted(path.parent.name for path in SCHEMAS.glob("*/schema.avsc")))
def test_samples_say_the_same_in_avro_and_in_json(tmp_path, kind):
    schema = json.loads((SCHEMAS / kind / "schema.avsc").read_text())
    parsed = fastavro.parse_schema(schema)
    rule = json.loads((SCHEMAS / kind / "schema.json").read_text())
    expected = [json.loads(line) for line in (SCHEMAS / kind / "valid.jsonl").read_text().splitlines() if line.strip()]
    documents = [bytes.fromhex(line) for line in (SCHEMAS / kind / "valid.avro.hex").read_text().splitlines()]
    for document, wanted in zip(documents, expected, strict=True):
        value, end = read(parsed, document)
        assert end == len(document)
        assert as_json(value, rule) == wanted
        assert rewritten(parsed, value) == document
    invalid = [json.loads(line) for line in (SCHEMAS / kind / "invalid.avro.jsonl").read_text().splitlines()]
    found = verdicts(tmp_path, schema, documents + [bytes.fromhex(example["document"]) for example in invalid])
    assert all(verdict["valid"] for verdict in found[: len(documents)])
    for example, verdict in zip(invalid, found[len(documents) :], strict=True):
        assert [(error["path"], error["rule"]) for error in verdict["errors"]] == [(example["path"], example["rule"])]
