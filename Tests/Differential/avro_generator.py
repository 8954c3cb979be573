"""Random Avro schemas, payloads of theirs, and changes of both, for test_avro.py. Everything follows from one seed."""
import json
import random
import struct


class Generator:
    def __init__(self, seed):
        self.random = random.Random(seed)
        self.names = 0
        self.known = []
        # Bytes can be read as a string; whether they are UTF-8 no comparison of schemas tells.
        self.bytes_are_text = False

    def name(self, letter):
        self.names += 1
        return f"{letter}{self.names}"

    def schema(self, depth=0):
        pick = self.random.randrange(8 if depth > 2 else 15)
        if pick < 8:
            return ["null", "boolean", "int", "long", "float", "double", "bytes", "string"][pick]
        if pick == 8:
            return {"type": "array", "items": self.schema(depth + 1)}
        if pick == 9:
            return {"type": "map", "values": self.schema(depth + 1)}
        if pick == 10:
            return self.add({"type": "fixed", "name": self.name("F"), "size": self.random.randrange(9)})
        if pick == 11:
            return self.add({"type": "enum", "name": self.name("E"), "symbols": [f"s{n}" for n in range(1 + self.random.randrange(70))]})
        if pick == 12:
            return self.union(depth)
        if pick == 13 and self.known:
            return self.random.choice(self.known)["name"]
        if self.random.random() < 0.1:
            return self.logical()
        record = {"type": "record", "name": self.name("R"), "fields": []}
        record["fields"] = [{"name": f"f{n}", "type": self.schema(depth + 1)} for n in range(self.random.randrange(6))]
        return self.add(record)

    def logical(self):
        return self.random.choice(
            [
                {"type": "int", "logicalType": "date"},
                {"type": "int", "logicalType": "time-millis"},
                {"type": "long", "logicalType": "timestamp-micros"},
                {"type": "string", "logicalType": "uuid"},
                {"type": "bytes", "logicalType": "decimal", "precision": 9, "scale": 2},
            ]
        )

    def union(self, depth):
        branches, kinds = [], set()
        for _ in range(1 + self.random.randrange(4)):
            known = list(self.known)
            branch = self.schema(depth + 1)
            kind = branch if isinstance(branch, str) else branch["name"] if "name" in branch else branch["type"] if isinstance(branch, dict) else None
            if isinstance(branch, list) or kind in kinds:
                self.known = known
            else:
                kinds.add(kind)
                branches.append(branch)
        return branches or ["string"]

    def add(self, schema):
        self.known.append(schema)
        return schema

    def resolve(self, schema):
        if isinstance(schema, str):
            for known in self.known:
                if known["name"] == schema:
                    return known
        return schema

    def encode(self, schema):
        """A payload of the schema, written from the specification, with blocks as only some writers make them."""
        schema = self.resolve(schema)
        r = self.random
        if isinstance(schema, list):
            branch = r.randrange(len(schema))
            return zigzag(branch) + self.encode(schema[branch])
        kind = schema if isinstance(schema, str) else schema["type"]
        logical = None if isinstance(schema, str) else schema.get("logicalType")
        if logical == "date":
            return zigzag(r.randrange(-100_000, 100_000))
        if logical == "time-millis":
            return zigzag(r.randrange(86_400_000))
        if logical == "timestamp-micros":
            return zigzag(r.randrange(-(10**15), 10**15))
        if logical == "uuid":
            digits = "%032x" % r.getrandbits(128)
            return text("-".join([digits[:8], digits[8:12], digits[12:16], digits[16:20], digits[20:]]))
        if logical == "decimal":
            number = r.randrange(-(10**9) + 1, 10**9)
            return sized(number.to_bytes(5, "big", signed=True))
        if kind == "null":
            return b""
        if kind == "boolean":
            return bytes([r.randrange(2)])
        if kind == "int":
            return zigzag(r.randrange(-(1 << 31), 1 << 31) >> r.randrange(32))
        if kind == "long":
            return zigzag(r.randrange(-(1 << 63), 1 << 63) >> r.randrange(64))
        if kind == "float":
            return struct.pack("<f", r.random())
        if kind == "double":
            return struct.pack("<d", r.random())
        if kind == "bytes":
            return text("bytes") if self.bytes_are_text else sized(r.randbytes(r.randrange(12)))
        if kind == "string":
            return text("".join(r.choice("aB/~Đấ漢🙂") for _ in range(r.randrange(10))))
        if kind == "fixed":
            return r.randbytes(schema["size"])
        if kind == "enum":
            return zigzag(r.randrange(len(schema["symbols"])))
        if kind == "record":
            return b"".join(self.encode(field["type"]) for field in schema["fields"])
        item = (lambda: self.encode(schema["items"])) if kind == "array" else lambda: text(str(r.randrange(1000))) + self.encode(schema["values"])
        blocks = b""
        for _ in range(r.randrange(3)):
            items = [item() for _ in range(1 + r.randrange(3))]
            block = b"".join(items)
            blocks += zigzag(len(items)) + block if r.random() < 0.6 else zigzag(-len(items)) + zigzag(len(block)) + block
        return blocks + b"\0"


def zigzag(number):
    rest = (number << 1) ^ (number >> 63)
    out = bytearray()
    while rest >= 0x80:
        out.append(rest & 0x7F | 0x80)
        rest >>= 7
    return bytes(out + bytes([rest]))


def sized(value):
    return zigzag(len(value)) + value


def text(value):
    return sized(value.encode())


def without_logical_types(schema):
    if isinstance(schema, list):
        return [without_logical_types(branch) for branch in schema]
    if isinstance(schema, dict):
        return {key: without_logical_types(value) for key, value in schema.items() if key != "logicalType"}
    return schema


def changed(r, document):
    document = bytearray(document)
    for _ in range(1 + r.randrange(3)):
        place = r.randrange(len(document) + 1)
        way = r.randrange(4)
        if way == 0 and place < len(document):
            document[place] = r.randrange(256)
        elif way == 1 and place < len(document):
            document[place] ^= 1 << r.randrange(8)
        elif way == 2 and place < len(document):
            del document[place]
        else:
            document.insert(place, r.choice([0, 1, 2, 0x7F, 0x80, 0xFF]))
    return bytes(document)


def with_bytes(seed):
    """A schema with no array whose items have no bytes: fastavro would believe any count of them, and fill the memory."""
    generator = Generator(seed)
    while True:
        schema = without_logical_types(generator.schema())
        if all(has_bytes(generator, items) for items in items_of(schema)):
            return generator, schema
        generator.known = []


def has_bytes(generator, schema):
    schema = generator.resolve(schema)
    if isinstance(schema, dict) and schema["type"] == "record":
        return any(has_bytes(generator, field["type"]) for field in schema["fields"])
    return schema != "null" and not (isinstance(schema, dict) and schema.get("size") == 0)


def items_of(schema):
    if isinstance(schema, list):
        return [items for branch in schema for items in items_of(branch)]
    if not isinstance(schema, dict):
        return []
    inner = [field["type"] for field in schema.get("fields", [])] + [schema[key] for key in ("items", "values") if key in schema]
    return [schema["items"] for _ in range("items" in schema)] + [items for type in inner for items in items_of(type)]


class Evolution:
    """Changes of a schema, some that its readers get along with and some that they do not."""

    def __init__(self, generator):
        self.generator = generator
        self.random = generator.random

    def reader(self, writer):
        reader = json.loads(json.dumps(writer))
        for _ in range(1 + self.random.randrange(2)):
            reader = self.change(reader)
        return reader

    def change(self, schema):
        holder, key = self.random.choice([(None, None)] + list(self.inner(schema)))
        if holder is None:
            return self.changed(schema)
        holder[key] = self.changed(holder[key])
        return schema

    def inner(self, schema):
        """Where schemas stand within one."""
        if isinstance(schema, list):
            for index, branch in enumerate(schema):
                yield schema, index
                yield from self.inner(branch)
        elif isinstance(schema, dict):
            for key in ("items", "values"):
                if key in schema:
                    yield schema, key
                    yield from self.inner(schema[key])
            for field in schema.get("fields", []):
                yield field, "type"
                yield from self.inner(field["type"])

    def changed(self, schema):
        r = self.random
        if isinstance(schema, list):
            way = r.randrange(3)
            if way == 0 and len(schema) > 1:
                schema.pop(r.randrange(len(schema)))
            elif way == 1:
                r.shuffle(schema)
            elif "null" not in schema:
                schema.append("null")
            return schema
        if isinstance(schema, str):
            if schema[0].isupper():
                return schema
            if r.random() < 0.2:
                return ["null", schema] if schema != "null" else ["null", "int"]
            promoted = {"int": ["long", "float", "double"], "long": ["float", "double"], "float": ["double"], "string": ["bytes"], "bytes": ["string"]}
            if r.random() < 0.6 and schema in promoted:
                return r.choice(promoted[schema])
            return r.choice(["null", "boolean", "int", "long", "float", "double", "bytes", "string"])
        kind = schema["type"]
        if kind == "enum":
            way = r.randrange(4)
            if way == 0:
                schema["symbols"].append("more")
            elif way == 1 and len(schema["symbols"]) > 1:
                schema["symbols"].pop()
            elif way == 2 and len(schema["symbols"]) > 1:
                schema["symbols"].pop()
                schema["default"] = schema["symbols"][0]
            else:
                r.shuffle(schema["symbols"])
        elif kind == "fixed" and r.random() < 0.5:
            schema["size"] += 1
        elif kind in ("fixed", "record") and r.random() < 0.15:
            schema["aliases"], schema["name"] = [schema["name"]], self.generator.name(schema["name"][0])
        elif kind == "record":
            self.change_fields(schema["fields"])
        return schema

    def change_fields(self, fields):
        r = self.random
        way = r.randrange(6)
        if way == 0:
            fields.insert(0, {"name": "added", "type": "int", "default": 7})
        elif way == 1:
            fields.append({"name": "added", "type": "int"})
        elif way == 2 and fields and not self.defines(fields[-1]["type"]):
            fields.pop()
        elif way == 3 and fields:
            field = r.choice(fields)
            field["aliases"], field["name"] = [field["name"]], "renamed"
        elif way == 4 and fields:
            r.choice(fields)["name"] = "renamed"
        elif not any(self.defines(field["type"]) for field in fields):
            r.shuffle(fields)

    def defines(self, schema):
        """What defines a type must stay where others refer to it."""
        return '"name"' in json.dumps(schema)
