"""JSON Schema as Hanbridge checks it, held against the Python library jsonschema: generated schemas of three drafts with generated documents,
and damaged schemas.

Everything is random; the seed is printed (`-s`) and in every failure, and HANBRIDGE_SEED repeats it. Numbers are kept to those that a
double holds and patterns to what Python and ECMA-262 read alike: beyond that the two are not meant to agree.
"""
import json
import os
import random
import subprocess

import jsonschema
import pytest

from city import PROGRAM

SEED = int(os.environ.get("HANBRIDGE_SEED", random.randrange(1 << 32)))
DRAFTS = {
    "2020-12": ("https://json-schema.org/draft/2020-12/schema", jsonschema.Draft202012Validator),
    "2019-09": ("https://json-schema.org/draft/2019-09/schema", jsonschema.Draft201909Validator),
    "7": ("http://json-schema.org/draft-07/schema#", jsonschema.Draft7Validator),
}
KEYS = ["a", "b", "c", "phường", "x-1", ""]
STRINGS = ["", "a", "ab", "abc", "Đà Nẵng", "👍👍", "x-1", "2026-11-20", "2026-02-30", "10.0.0.1", "2026-11-20T08:15:00+07:00", "\n\"\\"]
NUMBERS = [0, 1, -1, 2, 3, 6, 7, 10, 0.5, 1.5, -2.25, 1.0, 100, 1e10, 2**53, 12345678901234567890]
PATTERNS = ["^a", "b$", "^[a-z-]+$", "[0-9]", "^.{2}$", "^(a|ab)c?$", "x|ẵ"]
FORMATS = ["date", "date-time", "ipv4", "no-such-format"]
TYPES = ["null", "boolean", "integer", "number", "string", "array", "object"]


def setup_module():
    print(f"HANBRIDGE_SEED={SEED}")


class Generator:
    def __init__(self, draft, seed):
        self.draft = draft
        self.random = random.Random(f"{seed} {draft}")
        self.definitions = 0
        # jsonschema's 2019-09 forgets what `additionalProperties` evaluated, and lets `contains` evaluate items as only 2020-12 has it:
        # a schema of that draft has those, or the unevaluated ones.
        self.has_unevaluated = draft == "2020-12" or draft == "2019-09" and self.random.random() < 0.5
        self.has_others = draft != "2019-09" or not self.has_unevaluated

    def chance(self, probability):
        return self.random.random() < probability

    def value(self, depth=3):
        r = self.random
        kind = r.randrange(8 if depth else 5)
        if kind == 0:
            return r.choice([None, True, False])
        if kind in (1, 2):
            return r.choice(NUMBERS)
        if kind in (3, 4):
            return r.choice(STRINGS)
        if kind == 5:
            return [self.value(depth - 1) for _ in range(r.randrange(4))]
        return {key: self.value(depth - 1) for key in r.sample(KEYS, r.randrange(4))}

    def schema(self):
        """A schema with definitions; a reference to the same value goes to a later one only, so that there is no endless circle."""
        self.definitions = self.random.randrange(4)
        root = self.subschema(4, 0)
        if not isinstance(root, dict):
            root = {"allOf": [root]}
        word = "definitions" if self.draft == "7" else "$defs"
        root[word] = {f"d{i}": self.subschema(3, i + 1) for i in range(self.definitions)}
        root["$schema"] = DRAFTS[self.draft][0]
        return root

    def reference(self, first):
        word = "definitions" if self.draft == "7" else "$defs"
        return {"$ref": f"#/{word}/d{self.random.randrange(first, self.definitions)}"}

    def subschema(self, depth, first):
        """`first`: definitions from here on may be referred to for the same value."""
        r = self.random
        if depth == 0 or self.chance(0.08):
            return r.choice([True, {}, {"type": r.choice(TYPES)}, False, {"const": self.value(1)}, {"type": r.choice(TYPES)}])
        if first < self.definitions and self.chance(0.15):
            return self.reference(first)
        schema = {}
        groups = [self.general, self.numbers, self.strings, self.arrays, self.objects, self.combinations]
        for group in r.sample(groups, r.choice([1, 1, 2, 2, 3])):
            group(schema, depth - 1, first)
        return schema

    def child(self, depth):
        """A schema for a value inside: any definition may be referred to."""
        return self.subschema(depth, 0)

    def general(self, schema, depth, first):
        r = self.random
        if self.chance(0.6):
            schema["type"] = r.choice(TYPES) if self.chance(0.6) else r.sample(TYPES, r.randint(1, 3))
        if self.chance(0.2):
            schema["enum"] = [self.value(2) for _ in range(r.randint(1, 8))]
        if self.chance(0.1):
            schema["const"] = self.value(2)

    def numbers(self, schema, depth, first):
        for keyword in self.random.sample(["minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"], 2):
            schema[keyword] = self.random.choice(NUMBERS)
        if self.chance(0.4):
            schema["multipleOf"] = self.random.choice([1, 2, 3, 0.5, 0.25])

    def strings(self, schema, depth, first):
        r = self.random
        if self.chance(0.5):
            schema["minLength"] = r.choice([0, 1, 2.0, 3])
        if self.chance(0.5):
            schema["maxLength"] = r.choice([1, 2, 7, 100])
        if self.chance(0.4):
            schema["pattern"] = r.choice(PATTERNS)
        if self.chance(0.3):
            schema["format"] = r.choice(FORMATS)

    def arrays(self, schema, depth, first):
        r = self.random
        prefix = [self.child(depth) for _ in range(r.randint(1, 2))] if self.chance(0.4) else None
        if self.draft == "2020-12":
            if prefix:
                schema["prefixItems"] = prefix
            if self.chance(0.6):
                schema["items"] = self.child(depth)
        elif prefix:
            schema["items"] = prefix
            if self.chance(0.6) and self.has_others:
                schema["additionalItems"] = self.child(depth)
        elif self.chance(0.6):
            items = self.child(depth)
            # jsonschema's 2019-09 asks `true` and `false` for their length.
            schema["items"] = items if isinstance(items, dict) or self.draft == "7" else {"allOf": [items]}
        if self.has_others and self.chance(0.3):
            schema["contains"] = self.child(depth)
            if self.draft != "7" and self.chance(0.5):
                schema["minContains"] = r.randrange(3)
                schema["maxContains"] = r.randint(1, 3)
        if self.chance(0.3):
            schema["uniqueItems"] = r.choice([True, True, False])
        if self.chance(0.2):
            schema["minItems"] = r.randrange(3)
        if self.chance(0.2):
            schema["maxItems"] = r.randrange(4)
        if self.has_unevaluated and self.chance(0.2):
            schema["unevaluatedItems"] = self.child(depth)

    def objects(self, schema, depth, first):
        r = self.random
        if self.chance(0.8):
            schema["properties"] = {key: self.child(depth) for key in r.sample(KEYS, r.randint(1, 4))}
        if self.chance(0.2):
            schema["patternProperties"] = {pattern: self.child(depth) for pattern in r.sample(PATTERNS, r.randint(1, 2))}
        if self.has_others and self.chance(0.3):
            schema["additionalProperties"] = self.child(depth)
        if self.chance(0.3):
            schema["required"] = r.sample(KEYS, r.randint(1, 2))
        if self.chance(0.15):
            schema["propertyNames"] = {"maxLength": r.randrange(4)} if self.chance(0.5) else {"pattern": r.choice(PATTERNS)}
        if self.chance(0.15):
            schema["minProperties"] = r.randrange(3)
        if self.chance(0.15):
            schema["maxProperties"] = r.randrange(4)
        if self.chance(0.2):
            key = r.choice(KEYS)
            if self.draft == "7":
                schema["dependencies"] = {key: r.sample(KEYS, 1), r.choice(KEYS): self.subschema(depth, first)}
            else:
                schema["dependentRequired"] = {key: r.sample(KEYS, 1)}
                schema["dependentSchemas"] = {r.choice(KEYS): self.subschema(depth, first)}
        if self.has_unevaluated and self.chance(0.2):
            schema["unevaluatedProperties"] = self.child(depth)

    def combinations(self, schema, depth, first):
        r = self.random
        for keyword in r.sample(["allOf", "anyOf", "oneOf"], r.randrange(3)):
            schema[keyword] = [self.subschema(depth, first) for _ in range(r.randint(1, 3))]
        if self.chance(0.3):
            schema["not"] = self.subschema(depth, first)
        if self.chance(0.3):
            for keyword in ("if", "then", "else"):
                if self.chance(0.8):
                    schema[keyword] = self.subschema(depth, first)
        if first < self.definitions and self.chance(0.3) and self.draft != "7":
            schema.update(self.reference(first))

    def near(self, schema, depth=4):
        """A value that a schema may well accept."""
        r = self.random
        if not isinstance(schema, dict) or depth == 0 or self.chance(0.1):
            return self.value(2)
        if "const" in schema:
            return schema["const"]
        if schema.get("enum"):
            return r.choice(schema["enum"])
        for keyword in ("allOf", "anyOf", "oneOf"):
            if keyword in schema and self.chance(0.5):
                return self.near(r.choice(schema[keyword]), depth - 1)
        types = schema.get("type", "object" if "properties" in schema else "array" if "items" in schema else r.choice(TYPES))
        kind = r.choice(types) if isinstance(types, list) else types
        if kind == "object":
            found = {key: self.near(child, depth - 1) for key, child in schema.get("properties", {}).items() if self.chance(0.8)}
            found.update({key: self.value(1) for key in schema.get("required", []) if key not in found and self.chance(0.9)})
            return found
        if kind == "array":
            prefix = schema.get("prefixItems") or (schema["items"] if isinstance(schema.get("items"), list) else [])
            rest = schema.get("items") if isinstance(schema.get("items"), dict) else {}
            return [self.near(child, depth - 1) for child in prefix] + [self.near(rest, depth - 1) for _ in range(r.randrange(3))]
        return {
            "null": None, "boolean": r.choice([True, False]), "integer": r.choice([n for n in NUMBERS if n == int(n)]),
            "number": r.choice(NUMBERS), "string": r.choice(STRINGS),
        }[kind]


def ask(tmp_path, schema, documents):
    """One verdict a document; None where the schema is refused."""
    file = tmp_path / "schema.json"
    file.write_text(json.dumps(schema, ensure_ascii=False))
    lines = "".join(json.dumps(document, ensure_ascii=i % 2 == 0) + "\n" for i, document in enumerate(documents))
    command = [PROGRAM, "schema", "validate", "--schema", str(file), "--output", "json"]
    done = subprocess.run(command, input=lines.encode(), capture_output=True, timeout=60)
    assert done.returncode in (0, 1), done.stderr.decode()
    verdicts = [json.loads(line) for line in done.stdout.decode().splitlines()]
    if not verdicts:
        return None
    assert len(verdicts) == len(documents), done.stderr.decode()
    return verdicts


@pytest.mark.parametrize("draft", DRAFTS)
def test_generated_documents_are_judged_as_by_jsonschema(tmp_path, draft):
    accepted = refused = 0
    for number in range(60):
        generator = Generator(draft, f"{SEED} {number}")
        schema = generator.schema()
        documents = [generator.near(schema) if generator.chance(0.7) else generator.value() for _ in range(60)]
        validator = DRAFTS[draft][1](schema, format_checker=DRAFTS[draft][1].FORMAT_CHECKER)
        verdicts = ask(tmp_path, schema, documents)
        assert verdicts is not None, f"seed {SEED}, schema {number}: {json.dumps(schema)} is refused"
        for document, verdict in zip(documents, verdicts):
            expected = validator.is_valid(document)
            accepted += expected
            refused += not expected
            assert verdict["valid"] == expected, (
                f"seed {SEED}, schema {number}: {json.dumps(schema)}\ndocument: {json.dumps(document)}\n"
                f"here: {verdict}\njsonschema: {[e.message for e in validator.iter_errors(document)]}"
            )
    assert accepted > 200 and refused > 200, (accepted, refused)


@pytest.mark.parametrize("draft", DRAFTS)
def test_damaged_schemas_are_refused_as_by_jsonschema(tmp_path, draft):
    accepted = refused = 0
    for number in range(1000):
        # Some seeds leave few schemas whole: on until there are enough of both.
        if number >= 60 and min(accepted, refused) > 5:
            break
        generator = Generator(draft, f"{SEED} damaged {number}")
        schema = generator.schema()
        place = schema
        while True:
            inner = [v for v in place.values() if isinstance(v, dict) and v]
            if not inner or generator.chance(0.5):
                break
            place = generator.random.choice(inner)
        keys = [key for key in place if key not in ("$ref", "$schema")]
        if not keys:
            continue
        place[generator.random.choice(keys)] = generator.value(1)
        try:
            DRAFTS[draft][1].check_schema(schema)
            expected = True
        except jsonschema.SchemaError:
            expected = False
        text = json.dumps(schema)
        # A name in the place of a definition leads nowhere, or `$ref` and `$id` got a value of their own: not what is asked here.
        if any(f"/d{i}\"" in text and f"\"d{i}\":" not in text for i in range(4)):
            continue
        found = ask(tmp_path, schema, [None]) is not None
        accepted += expected
        refused += not expected
        assert found == expected, f"seed {SEED}, schema {number}: {text}"
    assert accepted > 5 and refused > 5, (accepted, refused)
