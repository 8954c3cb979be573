"""The shipped kinds of record in Protobuf: Google's own library makes their example payloads of those in JSON.

Run as a program it writes `valid.protobuf.hex` and `invalid.protobuf.jsonl` in every folder of Schemas; test_protobuf.py holds the files to it.
"""
import json
import pathlib
import re
import tempfile

import grpc_tools
from google.protobuf import descriptor_pb2, descriptor_pool, json_format, message_factory
from grpc_tools import protoc

SCHEMAS = pathlib.Path(__file__).parents[2] / "Schemas"
KINDS = sorted(path.parent.name for path in SCHEMAS.glob("*/schema.proto"))
INCLUDED = pathlib.Path(grpc_tools.__file__).parent / "_proto"


def compile_file(path, *folders):
    """The descriptors of a file and its imports, as protoc reads them; None where it refuses."""
    with tempfile.TemporaryDirectory() as folder:
        out = pathlib.Path(folder) / "out"
        includes = [f"-I{folder}" for folder in (pathlib.Path(path).parent, *folders, INCLUDED)]
        if protoc.main(["protoc", *includes, "--include_imports", f"--descriptor_set_out={out}", str(path)]) != 0:
            return None
        return descriptor_pb2.FileDescriptorSet.FromString(out.read_bytes())


def first_message(files):
    """The class of the first message of the last file."""
    pool = descriptor_pool.DescriptorPool()
    for file in files.file:
        pool.Add(file)
    root = files.file[-1]
    name = f"{root.package}.{root.message_type[0].name}" if root.package else root.message_type[0].name
    return message_factory.GetMessageClass(pool.FindMessageTypeByName(name))


def constant(field, code):
    """`land-use-copy` of field `procedure` is PROCEDURE_LAND_USE_COPY."""
    words = re.sub(r"([a-z0-9])([A-Z])", r"\1_\2", field) + "_" + code
    return re.sub(r"[^A-Z0-9]", "_", words.upper())


def to_message(kind, document):
    made = dict(document)
    for field in kind.DESCRIPTOR.fields:
        if field.enum_type is not None and field.name in made:
            made[field.name] = constant(field.name, made[field.name])
    return json_format.ParseDict(made, kind())


def varint(number):
    out = bytearray()
    while number >= 128:
        out.append(number & 127 | 128)
        number >>= 7
    return bytes(out) + bytes([number])


def broken(kind, payload):
    """What can be wrong with a payload: the path and the rule, what was done, and the payload."""
    fields = kind.DESCRIPTOR.fields
    text = next(field for field in fields if field.type == field.TYPE_STRING)
    number = next((field for field in fields if field.type == field.TYPE_INT32), None)
    yield f"/{text.name}", "utf8", "a text that is not UTF-8 follows", payload + varint(text.number << 3 | 2) + b"\x02\xc3\x28"
    yield f"/{text.name}", "wire-type", "the field is sent as a number", payload + varint(text.number << 3) + b"\x01"
    yield f"/{text.name}", "truncated", "the payload ends inside a text", payload + varint(text.number << 3 | 2) + b"\x7f"
    yield "", "unknown-field", "a field that the type does not have", payload + varint(99 << 3) + b"\x01"
    for name in ("ward", "assignedTo"):
        if name in kind.DESCRIPTOR.fields_by_name:
            tag = kind.DESCRIPTOR.fields_by_name[name].number << 3 | 2
            yield f"/{name}", "x-codelist", "a code that is not on the list follows", payload + varint(tag) + b"\x08hoa-vang"
    if number is not None:
        yield f"/{number.name}", "range", "a number of 33 bits", payload + varint(number.number << 3) + varint(1 << 32)


def files(kind_name):
    """The two example files of a kind as they must be."""
    kind = first_message(compile_file(SCHEMAS / kind_name / "schema.proto", SCHEMAS))
    documents = [json.loads(line) for line in (SCHEMAS / kind_name / "valid.jsonl").read_text().splitlines()]
    payloads = [to_message(kind, document).SerializeToString(deterministic=True) for document in documents]
    lines = [
        json.dumps({"path": path, "rule": rule, "what": what, "document": payload.hex()})
        for path, rule, what, payload in broken(kind, payloads[0])
    ]
    return {"valid.protobuf.hex": "".join(payload.hex() + "\n" for payload in payloads), "invalid.protobuf.jsonl": "\n".join(lines) + "\n"}


if __name__ == "__main__":
    for kind in KINDS:
        for name, text in files(kind).items():
            (SCHEMAS / kind / name).write_text(text)
