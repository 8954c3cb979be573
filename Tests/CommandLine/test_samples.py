"""Generated records and the examples shipped with them, against the schemas in Schemas/."""

import json

import jsonschema
import pytest

from city import ROOT, run
from commands import lines

TYPES = sorted(path.parent.name for path in (ROOT / "Schemas").glob("*/schema.json"))


def codes(name):
    """Of a list such as `wards@1`."""
    schema = json.loads((ROOT / "Schemas/codelists" / name.removesuffix("@1") / "schema.json").read_text())
    return [code["const"] for code in schema["oneOf"]]


def strict(schema):
    return jsonschema.Draft202012Validator(schema, format_checker=jsonschema.Draft202012Validator.FORMAT_CHECKER)


@pytest.mark.parametrize("name", TYPES)
def test_samples_are_what_their_schema_says(name):
    schema = json.loads((ROOT / "Schemas" / name / "schema.json").read_text())
    jsonschema.Draft202012Validator.check_schema(schema)
    validator = strict(schema)
    records = lines(run("sample", name, "--count", "300", "--seed", "7"))
    assert len(records) == 300
    for record in records:
        errors = [f"{error.json_path}: {error.message}" for error in validator.iter_errors(record)]
        assert not errors, (record, errors)
        for field, rule in schema["properties"].items():
            assert "x-codelist" not in rule or field not in record or record[field] in codes(rule["x-codelist"]), record
    for line in (ROOT / "Schemas" / name / "valid.jsonl").read_text().splitlines():
        assert validator.is_valid(json.loads(line)), line


@pytest.mark.parametrize("name", TYPES)
def test_samples_are_the_same_for_the_same_seed(name):
    def sample(*arguments):
        return run("sample", name, *arguments)

    one = sample("--count", "50", "--seed", "3")
    assert sample("--count", "50", "--seed", "3") == one
    assert sample("--count", "20", "--seed", "3").splitlines() == one.splitlines()[:20]
    assert sample("--count", "50", "--seed", "4") != one
    assert sample("--count", "0") == ""


def test_the_samples_are_vietnamese():
    text = run("sample", "service-request", "--count", "200")
    import unicodedata

    assert unicodedata.is_normalized("NFC", text) and any(letter in text for letter in "ạảấầậắặếềệốộớợứựđươ")


def test_every_invalid_example_is_invalid_where_it_says():
    for name in TYPES:
        validator = strict(json.loads((ROOT / "Schemas" / name / "schema.json").read_text()))
        for line in (ROOT / "Schemas" / name / "invalid.jsonl").read_text().splitlines():
            example = json.loads(line)
            # That a code stands on a list is beyond JSON Schema.
            assert validator.is_valid(example["document"]) == (example["rule"] == "x-codelist"), line
